"""Loops: what is walked, how it ends, and what is carried."""
# ruff: noqa: B007, F841

import numpy as np

from .data import normal, positive
from .harness import Program


def repeated_sine(x, n):
    for _ in range(n):
        x = np.sin(x) + 0.1 * x
    return np.sum(x)


def sum_over_range_with_step(x):
    total = 0.0
    for i in range(1, 10, 3):
        total = total + x**i / i
    return total


def negative_step(x):
    y = 1.0
    for i in range(5, 0, -2):
        y = y * x + i
    return y


def zero_trips(x, n):
    y = x**2
    for i in range(n, 0):
        y = y * x
    return y


def rows(matrix):
    total = 0
    for row in matrix:
        total += np.exp(row[0]) * row.sum()
    return total


def elements(a):
    y = 1.0
    for value in a:
        y = y * (1 + value**2)
    return y


def over_list(values):
    total = 0
    for v in values:
        total = total * 0.5 + v**2
    return total


def over_literal_tuple(x):
    total = 0.0
    for power in (1, 2, 5):
        total += x**power
    for f in [np.sin, np.cos]:
        total += f(x)
    return total


def zip_two(a, b):
    s = 0.0
    for x, y in zip(a, b, strict=False):
        s += x * y**2
    return s


def enumerate_rows(a):
    s = 0.0
    for i, row in enumerate(a, start=1):
        s += i * np.prod(row)
    return s


def enumerate_zip(a, b):
    s = 1.0
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        s = s * (x + i) + y
    return s


def reversed_loop(coefficients, x):
    y = 0.0
    for c in reversed(coefficients):
        y = y * x + c
    for i in reversed(range(3)):
        y = y + i * x
    return y


def dict_items(parameters):
    penalty = 0.0
    for name, value in parameters.items():
        if name != "bias":
            penalty += np.sum(value**2)
    for value in parameters.values():
        penalty = penalty + 0.1 * np.sum(value)
    return penalty


def while_loop(x):
    n = 0
    while x < 100:
        x = x * x + 1
        n += 1
    return x * n


def while_true_break(x, tol=1e-12):
    guess = 1.0
    while True:
        new = 0.5 * (guess + x / guess)
        if abs(new - guess) < tol:
            break
        guess = new
    return guess


def break_in_for(a):
    s = 0.0
    for value in a:
        if value < 0:
            break
        s += value**2
    return s * a[0]


def continue_in_for(a):
    s = 0.0
    for i, value in enumerate(a):
        if i % 2 == 0:
            continue
        s = s * value + value
    return s


def break_and_continue(x):
    total = 0.0
    for i in range(20):
        x = 1.1 * x
        if i < 3:
            continue
        total += x * i
        if total > 50:
            break
        total = total - 0.5 * x
    return total + x


def for_else(a, limit):
    s = 0.0
    for v in a:
        s += v
        if s > limit:
            s = s * 2
            break
    else:
        s = s**2
    return s


def while_else(x, n):
    while n > 0:
        x = x * 1.5
        if x > 10:
            break
        n -= 1
    else:
        x = x + x**2
    return x


def return_in_loop(a):
    product = 1.0
    for v in a:
        product *= v
        if product > 3:
            return product**2
    return product + a[0]


def return_in_while(x):
    while True:
        x = x * 1.7 - 0.1
        if x > 20:
            return np.log(x) * x


def nested_breaks(a):
    total = 0.0
    for i in range(3):
        for j in range(4):
            if j > i + 1:
                break
            if (i + j) % 3 == 0:
                continue
            total += a[i, j] * a[j % 3, i]
        else:
            total *= 2
        if total > 5:
            break
    return total


def loop_variable_after(x):
    i = 0
    for i in range(4):
        x = x + 0.1 * i
    return x**i


def last_row_after(rows):
    for row in rows:
        pass
    return np.sum(row**2)


def carried_swap(x, y):
    for _ in range(5):
        x, y = y, x * 0.5 + np.sin(y)
    return x * y


def fibonacci(a, b, n):
    for _ in range(n):
        a, b = b, a + b
    return a


def horner(coefficients, x):
    result = 0
    for c in coefficients:
        result = result * x + c
    return result


def newton(a):
    x = a
    for _ in range(20):
        x = x - (x**3 - a) / (3 * x**2)
    return x


def bisection(a):
    lo, hi = 0.0, 10.0 + 0 * a
    for _ in range(30):
        mid = (lo + hi) / 2
        if mid**2 < a:
            lo = mid
        else:
            hi = mid
    return mid - (mid**2 - a) / (2 * mid)


def continued_fraction(x, n):
    f = 1.0
    for k in range(n, 0, -1):
        f = k + x / f
    return f


def logistic_map(r, x0):
    x = x0
    for i in range(8):
        x = r * x * (1 - x)
    return x


def counter_becomes_float(x):
    count = 0
    for i in range(4):
        count = count + 1
        if i > 1:
            count = count * x
    return count


def integer_carried(x):
    n, total = 1, 0.0
    while n < 50:
        total += x / n
        n = 3 * n + 1
    return total * n


def overwritten_not_carried(x):
    y = 0.0
    for i in range(3):
        t = np.sin(x * i)
        y += t * t
        t = 0.0
    return y + t


def array_state(w, h, xs):
    for x in xs:
        h = np.tanh(w @ h + x)
    return np.sum(h)


def variable_born_in_loop(x):
    for i in range(3):
        if i == 0:
            y = x
        y = y * x + 1
    return y


def condition_reads_data(x):
    steps = 0
    y = x
    while np.sum(y**2) > 1e-2 and steps < 50:
        y = 0.7 * y - 0.01 * y**3
        steps += 1
    return np.sum(y) * 100


def double_loop_sum(a):
    n, m = a.shape
    total = 0.0
    for i in range(n):
        for j in range(m):
            total += a[i, j] ** 2 * (i + 1) / (j + 1)
    return total


def triangular_loop(x):
    energy = 0.0
    for i in range(len(x)):
        for j in range(i):
            energy += 1 / (0.1 + (x[i] - x[j]) ** 2)
    return energy


def bounds_change_in_body(x, n):
    for i in range(n):
        n = 1
        x = x * 1.1 + n
        i = 7
    return x


def break_that_is_seldom_reached(x):
    s = x
    for i in range(3):
        for j in range(3):
            if j == i:
                break
            s = s * 1.1
        if i == 1:  # noqa: SIM102
            if s > 3:
                break
    else:
        s = s * 2
    return s


def return_that_is_seldom_reached(x):
    s = x
    for i in range(3):
        for j in range(3):
            if j == i:
                break
            s = s * 1.1
        if i == 1:  # noqa: SIM102
            if s > 3:
                return s * x
    else:
        s = s * 2
    return s


def chosen_rows_of_an_inner_loop(m):
    s = 0.0
    for k in range(3):
        for j in range(2):
            rows = m[m[:, 0] > k - 1.0] * j
        s = s + np.sum(rows**2)
    return s


def rows_chosen_by_a_branch(m):
    s = 0.0
    for k in range(3):
        for j in range(2):
            if np.sum(m) > -9.0:
                rows = s = m[m > k - 1.0] * j
        s = s + np.sum(rows**2)
    return s


def carried_from_loops_that_may_not_run(x, n):
    for k in range(n):
        y = x[x > -0.3] * k
    for k in range(n):
        y = y * x[k] + np.sum(y)
        x = x * y[0]
    return x if n == 0 else y


def rows_that_are_tried(m):
    s = 0.0
    for k in range(3):
        n = 0
        while True:
            n += 1
            rows = m[:n] * k
            if n > k or np.sum(rows**2) > 0.5:
                break
        s = s + np.sum(rows**2)
    return s


PROGRAMS = [
    Program(rows_chosen_by_a_branch, [(np.array([0.3, 1.4, 1.8, -0.5]),)], vjp=True),
    Program(carried_from_loops_that_may_not_run, [(normal(4), 0), (normal(4), 2)], vjp=True),
    Program(repeated_sine, [(0.5, 3), (normal(3), 2), (0.5, 0)]),
    Program(sum_over_range_with_step, [(1.1,)]),
    Program(negative_step, [(0.7,)]),
    Program(zero_trips, [(1.5, 3), (1.5, -2)]),
    Program(rows, [(normal(3, 2),), (normal(1, 4),)]),
    Program(elements, [(normal(4),), (normal(1),)]),
    Program(over_list, [([1.0, 2.0, 0.5],), ([3.0],)]),
    Program(over_literal_tuple, [(0.8,)]),
    Program(zip_two, [(normal(3), normal(3, seed=1)), (normal(4), normal(2, seed=1))], argnums=(0, 1)),
    Program(enumerate_rows, [(positive(3, 2),)]),
    Program(enumerate_zip, [(normal(3), normal(3, seed=1)), ([1.0, 2.0], [3.0, 0.5])], argnums=(0, 1)),
    Program(reversed_loop, [([1.0, 2.0, 3.0], 0.5), (normal(4), 0.7)], argnums=(0, 1)),
    Program(dict_items, [({"w": normal(3), "bias": 0.5, "v": normal(2, 2)},)]),
    Program(while_loop, [(0.5,), (2.0,)]),
    Program(while_true_break, [(2.0,), (0.3,)]),
    Program(break_in_for, [(np.array([1.0, 2.0, -1.0, 5.0]),), (np.array([1.0, 2.0]),)]),
    Program(continue_in_for, [(normal(5),)]),
    Program(break_and_continue, [(1.0,), (0.1,)]),
    Program(for_else, [(np.array([1.0, 2.0, 3.0]), 2.5), (np.array([1.0, 2.0, 3.0]), 100.0)]),
    Program(while_else, [(1.0, 3), (4.0, 5), (2.0, 0)]),
    Program(return_in_loop, [(np.array([2.0, 2.5, 7.0]),), (np.array([0.5, 0.6]),)]),
    Program(return_in_while, [(1.0,), (5.0,)]),
    Program(nested_breaks, [(positive(3, 4),), (3 * positive(3, 4, seed=1),)]),
    Program(loop_variable_after, [(1.2,)]),
    Program(last_row_after, [(normal(3, 2),)]),
    Program(carried_swap, [(0.4, 1.3)], argnums=(0, 1)),
    Program(fibonacci, [(1.0, 2.0, 6), (1.0, 2.0, 0)], argnums=(0, 1)),
    Program(horner, [(normal(4), 0.7), ([1.0, 2.0], 0.5)], argnums=(0, 1)),
    Program(newton, [(2.0,), (0.7,)]),
    Program(bisection, [(2.0,), (5.0,)], compiled_only="found by decisions"),
    Program(continued_fraction, [(0.5, 6)]),
    Program(logistic_map, [(3.1, 0.3)], argnums=(0, 1)),
    Program(counter_becomes_float, [(1.5,)]),
    Program(integer_carried, [(1.5,)]),
    Program(overwritten_not_carried, [(0.6,)]),
    Program(array_state, [(0.5 * normal(3, 3), normal(3, seed=1), normal(4, 3, seed=2))], argnums=(0, 1, 2)),
    Program(variable_born_in_loop, [(1.3,)]),
    Program(condition_reads_data, [(normal(3),), (1e-3 * normal(2),)]),
    Program(double_loop_sum, [(normal(2, 3),)]),
    Program(triangular_loop, [(normal(4),)]),
    Program(bounds_change_in_body, [(1.5, 4)]),
    Program(
        break_that_is_seldom_reached, [(0.5,), (4.0,)], note="both loops have a variable that says if they stopped"
    ),
    Program(return_that_is_seldom_reached, [(0.5,), (4.0,)]),
    Program(chosen_rows_of_an_inner_loop, [(normal(4, 3),)]),
    Program(rows_that_are_tried, [(normal(4, 3),)]),
]
