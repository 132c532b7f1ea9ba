# The gradient of nested_helpers of tests/programs/calls.py; written by pytest --update-golden.

import tests.programs.calls as calls
import numpy as np


def nested_helpers_grad(a, s):
    SCALE = calls.SCALE
    # return np.tanh(SCALE * x)
    tanh = np.tanh(SCALE * a)
    # return norm_of(squash(a) * s) + squash(norm_of(a))
    product = tanh * s
    # return np.sqrt(np.sum(square(a)))
    root = np.sqrt(np.sum(product * product))
    root_1 = np.sqrt(np.sum(a * a))
    # backward: return x * x
    a_bar = (1 - np.tanh(SCALE * root_1) ** 2) * SCALE / root_1 * a
    # backward: return norm_of(squash(a) * s) + squash(norm_of(a))
    s_bar = tanh @ product / root
    # backward: return np.tanh(SCALE * x)
    a_bar += product / root * s * (1 - tanh**2) * SCALE
    return a_bar, float(s_bar)
