"""Baselines: majority, rules, and a linear model, each a system that is found by its name."""
