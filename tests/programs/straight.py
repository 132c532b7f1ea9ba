"""Straight-line programs: kinds, dtypes, broadcasting, keywords."""
# ruff: noqa: F841

import math

import numpy as np

from .data import normal, positive
from .harness import Program


def cube(x):
    return x**3 - 2 * x


def math_functions(x, y):
    return math.sin(x) * math.exp(-y) + math.sqrt(x * y) / math.log(2 + y)


def array_and_scalar(a, s):
    return np.sum(np.tanh(s * a) + a / s)


def column_times_row(column, row):
    table = column * row
    return np.sum(table**2 + row - column)


def scalar_meets_size_one(x, a):
    return np.sum(np.exp(-a * x))


def both_broadcast(a, b):
    return a[:, None] * np.sin(b) + b


def single_precision(x):
    y = np.tanh(x) * np.float32(0.5)
    return np.mean(y * y)


def single_and_double(x, y):
    return np.sum(x * y) + np.sum(x**2)


def complex_intermediate(x, omega):
    z = np.exp(1j * omega * x)
    w = z * (1 + 0.5j) / (2 - z)
    return np.sum(np.abs(w) ** 2) + np.sum(w.real * x)


def complex_argument(z):
    return np.sum(np.real(z * z * np.conj(z))) + np.sum(np.imag(z) ** 3)


def unused_argument(x, y):
    return np.sum(x**2)


def constant_function(x):
    return 3.5


def constant_integer(x):
    return 3


def result_is_argument(x):
    return x


def integer_arithmetic(x, n):
    half = n // 2
    rest = n % 3
    return x**half * rest + (n - half) * x / (1 + rest)


def integer_array(x, counts):
    return np.sum(counts * np.log(x)) - np.sum(counts) * np.log(np.sum(x))


def mixed_int_and_float(x):
    y = 2 * x + 1
    z = y / 3 - x * 4
    return 1 / z + 2**y


def math_and_numpy(x):
    r = math.hypot(x, 1.5)
    a = np.array([r, math.cos(r), 2.0])
    return np.sum(a * a) * math.pi


def zero_dimensional(x):
    y = np.sin(x) * x
    return y + np.exp(-y)


def one_element_result(x):
    return np.dot(x[None, :], x[:, None])


def keyword_arguments(x, *, scale, shift=0.25):
    return np.sum(np.sin(scale * x + shift))


def gradient_by_keyword(x, bias=0.5, power=2.0):
    return np.sum(abs(x + bias) ** power)


def same_argument_everywhere(x):
    return x * x * x / (1 + x * x) - x @ x * np.sum(x) + x.sum()


def operators(x, y):
    return -x + +y - x * y / (x + y) + abs(x - 3 * y) + x**2.5 - 2.0**y + (x > y) * x


def reassigned(x):
    x = x * 2
    y = x
    x = np.sin(x)
    x = x + y
    return np.sum(x)


def dead_code(x):
    unused = np.log(x) * 3
    x = np.sqrt(x)
    waste = unused + x
    return np.sum(x)


def shadowed_builtin(x):
    sum = x * 2
    max = np.sum(sum) ** 2
    return max / len(x)


def no_gradient_functions(x):
    return np.sum(x * np.floor(x) + np.sign(x) * x**2) + np.argmax(x) * x[0] + int(x[1]) * x[2]


X = normal(4)
PROGRAMS = [
    Program(cube, [(1.7,), (-0.3,), (np.float64(0.4),)]),
    Program(math_functions, [(0.7, 1.3)], argnums=(0, 1)),
    Program(array_and_scalar, [(X, 1.5), (normal(2, 3), 0.7)], argnums=(0, 1)),
    Program(
        column_times_row, [(normal(3, 1), normal(1, 4, seed=1)), (normal(2, 1), normal(3, seed=1))], argnums=(0, 1)
    ),
    Program(scalar_meets_size_one, [(normal(1), positive(5)), (0.3, positive(3)), (normal(1, 1), 2.0)], argnums=(0, 1)),
    Program(both_broadcast, [(X, normal(3, seed=1)), (X, normal(1, seed=1)), (X, 0.5)], argnums=(0, 1), vjp=True),
    Program(single_precision, [(normal(5, dtype=np.float32),)], note="float32 stays float32"),
    Program(
        single_and_double,
        [(normal(3, dtype=np.float32), normal(3, seed=1)), (np.float32(0.5), 2.0)],
        argnums=(0, 1),
        note="each gradient in its own precision",
    ),
    Program(complex_intermediate, [(X, 1.3), (0.8, 0.4)], argnums=(0, 1), note="real in, real out"),
    Program(complex_argument, [(normal(3) + 1j * normal(3, seed=1),)], second=False),
    Program(unused_argument, [(X, 2.0), (X, normal(3))], argnums=(0, 1)),
    Program(constant_function, [(1.0,), (X,)], flat=True),
    Program(constant_integer, [(1.0,), (X,)], flat=True),
    Program(result_is_argument, [(2.5,), (np.float64(1.0),)]),
    Program(result_is_argument, [(X,), (2.5,)], vjp=True, name="result_is_array_argument"),
    Program(integer_arithmetic, [(1.5, 7), (0.5, 8)]),
    Program(integer_array, [(positive(3), np.array([3, 1, 4]))]),
    Program(mixed_int_and_float, [(1.25,), (X,)][:1]),
    Program(mixed_int_and_float, [(X,), (0.5,)], vjp=True, name="mixed_int_and_array"),
    Program(math_and_numpy, [(0.6,), (-2.0,)]),
    Program(zero_dimensional, [(np.array(0.8),), (0.8,), (np.float64(1.1),)]),
    Program(one_element_result, [(X,)]),
    Program(keyword_arguments, [(X,), (0.3,)], kwargs={"scale": 1.5}),
    Program(keyword_arguments, [(X,)], argnums=(0, "scale"), kwargs={"scale": 1.5}, name="keyword_only_argnum"),
    Program(gradient_by_keyword, [(X,)], argnums="bias", kwargs={"bias": 0.75}),
    Program(gradient_by_keyword, [(X, 0.1)], argnums=("power", "x"), kwargs={"power": 3.0}, name="gradient_by_names"),
    Program(same_argument_everywhere, [(X,)], vjp=True),
    Program(operators, [(1.2, 0.7), (positive(3), positive(3, seed=1))], argnums=(0, 1), vjp=True),
    Program(reassigned, [(X,), (1.0,)]),
    Program(dead_code, [(positive(3),)]),
    Program(shadowed_builtin, [(X,)]),
    Program(no_gradient_functions, [(3 * normal(4, seed=3),)], note="piecewise constant factors"),
]
