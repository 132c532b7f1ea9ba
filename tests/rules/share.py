"""Which checks are made of those of which a share is enough: the same ones every time, or all that there are."""

import os
import zlib

ALL = bool(os.environ.get("S2SAD_ALL_VARIANTS"))  # make every check


def one_in(n: int, name: str) -> bool:
    """Whether the check of a name is among the share of one in ``n``."""
    return ALL or _falls(n, name)


def rest_of(n: int, name: str) -> bool:
    """Whether it is among the others, of which another check is made."""
    return ALL or not _falls(n, name)


def _falls(n: int, name: str) -> bool:
    return zlib.crc32(name.encode()) % n == 0
