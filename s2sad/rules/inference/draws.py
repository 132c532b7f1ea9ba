"""Random draws, and the generators that they are drawn from."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from ...ir.core import Value
from ...ir.types import FLOAT, UNKNOWN, Type, array
from ..trial import typed
from .elementwise import broadcast
from .registry import infers
from .sizes import as_dim, dims_of_shape

OF_RANDOM = ("gauss", "normalvariate", "uniform", "expovariate", "lognormvariate", "paretovariate",
             "weibullvariate", "gammavariate", "betavariate", "random")  # fmt: skip


def _drawn(parameters: int, args: tuple[Any, ...], size: Any) -> Type:
    """Of so many numbers or arrays as parameters, and of ``size``."""
    rest = [a for a in args if typed(a).kind != "object"]
    if len(rest) > parameters:
        size = rest[parameters]
    given = list(map(typed, rest[:parameters]))
    if typed(size).kind in ("int", "tuple"):
        return array(np.float64, dims_of_shape(size))
    if typed(size).kind != "none":
        return UNKNOWN
    if all(t.is_number or t.rank == 0 for t in given):
        return FLOAT
    if all(t.is_number or t.dims is not None for t in given):
        return array(np.float64, broadcast(*(t.dims or () for t in given)))
    return UNKNOWN


def _drawing(names: str) -> list[Any]:
    return [getattr(home, name) for home in (np.random, np.random.Generator, np.random.RandomState)
            for name in names.split()]  # fmt: skip


@infers(*_drawing("normal laplace logistic gumbel uniform lognormal gamma beta"))
def _draw_of_two(*args: Any, size: Any = None, **named: Any) -> Type:
    return _drawn(2, (*args, *named.values()), size)


@infers(*_drawing("exponential rayleigh weibull power pareto chisquare standard_t"))
def _draw_of_one(*args: Any, size: Any = None, **named: Any) -> Type:
    return _drawn(1, (*args, *named.values()), size)


@infers(*(f for f in vars(random).values() if getattr(f, "__name__", "") in OF_RANDOM))
def _draw_of_numbers(*args: Any, **named: Any) -> Type:
    python = all(typed(a).kind in ("bool", "int", "float") for a in (*args, *named.values()))
    return FLOAT if python else UNKNOWN  # of a number of NumPy some give one of NumPy


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
