"""The one rule by which every text is brought to the form that offsets count in.

Version 1, in this order:

1. Unicode NFC; CR LF and lone CR become LF.
2. A soft hyphen (U+00AD) with a space, a no-break space, a line break or nothing on either side stands for a dash in
   the notices and becomes "-"; any other is removed. Zero-width characters (U+200B, U+2060, U+FEFF) are removed.
   U+200C and U+200D stay: they carry meaning in some scripts and join emoji.
3. Tabs and every Unicode space (category Zs, so no-break spaces too) become one space; runs become one; spaces at the
   edges of a line go.
4. More than one blank line in a row becomes one; blank lines at the ends of the text go. No newline at the end.

Nothing else is touched: quotation marks, dashes and words run together stay as published. The rule is idempotent.
A change of any step is a new version and a new release, since the digests in the indexes and all offsets rest on it.
"""

from __future__ import annotations

import re
import unicodedata

NORMALISATION_VERSION = 1

_SOFT_HYPHEN_AS_DASH = re.compile(r"(?:(?<=[ \n\u00a0])|^)\u00ad(?=[ \n\u00a0]|$)")
_REMOVED = re.compile(r"[\u00ad\u200b\u2060\ufeff]")
# Vertical tab, form feed and the Unicode line separators break lines too.
_LINE_BREAK = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[\t\x1f \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def normalise_text(text: str) -> str:
    """The normalised form of ``text`` under version 1 of the rule; see the module docstring."""
    text = unicodedata.normalize("NFC", text)
    text = _LINE_BREAK.sub("\n", text)
    text = _SOFT_HYPHEN_AS_DASH.sub("-", text)
    text = _REMOVED.sub("", text)
    text = _SPACES.sub(" ", text)
    text = "\n".join(line.strip(" ") for line in text.split("\n"))
    text = _BLANK_LINES.sub("\n\n", text).strip("\n")
    # Removing a character can bring a letter and a combining mark together.
    return unicodedata.normalize("NFC", text)
