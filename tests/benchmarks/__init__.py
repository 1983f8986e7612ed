"""Tests of the benchmark: its figures, its tables and a run on a handful."""
