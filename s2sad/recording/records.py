"""What happened: one record for each operation on values that are differentiated.

A record has its adjoint, ``pull(bars)``, and its tangent, ``push(dots)``; ``bars`` and ``dots`` are the cotangents and
tangents of all values (`Bars`).  Records of writes also put back what they overwrote, ``undo()``, so that every record
finds its operands with the values that they had.

Cotangents are kept as ``du/dx + i du/dy``, which is right for the real and imaginary parts of an array as places in
its memory; the rules take and give their conjugate.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import runtime
from ..errors import MissingRuleError
from ..rules.apply import apply_jvp, apply_vjp
from ..rules.inference import parts_with_derivative
from ..rules.table import Rule, reason_against
from . import memory
from .classes import held, is_object
from .instrument import place

NUMBERS = (float, complex, np.generic)


class Native:
    """Does what a recorder does, without recording: what recorders run their operations with.

    Inside another recorder that one takes its place, so that the way back is recorded there in its turn.
    """

    @staticmethod
    def call(f: Any, /, *args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs)

    @staticmethod
    def getitem(x: Any, i: Any) -> Any:
        return x[i]

    @staticmethod
    def setitem(a: Any, i: Any, v: Any) -> None:
        a[i] = v

    @staticmethod
    def update(f: Any, a: Any, b: Any) -> Any:
        return f(a, b)


NATIVE = Native()


class Bars:
    """The cotangents (or tangents) of numbers, by their identity, and of arrays, by their memory.

    Args:
        do: what runs the operations: `NATIVE`, or the recorder around.
    """

    def __init__(self, do: Any = NATIVE) -> None:
        self.do = do
        self.numbers: dict[int, Any] = {}
        self.memory: dict[int, np.ndarray] = {}
        self.unknown: dict[int, Exception] = {}  # of results whose tangents nobody knows: what to raise for them
        self.branches: set[int] = set()  # what `LEAVING_OUT` functions get, and what that was computed from
        self.cleared: dict[int, np.ndarray] = {}  # shadows of owners: not 0 at what nobody takes
        self.still: dict[int, Any] = {}  # of tangents: where a function that leaves out took what has none

    def of(self, x: Any) -> Any:
        """The cotangent of a value, zero if it has none yet; None for what can't have one."""
        if self.unknown:
            self.check(x)
        if isinstance(x, np.ndarray):
            if x.dtype.kind not in "fc":
                return None
            root = memory.owner(x)
            found = self.memory.get(id(root))
            return np.zeros_like(x) if found is None else memory.part(found, root, x)
        if isinstance(x, np.generic) and x.dtype.kind not in "fc":
            return None
        if isinstance(x, NUMBERS):
            return self.numbers.get(id(x), runtime.zeros_like(x))
        if isinstance(x, (list, tuple)):
            return runtime.rebuild(x, [self.of(e) for e in x])
        if isinstance(x, dict):
            return {k: self.of(e) for k, e in x.items()}
        if is_object(x):
            return runtime.rebuild_object(x, {k: self.of(e) for k, e in held(x).items()})
        return None

    def any(self, x: Any) -> bool:
        """Whether a value, or something in it, has a cotangent."""
        if self.unknown:
            self.check(x)
        if isinstance(x, np.ndarray):
            return id(memory.owner(x)) in self.memory
        if isinstance(x, (list, tuple)):
            return any(map(self.any, x))
        if isinstance(x, dict):
            return any(map(self.any, x.values()))
        return id(x) in self.numbers

    def is_branch(self, x: Any) -> bool:
        """Whether it may be, or have elements, that a `LEAVING_OUT` function does not take: their cotangent is 0."""
        return id(memory.owner(x) if isinstance(x, np.ndarray) else x) in self.branches

    def where_still(self, x: Any) -> Any:
        """Where the tangent of a value is 0 for certain; False where that is not known."""
        whole = not isinstance(x, np.ndarray) or memory.owner(x) is x
        return self.still.get(id(x), False) if whole else False

    def check(self, x: Any) -> None:
        """Refuse a value whose tangent is not known."""
        error = self.why_unknown(x)
        if error is not None:
            raise error

    def why_unknown(self, x: Any) -> Exception | None:
        """Why the tangent of a number or array is not known; None where it is."""
        return self.unknown.get(id(memory.owner(x) if isinstance(x, np.ndarray) else x))

    def refuse(self, x: Any, error: Exception) -> None:
        """Note that the tangents of the numbers in a value are not known."""
        for e in x if isinstance(x, (list, tuple)) else (x,):
            self.unknown[id(memory.owner(e) if isinstance(e, np.ndarray) else e)] = error

    def clear(self, x: np.ndarray, i: Any) -> None:
        """Nothing is left of the cotangent at ``x[i]``, which was overwritten."""
        places = self.places(x)
        self.do.setitem(places, i, 0)
        self.flag(x, i)

    def flag(self, x: np.ndarray, i: Any, taken: bool = False) -> None:
        """Note that nobody takes ``x[i]``, or that somebody does."""
        root = memory.owner(x)
        flags = self.cleared.setdefault(id(root), memory.shadow(root))
        memory.part(flags, root, x)[i] = 0 if taken else 1

    def overwritten(self, x: np.ndarray) -> np.ndarray:
        """Which elements of an array were overwritten, and not read before."""
        root = memory.owner(x)
        flags = self.cleared.get(id(root))
        return np.zeros(x.shape, bool) if flags is None else memory.part(flags, root, x) != 0

    def changed(self, x: np.ndarray) -> np.ndarray:
        """`places` of what was read: it is taken where it was not overwritten before."""
        if self.cleared:
            self.cleared.pop(id(memory.owner(x)), None)
        return self.places(x)

    def places(self, x: np.ndarray) -> np.ndarray:
        """The cotangent of an array, to be changed in place."""
        root = memory.owner(x)
        found = self.memory.get(id(root))
        if found is None:
            found = self.memory[id(root)] = memory.shadow(root)
        return memory.part(found, root, x)

    def gather(self, x: np.ndarray, g: np.ndarray) -> None:
        """`add`, of an array of the form of ``x``: it is copied, where it is the first that a whole array gets."""
        if self.do is NATIVE and x.base is None and id(x) not in self.memory and x.flags.c_contiguous and x.size:
            self.memory[id(x)] = np.array(g, order="C").reshape(-1)
            self.cleared.pop(id(x), None)
        else:
            memory.accumulate(self.do, self.changed(x), g)

    def add(self, x: Any, g: Any, mask: np.ndarray | None = None) -> None:
        """Add to the cotangent of a value; to those of the elements of a list, tuple or dict.

        mask: which elements of an array nobody takes here.
        """
        if g is None:
            return
        if isinstance(x, np.ndarray):
            if x.dtype.kind in "fc":
                if mask is not None and mask.shape == x.shape:
                    mask = mask & self.overwritten(x) if self.any(x) else mask
                    memory.accumulate(self.do, self.changed(x), g)
                    self.flag(x, mask)
                else:
                    memory.accumulate(self.do, self.changed(x), g)
        elif isinstance(x, NUMBERS):
            if not isinstance(x, np.generic) or x.dtype.kind in "fc":
                old = self.numbers.get(id(x))
                self.numbers[id(x)] = g if old is None else self.do.call(operator.add, old, g)
        elif isinstance(x, dict):
            for k, e in x.items():
                self.add(e, g[k])
        elif isinstance(x, (list, tuple)):
            for e, b in zip(x, g, strict=True):
                self.add(e, b)
        elif is_object(x):
            self.add(held(x), held(g))

    def forget(self, x: Any) -> None:
        """Drop the cotangents of results: before their operation they did not exist."""
        if isinstance(x, np.ndarray):
            self.memory.pop(id(memory.owner(x)), None)
            self.cleared.pop(id(memory.owner(x)), None)
        elif isinstance(x, (list, tuple)):
            for e in x:
                self.forget(e)
        elif isinstance(x, dict):
            self.forget(list(x.values()))
        else:
            self.numbers.pop(id(x), None)

    def conjugate(self, g: Any) -> Any:
        """The conjugate of a cotangent, in its structure."""
        if type(g) is float or (type(g) is np.ndarray and g.dtype.kind == "f"):
            return g
        if isinstance(g, (list, tuple)):
            return runtime.rebuild(g, [self.conjugate(e) for e in g])
        if isinstance(g, dict):
            return {k: self.conjugate(e) for k, e in g.items()}
        return self.do.call(np.conj, g) if np.iscomplexobj(g) else g


# Functions that do not take all that they get, even where that is NaN: what they leave has derivative 0.
LEAVING_OUT = {
    np.where, np.select, np.choose, np.nan_to_num, np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax,
    np.nanmin, np.nancumsum, np.nancumprod, np.nanmedian, np.nanquantile, np.nanpercentile, np.fmax, np.fmin,
}  # fmt: skip


# What makes an array of the same numbers.
COPYING = {np.copy, np.ndarray.copy, np.array, np.asarray}


class Operation:
    """A call of a function that has a rule.

    Attributes:
        made: the results that were new, None for views of operands.
        followed: of each argument, whether it is.
        place: where it stands in the user's program.
    """

    __slots__ = ("arguments", "followed", "function", "made", "options", "place", "rule", "y")

    def __init__(self, function: Any, rule: Rule, y: Any, made: Any, arguments: list[Any], options: dict[str, Any],
                 followed: list[bool], place: Any):  # fmt: skip
        self.function = function
        self.rule = rule
        self.y = y
        self.made = made
        self.arguments = arguments
        self.options = options
        self.followed = followed
        self.place = place

    def ways(self) -> tuple[list[Any], Any]:
        """What numbers come from, and where they go to."""
        return [x for x, followed in zip(self.arguments, self.followed, strict=True) if followed], self.made

    def pull(self, bars: Bars) -> None:
        if not bars.any(self.made):
            return
        if isinstance(self.made, dict):
            self.check_parts(bars)
        y_bar = bars.conjugate(_filled(bars.of(self.made), self.y))
        if self.rule.parts and isinstance(self.made, (list, tuple)):  # None is for what nobody used
            y_bar = [bar if bars.any(made) else None for bar, made in zip(y_bar, self.made, strict=True)]
        elif self.rule.parts and isinstance(self.made, dict):
            y_bar = {k: bar if bars.any(self.made[k]) else None for k, bar in y_bar.items()}
        branch = self.leaves_out() or bars.is_branch(self.made)
        each = bool(bars.cleared) and (self.rule.kind == "elementwise" or self.function in COPYING)
        mask = bars.overwritten(self.made) if each and isinstance(self.made, np.ndarray) else None
        try:
            gs = bars.do.call(apply_vjp, self.rule, y_bar, self.y, self.arguments, self.options, branch, mask)
        except NotImplementedError as error:
            raise self.unknown(error) from None
        if branch:
            gs = [_kept_zero(bars.do, y_bar, g) for g in gs]
            left = self.left(bars, y_bar, gs)
            given = (x for x, followed in zip(self.arguments, left, strict=True) if followed)
            parts = (e for x in given for e in (x if isinstance(x, (list, tuple)) else [x]))
            bars.branches.update(id(memory.owner(e) if isinstance(e, np.ndarray) else e) for e in parts)
        bars.forget(self.made)
        for x, g, followed in zip(self.arguments, gs, self.followed, strict=True):
            if followed and g is NotImplemented:
                raise self.unknown()
            if followed:
                bars.add(x, bars.conjugate(g), mask)

    def leaves_out(self) -> bool:
        """Whether it may not take all that it gets."""
        return self.function in LEAVING_OUT or self.options.get("where", True) is not True

    def left(self, bars: Bars, y_bar: Any, gs: Sequence[Any]) -> list[bool]:
        """Which arguments have a cotangent of 0 at what nobody takes, and nowhere else.

        What is taken may have one, too, as the root has in ``np.where(x >= 0, np.sqrt(x), 0)**2`` at 0: there an
        infinite slope must not be lost.
        """
        if isinstance(y_bar, (list, tuple, dict)):
            return [False] * len(gs)
        if not self.leaves_out() and self.rule.kind != "linear":
            alike = self.rule.kind == "elementwise"
            return [
                f and alike and np.shape(g) == np.shape(y_bar) and not np.any((np.asarray(y_bar) != 0) & (g == 0))
                for f, g in zip(self.followed, gs, strict=True)
            ]
        some = np.ones_like(y_bar)
        if bars.is_branch(self.made):
            some = np.where(y_bar == 0, 0, some)
        taken = bars.do.call(apply_vjp, self.rule, some, self.y, self.arguments, self.options, True)
        return [f and _same_zeros(t, g) for f, t, g in zip(self.followed, taken, gs, strict=True)]

    def push(self, dots: Bars) -> None:
        if self.function in (np.array, operator.pos) and (error := dots.why_unknown(self.arguments[0])) is not None:
            dots.refuse(self.made, error)  # what is found is copied, whether somebody reads them or not
            return
        tangents = [
            dots.of(x) if f and dots.any(x) else None for x, f in zip(self.arguments, self.followed, strict=True)
        ]
        if all(t is None for t in tangents):
            return
        try:
            dot = dots.do.call(apply_jvp, self.function, self.rule, tangents, self.y, self.arguments, self.options)
        except NotImplementedError as error:
            if self.function is not runtime.settled:
                raise self.unknown(error) from None
            dots.refuse(self.made, self.unknown(error))  # what a loop leaves, whether somebody reads it or not
            return
        if dots.still or self.function is np.where:
            dot = self.stilled(dots, tangents, dot)
        dots.add(self.made, _only(self.made, self.known(dots, self.made, dot)))

    def stilled(self, dots: Bars, tangents: list[Any], dot: Any) -> Any:
        """A tangent that is 0 where nothing moves for certain: there an infinite slope makes NaN of 0."""
        still: Any = False
        if self.function is np.where and len(tangents) == 3 and (tangents[1] is None) != (tangents[2] is None):
            still = np.asarray(self.arguments[0], bool) == (tangents[1] is None)
        elif self.rule.kind == "elementwise":
            still = True
            for x, t in zip(self.arguments, tangents, strict=True):
                still = still & dots.where_still(x) if t is not None else still
        if not isinstance(self.made, (np.ndarray, np.generic)) or not np.any(still):
            return dot
        dots.still[id(self.made)] = still
        if not np.isnan(dot).any():
            return dot
        return dots.do.call(runtime.match, dots.do.call(np.where, still, 0, dot), self.made)

    def known(self, dots: Bars, made: Any, dot: Any) -> Any:
        """A tangent with None for the entries of dicts that the rule says nothing of, which nobody may read."""
        if isinstance(made, (list, tuple)) and isinstance(dot, (list, tuple)):
            return runtime.rebuild(dot, [self.known(dots, m, d) for m, d in zip(made, dot, strict=True)])
        if not isinstance(made, dict):
            return dot
        for k, e in made.items():
            if e is not None and dot[k] is NotImplemented:
                dots.refuse(e, self.without(k))
                dot = {**dot, k: None}
        return dot

    def check_parts(self, bars: Bars) -> None:
        """Refuse what is made of an entry of a result that the rule says nothing of."""
        known = () if self.rule.infer is None else parts_with_derivative(self.rule.infer())
        for k, e in self.made.items():
            if k not in known and e is not None and bars.any(e):
                raise self.without(k)

    def without(self, entry: str) -> Exception:
        return MissingRuleError(f"{entry!r} of the result of {self.rule.name} has no derivative", place(self.place))

    def unknown(self, error: Exception | None = None) -> Exception:
        """The error at the user's line; one that the user's program raised stays as it is."""
        if error is not None and not runtime.is_refusal(error):
            return error
        reason = reason_against(self.function) or (error and str(error))
        unknown = f"the derivative of {self.rule.name} by one of its arguments is not known"
        return MissingRuleError(reason or unknown, place(self.place))

    def undo(self, do: Any) -> None:
        pass


def _kept_zero(do: Any, y_bar: Any, g: Any) -> Any:
    """A cotangent that is 0 where that of the result is, even where the slope is infinite."""
    if isinstance(g, (float, np.generic)):
        return type(g)(0.0) if g != g and np.ndim(y_bar) == 0 and y_bar == 0 else g
    if not isinstance(g, np.ndarray) or np.shape(y_bar) != g.shape or not np.isnan(g).any():
        return g
    return do.call(np.where, y_bar == 0, 0, g)


def _same_zeros(taken: Any, g: Any) -> bool:
    """Whether a cotangent is 0 only where what it belongs to is not taken."""
    if isinstance(g, (list, tuple)):
        return all(map(_same_zeros, taken, g))
    return g is None or g is NotImplemented or not np.any((np.asarray(taken) != 0) & (np.asarray(g) == 0))


def _filled(bar: Any, y: Any) -> Any:
    """A cotangent with zeros for the results that were views: theirs are in memory."""
    if isinstance(y, (list, tuple)):
        return runtime.rebuild(y, [_filled(b, e) for b, e in zip(bar or [None] * len(y), y, strict=True)])
    if isinstance(y, dict):
        return {k: _filled(bar and bar.get(k), e) for k, e in y.items()}
    return runtime.zeros_like(y) if bar is None else bar


def _only(made: Any, dot: Any) -> Any:
    if isinstance(made, (list, tuple)):
        return [None if d is None else _only(m, d) for m, d in zip(made, dot, strict=True)]
    if isinstance(made, dict):
        return {k: None if dot.get(k) is None else _only(m, dot[k]) for k, m in made.items()}
    return None if made is None else dot


class Read:
    """``y = a[i]``, where ``y`` is not a view."""

    __slots__ = ("a", "i", "y")

    def __init__(self, a: np.ndarray, i: Any, y: Any):
        self.a, self.i, self.y = a, i, y

    def ways(self) -> tuple[list[Any], Any]:
        return [self.a], self.y

    def pull(self, bars: Bars) -> None:
        if bars.any(self.y):
            g, alone = bars.of(self.y), not bars.any(self.a)
            bars.forget(self.y)
            places = bars.changed(self.a)
            if isinstance(g, np.ndarray):
                bars.do.call(np.add.at, places, self.i, g)
                if alone:
                    bars.flag(self.a, ...)
                    bars.flag(self.a, self.i, taken=True)
            else:
                bars.do.setitem(places, self.i, bars.do.call(operator.add, bars.do.getitem(places, self.i), g))

    def push(self, dots: Bars) -> None:
        dots.add(self.y, dots.do.getitem(dots.of(self.a), self.i))

    def undo(self, do: Any) -> None:
        pass


class Write:
    """``a[i] = v``; ``repeats``: the index may name a place twice."""

    __slots__ = ("a", "i", "old", "repeats", "v")

    def __init__(self, a: np.ndarray, i: Any, v: Any, old: Any, repeats: bool):
        self.a, self.i, self.v, self.old, self.repeats = a, i, v, old, repeats

    def ways(self) -> tuple[list[Any], Any]:
        return [self.v], self.a

    def pull(self, bars: Bars) -> None:
        if self.a.dtype.kind not in "fc" or not bars.any(self.a):
            return
        do, places = bars.do, bars.places(self.a)
        if self.repeats:
            g = do.call(runtime.last_written, places, self.i)
        else:
            g = do.call(np.copy, do.getitem(places, self.i))
        if memory.owner(self.a) is self.a and (self.i is ... or _is_all(self.i)):
            bars.forget(self.a)  # not 0: what was there before may have an infinite slope
        else:
            bars.clear(self.a, self.i)
        if self.v is not None:
            bars.add(self.v, do.call(runtime.unbroadcast, g, self.v))

    def push(self, dots: Bars) -> None:
        dots.still.pop(id(memory.owner(self.a)), None)
        if self.a.dtype.kind in "fc":
            dots.do.setitem(dots.places(self.a), self.i, 0 if self.v is None else dots.of(self.v))

    def undo(self, do: Any) -> None:
        do.setitem(self.a, self.i, self.old)


def _is_all(i: Any) -> bool:
    """Whether an index is ``:``."""
    return isinstance(i, slice) and i == slice(None)


class Update:
    """``a += b`` and its kin, in place: ``a`` becomes the result of ``function(a, b)``."""

    __slots__ = ("a", "b", "function", "old", "rule")

    def __init__(self, function: Any, rule: Rule, a: np.ndarray, b: Any, old: np.ndarray):
        self.function, self.rule, self.a, self.b, self.old = function, rule, a, b, old

    def ways(self) -> tuple[list[Any], Any]:
        return [self.a, self.b], self.a

    def pull(self, bars: Bars) -> None:
        """Called after `undo`: the memory of ``a`` has its old values, and so has ``b`` where it shares it."""
        if self.a.dtype.kind not in "fc" or not (bars.any(self.a) or bars.any(self.b)):
            return
        do, places = bars.do, bars.changed(self.a)
        g = bars.conjugate(do.call(np.copy, places))
        do.setitem(places, ..., 0)
        y = do.call(self.function, self.old, self.b)
        if y.dtype != g.dtype:
            g = do.call(np.ndarray.astype, g, y.dtype)
        a_bar, b_bar = do.call(apply_vjp, self.rule, g, y, [self.old, self.b], {})
        memory.accumulate(do, places, bars.conjugate(do.call(runtime.match, a_bar, self.old)))
        bars.add(self.b, bars.conjugate(b_bar))

    def push(self, dots: Bars) -> None:
        dots.still.pop(id(memory.owner(self.a)), None)
        if self.a.dtype.kind not in "fc":
            return
        do, dot_b = dots.do, dots.of(self.b)
        same = isinstance(self.b, np.ndarray) and np.may_share_memory(
            self.a, self.b
        )  # which is new by now, as ``a`` is
        b = self.old if same else self.b
        y = do.call(self.function, self.old, b)
        tangents = [do.call(np.copy, dots.of(self.a)), None if dot_b is None else dot_b]
        dot = do.call(apply_jvp, self.function, self.rule, tangents, y, [self.old, b], {})
        do.setitem(dots.places(self.a), ..., dot)

    def undo(self, do: Any) -> None:
        do.setitem(self.a, ..., self.old)


class AddAt:
    """``np.add.at(a, i, v)``: duplicates in the index accumulate; ``sign`` is -1 for subtraction."""

    __slots__ = ("a", "i", "old", "sign", "v")

    def __init__(self, a: np.ndarray, i: Any, v: Any, old: np.ndarray, sign: int):
        self.a, self.i, self.v, self.old, self.sign = a, i, v, old, sign

    def ways(self) -> tuple[list[Any], Any]:
        return [self.v], self.a

    def pull(self, bars: Bars) -> None:
        if self.v is not None and bars.any(self.a):
            g = bars.do.call(np.copy, bars.do.getitem(bars.places(self.a), self.i))
            bars.add(
                self.v, bars.do.call(runtime.unbroadcast, g if self.sign > 0 else bars.do.call(operator.neg, g), self.v)
            )

    def push(self, dots: Bars) -> None:
        dots.still.pop(id(memory.owner(self.a)), None)
        if self.v is not None:
            at = np.add.at if self.sign > 0 else np.subtract.at
            dots.do.call(at, dots.places(self.a), self.i, dots.of(self.v))

    def undo(self, do: Any) -> None:
        do.setitem(self.a, self.i, self.old)
