"""Where a program meets what an earlier call has kept (`kept`): comparisons, and entries of dicts."""

from __future__ import annotations

import operator
import sys
from typing import Any

import numpy as np

from ..autodiff.kept import EQUAL, LESS, ORDER, TOLERANCE
from .following import Following, is_ours
from .instrument import is_instrumented, written
from .kept import Frame, keeper
from .turns import Turns

DIFFER = {operator.ne, np.not_equal}


class Earlier(Following):
    """The part of `Recorder` that refuses what an earlier call has kept."""

    def same(self, a: Any, b: Any) -> bool:
        """``a is b``, as it is of the arguments, not of their copies."""
        if a is b:
            return True
        same = bool(self.originals) and self.original_of(a) is self.original_of(b)
        if same and self.follows(a) != self.follows(b):
            self.check_kept(b if self.follows(a) else a, identical=True)
        return same

    def told_equal(self, f: Any, y: Any, a: Any, b: Any) -> Any:
        """``y``, what a comparison says; refused where something followed equals what is kept from an earlier call."""
        self.decides(a, b)
        if f in EQUAL:
            if np.all(np.logical_not(y) if f in DIFFER else y):
                self.found_equal(a, b)
        elif f in ORDER:
            for x, other, above in ((a, b, f in LESS), (b, a, f not in LESS)):
                if not self.follows(other):
                    self.told_zero(x)
                    self.told_beside(x, other, above)
        return y

    def found_equal(self, a: Any, b: Any) -> None:
        """Refuse it where one of two equal values is followed, or a digest, and the other one is kept."""
        if self.follows(a) != self.follows(b):
            self.check_kept(b if self.follows(a) else a)
        elif not self.follows(a) and self.digests.has(a):
            self.check_kept(a)
            self.check_kept(b)

    def told_apart(self, f: Any, y: Any, a: Any, b: Any) -> None:
        """A difference of two values, or their ratio: where they are equal, `told_zero` may be asked what they were."""
        same = 0 if f in (operator.sub, np.subtract) else 1
        first = y.flat[0] if isinstance(y, np.ndarray) and y.size else y
        if np.ndim(first) == 0 and first == same and np.all(y == same) and self.follows(a) != self.follows(b):
            other = b if self.follows(a) else a
            self.differences[id(other)] = other

    def told_zero(self, x: Any) -> None:
        """Something is asked of a value: where it is the 0 that is left of a difference, what is kept may be in it."""
        if self.differences and self.follows(x) and not np.any(x):
            for other in self.differences.values():
                self.check_kept(other)

    def told_beside(self, x: Any, other: Any, above: bool) -> None:
        """Something followed is compared with something beside it: between two of these, it may be what is kept."""
        if type(x) is float and type(other) in (float, int):
            if not abs(x - other) <= TOLERANCE * max(abs(x), 1.0):
                return
        elif not self.follows(x) or not np.all(np.abs(x - other) <= TOLERANCE * np.maximum(np.abs(x), 1.0)):
            return
        if self.follows(x):
            beside = self.beside.setdefault(np.asarray(x).tobytes(), {})
            beside[above] = other
            if len(beside) == 2:
                self.check_kept(x, equal=True)
                for side in beside.values():
                    self.check_kept(side)

    def check_kept(self, x: Any, identical: bool = False, equal: bool = False) -> None:
        """Refuse a number or an array that is kept from an earlier call, where it is met again."""
        if id(x) in self.asked:
            return
        name = keeper(x, self.frames(), identical, equal=equal)
        if name is not None:
            raise self.refuse(f"this equals what {name} keeps from an earlier call, which has no derivative now: "
                              "compute it anew, or clear what is kept before")  # fmt: skip
        self.asked[id(x)] = x

    def check_entry(self, d: dict, key: Any) -> None:
        """Refuse an entry of a dict that was put there in an earlier call, under a key that is followed or a digest."""
        followed = type(key) is not str and self.follows(key)
        if not (followed or self.digests.has(key)) or key not in d or self.reaches(d[key]):
            return
        if not followed and (d[key] is None or isinstance(d[key], (int, str, bytes))):
            return  # which have no derivative, ever
        frames = self.frames()
        whole = isinstance(key, (int, np.integer))  # which may as well be the place in a table that others fill
        if frames and (followed or keeper(d[key], frames, by="running" if whole else "name") is not None):
            raise self.refuse("the key of this entry depends on what is differentiated, and the entry is of an earlier "
                              "call: compute it anew, or clear what is kept before")  # fmt: skip

    def shows(self, x: Any) -> Any:
        """A value that is made into text."""
        self.loans.look((x,), 1)
        self.shown = self.shown or self.reaches(x)
        if self.shown:
            self.digests.show(x, self.follows)
        return x

    def frames(self) -> list[Frame]:
        """The functions of the user's that run; none where one of ours runs that one of these has called."""
        found: list[Frame] = []
        frame: Any = sys._getframe(1)
        while frame is not None:
            if is_instrumented(frame.f_code):
                if is_ours(frame):
                    break
                variables = {k: v for k, v in frame.f_locals.items() if not isinstance(v, (Following, Turns))}
                found.append(Frame(written(frame.f_code), variables, frame.f_globals, frame.f_code.co_consts))
            frame = frame.f_back
        return found

    def differs(self, a: Any, b: Any) -> bool:
        """``a is not b``."""
        return not self.same(a, b)

    def identity(self, x: Any) -> int:
        """``id(x)``."""
        made = id(self.original_of(x))
        if self.follows(x):
            self.digests.add(made)
        return made
