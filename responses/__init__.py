"""Answers: what we say, and when. Knows the result types of ``intents``, nothing of sound."""
