"""What loops, stars and targets of several names run over."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from .classes import python_method
from .following import Following


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
            return self.rows(x)
        self.check_plain(x)
        own = python_method(type(x), "__iter__")
        if own is not None:
            x = self.call(own, x)
            own = python_method(type(x), "__next__")
            return x if own is None else self.drawn(x, own)
        own = python_method(type(x), "__getitem__")
        if own is not None and not hasattr(type(x), "__iter__"):
            return self.numbered(x, own)
        if isinstance(x, np.flatiter) and x.index == 0:
            return self.rows(self.call(np.ravel, x.base))
        if isinstance(x, (np.nditer, np.flatiter, np.broadcast)) and self.roots:
            raise self.refuse(f"a loop over a {type(x).__name__} is not supported: loop over indices")
        return x

    def all_of(self, x: Any) -> Any:
        """All that an iterator gives, in a list or an array."""
        if isinstance(x, np.flatiter):  # of which NumPy's functions take all, wherever it stands
            return self.call(np.ravel, x.base)
        return list(self.iterate(x))

    def rows(self, x: np.ndarray) -> Iterator[Any]:
        if x.ndim == 0:
            raise TypeError("iteration over a 0-d array")
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
