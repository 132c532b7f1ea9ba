"""What a derivative is where mathematics leaves a choice: each convention, for each function it names, by value.

Every case is a function of one argument, a float or an array, with its gradient at one point.  It is checked compiled
and recorded, in reverse and forward mode, and once more with a list of numbers in place of an array; with ``second``,
the product of its second derivative with ones as well.
"""

from __future__ import annotations

import cmath
import dataclasses
import itertools
import linecache
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad.compiled import Transformed

inf, nan, pi = np.inf, np.nan, np.pi
W4 = np.array([1.0, 10.0, 100.0, 1000.0])
_texts = itertools.count()


@dataclasses.dataclass
class Case:
    """A scalar function ``f``, a point ``x``, its gradient there, and its second derivative times ones."""

    f: Callable[[Any], Any]
    x: Any
    expected: Any
    second: Any = None
    note: str = ""
    ways: tuple[str, ...] = ("compiled", "recorded")


def refuse(*args: Any, **kwargs: Any) -> Any:
    raise s2sad.UnsupportedError("everything is refused here")


def of(functions: Any, x: Any, expected: Any, second: Any = None, note: str = "", **options: Any) -> list[Case]:
    """A case for each function of NumPy: its result, with weights that tell the places in it apart."""
    cases = []
    for f in functions:
        given = "".join(f", {name}={value!r}" for name, value in options.items())
        text = f"def case(x):\n    y = np.ravel(np.{f.__name__}(x{given}))\n    return np.sum(y * W4[: np.size(y)])\n"
        cases.append(Case(made(text, "case"), x, expected, second, f.__name__ + note))
    return cases


def made(text: str, name: str) -> Any:
    """A function with its text."""
    file = f"<point {next(_texts)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space = {"np": np, "W4": W4}
    exec(compile(text, file, "exec"), space)
    return space[name]


def numbers(f: Any, x: Any, expected: Any, second: Any = None, note: str = "", **ways: Any) -> Case:
    return Case(f, x, expected, second, note, **ways)


Z3, ZZ = np.zeros(3), np.zeros((2, 2))
ORDS = (None, 2, 1, inf, -inf, 3, 2.5, 0.5, 0)
AT_ZERO = [
    *of([np.abs, np.absolute, np.fabs, np.sign, np.angle], np.array([0.0, -0.0]), [0.0, 0.0], second=[0.0, 0.0]),
    *of([np.sinc], np.zeros(2), [0.0, 0.0], second=[-(pi**2) / 3, -10 * pi**2 / 3]),
    *[numbers(f, 0.0, 0.0, note=n) for n, f in {
        "abs": lambda x: abs(x), "np.abs": lambda x: np.abs(x), "math.fabs": lambda x: math.fabs(x),
        "sign": lambda x: np.sign(x), "sinc": lambda x: np.sinc(x), "angle": lambda x: np.angle(x),
        "hypot": lambda x: np.hypot(x, x), "math.hypot": lambda x: math.hypot(x, x, x),
        "arctan2": lambda x: np.arctan2(x, x), "math.atan2": lambda x: math.atan2(x, x),
        "math.dist": lambda x: math.dist([x, x], [0.0, x]), "cmath.phase": lambda x: cmath.phase(x),
    }.items()],
    numbers(lambda x: np.sum(np.hypot(x, 0.0)), Z3, Z3, note="hypot"),
    numbers(lambda x: np.sum(np.arctan2(x, 0.0)), Z3, Z3, note="arctan2"),
    *[numbers(lambda x, p=p: np.linalg.norm(x, p), Z3, Z3, note=f"norm {p}") for p in ORDS],
    *[numbers(lambda x, p=p: np.sum(np.linalg.norm(x, p, axis=1)), ZZ, ZZ, note=f"norm {p} axis") for p in ORDS],
    *[numbers(lambda x, p=p: np.linalg.norm(x, p), ZZ, ZZ, note=f"norm {p} matrix")
      for p in (None, "fro", "nuc", 2, -2, 1, -1, inf, -inf)],
    *of([np.std, np.nanstd], np.full(3, 0.25), Z3, note=" of a constant"),
    *of([np.std], np.full((2, 2), 0.25), ZZ, note=" of a constant, axis", axis=0),
    *of([np.std], np.full((2, 2), 0.25), ZZ, note=" of a constant, ddof", axis=1, ddof=1),
]  # fmt: skip

T = np.array([[3.0, 1.0], [3.0, 3.0]])  # its largest element three times, twice in a column and in a row
TIES = [
    *of([np.max, np.amax, np.nanmax], T, [[1 / 3, 0.0], [1 / 3, 1 / 3]], second=ZZ),
    *of([np.max, np.amax, np.nanmax], T, [[0.5, 0.0], [0.5, 10.0]], note=" axis 0", axis=0),
    *of([np.max, np.amax, np.nanmax], T, [[1.0, 0.0], [5.0, 5.0]], note=" axis -1", axis=-1, keepdims=True),
    *of([np.max], T, [[1 / 3, 0.0], [1 / 3, 1 / 3]], note=" axes", axis=(0, 1)),
    *of([np.min, np.amin, np.nanmin], -T, [[1 / 3, 0.0], [1 / 3, 1 / 3]], second=ZZ),
    *of([np.min, np.amin, np.nanmin], -T, [[0.5, 0.0], [0.5, 10.0]], note=" axis 0", axis=0),
    *of([np.ptp], np.array([3.0, 1.0, 3.0, 1.0]), [0.5, -0.5, 0.5, -0.5], second=np.zeros(4)),
    *of([np.ptp], T, [[0.0, -10.0], [0.0, 10.0]], note=" axis 0", axis=0),
    numbers(lambda x: np.linalg.norm(x, inf), np.array([2.0, -2.0, 1.0]), [0.5, -0.5, 0.0], note="norm inf"),
    numbers(lambda x: np.linalg.norm(x, -inf), np.array([2.0, -1.0, 1.0]), [0.0, -0.5, 0.5], note="norm -inf"),
    numbers(lambda x: np.sum(np.linalg.norm(x, inf, axis=0) * np.array([1.0, 10.0])), np.array([[2.0, 1.0], [-2.0, 3]]),
            [[0.5, 0.0], [-0.5, 10.0]], note="norm inf axis"),
    numbers(lambda x: np.linalg.norm(x, 1), np.array([[1.0, 2.0], [2.0, 1.0]]), np.full((2, 2), 0.5), note="norm 1"),
    numbers(lambda x: max(x, x), 2.0, 1.0, note="max builtin"),
    numbers(lambda x: max([x, 1.0, x * 1.0]), 2.0, 1.0, note="max of a list"),
    numbers(lambda x: max(x, 2.0), 2.0, 0.5, note="max half"),
    numbers(lambda x: min(x, 2.0, 3.0), 2.0, 0.5, note="min half"),
    *[numbers(lambda x, f=f: f(x, 2.0), 2.0, 0.5, note=f.__name__)
      for f in (np.maximum, np.minimum, np.fmax, np.fmin)],
    *[numbers(lambda x, f=f: np.sum(f(x, np.array([1.0, 2.0])) * W4[:2]), np.array([1.0, 2.0]), [0.5, 5.0], [0.0, 0.0],
              f.__name__) for f in (np.maximum, np.minimum, np.fmax, np.fmin)],
    *[numbers(lambda x, f=f: np.sum(f(x, np.array([nan, 2.0]))), np.array([1.0, nan]), [1.0, 0.0], [0.0, 0.0],
              f"{f.__name__} of NaN") for f in (np.fmax, np.fmin)],
]  # fmt: skip

C = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
CLIP = [
    numbers(lambda x: np.sum(np.clip(x, 0.0, 1.0)), C, [0.0, 1.0, 1.0, 1.0, 0.0], np.zeros(5), note="clip"),
    numbers(lambda x: np.sum(x.clip(0.0, 1.0)), C, [0.0, 1.0, 1.0, 1.0, 0.0], note="method"),
    numbers(lambda x: np.sum(np.clip(x, None, 1.0)), C, [1.0, 1.0, 1.0, 1.0, 0.0], note="clip above"),
    numbers(lambda x: np.sum(np.clip(x, 0.0, None)), C, [0.0, 1.0, 1.0, 1.0, 1.0], note="clip below"),
    numbers(lambda x: np.clip(x, 0.0, 1.0), 1.0, 1.0, note="float at the bound"),
    numbers(lambda x: np.sum(np.clip(C, x, 1.0)), 0.0, 1.0, note="lower bound"),
    numbers(lambda x: np.sum(np.clip(C, 0.0, x)), 1.0, 1.0, note="upper bound"),
]

S = np.array([2.0, 1.0, 2.0, 1.0])  # sorted stably: 1, 3, 0, 2
S2 = np.array([[2.0, 1.0], [2.0, 3.0], [1.0, 1.0], [2.0, 2.0]])
ORDER = [
    *of([np.sort], S, [100.0, 1.0, 1000.0, 10.0], np.zeros(4)),
    numbers(lambda x: np.sum(np.sort(x, axis=0) * np.arange(8.0).reshape(4, 2)), S2,
            [[2.0, 1.0], [4.0, 7.0], [0.0, 3.0], [6.0, 5.0]], note="sort axis 0"),
    numbers(lambda x: np.sum(np.sort(x, axis=None) * np.arange(8.0)), S2,
            [[3.0, 0.0], [4.0, 7.0], [1.0, 2.0], [5.0, 6.0]], note="sort flat"),
    numbers(lambda x: np.dot(np.array(sorted(x)), W4), S, [100.0, 1.0, 1000.0, 10.0], note="sorted",
            ways=("recorded",)),
    numbers(lambda x: np.partition(x, 2)[2] * 2.0, np.array([2.0, 5.0, 1.0, 4.0]), [0.0, 0.0, 0.0, 2.0],
            note="partition"),
    numbers(lambda x: np.sum(np.partition(x, 0, axis=0)[0]), np.array([[2.0, 5.0], [1.0, 7.0]]),
            [[0.0, 1.0], [1.0, 0.0]], note="partition axis"),
    *of([np.median], np.array([4.0, 1.0, 3.0, 9.0]), [0.5, 0.0, 0.5, 0.0], np.zeros(4)),
    *of([np.median], np.array([3.0, 1.0, 3.0]), [1.0, 0.0, 0.0], note=" odd, tie"),
    *of([np.nanmedian], np.array([4.0, nan, 3.0, 9.0]), [1.0, 0.0, 0.0, 0.0]),
    *of([np.median], np.array([[1.0, 2.0], [3.0, 8.0]]), [[0.5, 5.0], [0.5, 5.0]], note=" axis", axis=0),
    *of([np.quantile], np.array([4.0, 1.0, 3.0, 9.0, 2.0]), [0.0, 0.0, 0.8, 0.0, 0.2], q=0.45, note=" 0.45"),
    *of([np.percentile], np.array([4.0, 1.0, 3.0, 9.0, 2.0]), [0.0, 0.0, 0.8, 0.0, 0.2], q=45.0),
    *of([np.quantile], np.array([4.0, 1.0, 3.0]), [0.0, 0.0, 1.0], q=0.45, method="nearest", note=" nearest"),
    *of([np.quantile], np.array([[4.0, 1.0], [3.0, 5.0]]), [[0.25, 7.5], [0.75, 2.5]], q=0.25, axis=0, note=" axis"),
]  # fmt: skip

POWERS = [
    *of([np.sqrt], np.array([0.0, 4.0]), [inf, 2.5]),
    *of([np.log], np.array([0.0, 4.0]), [inf, 2.5]),
    numbers(lambda x: np.sum(x**0.5), np.array([0.0, 4.0]), [inf, 0.25], note="x**0.5"),
    numbers(lambda x: x**0.5, 0.0, inf, note="float x**0.5"),
    numbers(lambda x: math.sqrt(x), 0.0, inf, note="math.sqrt"),
    numbers(lambda x: np.sqrt(x), 0.0, inf, note="np.sqrt of a float"),
    numbers(lambda x: np.sum(x**0), np.zeros(2), [0.0, 0.0], [0.0, 0.0], note="x**0"),
    numbers(lambda x: np.sum(x**1), np.zeros(2), [1.0, 1.0], [0.0, 0.0], note="x**1"),
    numbers(lambda x: np.sum(x**2), np.zeros(2), [0.0, 0.0], [2.0, 2.0], note="x**2"),
    numbers(lambda x: np.sum(x**3.0), np.zeros(2), [0.0, 0.0], [0.0, 0.0], note="x**3.0"),
    *[numbers(lambda x, n=n: np.sum(np.power(x, n)), np.zeros(2), e, note=f"power {n}")
      for n, e in ((0, Z3[:2]), (1, np.ones(2)), (2, Z3[:2]), (0.0, Z3[:2]), (1.0, np.ones(2)), (2.0, Z3[:2]))],
    *[numbers(lambda x, n=n: x**n, 0.0, e, s, note=f"float x**{n!r}")
      for n, e, s in ((0, 0.0, 0.0), (1, 1.0, 0.0), (2, 0.0, 2.0), (0.0, 0.0, 0.0), (1.0, 1.0, 0.0),
                     (2.0, 0.0, 2.0))],
    *[numbers(lambda x, n=n: math.pow(x, n), 0.0, e, note=f"math.pow {n}") for n, e in ((0, 0.0), (1, 1.0), (2, 0.0))],
    numbers(lambda y: 0.0**y, 2.0, 0.0, note="0**y"),
    numbers(lambda y: 0.0**y, 0.0, 0.0, note="0**0 by y"),
    numbers(lambda y: np.sum(np.power(np.zeros(2), y)), np.array([2.0, 0.0]), [0.0, 0.0], note="0**y"),
    numbers(lambda y: np.sum(np.power(-2.0, y)), np.array([2.0, 3.0]), [nan, nan], note="(-2)**y"),
    numbers(lambda y: math.pow(-2.0, y), 2.0, nan, note="math.pow(-2, y)"),
]  # fmt: skip

P = np.array([2.0, 0.0, 3.0])
PRODUCTS = [
    *of([np.prod, np.nanprod], P, [0.0, 6.0, 0.0], second=[3.0, 5.0, 2.0]),
    *of([np.prod], np.array([2.0, 0.0, 0.0]), Z3, second=[0.0, 2.0, 2.0], note=" two zeros"),
    *of([np.prod], np.array([[2.0, 0.0], [0.0, 3.0]]), [[0.0, 30.0], [2.0, 0.0]], note=" axis", axis=0),
    *of([np.cumprod, np.nancumprod], P, [1.0, 20.0 + 600.0, 0.0], second=[10.0 + 300.0, 310.0 + 200.0, 200.0]),
    *of([np.cumprod], np.array([[2.0, 0.0], [0.0, 3.0]]), [[1.0, 10.0 + 3000.0], [200.0, 0.0]], note=" axis", axis=0),
    numbers(lambda x: math.prod(x), P, [0.0, 6.0, 0.0], note="math.prod"),
]
PRODUCTS += of([np.cumulative_prod], P, [1.0, 20.0 + 600.0, 0.0])

REMAINDERS = [
    numbers(lambda x: np.mod(x, 2.0), -7.5, 1.0, 0.0, note="mod by x"),
    numbers(lambda y: np.mod(-7.5, y), 2.0, 4.0, note="mod by y"),
    numbers(lambda y: -7.5 % y, 2.0, 4.0, note="% by y"),
    numbers(lambda y: np.remainder(-7.5, y), 2.0, 4.0, note="remainder by y"),
    numbers(lambda x: np.fmod(x, 2.0), -7.5, 1.0, note="fmod by x"),
    numbers(lambda y: np.fmod(-7.5, y), 2.0, 3.0, note="fmod by y"),
    numbers(lambda y: math.fmod(-7.5, y), 2.0, 3.0, note="math.fmod by y"),
    numbers(lambda y: np.sum(np.mod(np.array([7.5, -7.5]), y)), np.array([2.0, 2.0]), [-3.0, 4.0], note="mod by y"),
    numbers(lambda y: divmod(-7.5, y)[1], 2.0, 4.0, note="divmod"),
]

N = np.array([1.0, nan, 3.0])
NOT_NUMBERS = [
    *of([np.nan_to_num], np.array([1.0, nan, inf, -inf]), [1.0, 0.0, 0.0, 0.0], np.zeros(4)),
    *of([np.nansum], N, [1.0, 0.0, 1.0], Z3),
    *of([np.nanmean], N, [0.5, 0.0, 0.5], Z3),
    *of([np.nanprod], N, [3.0, 0.0, 1.0], [1.0, 0.0, 1.0]),
    *of([np.nanmax], N, [0.0, 0.0, 1.0], Z3),
    *of([np.nanmin], N, [1.0, 0.0, 0.0], Z3),
    *of([np.nanvar], N, [-1.0, 0.0, 1.0], Z3),
    *of([np.nanstd], N, [-0.5, 0.0, 0.5], Z3),
    *of([np.nancumsum], N, [111.0, 0.0, 100.0], Z3),
    *of([np.nancumprod], N, [1.0 + 10.0 + 300.0, 0.0, 100.0], [100.0, 0.0, 100.0]),
    *of([np.nansum], np.array([[1.0, nan], [nan, 4.0]]), [[1.0, 0.0], [0.0, 10.0]], note=" axis", axis=0),
    numbers(lambda x: np.logaddexp(x, x), -inf, 0.0, note="logaddexp"),
    numbers(lambda x: np.sum(np.logaddexp(x, np.array([-inf, 1.0]))), np.array([-inf, 1.0]), [0.0, 0.5],
            note="logaddexp"),
    numbers(lambda x: np.logaddexp.reduce(x), np.array([-inf, -inf]), [0.0, 0.0], note="logsumexp of nothing"),
    numbers(lambda x: np.logaddexp.reduce(x), np.array([-inf, 2.0]), [0.0, 1.0], note="logsumexp, one"),
]  # fmt: skip

B = np.array([-1.0, 0.0, 2.0])
OUTSIDE = np.array([-1.0, 2.0])
CHOICES = [
    numbers(lambda x: np.sum(np.where(x > 0, np.log(x), 0)), OUTSIDE, [0.0, 0.5], [0.0, -0.25], note="log"),
    numbers(lambda x: np.sum(np.where(x > 0, np.log(x), 0)), B, [0.0, 0.0, 0.5], [0.0, 0.0, -0.25], "log at 0"),
    numbers(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0)), B, [0.0, 0.0, 0.5 / 2**0.5], note="sqrt at 0"),
    numbers(lambda x: np.sum(np.where(x != 0, 1 / x, 0)), B, [-1.0, 0.0, -0.25], note="quotient at 0"),
    numbers(lambda x: np.sum(np.where(np.array([[True], [False]]), x, 2 * x)), B, [3.0, 3.0, 3.0], note="broadcast"),
    numbers(lambda x: np.log(x) if x > 0 else 0.0, -1.0, 0.0, note="if"),
    numbers(lambda x: np.sum(x[np.array([0, 2, 2])] * W4[:3]), B, [1.0, 0.0, 110.0], note="read twice"),
]


# NumPy divides by a zero of Python's without raising, and so do derivatives.
WITHOUT_RAISING = [
    numbers(lambda x: np.log(x) * x, 0.0, nan, note="log"),
    numbers(lambda x: np.log(x), 0.0, inf, note="log alone"),
    numbers(lambda x: np.log1p(x), -1.0, inf, note="log1p"),
    numbers(lambda x: np.sin(x) / x * x, 0.0, nan, note="quotient"),
    numbers(lambda x: np.exp(x) / x**2, 0.0, nan, note="quotient of a power"),
    numbers(lambda x: np.arctanh(x) * 2.0, 1.0, inf, note="arctanh"),
    numbers(lambda x: np.where(x == 0, 3 * x, np.sin(x) / x), 0.0, 3.0, note="quotient that is not taken"),
    numbers(lambda x: np.where(x > 0, np.log(x), 3 * x), 0.0, 3.0, note="log that is not taken"),
]


def written_twice(x: Any) -> Any:
    y = np.zeros(3)
    y[np.array([1, 1, 2])] = x
    return np.sum(y * W4[:3])


def added_twice(x: Any) -> Any:
    y = np.zeros(3)
    np.add.at(y, np.array([1, 1, 2]), x)
    return np.sum(y * W4[:3])


INDICES = [
    numbers(written_twice, B, [0.0, 10.0, 100.0], note="write: the last one"),
    numbers(added_twice, B, [10.0, 10.0, 100.0], note="add.at: both"),
]

D = np.diag([2.0, 2.0, 5.0])
MATRICES = [
    numbers(lambda a: np.linalg.det(a), np.array([[1.0, 2.0], [2.0, 4.0]]), [[4.0, -2.0], [-2.0, 1.0]],
            [[1.0, -1.0], [-1.0, 1.0]], note="det"),
    numbers(lambda a: np.linalg.det(a), np.diag([2.0, 3.0, 0.0]), np.diag([0.0, 0.0, 6.0]), note="det, rank two"),
    numbers(lambda a: np.linalg.det(a), np.zeros((3, 3)), np.zeros((3, 3)), note="det of zeros"),
    numbers(lambda a: np.sum(np.linalg.eigvalsh(a)), D, np.eye(3), note="eigvalsh degenerate"),
    numbers(lambda a: np.sum(np.linalg.eigh(a)[0] ** 2), D, 2 * D, note="eigh degenerate"),
    numbers(lambda a: np.sum(np.linalg.svd(a)[1] ** 2), D, 2 * D, note="svd degenerate"),
    numbers(lambda a: np.sum(np.linalg.svd(a, compute_uv=False)), D, np.eye(3), note="singular values degenerate"),
    numbers(lambda a: np.sum(np.linalg.cholesky(a)), np.array([[4.0, 2.0], [2.0, 5.0]]),
            [[0.1875, 0.125], [0.125, 0.25]], note="cholesky symmetrised"),
    numbers(lambda a: np.sum(np.linalg.eigvalsh(a) * np.array([1.0, 3.0])), np.array([[2.0, 1.0], [1.0, 2.0]]),
            [[2.0, 1.0], [1.0, 2.0]], note="eigvalsh symmetrised"),
]  # fmt: skip


A = np.arange(6.0).reshape(2, 3)
R12 = np.arange(12.0)
TWICE, PAIR = np.array([1, 2]), np.array([1.0, 2.0])

# What another package for NumPy is known to get wrong, here by value.
KNOWN = [
    numbers(lambda x: np.sum(np.repeat(x, 2, axis=-1) * R12.reshape(2, 6)), A, [[1, 5, 9], [13, 17, 21]],
            note="repeat"),
    numbers(lambda x: np.sum(np.repeat(x, TWICE, axis=0) * R12[:9].reshape(3, 3)), A, [[0, 1, 2], [9, 11, 13]],
            note="repeat by an array"),
    numbers(lambda x: np.sum(np.tile(x, 2) * R12.reshape(2, 6)), A, [[3, 5, 7], [15, 17, 19]], note="tile, fewer reps"),
    numbers(lambda x: np.sum(np.linalg.norm(x, axis=1, keepdims=True) * W4[:2, None]), np.array([[3.0, 4], [0, 2]]),
            [[0.6, 0.8], [0.0, 10.0]], note="norm, axis and keepdims"),
    numbers(lambda x: np.sum(np.where(np.array([[True], [False]]), x, 1.0) * A), np.ones(3), [0, 1, 2],
            note="where, broadcast condition"),
    numbers(lambda x: np.sum(np.diag(x) * W4[:2]), A, [[1, 0, 0], [0, 10, 0]], note="diag, not square"),
    numbers(lambda x: np.sum(np.transpose(x, (-1, 0, -2)) * R12.reshape(3, 2, 2)), np.zeros((2, 2, 3)),
            R12.reshape(3, 2, 2).transpose(1, 2, 0), note="transpose, negative axes"),
    numbers(lambda x: np.sum(np.outer(x, PAIR) * R12[:8].reshape(4, 2)), ZZ, [[2, 8], [14, 20]],
            note="outer of a matrix"),
    numbers(lambda x: np.sum(np.full((2, 3), x) * A), np.zeros(3), [3, 5, 7], note="full of an array"),
    numbers(lambda x: np.sum(np.full_like(A, x) * A), np.zeros(3), [3, 5, 7], note="full_like"),
    numbers(lambda x: np.sum(np.roll(x, (1, 2), axis=(0, 1)) * A), A, np.roll(A, (-1, -2), (0, 1)), note="roll, tuple"),
    numbers(lambda x: np.sum(np.rot90(x, 1, axes=(1, 0)) * R12[:6].reshape(3, 2)), A, [[1, 3, 5], [0, 2, 4]],
            note="rot90, axes"),
    numbers(lambda x: np.sum(np.diff(np.ones(3), prepend=x) * W4[:3]), 0.5, -1.0, note="diff, prepend"),
    numbers(lambda x: np.sum(np.diff(x, prepend=0.5) * W4[:3]), Z3, [1 - 10, 10 - 100, 100], note="diff, prepend"),
    numbers(lambda x: np.sum(np.gradient(x, 0.5) * W4[:3]), Z3, [-2 - 10, 2 - 200, 10 + 200], note="gradient, spacing"),
    numbers(lambda h: np.sum(np.gradient(np.array([0.0, 1.0, 4.0]), h) * W4[:3]), 0.5, -4.0 * (1 + 20 + 300),
            note="gradient by its spacing"),
    numbers(lambda x: np.sum(np.linspace(x, 1.0, 4, endpoint=False) * W4), 0.0, 1 + 7.5 + 50 + 250, note="linspace"),
    numbers(lambda x: np.sum(np.trace(x, axis1=2, axis2=0) * W4[:2]), np.zeros((2, 2, 2)),
            np.array([[[1, 0], [10, 0]], [[0, 1], [0, 10]]]), note="trace, axes"),
    numbers(lambda x: np.sum(np.concatenate([x, 2 * x[0]], axis=None) * np.arange(9.0)), A,
            [[0 + 12, 1 + 14, 2 + 16], [3, 4, 5]], note="concatenate, axis None"),
    numbers(lambda x: np.sum(np.broadcast_to(x, (4, 2, 3)) * np.arange(24.0).reshape(4, 2, 3)), np.zeros((2, 1)),
            [[3 * (0 + 6 + 12 + 18) + 12], [3 * (3 + 9 + 15 + 21) + 12]], note="broadcast_to, new axes"),
    numbers(lambda x: np.sum(np.einsum("ii->i", x) * W4[:2]), ZZ, [[1, 0], [0, 10]], note="einsum ii->i"),
    numbers(lambda x: np.sum(np.real(np.fft.rfft(x)) * W4[:2]), Z3, [11, 1 - 5, 1 - 5], note="rfft, odd n"),
    numbers(lambda x: np.sum(np.fft.irfft(x, 5) * np.array([1.0, 0, 0, 0, 0])), Z3, [0.2, 0.4, 0.4],
            note="irfft, odd n"),
    numbers(lambda x: np.sum(np.fft.hfft(x, 3) * np.array([1.0, 0, 0])), Z3[:2], [1, 2], note="hfft, odd n"),
    *[numbers(lambda x, m=m: np.sum(np.pad(x, (2, 1), mode=m) * np.arange(6.0)), np.array([3.0, 1.0, 2.0]), e, note=m)
      for m, e in {"constant": [2, 3, 4], "edge": [0 + 1 + 2, 3, 4 + 5], "reflect": [2, 1 + 3 + 5, 0 + 4],
                   "symmetric": [1 + 2, 0 + 3, 4 + 5], "wrap": [2 + 5, 0 + 3, 1 + 4], "maximum": [0 + 1 + 2 + 5, 3, 4],
                   "minimum": [2, 0 + 1 + 3 + 5, 4], "median": [2, 3, 4 + 0 + 1 + 5], "mean": [4, 5, 6],
                   "linear_ramp": [2 + 0.5, 3, 4]}.items()],
]  # fmt: skip

CASES = [
    *AT_ZERO,
    *TIES,
    *CLIP,
    *ORDER,
    *POWERS,
    *PRODUCTS,
    *REMAINDERS,
    *NOT_NUMBERS,
    *CHOICES,
    *WITHOUT_RAISING,
    *INDICES,
    *MATRICES,
    *KNOWN,
]


def named(cases: list[Case]) -> list[Any]:
    return [pytest.param(case, way, id=f"{way}-{case.note}-{np.shape(case.x)}") for case in cases for way in case.ways]


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with np.errstate(all="ignore"):
        yield


@pytest.fixture
def going(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Switches to a way, and gives a function that no other way has seen."""

    def go(way: str, f: Any) -> Any:
        if way == "recorded":
            monkeypatch.setattr(Transformed, "generate", refuse)
        else:
            monkeypatch.setenv("S2SAD_RECORD", "0")
        return types.FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, f.__closure__)

    return go


@pytest.mark.parametrize("case, way", named(CASES))
def test_gradient(case: Case, way: str, going: Any) -> None:
    kept = np.copy(case.x)
    g = s2sad.grad(going(way, case.f))(case.x)
    np.testing.assert_allclose(g, case.expected, rtol=1e-13, atol=1e-13)
    assert type(g) is type(case.x)
    np.testing.assert_array_equal(case.x, kept)


@pytest.mark.parametrize("case, way", named([case for case in CASES if isinstance(case.x, np.ndarray)]))
def test_gradient_by_a_list_of_numbers(case: Case, way: str, going: Any) -> None:
    f = going(way, case.f)

    def of_list(items: Any) -> Any:
        return f(np.array(items))

    g = s2sad.grad(of_list)(case.x.tolist())
    np.testing.assert_allclose(np.array(g), case.expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("case, way", named(CASES))
def test_tangent(case: Case, way: str, going: Any) -> None:
    direction = np.arange(1.0, np.size(case.x) + 1).reshape(np.shape(case.x))
    direction = direction if isinstance(case.x, np.ndarray) else float(direction)
    y_dot = s2sad.jvp(going(way, case.f), (case.x,), (direction,))[1]
    np.testing.assert_allclose(y_dot, np.sum(np.multiply(case.expected, direction)), rtol=1e-13, atol=1e-12)


@pytest.mark.parametrize("case, way", named([case for case in CASES if case.second is not None]))
def test_second_derivative(case: Case, way: str, going: Any) -> None:
    ones = np.ones_like(case.x) if isinstance(case.x, np.ndarray) else 1.0
    got = s2sad.hvp(going(way, case.f))((case.x,), (ones,))
    np.testing.assert_allclose(got, case.second, rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------- conventions of kinds and structures

BOTH = pytest.mark.parametrize("way", ["compiled", "recorded"])


@BOTH
def test_kinds_are_those_of_the_argument(way: str, going: Any) -> None:
    grad = s2sad.grad(going(way, lambda x: np.sum(np.sin(x) * 2.0)))
    assert grad(np.ones(2, np.float32)).dtype == np.float32
    assert type(grad(0.5)) is float
    assert grad(np.array(0.5)).shape == ()
    assert grad(np.float64(0.5)).dtype == np.float64
    by_real = s2sad.grad(going(way, lambda x: np.real(np.exp(1j * x))))
    assert by_real(0.5) == pytest.approx(-np.sin(0.5))
    assert type(by_real(0.5)) is float


@BOTH
@pytest.mark.parametrize("x", [3, True, np.arange(2), np.ones(2, bool)])
def test_integers_and_booleans_have_no_gradient(x: Any, way: str, going: Any) -> None:
    with pytest.raises(TypeError, match="float"):
        s2sad.grad(going(way, lambda x: np.sum(x * 1.0)))(x)


@BOTH
def test_integers_are_constants_elsewhere(way: str, going: Any) -> None:
    g = s2sad.grad(going(way, lambda x, n: np.sum(x[:n] ** n)))(np.array([2.0, 3.0, 4.0]), 2)
    assert g.tolist() == [4.0, 6.0, 0.0]


@BOTH
def test_what_is_not_used_has_zeros_of_its_structure(way: str, going: Any) -> None:
    unused = going(way, lambda x, y: np.sum(y))
    assert s2sad.grad(unused)(np.ones((2, 2)), np.ones(2)).tolist() == ZZ.tolist()
    g = s2sad.grad(unused)({"a": 1.0, "b": [np.ones(2), 3]}, np.ones(2))
    assert g["a"] == 0.0
    assert g["b"][0].tolist() == [0.0, 0.0]
    assert g["b"][1] is None
    assert s2sad.grad(going(way, lambda x: 3.0))(1.5) == 0.0


@BOTH
def test_complex_numbers(way: str, going: Any) -> None:
    """The gradient of a real function ``u`` is ``du/dx - i du/dy``, and pullbacks do not conjugate."""
    assert s2sad.grad(going(way, lambda z: abs(z) ** 2))(3 + 4j) == pytest.approx(6 - 8j)
    assert s2sad.grad(going(way, lambda z: np.real(z * z)))(3 + 4j) == pytest.approx(6 + 8j)
    assert s2sad.grad(going(way, lambda z: np.imag(z)))(3 + 4j) == pytest.approx(-1j)
    _, pullback = s2sad.vjp(going(way, lambda z: z * z), 3 + 4j)
    assert pullback(1j)[0] == pytest.approx(1j * (6 + 8j))


@BOTH
def test_random_draws_are_constants_drawn_once(way: str, going: Any) -> None:
    rng = np.random.default_rng(5)
    value, g = s2sad.value_and_grad(going(way, lambda x: np.sum(x * rng.normal(size=3))))(np.ones(3))
    drawn = np.random.default_rng(5).normal(size=3)
    np.testing.assert_allclose(g, drawn)
    np.testing.assert_allclose(value, np.sum(drawn))
    assert rng.normal() == np.random.default_rng(5).normal(size=4)[3]
