"""Scoring: four tasks, counts per document, error bars, signatures, the runner and the leaderboard."""
