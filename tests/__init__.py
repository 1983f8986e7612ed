"""Tests, a folder for each folder of the product."""
