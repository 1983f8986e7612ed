"""What is counted of conversations: numbers, by the day; no word, no sound, no name, no moment."""
