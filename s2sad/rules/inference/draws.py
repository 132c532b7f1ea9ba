"""Random draws, and the generators that they are drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ir.core import Value
from ...ir.types import FLOAT, UNKNOWN, Type, array
from ..trial import typed
from .registry import infers
from .sizes import as_dim, dims_of_shape


@infers(np.random.normal, np.random.uniform, np.random.Generator.normal, np.random.Generator.uniform)
def _draw(*args: Any, size: Any = None) -> Type:
    rest = [a for a in args if not (isinstance(a, Value) and a.type.kind == "object")]
    if len(rest) > 2:
        size = rest[2]
    if any(typed(a).rank != 0 for a in rest[:2]):
        return UNKNOWN
    return FLOAT if size is None else array(np.float64, dims_of_shape(size))


@infers(np.random.random, np.random.standard_normal, np.random.Generator.random, np.random.Generator.standard_normal)
def _standard_draw(*args: Any, size: Any = None) -> Type:
    rest = [a for a in args if not (isinstance(a, Value) and a.type.kind == "object")]
    if rest:
        size = rest[0]
    return FLOAT if size is None else array(np.float64, dims_of_shape(size))


@infers(np.random.rand, np.random.randn)
def _draw_sizes(*sizes: Any) -> Type:
    return array(np.float64, tuple(map(as_dim, sizes))) if sizes else FLOAT


@infers(np.random.default_rng)
def _default_rng(*args: Any) -> Type:
    return Type("object", cls=np.random.Generator, keys=())


@infers(np.random.RandomState)
def _random_state(*args: Any) -> Type:
    return Type("object", cls=np.random.RandomState, keys=())
