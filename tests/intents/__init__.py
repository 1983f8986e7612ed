"""Tests of the meaning."""
