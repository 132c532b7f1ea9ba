"""The derivative of a function of one number by differences, with an estimate of its error, and what that decides.

Central and one-sided differences at shrinking steps are extrapolated to step zero; the error is what the last
extrapolations disagree by (Ridders, *Accurate computation of F'(x) and F'(x)F''(x)*, Advances in Engineering Software
4, 1982), and at least what the noise of the values makes of it.  Differences *settle* where that error is small.
Where they settle for several ranges of steps at different numbers they decide nothing: that is a step or noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

RANGES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)  # first steps, relative to the argument
SHRINK = 1.6
ROWS = 7
EXACT = 1e-7  # relative error that is not looked into further
ROUGH = 1e-4  # relative error up to which differences have settled


class Estimate(NamedTuple):
    """A derivative, how far it may be off, and what is nothing beside the size of the function."""

    value: float
    error: float
    least: float

    def settled(self, derivative: float) -> bool:
        return self.error <= ROUGH * max(abs(self.value), abs(derivative)) + 1e3 * self.least

    def agrees(self, derivative: float) -> bool:
        slack = 4 * self.error + EXACT * max(abs(self.value), abs(derivative)) + self.least
        return abs(self.value - derivative) <= slack


def verdict(f: Callable[[float], float], x: float, derivative: float) -> tuple[str, str, float]:
    """``right``, ``wrong``, ``nan`` or ``undecided``, why, and what the differences are.

    Args:
        f: the function; it may raise, or return NaN, where it is not defined.
        x: where; derivative: what is claimed.
    """
    if math.isinf(derivative):
        return "undecided", "the derivative is infinite", math.nan
    jitter = noise(f, x)
    central = []
    for first in RANGES:
        found = estimate(f, x, first, 0, jitter)
        if found is not None and found.settled(derivative):
            if found.agrees(derivative) and found.error <= EXACT * abs(derivative) + found.least:
                return "right", "", derivative
            central.append(found)
    central.sort(key=lambda e: e.error)
    sides = [
        [e for first in RANGES if (e := estimate(f, x, first, side, jitter)) and e.settled(derivative)]
        for side in (1, -1)
    ]
    best = [min(found, key=lambda e: e.error) for found in sides if found]
    if central and central[0].agrees(derivative):
        return "right", "", derivative
    if len(best) == 2 and not math.isnan(derivative) and _between(best[0], best[1], derivative):
        return "right", "", derivative
    if len(best) == 1 and not central and best[0].agrees(derivative):  # the argument is at the end of the domain
        return "right", "", derivative
    everything = [*central, *sides[0], *sides[1]]
    if any(e.agrees(derivative) for e in everything):
        return "undecided", "some steps agree", math.nan
    if not all(len(side) > 1 and all(_same(e, side[0]) for e in side) for side in sides):
        return "undecided", "differences do not settle", math.nan
    if not all(_same(e, best[0]) or _same(e, best[1]) for e in central) and _same(*best):
        return "undecided", "differences do not settle", math.nan
    nearest = min(best, key=lambda e: abs(e.value - derivative))
    truth = nearest.value
    if math.isnan(derivative):
        return "nan", f"the derivative is no number, differences {truth!r}", truth
    return "wrong", f"derivative {derivative!r}, differences {truth!r} +- {nearest.error:.0e}", truth


def noise(f: Callable[[float], float], x: float) -> float:
    """How far values at neighbouring numbers are off a line: rounding inside ``f``, or where a solver stops."""
    bends = []
    for step in (1e-12 * (abs(x) or 1.0), -1e-12 * (abs(x) or 1.0)):  # each side alone: a kink at x is no noise
        values = [f(x + k * step) for k in range(6)]
        bends += [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return max([b for b in bends if math.isfinite(b)], default=0.0)


def estimate(f: Callable[[float], float], x: float, first: float, side: int, jitter: float = 0.0) -> Estimate | None:
    """Central (``side`` 0) or one-sided differences from a first relative step on; None where ``f`` is not defined."""
    h = first * (abs(x) or 1.0)
    order = 2 if side == 0 else 1
    here = f(x)
    size = abs(here)
    rows: list[list[float]] = []
    best: tuple[float, float] | None = None
    for _ in range(ROWS):
        up, down = (x + h, x - h) if side == 0 else (x + side * h, x)
        high, low = f(up), here if down == x else f(down)
        if not (math.isfinite(high) and math.isfinite(low)):
            return None
        size = max(size, abs(high), abs(low))
        row = [(high - low) / (up - down)]
        for k, above in enumerate(rows[-1] if rows else []):
            factor = SHRINK ** (order + k * (2 if side == 0 else 1))
            row.append((factor * row[k] - above) / (factor - 1))
            # the two neighbours in the table that this number was made of
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - above), (4e-16 * size + jitter) / h)
            if best is None or error < best[1]:
                best = row[-1], error
        rows.append(row)
        h /= SHRINK
    assert best is not None
    return Estimate(*best, least=1e-13 * size / (abs(x) or 1.0))


def _between(a: Estimate, b: Estimate, derivative: float) -> bool:
    """At a kink: the derivative of one side, or anything between."""
    if a.agrees(derivative) or b.agrees(derivative):
        return not _same(a, b)
    return not _same(a, b) and min(a.value, b.value) <= derivative <= max(a.value, b.value)


def _same(a: Estimate, b: Estimate) -> bool:
    return abs(a.value - b.value) <= 10 * (a.error + b.error) + 1e-3 * max(abs(a.value), abs(b.value)) + a.least
