"""Named features as columns of a sparse matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Features = Sequence[str]
Floats = NDArray[np.float64]


class Vocabulary:
    """The known features and their columns; a feature that is not known has no effect."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._columns = {name: i for i, name in enumerate(self.names)}

    @classmethod
    def of_rows(cls, rows: Iterable[Features], minimum: int = 1) -> Vocabulary:
        """The features that stand in at least ``minimum`` rows, sorted."""
        counts = Counter(name for row in rows for name in dict.fromkeys(row))
        return cls(sorted(name for name, count in counts.items() if count >= minimum))

    def __len__(self) -> int:
        return len(self.names)

    def matrix(self, rows: Sequence[Features]) -> csr_array:
        """A 0/1 matrix with one line per row of features."""
        indices: list[int] = []
        starts = [0]
        for row in rows:
            known = {self._columns[name] for name in row if name in self._columns}
            indices += sorted(known)
            starts.append(len(indices))
        return csr_array(
            (np.ones(len(indices)), np.array(indices, dtype=np.int32), np.array(starts, dtype=np.int32)),
            shape=(len(rows), len(self.names)),
        )
