"""Branches: if, conditional expressions, and/or as values, early returns, variables that exist on one path."""
# ruff: noqa: SIM108

import numpy as np

from .data import normal
from .harness import Program


def if_else(x):
    if x > 0:
        y = x**2
    else:
        y = -3 * x
    return y * x


def if_without_else(x):
    y = np.sin(x)
    if x > 1:
        y = y * x
    return y + x


def elif_chain(x):
    if x < -1:
        y = -x
    elif x < 0:
        y = x**2
    elif x < 1:
        y = x**3
    else:
        y = np.exp(-x)
    return 2 * y


def nested(x, y):
    z = x
    if x > 0:
        z = x * y
        if y > 0:
            z = z + y**2
        else:
            z = z - y**3
        z = z * x
    elif y > x:
        z = y - x**2
    return z


def conditional_expression(x, y):
    a = x if x > y else 2 * y
    return a * (np.sin(a) if a > 1 else np.cos(x)) + (y if y < 0 else 0)


def and_or_values(x, y):
    a = x > 0 and x * y
    b = a or y**2
    c = (0.0 or x) * (y and 3.0)
    return b * 2 + c


def not_and_flags(x, flag):
    big = not x < 1
    if not flag and not big:
        return x**2
    if big and (flag or x > 5):
        return 3 * x
    return x**3


def chained_comparison(x):
    if 0 < x < 1 < 2 * x:
        return x**2
    if -1 <= x <= 0 != 1:
        return np.exp(x)
    return 5 * x


def early_returns(x):
    if x < 0:
        return -x
    y = np.sqrt(x)
    if y > 2:
        return y
    z = y * x
    return z + y


def both_return(x, y):
    if x * y > 0:
        return x * y
    else:
        return x + 2 * y


def only_defined_here(x):
    if x > 0:
        root = np.sqrt(x)
    y = 2 * x
    if x > 0:
        y = y + root
    return y


def different_types(x):
    if np.sum(x) > 0:
        y = x
    else:
        y = 1.5
    return np.sum(y * x)


def zero_on_one_side(x):
    penalty = 0
    if x > 1:
        penalty = (x - 1) ** 2
    return x + penalty


def array_reduction(a):
    if np.max(a) > 2 and a.sum() > 0:
        return np.max(a) * np.sum(a)
    if (a > 0).all():
        return np.prod(a)
    if np.any(a[1:] < -1):
        return np.sum(a[1:] ** 2)
    return np.mean(a)


def branch_on_string(x, kind="square"):
    if kind == "square":
        return np.sum(x**2)
    elif kind in ("abs", "l1"):
        return np.sum(np.abs(x))
    return np.sum(x)


def branch_on_none(x, weights=None):
    if weights is None:
        weights = np.ones_like(x)
    return np.sum(weights * x**2)


def branch_on_type_and_rank(x):
    if isinstance(x, float):
        return x**2
    if x.ndim == 2:
        return np.trace(x @ x.T)
    return np.sum(np.sin(x)) * len(x)


def guarded_singularity(x):
    if x == 0:
        return 1.0
    return np.sin(x) / x


def safe_division(x, y):
    return 0.0 if y == 0 else x / y


def swap_by_branch(x, y):
    if x < y:
        x, y = y, x
    return x**2 - 3 * y


def empty_branches(x):
    if x > 0:
        pass
    else:
        x = x * 2
    if x > 3:
        x = x + 1
    else:
        pass
    return x * x


def max_and_min_of_builtins(x, y):
    return max(x, y, 0.5) * 2 + min(x * y, 1.0) + abs(y)


PROGRAMS = [
    Program(if_else, [(1.5,), (-0.5,), (np.float64(2.0),)]),
    Program(if_without_else, [(0.5,), (1.5,)]),
    Program(elif_chain, [(-2.0,), (-0.5,), (0.5,), (1.5,)]),
    Program(nested, [(1.0, 2.0), (1.5, -2.0), (-1.0, 0.5), (-1.0, -2.0)], argnums=(0, 1)),
    Program(conditional_expression, [(2.0, 1.0), (-0.5, 1.0), (-3.0, -2.0)], argnums=(0, 1)),
    Program(and_or_values, [(1.5, 0.7), (-1.5, 0.7)], argnums=(0, 1)),
    Program(not_and_flags, [(0.5, False), (2.0, True), (0.5, True), (2.0, False), (7.0, False)]),
    Program(chained_comparison, [(0.75,), (-0.5,), (3.0,), (0.25,)]),
    Program(early_returns, [(-1.0,), (9.0,), (2.0,)]),
    Program(both_return, [(1.0, 2.0), (-1.0, 2.0)], argnums=(0, 1)),
    Program(only_defined_here, [(2.0,), (-2.0,)]),
    Program(different_types, [(np.array([1.0, 2.0]),), (np.array([-1.0, -2.0]),)]),
    Program(zero_on_one_side, [(0.5,), (2.5,)]),
    Program(
        array_reduction,
        [
            (np.array([3.0, 1.0, 0.5]),),
            (np.array([0.5, 1.5, 1.0]),),
            (np.array([1.0, -2.0, 0.3]),),
            (np.array([0.4, -0.5, 0.1]),),
        ],
    ),
    Program(branch_on_string, [(normal(3),), (normal(3), "l1"), (normal(3), "other")]),
    Program(branch_on_none, [(normal(3),), (normal(3), normal(3, seed=1))]),
    Program(branch_on_type_and_rank, [(1.5,), (normal(3),), (normal(2, 3),)]),
    Program(guarded_singularity, [(0.7,), (-2.0,)]),
    Program(safe_division, [(1.0, 2.0), (1.0, 4.0)], argnums=(0, 1)),
    Program(swap_by_branch, [(1.0, 2.0), (2.0, 1.0)], argnums=(0, 1)),
    Program(empty_branches, [(1.5,), (-1.5,), (4.0,)]),
    Program(max_and_min_of_builtins, [(1.2, 0.7), (0.1, -0.7), (0.9, 3.0)], argnums=(0, 1)),
]
