"""Data sets, metrics, runs, expected figures and benchmarks; calls bot.assembly, holds no product logic."""
