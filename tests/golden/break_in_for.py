# The gradient of break_in_for of tests/programs/loops.py; written by pytest --update-golden.

import numpy as np


def break_in_for_grad(a):
    test_saved = []
    s = 0.0
    steps = 0
    for value in a:
        steps += 1
        # if value < 0:
        test = value < 0
        test_saved.append(test)
        if test:
            break
        s += value**2
    # return s * a[0]
    s_bar = a[0]
    # backward: return s * a[0]
    a_bar = np.zeros_like(a)
    a_bar[0] = s
    # backward: for value in a:
    for i in reversed(range(steps)):
        # backward: if value < 0:
        value = a[i]
        a_bar[i] += 0.0 if test_saved.pop() else s_bar * (2 * value)
    return a_bar
