"""Meaning: words in, one of six results out. Knows nothing of sound or of what we answer."""
