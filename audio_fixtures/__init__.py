"""Recordings whose file name is the expected text and whose folder is the expected result.

``voices`` and ``effects`` make them, and serve the benchmarks too; ``make`` remakes them all.
"""
