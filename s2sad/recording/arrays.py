"""Elements and parts of arrays: reads and writes."""

from __future__ import annotations

import collections
import operator
from typing import Any

import numpy as np

from . import memory, natives
from .classes import is_matrix, python_method
from .following import Following
from .grids import GRIDS
from .records import AddAt, Read, Write
from .ruled import snapshot


class Arrays(Following):
    """The part of `Recorder` that reads and writes elements."""

    def getitem(self, x: Any, i: Any) -> Any:
        """``x[i]``."""
        if type(x) is np.ndarray:
            if type(i) not in _INDICES:
                i = self.index(i)
            y = self.do.getitem(x, i)
            if not self.roots or not self.follows(x):
                return y
            if type(y) is np.ndarray:
                if self.is_view(y, (x,)):
                    return y
                self.array(y)
            elif isinstance(y, np.generic):
                self.numbers[id(y)] = y
            else:
                raise self.refuse(f"reading from an array of dtype {x.dtype} is not supported")
            self.happened(Read(x, _kept(i, x), y))
            return y
        own = python_method(type(x), "__getitem__")
        if own is not None:
            return self.call(own, x, i)
        if is_matrix(x):
            return self.call(type(x).__getitem__, x, i)
        if isinstance(x, np.flatiter):
            base = self.with_axes(x.base)
            return self.getitem(base, _unravelled(base, i))
        if isinstance(x, np.generic) and self.follows(x):
            return self.getitem(self.call(np.array, x), i)
        return self.element(x, i)

    def check_apart(self, a: np.ndarray, v: Any) -> None:
        """Refuse an assignment of several elements, one after the other, whose value may be where they are."""
        if isinstance(v, np.ndarray) and v.ndim and np.may_share_memory(a, v):
            raise self.refuse("assigning a view of an array to a selection of it is not supported here: copy it before")

    def with_axes(self, a: np.ndarray) -> np.ndarray:
        """An array, with an axis if it has none."""
        return a if a.ndim else self.call(np.reshape, a, 1)

    def index(self, i: Any) -> Any:
        """An index in which objects that say what number they are have said it: once."""
        if isinstance(i, tuple):
            return tuple([e if type(e) in _INDICES else self.index(e) for e in i])
        return self.call(operator.index, i) if python_method(type(i), "__index__") is not None else i

    def element(self, x: Any, i: Any) -> Any:
        """``x[i]`` of a container that is no plain array."""
        self.check_plain(x)
        if isinstance(x, collections.defaultdict) and i not in x and x.default_factory is not None:
            x[i] = self.call(x.default_factory)
        missing = python_method(type(x), "__missing__")
        if missing is not None and i not in x:
            return self.call(missing, x, i)
        if type(x) in GRIDS and self.reaches(i):
            if isinstance(i, tuple) and isinstance(i[0], str):
                raise self.refuse("np.r_ and np.c_ with a string in the index are not supported: use np.concatenate")
            return self.call(GRIDS[type(x)], x, i)
        if isinstance(x, dict):
            self.check_entry(x, i)
            return dict.__getitem__(x, i)
        return x[i]

    def setitem(self, a: Any, i: Any, v: Any) -> None:
        """``a[i] = v``."""
        if type(a) is not np.ndarray:
            own = type(a).__setitem__ if is_matrix(a) else python_method(type(a), "__setitem__")
            if own is not None:
                self.call(own, a, i, v)
            elif isinstance(a, np.flatiter):
                base = self.with_axes(a.base)
                self.check_apart(base, v)
                places = _unravelled(base, i)
                if np.ndim(v) and np.ndim(places[0]):
                    v = self.call(np.resize, v, np.shape(places[0])) if np.size(v) else self.getitem(base, places)
                self.setitem(base, places, v)
            else:
                self.store(a, i, v)
            return
        if self.closed:
            self.do.setitem(a, i, v)
            return
        i = self.index(i)
        if a.dtype.kind == "V" and isinstance(i, str):
            return self.setitem(a[i], ..., v)
        if a.dtype.kind not in "biufc":
            if self.reaches(v):
                raise self.refuse(f"an array of {a.dtype} can't hold what is differentiated: use an array of floats")
            a[i] = v
            return
        self.follows(a)  # refuses an array that reads the bits of followed numbers as something else
        if isinstance(v, (list, tuple)):
            v = self.call(np.asarray, v)
        followed = self.follows(v) and a.dtype.kind in "fc"
        if not followed and not isinstance(v, (np.ndarray, np.generic, float, int, complex)) and self.reaches(v):
            raise self.refuse(f"assigning a {type(v).__name__} into an array is not supported: use floats or arrays")
        if _is_mask(i):
            self.check_apart(a, v)
        self.check_writable(a)
        self.stores(a)
        repeats = _may_repeat(i)
        kept = _kept(i, a)
        target = a[kept]
        if isinstance(target, np.ndarray) and isinstance(v, np.ndarray) and memory.same_places(target, v):
            return  # what `a[i] += v` ends with
        old = self.do.call(np.copy, self.do.getitem(a, kept))
        self.do.setitem(a, i, v)
        if followed:
            self.array(a)
        self.wrote(Write(a, kept, snapshot(v) if followed else None, old, repeats))

    def store(self, a: Any, i: Any, v: Any) -> None:
        """``a[i] = v`` of a container that is no array."""
        if isinstance(i, slice) and (isinstance(v, np.ndarray) or python_method(type(v), "__iter__") is not None):
            v = self.iterate(v)
        stores = hasattr(type(a), "__setitem__")  # a number does not, which the program may know how to catch
        if stores and not isinstance(a, natives.KEEPING) and self.reaches(v):
            raise self.refuse(f"a {type(a).__name__} can't hold what is differentiated: use a list or an array")
        if isinstance(a, np.ndarray) and self.roots:
            raise self.refuse(f"writing into a {type(a).__name__} is not supported: use a plain array")
        self.stores(a)
        if isinstance(a, list):
            list.__setitem__(a, i, v)
        else:
            a[i] = v

    def add_at(self, sign: int, a: Any, i: Any, v: Any) -> None:
        """``np.add.at`` and ``np.subtract.at``."""
        self.check_writable(a)
        kept = _kept(i, a)
        old = self.do.call(np.copy, self.do.getitem(a, kept))
        v = self.call(np.asarray, v) if isinstance(v, (list, tuple)) else v
        self.do.call(np.add.at if sign > 0 else np.subtract.at, a, i, v)
        followed = self.follows(v) and a.dtype.kind in "fc"
        if followed:
            self.array(a)
        self.wrote(AddAt(a, kept, v if followed else None, old, sign))

    def delitem(self, x: Any, i: Any) -> None:
        """``del x[i]``."""
        own = python_method(type(x), "__delitem__")
        if own is not None:
            self.call(own, x, i)
        else:
            del x[i]


_INDICES = frozenset({int, slice, type(None), type(...), np.int64, np.ndarray, list, bool, str})


def _unravelled(a: np.ndarray, i: Any) -> Any:
    """The index into an array for one into its ``flat``."""
    flat = range(a.size)[i] if isinstance(i, (int, np.integer)) else np.arange(a.size)[i]
    return np.unravel_index(flat, a.shape)


def _kept(i: Any, a: np.ndarray) -> Any:
    """An index that stays as it is now."""
    if isinstance(i, tuple):
        return tuple([_kept(e, a) for e in i])
    if isinstance(i, list):
        return np.array(i, dtype=None if i else np.intp)
    if isinstance(i, np.ndarray) and np.may_share_memory(i, a):
        return i.copy()
    return i


def _is_mask(i: Any) -> bool:
    """Whether an index is one mask."""
    i = i[0] if isinstance(i, tuple) and len(i) == 1 else i
    return isinstance(i, (np.ndarray, list)) and np.asarray(i).dtype == np.bool_


def _may_repeat(i: Any) -> bool:
    """Whether an index may name a place twice: one with arrays or lists of integers."""
    if isinstance(i, tuple):
        return any(map(_may_repeat, i))
    if isinstance(i, np.ndarray):
        return i.dtype.kind in "iu" and i.ndim > 0
    return isinstance(i, list)
