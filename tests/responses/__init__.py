"""Tests of the answers: texts, conversations, properties."""
