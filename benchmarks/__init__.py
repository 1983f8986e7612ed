"""What the product is worth, and against whom. It imports the product, never the reverse."""
