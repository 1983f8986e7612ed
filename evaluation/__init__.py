"""How well it hears and understands, on anybody's recordings: `main.py evaluate`.

It imports the product; only `console.evaluation` opens it, and only for that command. What needs
matplotlib or jinja2 is imported where a page is made and nowhere else.
"""
