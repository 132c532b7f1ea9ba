# The gradient of tree_sum of tests/programs/calls.py; written by pytest --update-golden.

import numpy as np


def tree_sum_forward(a):
    # if len(a) == 1:
    test = len(a) == 1
    if test:
        # return a[0] ** 2
        result = a[0] ** 2
        tree_sum_saved_1 = None
        tree_sum_saved = None
    else:
        half = len(a) // 2
        # return tree_sum(a[:half]) * 1.5 + tree_sum(a[half:])
        tree_sum, tree_sum_saved = tree_sum_forward(a[:half])
        tree_sum_1, tree_sum_saved_1 = tree_sum_forward(a[half:])
        result = tree_sum * 1.5 + tree_sum_1
    saved = a, test, tree_sum_saved_1, tree_sum_saved
    return result, saved


def tree_sum_backward(saved, result_bar):
    a, test, tree_sum_saved, tree_sum_saved_1 = saved
    # backward: if len(a) == 1:
    if test:
        # backward: return a[0] ** 2
        a_bar = np.zeros_like(a)
        a_bar[0] = result_bar * (2 * a[0])
    else:
        # backward: return tree_sum(a[:half]) * 1.5 + tree_sum(a[half:])
        g = tree_sum_backward(tree_sum_saved, result_bar)
        a_bar = np.zeros_like(a)
        half = len(a) // 2
        a_bar[half:] = g
        a_bar[:half] += tree_sum_backward(tree_sum_saved_1, result_bar * 1.5)
    return a_bar


def tree_sum_grad(a):
    # if len(a) == 1:
    test = len(a) == 1
    if not test:
        half = len(a) // 2
        # return tree_sum(a[:half]) * 1.5 + tree_sum(a[half:])
        _, tree_sum_saved = tree_sum_forward(a[:half])
        _, tree_sum_saved_1 = tree_sum_forward(a[half:])
    # backward: if len(a) == 1:
    if test:
        # backward: return a[0] ** 2
        a_bar = np.zeros_like(a)
        a_bar[0] = 2 * a[0]
    else:
        # backward: return tree_sum(a[:half]) * 1.5 + tree_sum(a[half:])
        g = tree_sum_backward(tree_sum_saved_1, 1.0)
        a_bar = np.zeros_like(a)
        half = len(a) // 2
        a_bar[half:] = g
        a_bar[:half] += tree_sum_backward(tree_sum_saved, 1.5)
    return a_bar
