"""One reader per collection: from a source as it is published to normalised text."""
