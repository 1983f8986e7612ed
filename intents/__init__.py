"""Meaning: words in, one of five results out. Knows nothing of sound or of what we answer."""
