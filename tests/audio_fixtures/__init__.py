"""Tests of the recordings and of what makes them."""
