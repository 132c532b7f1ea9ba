"""Room on the stack: a call of a recorded function takes three frames where the user's program takes one."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

FRAMES = 4  # for each of the user's, and one for rules

_lock = threading.Lock()
_runs = 0
_before = 0


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Let the user's program recurse as deeply as it may without a recorder.

    In the main thread only: the stacks of others may be small, and overflowing one ends the process.
    """
    global _runs, _before
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _lock:
        if _runs == 0:
            _before = sys.getrecursionlimit()
            sys.setrecursionlimit(_before * FRAMES)
        _runs += 1
    try:
        yield
    finally:
        with _lock:
            _runs -= 1
            if _runs == 0 and sys.getrecursionlimit() == _before * FRAMES:
                sys.setrecursionlimit(_before)
