"""The normalisation rule, version 1."""

from __future__ import annotations

import pytest
from armsbench.corpus.normalise import normalise_text
from hypothesis import given
from hypothesis import strategies as st

CASES = {
    "no-break-space": ("for\u00a0an\u00a0\u00a0estimated cost", "for an estimated cost"),
    "soft-hyphen-as-dash": ("Bahrain -\u00ad AIM-120", "Bahrain - AIM-120"),
    "lone-soft-hyphen-between-spaces": ("July 28, 2009 \u00ad On", "July 28, 2009 - On"),
    "soft-hyphen-inside-a-word": ("contrac\u00adtor", "contractor"),
    "soft-hyphen-before-a-line-end": ("a \u00ad\nb", "a -\nb"),
    "windows-lines": ("a\r\nb\rc", "a\nb\nc"),
    "line-separators": ("a\u2028b\u2029c\x0bd", "a\nb\nc\nd"),
    "blank-lines": ("\n\na\n \n\t\n\nb\n\n", "a\n\nb"),
    "spaces-at-line-edges": ("  a  \n  b  ", "a\nb"),
    "byte-order-mark-inside": ("a\ufeffb", "ab"),
    "decomposed-letter": ("Bo\u0308ing", "B\u00f6ing"),
    "emoji-with-joiner-stays": ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
    "quotes-and-dashes-stay": ("“a” – b’s", "“a” – b’s"),
}


@pytest.mark.parametrize(("raw", "expected"), CASES.values(), ids=CASES)
def test_rule(raw: str, expected: str) -> None:
    assert normalise_text(raw) == expected


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\n\r\t \u00a0\u00ad\u200b\u0301e"))))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once
