from .arrays import Ints

def scan(
    data: bytes, sizes: Ints, start: Ints, end: Ints, label: Ints, cluster: Ints, /
) -> tuple[list[str], list[str]] | None: ...
