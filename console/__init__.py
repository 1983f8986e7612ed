"""The command line: what can be typed, and how results look to people and to programs."""
