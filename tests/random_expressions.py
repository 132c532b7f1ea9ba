"""Random expressions over numbers and arrays of all kinds: what the compiler takes for granted of them must be true.

``python -m tests.random_expressions N [SEED]`` tries N programs.  Each asks its values for their kind, dtype and rank,
so that a wrong assumption changes its result, and its gradient is compared with differences.  A third of them are
expressions of numbers, a third of arrays, and a third have statements that write into arrays and bind other names.
"""

from __future__ import annotations

import copy
import functools
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

from .expression_forms import ARRAYS, NUMBERS, OF_ARRAYS, OF_ARRAYS_TOO, OF_NUMBERS, STATEMENTS

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
    family = rng.choice(["numbers", "arrays", "statements"])
    leaves, forms = (NUMBERS, OF_NUMBERS) if family == "numbers" else (ARRAYS, [*OF_ARRAYS, *OF_ARRAYS_TOO])

    def expression(depth: int, leaves: list[str] = leaves) -> str:
        if depth == 0:
            return rng.choice(leaves)
        form = rng.choice(forms)
        return form.format(*[expression(rng.randrange(depth), leaves) for _ in range(form.count("{}"))])

    lines = ["def program(x, u, a, m, n, f, b, c):", f"    v = {expression(rng.randrange(1, 4))}"]
    if family == "statements":
        lines[1] = rng.choice([lines[1], "    v = u", "    v = a * 1.0", "    v = u * x", "    v = np.array(a)"])
        lines.append("    w = v")
        for _ in range(rng.randrange(1, 5)):
            statement = rng.choice(STATEMENTS)
            text = re.sub(r"\bE\b", lambda _: expression(rng.randrange(2), [*leaves, "v", "v", "w"]), statement)
            lines.append("    " + text.replace("; except", "\n    except"))
        return "\n".join([*lines, "    return weighted(v) + kind(v) * x + weighted(w) * 0.7 + kind(w) * m", ""])
    if rng.random() < 0.4:
        lines += [f"    if {rng.choice(['x > 0.3', 'n > 1', 'x > 0.9'])}:", f"        v = {expression(2)}"]
    return "\n".join([*lines, "    return weighted(v) + kind(v) * x", ""])


def load(text: str, seed: int) -> Callable[..., Any]:
    name = f"<expression {seed}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"np": np, "math": math, "functools": functools, "weighted": weighted, "kind": kind}
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
                y = program(**copy.deepcopy(arguments))
        except Exception:
            return "none"
        if not np.isfinite(y) or _is_half(program, arguments):
            return "none"
        gradient = s2sad.value_and_grad(program, argnums=BY)
        values = [copy.deepcopy(arguments[k]) for k in ORDER]
        try:
            value, bars = gradient(*values)
        except s2sad.UnsupportedError:
            return "refused"
        if value != y:
            return f"wrong: the value is {value}, not {y}"
        if not all(np.array_equal(x, arguments[k]) for k, x in zip(ORDER, values, strict=True)):
            return "wrong: an argument was changed"

        def along(t: float) -> Any:
            moved = {k: v + t * _direction(k, v) if k in BY else v for k, v in arguments.items()}
            return program(**copy.deepcopy(moved))

        try:
            coarse = (along(1e-5) - along(-1e-5)) / 2e-5
            after, before = (along(1e-6) - y) / 1e-6, (y - along(-1e-6)) / 1e-6
        except Exception:  # beside the point, it raises
            return "none"
        fine = (after + before) / 2
        if not max(abs(coarse - fine), abs(after - before) / 10) <= 1e-4 * (1 + abs(fine)):  # a kink, a jump, float32
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


def _is_half(program: Callable[..., Any], arguments: dict[str, Any]) -> bool:
    """Whether its values are in half precision, as those of functions of booleans are: differences see nothing then."""
    found, names = [], program.__globals__
    names["weighted"] = lambda v: found.append(getattr(v, "dtype", None)) or weighted(v)
    program(**copy.deepcopy(arguments))
    names["weighted"] = weighted
    return np.float16 in found


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
