"""The version of the library. The version of the data is ``armsbench.annotations.release.RELEASE``."""

__version__ = "0.2.0"
