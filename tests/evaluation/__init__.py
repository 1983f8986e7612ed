"""Tests of the evaluation: its figures, its sounds, its table and its page."""
