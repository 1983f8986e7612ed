"""Tests of the sound: ears and mouth."""
