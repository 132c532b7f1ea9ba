"""A Type is a promise: what is inferred for the result of every row is true of the result."""

from __future__ import annotations

import builtins
import copy
import inspect
import itertools
import math
import operator
import warnings
from collections.abc import Hashable
from typing import Any

import numpy as np
import pytest

from s2sad.ir.core import Value
from s2sad.ir.signature import object_type
from s2sad.ir.types import Dim, Type, array, element, join, refreshed
from s2sad.passes import grids
from s2sad.rules.binding import positions
from s2sad.rules.inference import INFER, infer
from s2sad.rules.table import RULES

from . import harness

# Of nothing these give another kind of zero, which has no derivative either way.
OF_NOTHING = (np.polyval, np.bincount, np.cov, np.nanquantile, np.nanpercentile, sum)
# SciPy's C code divides by zero or writes outside of arrays when these are given sizes that they do not expect.
FATAL = ("resample_poly", "sepfir2d", "upfirdn")
ROWS = harness.load_rows("ROWS")
PYTHON = {"bool": bool, "int": int, "float": float, "complex": complex, "str": str, "none": type(None), "tuple": tuple,
          "list": list, "dict": dict, "slice": slice, "range": range}  # fmt: skip


def broken(t: Type, x: Any, sizes: dict[Any, int], path: str = "result") -> str | None:
    """What a type says that is not true of an object; ``sizes`` has the sizes so far, by key."""
    if t.kind == "unknown" or (t.kind == "optional" and x is None):
        return None
    if t.kind == "optional":
        return broken(t.elems[0], x, sizes, path)
    if t.kind == "number" and t.dtype == bool and not isinstance(x, (bool, np.bool_)):
        return f"{path} is a {type(x).__name__}, not a truth"
    if t.kind in PYTHON and not (t.kind == "tuple" and t.cls is not None):
        if type(x) is not PYTHON[t.kind]:
            return f"{path} is a {type(x).__name__}, not {t}"
        if t.kind == "int" and isinstance(t.value, Dim):
            return size_broken(t.value, x, sizes, path)
    if t.kind == "scalar" and not (isinstance(x, np.generic) and x.dtype == t.dtype):
        return f"{path} is {x!r}, not {t}"
    plain = isinstance(x, (bool, int, float, np.generic)) and not np.iscomplexobj(x)
    if t.kind == "number" and not plain and type(x) is not complex:  # a broken power of a negative float
        return f"{path} is a {type(x).__name__}, not a real number"
    if t.kind == "numeric" and not isinstance(x, (bool, int, float, complex, np.generic, np.ndarray)):
        return f"{path} is a {type(x).__name__}, not a number or array"
    if t.kind == "array":
        if type(x) is not np.ndarray:
            return f"{path} is a {type(x).__name__}, not {t}"
        if t.dtype is not None and t.dtype != x.dtype:
            return f"{path} is of dtype {x.dtype}, not {t}"
        if t.dims is not None and len(t.dims) != x.ndim:
            return f"{path} is of rank {x.ndim}, not {t}"
        for d, n in zip(t.dims or (), x.shape, strict=False):
            found = size_broken(d, n, sizes, path)
            if found:
                return found
    if (t.kind in ("tuple", "list") and len(t.elems) > 1) or t.kind == "tuple":
        if len(x) != len(t.elems):
            return f"{path} has {len(x)} elements, not {len(t.elems)}"
        pairs = zip(t.elems, x, strict=True)
    elif t.kind == "list" and t.elems:
        pairs = zip([refreshed(t.elems[0]) for _ in x], x, strict=True)
    else:
        return None
    return next((m for i, (e, y) in enumerate(pairs) if (m := broken(e, y, sizes, f"{path}[{i}]"))), None)


def size_broken(d: Dim, n: int, sizes: dict[Any, int], path: str) -> str | None:
    if d.one is not None and d.one != (n == 1):
        return f"{path} has a size {n}, which {'is' if d.one else 'is not'} 1 by its type"
    if isinstance(d.key, int) and d.key != n:
        return f"{path} has a size {n}, not {d.key}"
    if sizes.setdefault(d.key, n) != n:
        return f"{path} has a size {n}, and {sizes[d.key]} elsewhere by the same name"
    return None


def variants(row: harness.Row):
    """The arguments of a row, and those in other dtypes and of size 1."""
    rng = np.random.default_rng(5)
    args = tuple(harness.sample(rng, a) for a in row.args)
    yield args, row.kwargs
    scipy = (getattr(row.function, "__module__", None) or "").startswith("scipy")
    if getattr(row.function, "__name__", "") in FATAL:
        return
    for dtype in (np.float32, np.int64) if scipy else (np.float32, np.complex128, np.int64):
        yield (
            tuple(a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype.kind in "fc" else a for a in args),
            row.kwargs,
        )
    first = [k for k, a in enumerate(args) if isinstance(a, np.ndarray) and a.ndim]
    for k in first:
        yield tuple(a[:1] if j == k else a for j, a in enumerate(args)), row.kwargs
        if not scipy and row.function not in OF_NOTHING:  # SciPy crashes on some
            yield tuple(a[:0] if j == k else a for j, a in enumerate(args)), row.kwargs
        yield tuple(a[..., :1] if j == k else a for j, a in enumerate(args)), row.kwargs
        for number in args[k].ravel()[:1]:
            yield tuple(number if j == k else a for j, a in enumerate(args)), row.kwargs
            yield tuple(float(np.real(number)) if j == k else a for j, a in enumerate(args)), row.kwargs


def operand(x: Any, name: Any, known: bool) -> Any:
    """An argument as inference gets it: a value, or what is known when compiling."""
    if isinstance(x, (np.ndarray, np.generic, float, complex, list)) or (isinstance(x, int) and not known):
        return Value(None, object_type(x, name))
    return tuple(operand(e, (name, i), known) for i, e in enumerate(x)) if type(x) is tuple else x


def check_inferred_type(row: harness.Row) -> None:
    for args, kwargs in variants(row):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                result = row.function(*args, **kwargs)
            except Exception:  # it does not take such arguments
                continue
            for known in (True, False):
                operands = [operand(a, k, known) for k, a in enumerate(args)]
                t = infer(row.function, operands, {k: operand(v, k, known) for k, v in kwargs.items()})
                sizes: dict[Any, int] = {}
                for k, a in enumerate(args):
                    assert broken(object_type(a, k), a, sizes, f"argument {k}") is None
                shapes = [np.shape(a) for a in args if isinstance(a, (np.ndarray, float, int, np.generic))]
                assert broken(t, result, sizes) is None, (known, shapes, kwargs, t, broken(t, result, dict(sizes)))


test_inferred_type_is_true = harness.in_blocks(ROWS, check_inferred_type)


def test_an_unknown_dtype_is_not_float64() -> None:
    """NumPy says that ``np.dtype("float64") == None``."""
    unknown, known = array(None, ()), array(np.float64, ())
    assert unknown != known and join(unknown, known).dtype is None and join(known, unknown).dtype is None


NUMBERS = {
    "bool": [True, False], "int": [-2, 0, 1, 3], "float": [-1.5, 0.0, 0.5, 2.0], "complex": [1 + 2j],
    "float64": list(np.float64([-1.5, 0.0, 2.0])), "float32": [np.float32(0.5)], "int64": [np.int64(-2), np.int64(3)],
    "list": [[], [1.0], [1, 2.5], [True]], "tuple": [(1.0, 2)], "floats": [np.array([1.5, -0.5]), np.zeros(0)],
    "rows": [np.ones((2, 3)), np.zeros((0, 3))], "bools": [np.array([True, False])],
}  # fmt: skip
PLAIN = [f for m in (operator, builtins, math) for f in vars(m).values() if isinstance(f, Hashable) and f in RULES]


@pytest.mark.parametrize("function", list(dict.fromkeys(PLAIN)), ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_results_of_numbers(function: Any) -> None:
    """Whatever the numbers are: whole or negative exponents, nothing to add up, a start."""
    values = [x for kind in NUMBERS.values() for x in kind]
    for args in [*((x,) for x in values), *itertools.product(values, values)]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                y = function(*copy.deepcopy(args))
            except Exception:  # it does not take such arguments
                continue
            for known in (True, False):
                t = infer(function, [number_operand(a, k, known) for k, a in enumerate(args)], {})
                assert broken(t, y, {}) is None, (args, known, t)


def number_operand(x: Any, name: Any, known: bool) -> Any:
    """An argument as inference gets it; of lists, how many elements they have is open."""
    if isinstance(x, (bool, int, float)) and known and not isinstance(x, np.generic):
        return x
    t = object_type(x, name)
    return Value(None, Type("list", elems=(element(t),) if x else ()) if type(x) is list else t)


def test_an_unknown_dtype_is_none_of_those_that_are_known() -> None:
    """NumPy says that float64 and None are equal."""
    row = Value(None, Type("array", None, (Dim("n"),)))
    assert not grids._is_wide(row)
    assert grids._is_wide(Value(None, Type("array", np.dtype(np.float64), (Dim("n"),))))
    linalg = pytest.importorskip("scipy.linalg")
    harness.load_rules()
    known = Value(None, Type("array", np.dtype(np.float64), (Dim("n"), Dim("n"))))
    unknown = Value(None, Type("array", None, (Dim("n"), Dim("n"))))
    rule = RULES[linalg.solve_sylvester].infer
    assert rule is not None and rule(known, unknown, known) is NotImplemented
    assert rule(known, known, known) is not NotImplemented


def misplaced(function: Any, result: Any) -> list[str]:
    """The parameters of a type's rule that stand at another place than those of the function."""
    try:
        theirs = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    if any(p.kind is p.VAR_POSITIONAL for p in theirs):
        return []
    names = positions(function, RULES[function])
    ours = [p for p in inspect.signature(result).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    return [p.name for p, name in zip(ours, names, strict=False) if p.name != name and name in [o.name for o in ours]]


def test_parameters_of_types_are_those_of_functions() -> None:
    found = {
        f"{function}": misplaced(function, result)
        for function, result in INFER.items()
        if isinstance(function, Hashable) and function in RULES
    }
    assert {name: parameters for name, parameters in found.items() if parameters} == {}
