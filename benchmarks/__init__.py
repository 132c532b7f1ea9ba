"""Benchmarks of s2sad: `python -m benchmarks` runs them, `benchmarks/README.md` says what they measure."""
