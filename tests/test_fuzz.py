"""A share of ``make fuzz`` in every run: other submissions each day would hide a failure, so the seed is fixed."""

from __future__ import annotations

from armsbench import Release

from .fuzz import fuzz


def test_malformed_submissions_end_in_a_score_or_in_faults(release: Release) -> None:
    ends = fuzz(release, 1_500, seed=2)
    assert ends["scored"] + ends["refused"] == ends.total() == 1_500
    assert min(ends["scored"], ends["refused"]) > 50  # both ways are taken
