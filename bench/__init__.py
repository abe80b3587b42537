"""Benchmarks against peers, side by side in one run, as ratios: `python -m bench`. Peers are dev dependencies only."""
