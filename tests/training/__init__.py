"""Tests of the recipe that makes the speech model; what needs PyTorch is skipped without it."""
