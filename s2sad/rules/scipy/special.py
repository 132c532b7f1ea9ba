"""Rules of ``scipy.special``."""

import numpy as np
from scipy import special

from ..table import elementwise


@elementwise(special.expit)
def expit(y, x):
    return y * (1 - y)


@elementwise(special.xlogy)
def xlogy(z, x, y):
    return np.log(y), x / y
