"""Example arguments for a function, from what is known of its parameters: small arrays of random numbers.

A symbol is a size, the same wherever it stands; numbers lie between 0.5 and 1.5, where most functions are smooth, and
those of matrices are smaller.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .ir.core import Const
from .ir.types import Dim, Type
from .targets import UsageError

_FIRST = 3  # the first symbol; the next ones are one larger each


class Sampler:
    """Makes arguments, with the same sizes for the same symbols."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.sizes: dict[Any, int] = {}

    def size(self, dim: Dim) -> int:
        if isinstance(dim.key, int):
            return dim.key
        return self.sizes.setdefault(dim.key, _FIRST + len(self.sizes))

    def value(self, t: Type | Const, name: str) -> Any:
        """An object of a type.

        Raises:
            UsageError: of the type nothing can be made; the text says how to give an example.
        """
        if isinstance(t, Const):
            return t.value
        if t.kind in ("float", "number", "numeric"):
            return self.rng.uniform(0.5, 1.5)
        if t.kind == "complex":
            return complex(*self.rng.uniform(0.5, 1.5, 2))
        if t.kind in ("int", "bool", "str", "none"):
            return {"int": 2, "bool": True, "str": "", "none": None}[t.kind]
        if t.kind in ("array", "scalar"):
            shape = (_FIRST,) if t.dims is None and t.kind == "array" else tuple(map(self.size, t.dims or ()))
            return self.array(shape, t.dtype or np.dtype(float))[() if t.kind == "scalar" else ...]
        if t.kind in ("tuple", "list") and t.cls is None:
            elems = t.elems * (t.length or 1) if t.kind == "list" and len(t.elems) == 1 else t.elems
            return (tuple if t.kind == "tuple" else list)([self.value(e, name) for e in elems])
        if t.kind == "dict" and t.keys is not None:
            return {k: self.value(e, name) for k, e in zip(t.keys, t.elems, strict=True)}
        raise UsageError(f"no example of {name!r} ({t!r}) can be made: say what it is with --arg, or give it with --at")

    def array(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        numbers: Any = self.rng.uniform(0.5, 1.5, shape)
        if dtype.kind == "c":
            numbers = numbers + 1j * self.rng.uniform(0.5, 1.5, shape)
        if len(shape) > 1:  # a matrix that can be inverted, and that keeps the size of what it is applied to
            numbers = numbers / (2 * shape[-1])
            numbers = numbers + np.eye(shape[-2], shape[-1]) * (shape[-1] == shape[-2])
        if dtype.kind in "iub":
            numbers = self.rng.integers(0, 2, shape)
        return np.asarray(numbers).astype(dtype)
