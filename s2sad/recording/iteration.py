"""What loops, stars and targets of several names run over."""

from __future__ import annotations

import gc
import io
import itertools
import operator
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..ir.types import module_of
from ..source import PACKAGE
from .classes import FUNCTION, python_method
from .following import Following, label
from .instrument import is_instrumented


class Iteration(Following):
    """The part of `Recorder` that iterates."""

    def iterate(self, x: Any, shape: Any = None) -> Any:
        """What a loop, a star or a target of several names runs over.

        Args:
            shape: how each element is taken apart, ``(0, (0, 0))`` for the target ``i, (a, b)``; -1 for a star.
        """
        if shape is not None:
            return self.taken_apart(self.iterate(x), shape)
        if type(x) is np.ndarray:
            if x.ndim == 0:
                raise TypeError("iteration over a 0-d array")
            return self.rows(x)
        self.check_plain(x)
        own = python_method(type(x), "__iter__")
        if own is not None:
            x = self.call(own, x)
            own = python_method(type(x), "__next__")
            if own is not None:
                return self.drawn(x, own)
            return self.watched_steps(x) if computing(x) else x
        own = python_method(type(x), "__getitem__")
        if own is not None and not hasattr(type(x), "__iter__"):
            return self.numbered(x, own)
        if isinstance(x, np.flatiter) and x.index == 0:
            return self.rows(self.call(np.ravel, x.base))
        if isinstance(x, (np.nditer, np.flatiter, np.broadcast)) and self.roots:
            raise self.refuse(f"a loop over a {type(x).__name__} is not supported: loop over indices")
        return self.watched_steps(x) if computing(x) else x

    def watched_steps(self, x: Any) -> Iterator[Any]:
        while True:
            self.check_step(x)
            try:
                yield next(x)
            except StopIteration:
                return

    def check_step(self, x: Any, *sent: Any) -> None:
        """Refuse a step of an iterator that was made outside, and that may compute with what is followed."""
        if any(self.reaches((sent, *read)) for read in computing(x)):
            raise self.refuse(f"an iterator ({type(x).__name__}) that was made outside may compute with what is "
                              "differentiated: make it inside")  # fmt: skip

    def all_of(self, x: Any) -> Any:
        """All that an iterator gives, in a list or an array."""
        if isinstance(x, np.flatiter):  # of which NumPy's functions take all, wherever it stands
            return self.call(np.ravel, x.base)
        return list(self.iterate(x))

    def handed(self, f: Any, x: Any, zero: bool) -> Any:
        """What a function makes of an iterator: a list; to NumPy, and so to its ``zero`` rules, it is one object."""
        of_numpy = isinstance(f, np.ufunc) or module_of(f).startswith("numpy")
        if isinstance(x, np.flatiter) or not of_numpy:
            return self.all_of(x)
        if f is np.sum and isinstance(x, types.GeneratorType):
            self.do.call(np.sum, (_ for _ in ()))  # which raises where NumPy does not take generators any more
            return self.all_of(x)
        if zero:
            return x
        raise self.refuse(f"{label(f)} of a {type(x).__name__}, which is one object to NumPy, is not supported: "
                          "make a list of it")  # fmt: skip

    def rows(self, x: np.ndarray) -> Iterator[Any]:
        k = 0
        while k < len(x):
            yield self.getitem(x, k)
            k += 1

    def drawn(self, x: Any, own: Any) -> Iterator[Any]:
        while True:
            try:
                element = self.call(own, x)
            except StopIteration:
                return
            yield element

    def numbered(self, x: Any, own: Any) -> Iterator[Any]:
        k = 0
        while True:
            try:
                element = self.call(own, x, k)
            except IndexError:
                return
            yield element
            k += 1

    def backwards(self, x: Any) -> Iterator[Any]:
        """``reversed(x)`` of an object whose class says how to get an element."""
        for k in range(self.call(len, x) - 1, -1, -1):
            yield self.call(operator.getitem, x, k)

    def taken_apart(self, elements: Any, shape: tuple) -> Iterator[Any]:
        for e in elements:
            yield self.parts(e, shape)

    def parts(self, e: Any, shape: Any) -> Any:
        if shape == 0:
            return e
        inner = list(self.iterate(e))
        if -1 in shape:
            k = shape.index(-1)
            shape = shape[:k] + (0,) * (len(inner) - len(shape) + 1) + shape[k + 1 :]
        if len(inner) != len(shape):
            return inner  # Python's own message comes where it is unpacked
        return [self.parts(p, s) for p, s in zip(inner, shape, strict=True)]


def computing(x: Any) -> list[list[Any]]:
    """What iterators read that compute by themselves: generators that are not followed, and what Python or NumPy made.

    Those that only hand on what others give are looked into.
    """
    found: list[list[Any]] = []
    todo, seen = [x], set()
    while todo:
        y = todo.pop()
        if id(y) in seen or not hasattr(type(y), "__next__") or isinstance(y, io.IOBase):
            continue
        seen.add(id(y))
        if isinstance(y, types.GeneratorType):
            if _is_followed(y.gi_code):
                continue
            frame = y.gi_frame
            names = [frame.f_globals[n] for n in y.gi_code.co_names if n in frame.f_globals] if frame else []
            read = [*frame.f_locals.values(), *names] if frame else []
            inner = [z for z in read if hasattr(type(z), "__next__")]
            found.append([*(z for z in read if not hasattr(type(z), "__next__")), *_under(inner)])
            todo += inner
        else:
            read = gc.get_referents(y)
            made = isinstance(y, (map, itertools.accumulate, itertools.starmap))
            made = made or (type(y) is _OF_SEQUENCES and any(isinstance(z, np.ndarray) for z in read))
            if made and not any(_is_followed(_code_of(z)) for z in read):
                found.append(_under([y]))
            todo += [z for e in read for z in (e if isinstance(e, tuple) else (e,))]
    return found


def _under(iterators: list[Any]) -> list[Any]:
    """What stands under iterators, and iterators of these, but for types."""
    found, todo = [], list(iterators)
    while todo:
        for z in gc.get_referents(todo.pop()):
            if isinstance(z, tuple) or (hasattr(type(z), "__next__") and not isinstance(z, types.GeneratorType)):
                todo.append(z)
            elif not isinstance(z, (type, types.GeneratorType)):
                found.append(z)
    return found


def _code_of(f: Any) -> Any:
    f = getattr(f, "__func__", f)
    return f.__code__ if isinstance(f, FUNCTION) else None


def _is_followed(code: types.CodeType | None) -> bool:
    """Whether it is code of a program that is recorded, or ours."""
    return code is not None and (is_instrumented(code) or code.co_filename.startswith(PACKAGE))


_OF_SEQUENCES = type(iter(np.zeros(1)))
