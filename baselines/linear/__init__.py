"""The linear system: a sequence tagger and relation classifiers that learn from training documents only."""
