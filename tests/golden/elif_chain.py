# The gradient of elif_chain of tests/programs/branches.py; written by pytest --update-golden.

import numpy as np


def elif_chain_grad(x):
    # if x < -1:
    test = x < -1
    if not test:
        # elif x < 0:
        if not x < 0:
            # elif x < 1:
            if not x < 1:
                y = np.exp(-x)
    # backward: if x < -1:
    if test:
        x_bar = -2.0
    else:
        # backward: elif x < 0:
        if x < 0:
            # backward: y = x**2
            x_bar = 4.0 * x
        else:
            # backward: elif x < 1:
            x_bar = 6.0 * x**2 if x < 1 else -2.0 * y
    return float(x_bar)
