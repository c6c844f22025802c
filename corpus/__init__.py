"""Documents: where their texts come from, how they are normalised, which split they are in."""
