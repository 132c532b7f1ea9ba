"""Which checks are made of those of which a share is enough: the same ones every time, or all that there are."""

import os
import zlib


def one_in(n: int, name: str) -> bool:
    """Whether the check of a name is among the share of one in ``n``; S2SAD_ALL_VARIANTS=1 makes all."""
    return bool(os.environ.get("S2SAD_ALL_VARIANTS")) or zlib.crc32(name.encode()) % n == 0
