"""Recordings whose file name is the expected text and whose folder is the expected result.

``voices`` speaks, and serves the benchmarks too; ``make`` remakes them all.
"""
