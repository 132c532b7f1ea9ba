# The gradient of nested_helpers of tests/programs/calls.py; written by pytest --update-golden.

import tests.programs.calls as calls
import numpy as np


def nested_helpers_grad(a, s):
    # return np.tanh(SCALE * x)
    SCALE = calls.SCALE
    t = np.tanh(SCALE * a)
    # return norm_of(squash(a) * s) + squash(norm_of(a))
    t_1 = t * s
    # return np.sqrt(np.sum(square(a)))
    t_2 = np.sqrt(np.sum(t_1 * t_1))
    t_3 = np.sqrt(np.sum(a * a))
    # return np.tanh(SCALE * x)
    SCALE_1 = calls.SCALE
    # backward: return x * x
    a_bar = (1 - np.tanh(SCALE_1 * t_3) ** 2) * SCALE_1 / t_3 * a
    # backward: return norm_of(squash(a) * s) + squash(norm_of(a))
    s_bar = np.sum(t * t_1) / t_2
    # backward: return np.tanh(SCALE * x)
    a_bar += t_1 / t_2 * s * (1 - t**2) * SCALE
    return a_bar, float(s_bar)
