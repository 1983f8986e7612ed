"""Sound: microphone, recordings, recognition and speech. Knows nothing of topics or texts."""
