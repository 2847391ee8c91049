"""Figures people can rerun: each module runs with `python -m benchmarks.NAME`."""
