"""Native functions that write into arrays or call back, said in Python: the recorder follows these instead.

Each has the signature of the function that it stands for, and does the same.
"""

from __future__ import annotations

import copy
import functools
import itertools
import operator
import sys
import types
from typing import Any

import numpy as np

from ..runtime import no_derivative
from . import depth
from .classes import ABSENT, held, says_how_to_copy
from .natives import COUNT_ELEMENTS
from .vectorize import called

SUBSTITUTES: dict[Any, Any] = {np.vectorize.__call__: called}


# These draw, in their substitutes too: without anything followed they run as they are.
DRAWS = {
    np.random.Generator.shuffle, np.random.RandomState.shuffle,
    np.random.Generator.permutation, np.random.RandomState.permutation,
    np.random.Generator.choice, np.random.RandomState.choice, np.random.Generator.permuted,
}  # fmt: skip


def substitutes(*functions: Any) -> Any:
    def decorate(made: Any) -> Any:
        for function in functions:
            SUBSTITUTES[function] = made
        return made

    return decorate


@substitutes(sum)
def python_sum(iterable, /, start=0):
    total = start
    for item in iterable:
        total = total + item
    return total


@substitutes(operator.iconcat)
def iconcat(a, b):
    a += b
    return a


def writes_at(function: np.ufunc) -> Any:
    """``f.at(a, indices, b)``: element by element, so that repeated indices are written again and again."""

    def at(a, indices, b, /):
        places = np.arange(a.size).reshape(a.shape)[indices]
        values, flat = np.broadcast_to(b, np.shape(places)).reshape(-1), np.reshape(places, -1)
        order = np.argsort(flat, kind="stable")
        before = np.arange(flat.size) - np.searchsorted(flat[order], flat[order])  # how often it was there before
        for turn in range(int(np.max(before, initial=-1)) + 1):
            chosen = order[before == turn]
            where = np.unravel_index(flat[chosen], a.shape)
            a[where] = function(a[where], values[chosen])

    return at


for ufunc in (np.multiply, np.divide, np.power, np.maximum, np.minimum):
    SUBSTITUTES[ufunc.at] = writes_at(ufunc)


@substitutes(np.ndarray.__deepcopy__)
def deep_copy(a, memo, /):
    return a.copy()


@substitutes(itertools.count)
def count(start=0, step=1):
    while True:
        yield start
        start = start + step


@substitutes(itertools.accumulate)
def accumulate(iterable, func=None, *, initial=None):
    total, begun = initial, initial is not None
    if begun:
        yield total
    for item in iterable:
        if not begun:
            total, begun = item, True
        else:
            total = total + item if func is None else func(total, item)
        yield total


@substitutes(functools.reduce)
def reduce(function, iterable, initial=ABSENT, /):
    result = initial
    for item in iterable:
        result = item if result is ABSENT else function(result, item)
    if result is ABSENT:
        raise TypeError("reduce() of empty iterable with no initial value")
    return result


@substitutes(np.ndarray.fill)
def fill(self, value):
    self[...] = value


@substitutes(np.ndarray.sort)
def sort(self, axis=-1, kind=None, order=None):
    self[...] = np.sort(self, axis=axis, kind=kind, order=order)


@substitutes(np.ndarray.partition)
def partition(self, kth, axis=-1, kind="introselect", order=None):
    self[...] = np.partition(self, kth, axis=axis, kind=kind, order=order)


@substitutes(np.ndarray.put)
def put_method(self, indices, values, mode="raise"):
    np.put(self, indices, values, mode)


@substitutes(np.put)
def put(a, ind, v, mode="raise"):
    places = np.unravel_index(np.arange(a.size), a.shape)
    chosen = np.take(np.arange(a.size), ind, mode=mode).ravel()
    if chosen.size:
        a[tuple([p[chosen] for p in places])] = np.resize(v, chosen.size)


@substitutes(np.copyto)
def copyto(dst, src, casting="same_kind", where=True):
    if not np.can_cast(np.asarray(src).dtype if np.ndim(src) else np.min_scalar_type(src), dst.dtype, casting):
        np.copyto(np.empty_like(dst), src, casting)  # which raises
    if where is True:
        dst[...] = src
    else:
        mask = np.broadcast_to(where, dst.shape)
        dst[mask] = np.broadcast_to(src, dst.shape)[mask]


@substitutes(np.putmask)
def putmask(a, mask, values):
    repeated = np.reshape(np.resize(values, a.size), a.shape)
    a[mask] = repeated[mask]


@substitutes(np.place)
def place(arr, mask, vals):
    chosen = np.asarray(mask, bool)
    count = int(np.sum(chosen))
    if count:
        arr[chosen] = np.resize(vals, count)


@substitutes(np.put_along_axis)
def put_along_axis(arr, indices, values, axis):
    if axis is None:
        arr, axis = arr.reshape(-1), 0
    places = list(np.ogrid[tuple([slice(n) for n in indices.shape])])
    places[axis] = indices
    arr[tuple(places)] = values


@substitutes(np.fill_diagonal)
def fill_diagonal(a, val, wrap=False):
    if np.may_share_memory(a, val):
        raise no_derivative("np.fill_diagonal with a part of the array itself has no derivative rule")
    if np.size(val) == 0:  # nothing is written
        return
    if a.ndim == 2 and not wrap:
        n = min(a.shape)
    elif a.ndim == 2:
        step = a.shape[1] + 1
        places = np.unravel_index(np.arange(0, a.size, step), a.shape)
        a[places] = np.resize(val, len(places[0]))
        return
    elif all(np.diff(a.shape) == 0):
        n = a.shape[0]
    else:
        raise ValueError("All dimensions of input must be of equal length")
    if n:
        a[tuple([np.arange(n)] * a.ndim)] = np.resize(val, n) if np.ndim(val) else val


@substitutes(np.random.Generator.shuffle, np.random.RandomState.shuffle)
def shuffle(generator, x, axis=0):
    """``Generator.shuffle`` and ``RandomState.shuffle``: the same draws, made on the numbers of the rows."""
    if axis == 0:
        _shuffled(generator.shuffle, x)
    else:
        order = np.arange(x.shape[axis])
        generator.shuffle(order)
        x[...] = np.take(x, order, axis)


def _shuffled(draw, x):
    order = np.arange(len(x))
    draw(order)
    if isinstance(x, np.ndarray):
        x[...] = x[order]
    else:
        x[:] = [x[k] for k in order]


@substitutes(np.random.Generator.permutation, np.random.RandomState.permutation)
def permutation(generator, x, axis=0):
    order = np.arange(np.shape(x)[axis])
    generator.shuffle(order)
    return np.take(np.asarray(x), order, axis)


@substitutes(np.random.Generator.choice)
def choice(generator, a, size=None, replace=True, p=None, axis=0, shuffle=True):
    places = generator.choice(np.shape(a)[axis], size, replace, p, 0, shuffle)
    return np.take(np.asarray(a), places, axis)


@substitutes(np.random.RandomState.choice)
def old_choice(generator, a, size=None, replace=True, p=None):
    return np.take(np.asarray(a), generator.choice(np.shape(a)[0], size, replace, p), 0)


@substitutes(np.random.Generator.permuted)
def permuted(generator, x, *, axis=None, out=None):
    places = np.arange(np.size(x)).reshape(np.shape(x))
    places = generator.permuted(places if axis is not None else places.ravel(), axis=axis).reshape(np.shape(x))
    taken = np.take(np.ravel(x), places)
    if out is None:
        return taken
    out[...] = taken
    return out


@substitutes(np.ndenumerate)
def ndenumerate(arr):
    for i in np.ndindex(*np.shape(arr)):
        yield i, arr[i]


@substitutes(np.fromiter)
def fromiter(iter, dtype, count=-1):
    elements: list[Any] = []
    for e in iter:
        if len(elements) == count:
            break
        elements.append(e)
    return np.array(elements, dtype)


@substitutes(np.apply_along_axis)
def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    moved = np.moveaxis(arr, axis, -1)
    outside = moved.shape[:-1]
    made = [func1d(moved[i], *args, **kwargs) for i in np.ndindex(*outside)]
    stacked = np.reshape(np.stack(made), outside + np.shape(made[0]))
    inner = np.ndim(made[0])
    places = [np.ndim(arr) - 1 + k for k in range(inner)]
    return np.moveaxis(stacked, places, [axis % np.ndim(arr) + k for k in range(inner)])


@substitutes(np.fromfunction)
def fromfunction(function, shape, *, dtype=float, like=None, **kwargs):
    return function(*np.indices(shape, dtype=dtype), **kwargs)


@substitutes(np.apply_over_axes)
def apply_over_axes(func, a, axes):
    a = np.asarray(a)
    count = np.ndim(a)
    for axis in np.ravel(axes).tolist():
        axis = axis + count if axis < 0 else axis
        made = func(a, axis)
        a = made if np.ndim(made) == np.ndim(a) else np.expand_dims(made, axis)
    return a


@substitutes(COUNT_ELEMENTS)
def count_elements(mapping, iterable):
    for e in iterable:
        mapping[e] = mapping.get(e, 0) + 1


@substitutes(sys.setrecursionlimit)
def set_recursion_limit(limit, /):
    depth.limit(limit)


@substitutes(sys.getrecursionlimit)
def recursion_limit():
    return depth.limit()


@substitutes(float.conjugate)
def conjugate(x):
    return +x


@substitutes(operator.concat)
def concat(a, b, /):
    return a + b


@substitutes(operator.itemgetter)
def _itemgetter(item, /, *items):
    if items:
        return lambda x: tuple([x[i] for i in (item, *items)])
    return lambda x: x[item]


@substitutes(operator.attrgetter)
def _attrgetter(attr, /, *attrs):
    def get(x, path):
        for name in path.split("."):
            x = getattr(x, name)
        return x

    if attrs:
        return lambda x: tuple([get(x, a) for a in (attr, *attrs)])
    return lambda x: get(x, attr)


@substitutes(operator.methodcaller)
def _methodcaller(name, /, *args, **kwargs):
    return lambda x: getattr(x, name)(*args, **kwargs)


@substitutes(copy.copy)
def shallow(x):
    return x.copy() if isinstance(x, np.ndarray) else copy_of_other(x)


copy_of_other = types.FunctionType(copy.copy.__code__, copy.copy.__globals__, "copy_of_other")


@substitutes(copy.deepcopy)
def deep(x: Any, memo: Any = None) -> Any:
    """A deep copy in which floats stay the objects that they are."""
    memo = {} if memo is None else memo
    if id(x) in memo:
        return memo[id(x)]
    made: Any
    if isinstance(x, type) or says_how_to_copy(type(x)):
        return copy_of_rest(x, memo)
    if isinstance(x, np.ndarray) and x.dtype != object:
        made = x.copy()
    elif type(x) is list:
        made = memo[id(x)] = []
        made.extend([deep(e, memo) for e in x])
    elif isinstance(x, dict) and type(x) is dict:
        made = memo[id(x)] = {}
        for k, e in x.items():
            made[deep(k, memo)] = deep(e, memo)
    elif isinstance(x, tuple):
        parts = [deep(e, memo) for e in x]
        made = x.__class__(*parts) if hasattr(type(x), "_fields") else tuple(parts)
    elif isinstance(x, (dict, list)) and not hasattr(type(x), "__deepcopy__"):
        made = memo[id(x)] = copy_of_other(x)
        for k, e in list(x.items() if isinstance(x, dict) else enumerate(x)):
            made[k] = deep(e, memo)
        for name, e in held(x).items():
            object.__setattr__(made, name, deep(e, memo))
    elif type(x).__module__ not in ("builtins", "numpy", "types") and (held(x) or type(x).__dictoffset__):
        if hasattr(type(x), "__deepcopy__"):
            return x.__deepcopy__(memo)
        made = memo[id(x)] = object.__new__(type(x))
        for name, e in held(x).items():
            object.__setattr__(made, name, deep(e, memo))
    else:
        return x if isinstance(x, (float, complex, np.generic)) else copy_of_rest(x, memo)
    memo[id(x)] = made
    return made


copy_of_rest = types.FunctionType(
    copy.deepcopy.__code__, copy.deepcopy.__globals__, "copy_of_rest", copy.deepcopy.__defaults__
)
