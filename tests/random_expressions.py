"""Random expressions over numbers and arrays of all kinds: what the compiler takes for granted of them must be true.

``python -m tests.random_expressions N [SEED]`` tries N programs.  Each asks its values for their kind, dtype and rank,
so that a wrong assumption changes its result, and its gradient is compared with differences.
"""

from __future__ import annotations

import linecache
import math
import random
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import s2sad

NUMBERS = [
    "x", "n", "u[0]", "u", "m", "2", "0.5", "-1.5", "True", "x > 0.3", "u[1:n]", "len(u)", "np.float64(0.5)", "[x, n]",
    "[u[0]]", "[x][:n]", "u[n - 1:]", "np.int64(n)", "int(x)", "1j",
]  # fmt: skip
OF_NUMBERS = [
    "({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} ** {})", "({} // {})", "({} % {})", "round({})",
    "round({}, 1)", "abs({})", "min({}, {})", "max({}, {})", "sum({})", "max({})", "float({})", "int({})", "np.sum({})",
    "np.sin({})", "np.max({})", "math.exp({})", "({} if {} else {})", "({} and {})", "({} or {})", "divmod({}, {})[0]",
    "np.where({}, {}, {})", "np.square({})", "({}).real", "-({})", "math.floor({})", "np.floor({})", "np.asarray({})",
    "sum([{} for i in range(n - 1)])", "np.mean({})", "np.array({})[()]", "np.dot({}, {})", "pow({}, {})",
    "math.prod({})", "np.clip({}, 0.1, {})", "(not {})", "({} == {})", "({} & {})", "({}).imag", "({}).item()",
    "math.hypot({}, {})", "np.hypot({}, {})", "np.abs({})", "({})[0]", "({})[-1:]", "sum({}, {})",
]  # fmt: skip
ARRAYS = [
    "x", "u", "a", "f", "n", "u[1:]", "a[0]", "a[:, :1]", "a.T", "b", "c", "u[None, :]", "u[:, None]", "2.0", "1j",
    "np.float32(1.5)", "u[:1]", "a[u > 0.3]", "np.ones(3)", "np.arange(3)", "u.astype(np.float32)", "a.sum(axis=0)",
    "a.sum(axis=1, keepdims=True)", "u[::-1]", "a[..., 0]", "np.zeros((0, 3))", "u.reshape(-1, 1)", "np.eye(3)",
]  # fmt: skip
OF_ARRAYS = [
    "({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} @ {})", "({} ** 2)", "({} ** 0.5)", "({} ** n)",
    *(f"np.{f}({{}})" for f in (
        "sin", "exp", "tanh", "real", "imag", "conj", "abs", "sqrt", "negative", "arctan", "ravel", "squeeze",
        "transpose", "atleast_2d", "diff", "cumsum", "flip", "array", "copy", "ones_like", "zeros_like", "sign",
        "nan_to_num", "diag", "triu", "sort", "angle", "cumprod", "trace", "ptp", "vander", "trapezoid", "gradient",
    )),
    *(f"np.{f}({{}}, axis={axis})" for f in ("sum", "mean", "max", "prod", "std", "var", "median", "linalg.norm")
      for axis in (0, -1, None)),
    *(f"np.{f}({{}}, {{}})" for f in (
        "maximum", "dot", "outer", "inner", "hypot", "arctan2", "kron", "multiply", "matmul", "fmax", "logaddexp",
        "copysign", "append", "convolve", "vdot", "cross", "mod", "polyval", "tile", "quantile",
    )),
    "np.where({} > {}, {}, {})", "np.concatenate([{}, {}], axis=0)", "np.concatenate([{}, {}], axis=-1)",
    "np.stack([{}, {}])", "np.tensordot({}, {}, 1)", "np.broadcast_to({}, (2, 3, 3))", "np.repeat({}, 2, axis=-1)",
    "({})[0]", "({})[-1]", "({})[1:]", "({})[..., 0]", "({})[None]", "({})[::2]", "({})[[0, 0]]", "({}).T",
    "({}).sum()", "({}).reshape(-1)", "({}).astype(float)", "({}).max()", "({}).dot(u)", "({}).item()",
    "np.swapaxes({}, 0, -1)", "np.expand_dims({}, 0)", "np.clip({}, 0.1, {})", "np.roll({}, 1)", "np.pad({}, 1)",
    "np.take({}, [0, 0])", "np.einsum('i,j->ij', {}, {})", "np.hstack([{}, {}])", "np.array([{}, {}])",
    "np.average({}, weights={})", "np.select([{} > 0.3], [{}], 0.5)", "np.full((2, 3), {})", "np.split({}, 1)[0]",
]  # fmt: skip

ARGUMENTS = [
    {
        "x": 0.7, "u": np.array([0.35, -0.62, 0.91]), "m": 0.2, "n": 3,
        "a": np.array([[0.3, 1.2, -0.4], [0.8, -0.5, 0.6], [1.1, 0.25, -0.9]]),
        "f": np.array([0.5, -0.25, 1.5], np.float32), "b": np.array([True, False, True]),
        "c": np.array([1 + 2j, 0.5 - 1j, 0.25j]),
    },
    {
        "x": -0.4, "u": np.array([0.3, 1.6]), "m": -2.0, "n": 1, "a": np.array([[0.45, 1.2]]),
        "f": np.array([0.5], np.float32), "b": np.array([False]), "c": np.array([1 + 2j]),
    },
]  # fmt: skip
BY = ("x", "u", "a", "m")
ORDER = (*BY, "n", "f", "b", "c")
DIRECTION = {"x": 0.37, "u": np.array([0.4, -0.3, 0.2]), "a": np.cos(np.arange(9.0)).reshape(3, 3), "m": -0.6}


def weighted(v: Any) -> Any:
    """A real number that depends on every element."""
    weights = np.cos(np.arange(np.size(v)) + 1.0).reshape(np.shape(v))
    return np.sum(np.real(v) * weights) + 0.3 * np.sum(np.imag(v) * weights)


def kind(v: Any) -> float:
    """What the compiler may decide when it compiles."""
    if isinstance(v, np.ndarray):
        return 10.0 + v.ndim + (0.1 if v.dtype == np.float64 else 0.2 if v.dtype == np.float32 else 0.3)
    if type(v) is float:
        return 1.0
    if type(v) is int:
        return 2.0
    return 3.0 if isinstance(v, np.float64) else 4.0 if isinstance(v, complex) else 5.0


def write(seed: int) -> str:
    """The text of a program."""
    rng = random.Random(seed)
    leaves, forms = (NUMBERS, OF_NUMBERS) if rng.random() < 0.5 else (ARRAYS, OF_ARRAYS)

    def expression(depth: int) -> str:
        if depth == 0:
            return rng.choice(leaves)
        form = rng.choice(forms)
        return form.format(*[expression(rng.randrange(depth)) for _ in range(form.count("{}"))])

    lines = ["def program(x, u, a, m, n, f, b, c):", f"    v = {expression(rng.randrange(1, 4))}"]
    if rng.random() < 0.4:
        lines += [f"    if {rng.choice(['x > 0.3', 'n > 1', 'x > 0.9'])}:", f"        v = {expression(2)}"]
    return "\n".join([*lines, "    return weighted(v) + kind(v) * x", ""])


def load(text: str, seed: int) -> Callable[..., Any]:
    name = f"<expression {seed}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"np": np, "math": math, "weighted": weighted, "kind": kind}
    exec(compile(text, name, "exec"), namespace)
    return namespace["program"]


def verdict(program: Callable[..., Any], arguments: dict[str, Any], single: bool) -> str:
    """``right``, ``refused``, ``wrong``; ``none`` where the program raises, or has no derivative there.

    single: some of it is in single precision.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            with np.errstate(invalid="raise", divide="raise"):  # NaN and infinity times 0 are NaN
                y = program(**arguments)
        except Exception:
            return "none"
        gradient = s2sad.value_and_grad(program, argnums=BY)
        values = [arguments[k] for k in ORDER]
        try:
            value, bars = gradient(*values)
        except s2sad.UnsupportedError:
            return "refused"
        if value != y:
            return f"wrong: the value is {value}, not {y}"

        def along(t: float) -> Any:
            return program(**{k: v + t * _direction(k, v) if k in BY else v for k, v in arguments.items()})

        try:
            near = {h: (along(h), along(-h)) for h in (1e-5, 1e-6)}
            coarse, fine = ((after - before) / (2 * h) for h, (after, before) in near.items())
            jump = sum(near[1e-6]) / 2 - y
        except Exception:  # beside the point, it raises
            return "none"
        if not max(abs(coarse - fine), abs(jump)) <= 1e-4 * (1 + abs(fine)):  # a kink, or single precision
            return "none"
        dots = tuple(_direction(k, v) if k in BY else None for k, v in zip(ORDER, values, strict=True))
        try:
            pushed_value, pushed = s2sad.jvp(program, tuple(values), dots)
        except s2sad.UnsupportedError:
            return "refused"
        if np.isnan(pushed):  # 0 times an infinite slope
            return "none"
        ours = sum(np.sum(bar * _direction(k, arguments[k])) for k, bar in zip(BY, bars, strict=True))
        tolerance = (5e-2 if single else 1e-3) * (1 + abs(fine))
        if not abs(ours - fine) <= tolerance:
            return f"wrong: {ours}, not {fine}"
        return (
            "right" if pushed_value == y and abs(pushed - fine) <= tolerance else f"wrong: forward {pushed}, not {fine}"
        )


def _direction(name: str, value: Any) -> Any:
    d = DIRECTION[name]
    return d if np.ndim(value) == 0 else d[tuple(slice(n) for n in np.shape(value))]


def outcomes(seed: int) -> list[tuple[str, str]]:
    """The verdicts on a program, with its text; it must be Python."""
    text = write(seed)
    try:
        program = load(text, seed)
    except SyntaxError:
        return []
    single = "float32" in text or re.search(r"\bf\b", text.partition("\n")[2]) is not None
    return [(verdict(program, a, single), text) for a in ARGUMENTS]


def main(count: int, seed: int) -> int:
    found: Counter[str] = Counter()
    for k in range(seed, seed + count):
        try:
            verdicts = outcomes(k)
        except Exception as error:
            verdicts = [(f"crashed: {type(error).__name__}: {error}", write(k))]
        for said, text in verdicts:
            found[said.partition(":")[0]] += 1
            if said.startswith(("wrong", "crashed")):
                print(f"--- {k}: {said}\n{text}", flush=True)
    print(dict(found))
    return int(found["wrong"] + found["crashed"] > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**9)))
