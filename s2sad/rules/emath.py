"""Rules of `numpy.emath`, whose results are complex where real ones would be NaN.

Which they are, the values decide: of a real argument, the type of the result is not known when compiling.  The
derivatives are written by the result ``y``, which knows on which side of a cut it is.
"""

import math

import numpy as np

from .inference import UNKNOWN, typed
from .table import elementwise, infer


@elementwise(np.emath.sqrt)
def sqrt(y, x):
    return 0.5 / y


@elementwise(np.emath.log)
def log(y, x):
    return 1 / x


@elementwise(np.emath.log2)
def log2(y, x):
    return 1 / (x * math.log(2))


@elementwise(np.emath.log10)
def log10(y, x):
    return 1 / (x * math.log(10))


@elementwise(np.emath.logn)
def logn(y, n, x):
    rate = 1 / np.emath.log(n)
    return -y * rate / n, rate / x


@elementwise(np.emath.power)
def power(y, x, p):
    return np.where(p == 0, 0, p * np.emath.power(x, np.where(p == 0, 1, p - 1))), y * np.emath.log(
        np.where(x == 0, 1, x)
    )


@elementwise(np.emath.arcsin)
def arcsin(y, x):
    return 1 / np.cos(y)


@elementwise(np.emath.arccos)
def arccos(y, x):
    return -1 / np.sin(y)


@elementwise(np.emath.arctanh)
def arctanh(y, x):
    return 1 / ((1 - x) * (1 + x))


@infer(np.emath.sqrt, np.emath.log, np.emath.log2, np.emath.log10, np.emath.logn, np.emath.power, np.emath.arcsin,
       np.emath.arccos, np.emath.arctanh)  # fmt: skip
def complex_where_needed(*args):
    kinds = [getattr(typed(a).dtype, "kind", typed(a).kind[0]) for a in args]
    return NotImplemented if "c" in kinds else UNKNOWN
