"""Assignment in all its forms."""

import numpy as np

from .data import normal
from .harness import Program


def tuple_targets(p):
    x, y = p
    return x * y**2


def array_targets(a):
    x, y, z = a
    return x * y + np.sin(z)


def rows_targets(m):
    first, second = m
    return np.sum(first * second**2)


def starred_middle(a):
    first, *middle, last = a
    return first * last + sum(middle) ** 2


def starred_end(values):
    head, *tail = values
    for t in tail:
        head = head * t
    return head


def swap(x, y):
    x, y = y, x
    return x**2 * y


def rotate(x, y, z):
    x, y, z = y, z, x * y
    x, y = x + y, x - z
    return x * y * z


def nested_targets(p):
    (a, b), [c, (d, e)] = p
    return a * b + c * d * e


def multiple_targets(x):
    a = b = x**2
    a = a + 1
    c, d = e = (x, a)
    return a * b + c * d + e[0] * e[1]


def augmented(x):
    y = x
    y += 2.0
    y *= x
    y -= np.sin(y)
    y /= 3
    y **= 2
    return y


def augmented_keeps_other_name(x):
    y = x
    y += 1.0
    return x * y


def walrus(x):
    if (y := x**2) > 1:
        y = y + x
    return (z := y * 2) + z * x


def walrus_in_while(x):
    total = 0.0
    while (x := x * 0.5) > 0.1:
        total += x**2
    return total


def unpack_call(x):
    def sin_cos(t):
        return np.sin(t), np.cos(t)

    s, c = sin_cos(x)
    (a, b), d = sin_cos(s), sin_cos(c)[1]
    return s * c + a * b * d


def unpack_shape(m):
    n, k = m.shape
    return np.sum(m) / (n * k) + n * m[0, 0]


def star_in_display(x, values):
    items = [x, *values, 2 * x]
    more = (*items, *items[1:2])
    return sum(v**2 for v in more)


def subscript_targets(x):
    a = np.zeros(3)
    a[0], a[1] = x, x**2
    i = 1
    i, a[i + 1] = 0, a[i] * 2
    return np.sum(a * a) + a[i]


def annotated(x: float) -> float:
    y: float = x * 2
    z: float
    z = y**2
    return z + y


PROGRAMS = [
    Program(tuple_targets, [((1.5, 2.0),), ([1.5, 2.0],), (np.array([1.5, 2.0]),)]),
    Program(array_targets, [(normal(3),)]),
    Program(rows_targets, [(normal(2, 3),)]),
    Program(starred_middle, [([1.0, 2.0, 3.0, 4.0],), ((1.0, 2.0),), (normal(4),)]),
    Program(starred_end, [([1.0, 2.0, 3.0],), ([1.5],)]),
    Program(swap, [(1.5, 0.7)], argnums=(0, 1)),
    Program(rotate, [(1.5, 0.7, 2.0)], argnums=(0, 1, 2)),
    Program(nested_targets, [(((1.0, 2.0), [3.0, (4.0, 5.0)]),)]),
    Program(multiple_targets, [(1.5,)]),
    Program(augmented, [(1.5,)]),
    Program(augmented_keeps_other_name, [(1.5,)], note="floats are immutable: x keeps its value"),
    Program(walrus, [(1.5,), (0.5,)]),
    Program(walrus_in_while, [(1.5,), (0.1,)]),
    Program(unpack_call, [(0.6,)]),
    Program(unpack_shape, [(normal(2, 3),)]),
    Program(star_in_display, [(1.5, [2.0, 0.5]), (1.5, (1.0,))], argnums=(0, 1)),
    Program(subscript_targets, [(1.5,)]),
    Program(annotated, [(1.5,)]),
]
