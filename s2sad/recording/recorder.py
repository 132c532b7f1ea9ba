"""The recorder: what an instrumented program calls for each of its operations, in one class of several parts.

`Following` says what is followed; `Calls`, `Operators`, `Scalars`, `Elementwise`, `Ruled`, `Arrays`, `Iteration`,
`Objects`, `Construction` and `Matrices` are what the program does.
"""

from __future__ import annotations

from .arrays import Arrays
from .calls import Calls
from .construction import Construction
from .earlier import Earlier
from .elementwise import Elementwise
from .iteration import Iteration
from .matrices import Matrices
from .objects import Objects
from .operators import Operators
from .records import Bars
from .ruled import Ruled
from .scalars import Scalars
from .turns import Turning


class Recorder(
    Calls, Operators, Scalars, Elementwise, Ruled, Arrays, Iteration, Objects, Construction, Matrices, Earlier, Turning
):
    """Records one run of a program.  Its arguments and attributes are those of `Following`."""

    slice = slice

    def back(self, bars: Bars) -> None:
        """Go back along the record: memory gets its old values, and the cotangents reach what the run began with."""
        for record in reversed(self.records):
            record.undo(self.do)
            record.pull(bars)
