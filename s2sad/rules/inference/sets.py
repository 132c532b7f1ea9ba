"""Results whose sizes depend on values: ``np.unique`` and its like, and counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ir.types import Type, array, fresh_dim
from ..trial import typed
from .creation import array_of
from .registry import infers


def _numbers(*given: Any) -> Type:
    """An array of the numbers in arrays or lists."""
    types = [array_of(x) if typed(x).kind in ("list", "tuple") else typed(x) for x in given]
    if any(t.dtype is None or t.dtype.kind not in "biufc" for t in types):
        return array(None, (fresh_dim(),))
    return array(np.result_type(*[t.dtype for t in types if t.dtype is not None]), (fresh_dim(),))


@infers(np.unique)
def _unique(ar: Any) -> Type:
    return _numbers(ar)


@infers(np.union1d, np.intersect1d, np.setxor1d)
def _of_both(ar1: Any, ar2: Any) -> Type:
    return _numbers(ar1, ar2)


@infers(np.setdiff1d)
def _of_the_first(ar1: Any, ar2: Any, assume_unique: Any = False) -> Type:
    return _numbers(ar1)


@infers(np.bincount)
def _bincount(x: Any, weights: Any = None, minlength: Any = 0) -> Type:
    counts = weights is None or typed(weights).kind == "none"
    return array(np.int64 if counts else np.float64, (fresh_dim(),))
