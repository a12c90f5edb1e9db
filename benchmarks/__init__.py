"""Measurements with their ratios inside one run; nothing here asserts a time. Run `python -m benchmarks`."""
