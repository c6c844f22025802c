"""Annotations: the scheme, the records, gold, its checks, deal records, and the build of the dataset."""
