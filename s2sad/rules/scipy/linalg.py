"""Rules of ``scipy.linalg``."""

from scipy import linalg

from ..linalg import transposed
from ..table import jvp, vjp


@vjp(linalg.inv)
def inv(y_bar, y, a, *, check_finite=True, assume_a=None, lower=False):
    return -transposed(y) @ y_bar @ transposed(y)


@jvp(linalg.inv)
def inv_jvp(a_dot, y, a, *, check_finite=True, assume_a=None, lower=False):
    return -y @ a_dot @ y
