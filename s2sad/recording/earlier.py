"""Where a program meets what an earlier call has kept (`kept`): comparisons, and entries of dicts."""

from __future__ import annotations

import functools
import operator
import sys
from typing import Any

import numpy as np

from .. import runtime
from ..autodiff.kept import EQUAL, LESS, ORDER, TOLERANCE
from .following import Following, is_ours
from .instrument import is_instrumented, written
from .kept import Frame, keeper
from .records import NATIVE
from .turns import Turns

_FEW, _MANY = 16, 10_000  # numbers that are looked at
_REAL = (float, int, np.floating, np.integer)
_DIFFER = {operator.ne, np.not_equal}


def _is_beside(x: Any, other: Any) -> bool:
    if isinstance(x, np.ndarray) or isinstance(other, np.ndarray):
        return bool(np.all(np.abs(x - other) <= TOLERANCE * np.maximum(np.abs(x), 1.0)))
    numbers = isinstance(x, _REAL) and isinstance(other, _REAL)
    return numbers and bool(abs(x - other) <= TOLERANCE * max(abs(x), 1.0))


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
        if f in EQUAL or f in ORDER:
            self.decides(a, b)
        if f in EQUAL:
            if np.all(np.logical_not(y) if f in _DIFFER else y):
                self.found_equal(a, b)
                self.told_zero(a)
                self.told_zero(b)
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
            self.told_zero(a, digest=True)

    def told_apart(self, args: tuple) -> None:
        """A function of several values; where one that is followed equals another, `told_zero` may be asked of them."""
        numbers = runtime.numbers_in(args)
        if len(numbers) > _FEW:
            return
        others = [x for x in numbers if not self.follows(x)]
        for x in [x for x in numbers if self.follows(x)] if others else []:
            for other in others:
                if np.ndim(x) and np.ndim(other) and np.shape(x) != np.shape(other):
                    continue
                same = np.asarray(x == other)
                if same.any():
                    self.differences[id(other)] = other, np.broadcast_to(x, same.shape)[same][:_FEW].tolist()

    def told_zero(self, x: Any, digest: bool = False) -> None:
        """Something is asked of a value: where it is the 0 that is left of a difference, what is kept may be in it."""
        if self.differences and (digest or self.follows(x)) and not np.all(x):
            for other, values in self.differences.values():
                self.check_kept(other)
                for value in values:
                    if value in self.arguments:
                        self.check_kept(value, equal=True)

    @functools.cached_property
    def arguments(self) -> set[Any]:
        """The numbers that are differentiated by."""
        return {e for x in runtime.numbers_in(self.given) if np.size(x) <= _MANY for e in np.ravel(x).tolist()}

    def told_place(self, x: Any, others: Any) -> None:
        """Something followed was looked for among others: as if it had been compared with those beside it."""
        for value in np.ravel(x)[:_FEW].tolist() if self.follows(x) and not self.follows(others) else ():
            numbers = np.ravel(others)
            for other in numbers[np.abs(numbers - value) <= TOLERANCE * max(abs(value), 1.0)][:_FEW].tolist():
                for side in {other >= value, other > value}:
                    self.beside.append((value, other, side))
                    self.look_between(value, other, side)

    def told_beside(self, x: Any, other: Any, above: bool) -> None:
        """Something followed is compared with something beside it: between two of these, it may be what is kept."""
        if _is_beside(x, other) and self.follows(x):
            self.look_between(x, other, above)
            self.beside.append((x, other, above))

    def look_between(self, x: Any, other: Any, above: bool) -> None:
        """Refuse it where what was compared with another from above, and now from below, or both, are kept."""
        for y, one, over in self.beside:
            if over != above and np.shape(x) == np.shape(y) and _is_beside(x, y):
                for value in (x, y):
                    self.check_kept(value, equal=True)
                for side in (one, other):
                    self.check_kept(side)
                    self.check_kept(side, equal=True)

    def check_kept(self, x: Any, identical: bool = False, equal: bool = False) -> None:
        """Refuse a number or an array that is kept from an earlier call, where it is met again."""
        if (id(x), equal) in self.asked:
            return
        run = (made.__code__ for _, made in self.functions.values())
        if not identical and any(x is c for code in run for c in code.co_consts):
            return  # it stands in the program
        name = keeper(x, self.frames(), identical, equal=self.follows if equal else None, arguments=self.begun)
        if name is not None:
            raise self.refuse(f"this equals what {name} keeps from an earlier call, which has no derivative now: "
                              "compute it anew, or clear what is kept before")  # fmt: skip
        self.asked[id(x), equal] = x

    def check_entry(self, d: dict, key: Any) -> None:
        """Refuse an entry of a dict that was put there in an earlier call, under a key that is followed or a digest."""
        followed = type(key) is not str and self.follows(key)
        if not (followed or self.digests.has(key)) or key not in d or self.reaches(d[key]):
            return
        if not followed and (d[key] is None or isinstance(d[key], (int, str, bytes))):
            return  # which have no derivative, ever
        frames = self.frames()
        whole = isinstance(key, (int, np.integer))  # which may as well be the place in a table that others fill
        if frames and (
            followed or keeper(d[key], frames, by="running" if whole else "name", arguments=self.begun) is not None
        ):
            raise self.refuse("the key of this entry depends on what is differentiated, and the entry is of an earlier "
                              "call: compute it anew, or clear what is kept before")  # fmt: skip

    def shows(self, x: Any) -> Any:
        """A value that is made into text; the recorder around may follow it."""
        if self.do is not NATIVE:
            self.do.shows(x)
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
