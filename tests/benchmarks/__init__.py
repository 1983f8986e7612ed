"""Tests of the benchmark: its sentences, its peers and a run on a handful."""
