"""Room on the stack: a call of a recorded function takes four frames where the user's program takes one."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

FRAMES = 5  # for each of the user's, and one for rules
MOST = 60_000  # frames that fit on a stack of 8 MB, as calls of a recorder are

_lock = threading.Lock()
_runs = 0
_before = 0  # the limit as the user's program knows it


def _inside() -> bool:
    return threading.current_thread() is threading.main_thread()


def _scaled(limit: int) -> int:
    return min(limit * FRAMES, MOST)


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Let the user's program recurse as deeply as it may without a recorder.

    In the main thread only: the stacks of others may be small, and overflowing one ends the process.
    """
    global _runs, _before
    if not _inside():
        yield
        return
    with _lock:
        if _runs == 0:
            _before = sys.getrecursionlimit()
            sys.setrecursionlimit(_scaled(_before))
        _runs += 1
    try:
        yield
    finally:
        with _lock:
            _runs -= 1
            if _runs == 0 and sys.getrecursionlimit() == _scaled(_before):
                sys.setrecursionlimit(_before)


def limit(new: int | None = None) -> int:
    """``sys.getrecursionlimit`` and ``sys.setrecursionlimit`` as the user's program means them."""
    global _before
    if _runs == 0 or not _inside():
        if new is not None:
            sys.setrecursionlimit(new)
        return sys.getrecursionlimit()
    with _lock:
        if new is not None:
            sys.setrecursionlimit(_scaled(new))
            _before = new
        return _before
