"""How often to try to compile what was refused: `Attempts` counts the refusals.

What an object holds may change with each call (a list of what has been computed so far), and then each call asks for a
compilation of its own.  Where some in a row are refused, most are left out: each refusal doubles how many.
"""

from __future__ import annotations

import os

from .errors import UnsupportedError

_AT_ONCE = 2  # refusals after which every attempt is made
_DOUBLINGS = 12


class Attempts:
    """Of compiling one transformed function.

    Attributes:
        reason: of the last refusal.
    """

    def __init__(self) -> None:
        self.reason: Exception = UnsupportedError("it was refused before")
        self._in_a_row = 0
        self._to_leave_out = 0

    def left_out(self) -> bool:
        """Whether the next attempt is not worth its time; never where there is no other way."""
        if not self._to_leave_out or os.environ.get("S2SAD_RECORD") == "0":
            return False
        self._to_leave_out -= 1
        return True

    def refused(self, reason: Exception) -> None:
        self.reason = reason
        self._in_a_row = min(self._in_a_row + 1, _DOUBLINGS)
        self._to_leave_out = 2 ** (self._in_a_row - 1) - 1 if self._in_a_row > _AT_ONCE else 0

    def compiled(self) -> None:
        self._in_a_row = 0
