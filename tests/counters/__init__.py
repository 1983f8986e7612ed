"""Tests of `counters`."""
