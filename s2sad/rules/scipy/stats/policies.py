"""What a statistic is of samples that may be NaN, by the option ``nan_policy`` of SciPy's functions.

The policy "omit" takes each slice of one dimension by itself, without its NaN; of samples that belong together, without
the places where either has one.
"""

import inspect
import math
from typing import Any

import numpy as np

from .families import OPTION, signed


def unknown(rows, size):
    """What most statistics are of no samples, in the precision of some."""
    return np.full_like(rows, np.nan, shape=size)


def by_policy(of_none=unknown, paired=False):
    """Give a definition of a statistic the option ``nan_policy``; all its options are given by name then.

    The decorated function takes samples, and by name an ``axis`` (an integer, a tuple, or None for all), ``keepdims``
    and what else there is.

    Args:
        of_none: takes samples, for their precision, and a size; makes as many statistics of no samples.
        paired: it takes two samples that belong together, of which the second one may be None.

    Example:
        >>> @definition(stats.sem)
        ... @by_policy()
        ... def sem(a, axis=0, ddof=1, *, keepdims=False):
        ...     return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / math.sqrt(count(a, axis, False, True))
    """

    def decorate(statistic):
        first, *others = inspect.signature(statistic).parameters.values()
        default = next(p.default for p in others if p.name == "axis")

        def of_one(a, *, axis=default, nan_policy="propagate", keepdims=False, **options):
            return obeyed(statistic, of_none, nan_policy, a, None, axis, keepdims, options)

        def of_two(a, b=None, *, axis=default, nan_policy="propagate", keepdims=False, **options):
            return obeyed(statistic, of_none, nan_policy, a, b, axis, keepdims, options)

        samples = [first, others.pop(0)] if paired else [first]
        policy = inspect.Parameter("nan_policy", OPTION, default="propagate")
        rule: Any = of_two if paired else of_one
        rule.formula = statistic  # which people read
        return signed(rule, [*samples, *[p.replace(kind=OPTION) for p in others], policy])

    return decorate


def obeyed(statistic, of_none, nan_policy, a, b, axis, keepdims, options):
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    if nan_policy == "omit":
        return omitting(statistic, of_none, a, b, axis, keepdims, options)
    check(nan_policy, a)
    if b is not None:
        check(nan_policy, b)
    return of_samples(statistic, a, b, axis=axis, keepdims=keepdims, **options)


def check(nan_policy, samples):
    """Raise what SciPy raises: of NaN where the policy is "raise", and of a policy that there is not."""
    if nan_policy == "raise":
        if np.any(np.isnan(samples)):
            raise ValueError("The input contains nan values")
    elif nan_policy != "propagate" and nan_policy != "omit":
        raise ValueError("nan_policy must be one of {'propagate', 'raise', 'omit'}")


def of_samples(statistic, a, b, **options):
    return statistic(a, **options) if b is None else statistic(a, b, **options)


def omitting(statistic, of_none, a, b, axis, keepdims, options):
    if b is not None and axis is not None:
        a, b = np.broadcast_arrays(a, b)
    rows, others = in_rows(a, axis), None if b is None else in_rows(b, axis)
    rows = rows if np.issubdtype(rows.dtype, np.inexact) else np.asarray(rows, dtype=float)
    if np.ndim(rows) == 1:
        here = present(rows, others)
        found = of_part(statistic, here, rows, others, options) if np.any(here) else of_none(rows, 1)[0]
        return kept(found, a, axis, keepdims)
    shape = np.shape(rows)[:-1]
    size, n = math.prod(shape), np.shape(rows)[-1]
    rows, others = np.reshape(rows, (size, n)), None if others is None else np.reshape(others, (size, n))
    found = of_none(rows, size)
    for k in range(size):
        here = present(rows[k], None if others is None else others[k])
        if np.any(here):
            found[k] = of_part(statistic, here, rows[k], None if others is None else others[k], options)
    return kept(np.reshape(found, shape), a, axis, keepdims)


def present(a, b):
    return ~np.isnan(a) if b is None else ~(np.isnan(a) | np.isnan(b))


def of_part(statistic, here, a, b, options):
    return of_samples(statistic, a[here], None if b is None else b[here], axis=0, **options)


def in_rows(x, axis):
    """Samples along the last axis: along those of several axes, or of all."""
    x = np.atleast_1d(x)
    if np.ndim(x) == 1:
        return x
    if axis is None:
        return np.ravel(x)
    if not isinstance(axis, tuple):
        return np.moveaxis(x, axis, -1)
    x = np.moveaxis(x, axis, tuple(range(-len(axis), 0)))
    shape = np.shape(x)[: np.ndim(x) - len(axis)]
    return np.reshape(x, (*shape, math.prod(np.shape(x)[np.ndim(x) - len(axis) :])))


def kept(y, x, axis, keepdims):
    """The statistic of each slice of ``x``; with ``keepdims`` of its number of dimensions."""
    if not keepdims:
        return y
    return np.reshape(y, (1,) * np.ndim(x)) if axis is None else np.expand_dims(y, axis)
