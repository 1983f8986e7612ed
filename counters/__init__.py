"""What is counted of conversations: numbers, by the day; no word, no sound, no name, no moment."""

Entry = tuple[str, str, str]
"""What a number belongs to: a day (``2026-11-25``), a group and a name out of our own lists."""
