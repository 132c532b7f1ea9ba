"""Tries the functions of a package one by one: functions and calls go in, verdicts, counts and a table come out."""

from __future__ import annotations

import collections
import contextlib
import copy
import functools
import inspect
import io
import random
import re
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import s2sad
from s2sad.compiled import Transformed
from s2sad.trees import filled, leaves

from .calls import Call, calls
from .differences import verdict

ENTRIES = 8  # most entries of one argument that are compared
ORDER = ("crashed", "wrong", "nan", "slow", "refused", "undecided", "right", "flat")  # worst first
BAD = ("crashed", "wrong")
SHOWN = (*BAD, "nan", "slow")  # with a line each


class Verdict(NamedTuple):
    """What came of a function: the kind, a line that says why, and how it was differentiated."""

    kind: str
    why: str = ""
    way: str = ""
    why_recorded: str = ""


class Slow(BaseException):
    """The time is over (no Exception, as functions catch those)."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `Slow` in the body after some seconds, and again and again if it is caught."""

    def stop(*_: Any) -> None:
        raise Slow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def tried(name: str, f: Callable, rng: random.Random, seconds: float) -> Verdict | None:
    """The verdict on a function, or None if no example calls it with floats and gets floats."""
    verdicts = []
    try:
        with limited(seconds):
            found = calls(name, f)
    except Slow:
        return None
    for call in found:
        try:
            with limited(seconds), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                one = judged(f, call, rng)
        except Slow:
            one = Verdict("slow", f"took longer than {seconds:g} s")
        if one is not None:
            verdicts.append(one)
    return min(verdicts, key=lambda v: ORDER.index(v.kind), default=None)


def judged(f: Callable, call: Call, rng: random.Random) -> Verdict | None:
    """The verdict on one call."""
    try:
        value = _primal(f, call)  # the example may have called another function of this name
    except Exception:
        return None
    places = _float_arguments(f, call)
    if not places or not _plain(value) or not any(leaves(value)) or any(np.iscomplexobj(y) for _, y in leaves(value)):
        return None
    weights = 1.0 if isinstance(value, float) else filled(value, [np.ones_like(y) * 1.0 for _, y in leaves(value)])
    scalar = isinstance(value, float)
    transformed = Transformed(f, "value_and_grad" if scalar else "vjp", tuple(places))

    def differentiated(at: Call) -> tuple[Any, Any]:
        args, kwargs = copy.deepcopy(at)
        found, bars = transformed.once(args, kwargs)
        return found, bars if scalar else bars(weights)

    def slope(name: str, k: int, entry: tuple[int, ...], t: float) -> float:
        """One entry of the gradient where that entry of the arguments is ``t``."""
        _, bars = differentiated(moved(f, call, name, k, entry, t))
        found = dict(zip(places, bars, strict=True))[name]
        return float(np.asarray([g for _, g in leaves(found)][k])[entry])

    try:
        got, bars = differentiated(call)
    except (s2sad.Error, s2sad.UnsupportedError) as error:
        return Verdict("refused", _reason(error))
    except Exception as error:
        return Verdict("crashed", f"{type(error).__name__}: {_one_line(error)}")
    if not _equal(got, value):
        return Verdict("wrong", f"value {_one_line(got)} and not {_one_line(value)}")
    kind, why = _compared(f, call, places, bars, weights, slope, rng)
    assert transformed._last is not None
    program = transformed._last.program
    reason = getattr(program, "reason", None)
    return Verdict(kind, why, type(program).__name__, _reason(reason) if reason else "")


def _compared(f: Callable, call: Call, places: dict[str, Any], bars: Any, weights: Any, slope: Callable,
              rng: random.Random) -> tuple[str, str]:  # fmt: skip
    """The worst verdict on the entries of a gradient."""
    worst, flat = ("flat", ""), True
    for (name, x), bar in zip(places.items(), bars, strict=True):
        for k, ((path, leaf), (_, g)) in enumerate(zip(leaves(x), leaves(bar), strict=True)):
            entries = list(np.ndindex(np.shape(leaf)))
            for entry in rng.sample(entries, min(ENTRIES, len(entries))):
                claimed = float(np.asarray(g)[entry])
                flat = flat and claimed == 0.0
                along = _along(f, call, name, k, entry, weights)
                at = float(np.asarray(leaf)[entry])
                kind, why, truth = verdict(along, at, claimed)
                near = functools.partial(slope, name, k, entry)
                if kind in ("wrong", "undecided") and _right_around(along, at, near):
                    special = "the program treats exactly this value on its own"
                    kind, why = ("undecided", f"{special} ({why})") if kind == "wrong" else ("right", "")
                elif kind == "wrong" and _rounded(at, near, abs(claimed - truth)):
                    kind, why = "undecided", f"rounding decides the derivative ({why})"
                if ORDER.index(kind) < ORDER.index(worst[0]):
                    place = f"{name}{path}{list(entry) if entry else ''}"
                    worst = kind, f"by {place}: {why}" if why else ""
    if worst[0] == "right" and flat:
        return "flat", ""
    return worst


def _along(f: Callable, call: Call, name: str, k: int, entry: tuple[int, ...], weights: Any) -> Callable:
    """The weighted result as a function of one number of one argument; NaN where there is none."""

    def along(t: float) -> float:
        try:
            at = moved(f, call, name, k, entry, t)
            value = f(*at.args, **at.kwargs)
            pairs = zip(leaves(weights), leaves(value), strict=True)
            result = sum(np.sum(w * y) for (_, w), (_, y) in pairs)
            return float("nan") if np.iscomplexobj(result) else float(result)
        except Exception:
            return float("nan")

    return along


def moved(f: Callable, call: Call, name: str, k: int, entry: tuple[int, ...], t: float) -> Call:
    """The call with another number at one entry of the leaf number ``k`` of an argument."""
    bound = copy.deepcopy(inspect.signature(f).bind(*call.args, **call.kwargs))
    found = [leaf for _, leaf in leaves(bound.arguments[name])]
    if isinstance(found[k], np.ndarray):
        found[k][entry] = t
    else:
        found[k] = type(found[k])(t)
        bound.arguments[name] = filled(bound.arguments[name], found, keep=True)
    return Call(bound.args, bound.kwargs)


def _right_around(f: Callable[[float], float], x: float, slope: Callable[[float], float]) -> bool:
    """Whether the derivative is right a little to the left and a little to the right of ``x``.

    Where differences decide nothing at ``x`` (the step of a table, the end of a formula's range), it is the neighbours
    that show whether the function is differentiated rightly.  Where they contradict, the program has a branch of its
    own for exactly ``x``, such as ``if a == b: return a`` before a formula that divides by ``a - b``: the derivative of
    the branch that is taken is what the program says, and differences do not see it.
    """
    for side in (1, -1):
        near = x + side * 1e-3 * (abs(x) or 1.0)
        try:
            if verdict(f, near, slope(near))[0] != "right":
                return False
        except Exception:
            return False
    return True


def _rounded(x: float, slope: Callable[[float], float], off: float) -> bool:
    """Whether the derivative varies by what it is off from one floating-point number to the next: cancellation."""
    try:
        others = [slope(x * (1 + k * 1e-12)) for k in range(-8, 9)]
    except Exception:
        return False
    return max(others) - min(others) > 0.5 * off


def _float_arguments(f: Callable, call: Call) -> dict[str, Any]:
    """The arguments that can be differentiated by, by the name of the parameter."""
    signature = inspect.signature(f)
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    bound = signature.bind(*call.args, **call.kwargs).arguments
    return {
        name: x for name, x in bound.items()
        if signature.parameters[name].kind not in several and _numeric(x) and any(leaves(x))
    }  # fmt: skip


def _numeric(x: Any) -> bool:
    """Whether x is a real float, an array of them, or a list or tuple (of lists) of them."""
    if isinstance(x, (list, tuple)):
        return all(_numeric(e) or e is None for e in x)
    return isinstance(x, float) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f")


def _plain(y: Any) -> bool:
    """Whether a result is made of numbers and arrays in tuples, lists and dicts, with text and None between them."""
    if isinstance(y, (list, tuple)):
        return all(map(_plain, y))
    if isinstance(y, dict):
        return all(map(_plain, y.values()))
    return y is None or isinstance(y, (bool, int, float, complex, str, np.generic, np.ndarray))


def _primal(f: Callable, call: Call) -> Any:
    args, kwargs = copy.deepcopy(call)
    return f(*args, **kwargs)


def _equal(a: Any, b: Any) -> bool:
    pairs = list(zip(leaves(a), leaves(b), strict=False))
    same = len(list(leaves(a))) == len(list(leaves(b)))
    return same and all(np.allclose(x, y, rtol=1e-12, atol=0.0, equal_nan=True) for (_, x), (_, y) in pairs)


def _reason(error: BaseException) -> str:
    """The first reason of a refusal; what is particular to the function is left out."""
    reasons = getattr(error, "reasons", [])
    text = reasons[0][1] if reasons else str(error)
    return f"{type(error).__name__}: {' '.join(text.split())[:110]}"


def _group(reason: str) -> str:
    return re.sub(r"'[^']*'|[\w.]+(?= has no)|\([^)]*\)|`[^`]*`|\b\w+(\.\w+)*\(\)|<[^>]*>|\d+", "*", reason)


def _one_line(x: Any) -> str:
    return " ".join(str(x).split())[:150]


class Survey:
    """Collects verdicts and prints them."""

    def __init__(self) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self.without = 0
        self.began = time.perf_counter()

    def add(self, name: str, found: Verdict | None) -> None:
        if found is None:
            self.without += 1
        else:
            self.verdicts[name] = found

    @property
    def sound(self) -> bool:
        return not any(v.kind in BAD for v in self.verdicts.values())

    def lines(self, verbose: bool = False) -> Iterator[str]:
        """The report."""
        for kind in ORDER if verbose else SHOWN:
            for name, v in sorted(self.verdicts.items()):
                if v.kind == kind and v.why:
                    yield f"{kind:9} {name}: {v.why}"
        total = len(self.verdicts)
        counted = collections.Counter(v.kind for v in self.verdicts.values())
        yield f"{total} functions with examples ({self.without} without), {time.perf_counter() - self.began:.0f} s"
        for kind in reversed(ORDER):
            yield f"{kind:10} {counted[kind]:6} {counted[kind] / max(total, 1):7.1%}"
        ways = collections.Counter(v.way for v in self.verdicts.values() if v.kind in ("right", "flat") and v.way)
        shares = ", ".join(f"{n} {way} ({n / ways.total():.1%})" for way, n in ways.most_common())
        if shares:
            yield f"of the right and flat ones: {shares}"
        yield from _counted("refused, by reason:", [v.why for v in self.verdicts.values() if v.kind == "refused"])
        yield from _counted("recorded at run time, by reason:", [v.why_recorded for v in self.verdicts.values()])


def _counted(title: str, reasons: list[str]) -> Iterator[str]:
    counts = collections.Counter(_group(r) for r in reasons if r)
    if counts:
        yield title
    for reason, n in counts.most_common():
        yield f"  {n:5} {reason}"
