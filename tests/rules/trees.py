"""Trees of arrays, as arguments and results of functions are: tuples and lists of arrays and numbers, nested."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

STEP = 2.0**-10


def tree_map(f: Callable[..., Any], x: Any, *others: Any) -> Any:
    if isinstance(x, (list, tuple)):
        elements = [tree_map(f, *parts) for parts in zip(x, *others, strict=True)]
        return elements if isinstance(x, list) else tuple(elements)
    return f(x, *others)


def leaves(x: Any) -> Iterator[Any]:
    if isinstance(x, (list, tuple)):
        for e in x:
            yield from leaves(e)
    else:
        yield x


def is_inexact(x: Any) -> bool:
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return isinstance(x, (float, complex))


def direction(rng: np.random.Generator, x: Any) -> Any:
    """A random tangent or cotangent with the structure, shapes, dtypes and kinds of ``x``."""

    def leaf(x: Any) -> Any:
        if not is_inexact(x):
            return None
        d = rng.uniform(-1, 1, np.shape(x))
        if np.iscomplexobj(x):
            d = d + 1j * rng.uniform(-1, 1, np.shape(x))
        return like(d, x)

    return tree_map(leaf, x)


def like(d: Any, x: Any) -> Any:
    """The numbers ``d`` in the kind and dtype of ``x``."""
    if isinstance(x, np.ndarray):
        return np.asarray(d, x.dtype)
    if isinstance(x, np.generic):
        return x.dtype.type(d)
    return type(x)(d)


def inner(a: Any, b: Any) -> tuple[float, float]:
    """Real part of the sum of products of two trees (no conjugation), and the sum of their magnitudes."""
    products = [
        np.asarray(p) * np.asarray(q)
        for p, q in zip(leaves(a), leaves(b), strict=True)
        if p is not None and q is not None
    ]
    return float(sum(np.sum(p).real for p in products)), float(sum(np.sum(np.abs(p)) for p in products))


def difference(f: Callable[[Any], Any], x: Any, x_dot: Any) -> Any:
    """The derivative of ``f`` at ``x`` along ``x_dot``: central differences, extrapolated once (error h**4)."""

    def central(h: float) -> Any:
        ahead = f(tree_map(lambda a, d: moved(a, d, h), x, x_dot))
        behind = f(tree_map(lambda a, d: moved(a, d, -h), x, x_dot))
        return tree_map(lambda a, b: (a - b) / (2 * h) if is_inexact(a) else None, ahead, behind)

    return tree_map(lambda c, b: None if c is None else (4 * c - b) / 3, central(STEP / 2), central(STEP))


def moved(a: Any, d: Any, h: float) -> Any:
    """``a + h * d`` in an object of the kind of ``a``, with its order of memory."""
    if d is None or not isinstance(a, np.ndarray):
        return a if d is None else a + h * d
    return np.asarray(np.add(a, h * d, order="F" if np.isfortran(a) else "C"))
