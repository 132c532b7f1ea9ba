"""Parameters of users' functions as vectors, for rules that solve equations for cotangents."""

import functools

import numpy as np

from ...runtime import no_derivative, rebuild
from ..table import definition

NOTHING = NotImplemented


def as_tuple(args):
    """The arguments that SciPy hands to a function: a single one need not stand in a tuple."""
    return () if args is None else args if isinstance(args, tuple) else (args,)


def pack(bars, args):
    """The cotangent of what was given as ``args``, of those of the arguments."""
    return bars if isinstance(args, tuple) else bars[0] if args is not None else None


def first_of(fun):
    """A function that returns a value and its derivative, without the latter."""

    def value(x, *args):
        return fun(x, *args)[0]

    return value


def as_number(x):
    """The place that was found, which is an array of one element where a function's values are such arrays."""
    return float(np.reshape(x, ()))


def shaped(bar, value):
    """The cotangent of what a function of the user's gives: an array of one element serves as a number, too."""
    return np.reshape(bar, np.shape(value)) if np.ndim(value) else bar


def as_vector(f):
    """A system whose result may be a list, as one that returns a vector."""

    def vector(x, *args):
        return np.ravel(np.array(f(x, *args)))

    return vector


def check_found(step, x, success=None):
    """Refuse the derivative of what is no solution: where a search ended too early, it depends on each of its steps.

    Args:
        step: of Newton's, from ``x``; a solution is as near as it is short.
        success: what the search says of itself; None where it says nothing.

    Raises:
        MissingRuleError: for a step beyond the tolerance that somebody may ask of a search.
    """
    reach = 1e-2 if success is None else 0.1 if success else 1e-4
    if np.any(np.abs(step) > reach * (1 + np.abs(x))):
        raise no_derivative("a search that ends before it comes to a solution has no derivative rule")


def check_determined(matrix):
    """Refuse the derivative of what equations do not determine, whose linear part has this square matrix.

    With as many unknowns as independent equations the implicit function theorem holds; with more, the search decides
    what is found.  Independent to rounding, whatever the units: rows and columns are scaled to a largest element of 1
    before singular values are counted.  (G. H. Golub, C. F. Van Loan, "Matrix computations", 2013, 3.5.2 and 5.4.1.)

    Raises:
        MissingRuleError: for a singular matrix.
    """
    if np.size(matrix) == 0 or not np.all(np.isfinite(matrix)):
        return
    rows = np.max(np.abs(matrix), axis=1, keepdims=True)
    scaled = matrix / np.where(rows > 0, rows, 1.0)
    columns = np.max(np.abs(scaled), axis=0)
    scaled = scaled / np.where(columns > 0, columns, 1.0)
    if np.linalg.matrix_rank(scaled) < len(matrix):
        raise no_derivative("a solution that is not the only one near it has no derivative rule: the search chose it")


def check_unread(bars, what):
    """Refuse the derivative of what is told of how a result was found: only the result itself has one."""
    for name, bar in ((k, x) for part in bars for k, x in (part or {}).items()):
        if is_read(bar):
            raise no_derivative(f"of what {what} has a derivative rule, and {name!r} has none")


def is_read(bar):
    """Whether a cotangent, which may be nested, is not zero."""
    if isinstance(bar, (list, tuple, dict)):
        return any(map(is_read, bar.values() if isinstance(bar, dict) else bar))
    return bar is not None and bool(np.any(bar != 0))


def is_leaf(x):
    return isinstance(x, (float, complex)) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc")


def holds_floats(x):
    return any(map(holds_floats, x)) if isinstance(x, (list, tuple)) else is_leaf(x)


def flat(bars, like=None):
    """The floats of nested tuples, lists and dicts as one vector; of cotangents: of those of the floats in ``like``."""
    like = bars if like is None else like
    if isinstance(like, dict):
        return flat(list(bars.values()), list(like.values()))
    if isinstance(like, (list, tuple)):
        parts = [flat(bar, x) for bar, x in zip(bars, like, strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0)
    if not is_leaf(like):
        return np.zeros(0)
    return np.zeros(np.size(like)) if bars is None else np.ravel(bars)


def unflat(vector, like):
    """The structure of ``like`` with the floats of a vector, and ``None`` in place of what is no float."""
    return _unflat(list(vector), like)


def _unflat(numbers, like):
    if isinstance(like, dict):
        return {k: _unflat(numbers, x) for k, x in like.items()}
    if isinstance(like, (list, tuple)):
        return rebuild(like, [_unflat(numbers, x) for x in like])
    if not is_leaf(like):
        return None
    taken = [numbers.pop(0) for _ in range(np.size(like))]
    return np.reshape(np.array(taken), np.shape(like))


def remembered(f):
    """A function of a number that remembers its values."""
    return functools.cache(f)


@definition(remembered)
def not_remembered(f):
    """What it is where it is differentiated: values of one run are not those of another."""
    return f
