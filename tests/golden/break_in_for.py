# The gradient of break_in_for of tests/programs/loops.py; written by pytest --update-golden.

import numpy as np


def break_in_for_grad(a):
    t_saved = []
    s = 0.0
    steps = 0
    for value in a:
        # if value < 0:
        t = value < 0
        t_saved.append(t)
        steps += 1
        # if value < 0:
        if t:
            break
        s += value**2
    # return s * a[0]
    s_bar = a[0]
    # backward: return s * a[0]
    a_bar = np.zeros_like(a)
    a_bar[0] = s
    # backward: for value in a:
    for t in reversed(range(steps)):
        # backward: if value < 0:
        value = a[t]
        if t_saved.pop():
            value_bar = 0.0
        else:
            # backward: s += value**2
            value_bar = s_bar * (2 * value)
        a_bar[t] += value_bar
    return a_bar
