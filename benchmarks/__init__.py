"""Ours, the pattern and the limit, measured side by side: `python -m benchmarks`, or `make bench`. See README.md."""
