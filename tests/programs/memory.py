"""In-place writes, views, aliases, buffers."""
# ruff: noqa: B007

import numpy as np

from .data import normal, positive
from .harness import Program


def write_element(x):
    a = np.zeros(4)
    a[1] = x**2
    a[-1] = a[1] * x
    return np.sum(a**2)


def write_interior(u):
    a = np.ones(6)
    a[1:-1] = u**2
    a[0] = a[1] * 2
    return np.sum(a * np.arange(6))


def write_augmented_element(x, m):
    a = m.copy()
    i, j = 1, 0
    a[i, j] += x
    a[0, 1] *= x * a[i, j]
    a[i, 1] -= a[0, 1] ** 2
    a[0, 0] /= x
    return np.sum(a**2)


def write_with_step(x):
    a = np.zeros(7)
    a[::2] = x[:4]
    a[1::2] = x[:3] * x[1:4]
    a[5:0:-2] += a[0:6:2]
    return np.sum(a**3)


def write_broadcast(s, row):
    a = np.zeros((3, 4))
    a[:, 1:] = s
    a[1] = row
    a[:, :1] = row[:3, None] * np.sum(s)
    a[..., 0] += 1.0
    return np.sum(a**2)


def write_whole(x):
    a = np.empty_like(x)
    a[:] = x
    a[...] = a * x
    b = np.empty(x.shape)
    b[:] = a
    return np.sum(b * a)


def augmented_array(x):
    a = x.copy()
    a += 1.0
    a *= x
    a -= np.sin(a)
    a /= 2
    return np.sum(a**2)


def augmented_changes_alias(x):
    a = x * 1.0
    b = a
    b += x**2
    b *= 2.0
    return np.sum(a * x)


def not_augmented_keeps_alias(x):
    a = x * 1.0
    b = a
    b = b + x**2
    return np.sum(a * b)


def boolean_mask(x):
    a = x.copy()
    a[a < 0] = 0.0
    a[x > 1] *= 3.0
    mask = np.abs(x) < 0.5
    a[mask] = x[mask] ** 2
    return np.sum(a * x)


def integer_array_write(x):
    a = np.zeros(5)
    index = np.array([3, 0, 2])
    a[index] = x**2
    a[[1, 4]] += x[:2]
    return np.sum(a * np.arange(1.0, 6.0) + a**2)


def integer_array_last_write_wins(x):
    a = np.ones(3)
    a[np.array([1, 1, 0])] = x
    return np.sum(a**3)


def scatter_add(x):
    a = np.zeros(3)
    np.add.at(a, [0, 2, 0, 1], x**2)
    return np.sum(a**2)


def view_written(x):
    a = np.zeros(6)
    head = a[:3]
    head[:] = x
    head[1] *= x[0]
    a[2] += head[1]
    return np.sum(a[:3] ** 2) + head[2]


def view_of_view_written(x):
    a = np.zeros((4, 5))
    block = a[1:3, 1:4]
    row = block[1]
    row[:] = x
    row[0] = row[1] * row[2]
    block[0] = a[2, 1:4] ** 2
    return np.sum(a**2)


def row_written(m):
    a = m.copy()
    first = a[0]
    first *= 2.0
    first[1] = first[0] ** 2
    return np.sum(a * m)


def rows_written_in_loop(m):
    a = m.copy()
    for i, row in enumerate(a):
        row /= np.sum(row**2)
        row[0] += i * row[1]
    return np.sum(a * m)


def transposed_write(m):
    a = m.copy()
    t = a.T
    t[0, 1] = t[1, 0] ** 2
    t[1] += t[0]
    return np.sum(a * m)


def reshaped_write(x):
    a = np.zeros(6)
    m = a.reshape(2, 3)
    m[1] = x
    m[0, 0] = x[2] ** 2
    flat = m.ravel()
    flat[1] = a[0] * 2
    return np.sum(a**2) + np.sum(m)


def read_after_write_through_view(x):
    a = x.copy()
    window = a[1:3]
    before = window[0] * 1.0
    a[1] = a[0] * a[2]
    return window[0] * before + np.sum(window)


def saved_value_then_overwritten(x):
    a = x.copy()
    y = np.exp(a)
    z = a * y
    a[:] = 0.0
    y[0] = 1.0
    return np.sum(z) + np.sum(y)


def empty_filled_in_loop(x, n):
    out = np.empty(n)
    for i in range(n):
        out[i] = np.sin(x * i) * x
    return np.sum(out**2)


def zeros_then_fill(x):
    n = len(x)
    table = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                table[i, j] = (x[i] - x[j]) ** 2
    return np.sum(np.exp(-table))


def stencil_one_buffer(u, nu, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] = u[1:-1] + nu * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def stencil_nonlinear(u, nu, steps):
    for t in range(steps):
        u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[1:-1] - u[:-2]) + nu * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def stencil_two_buffers(u, nu, steps):
    old = u.copy()
    new = u.copy()
    for _ in range(steps):
        new[1:-1] = old[1:-1] + nu * old[1:-1] * (old[2:] - 2 * old[1:-1] + old[:-2])
        old, new = new, old
    return np.sum(old**2)


def stencil_element_loop(u, nu, steps):
    new = np.zeros_like(u)
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            new[i] = u[i] + nu * (u[i + 1] - 2 * u[i] + u[i - 1])
        u = new.copy()
    return np.sum(u**3)


def cumulative_loop(x):
    a = x.copy()
    for i in range(1, len(a)):
        a[i] += a[i - 1] * x[i]
    return a[-1] * a[1]


def prefix_sums(x):
    total = np.zeros(len(x) + 1)
    for i in range(len(x)):
        total[i + 1] = total[i] + x[i] ** 2
    return np.sum((total[2:] - total[:-2]) * total[1:-1])


def seidel(u, f):
    u = u.copy()
    for _ in range(2):
        for i in range(1, u.shape[0] - 1):
            for j in range(1, u.shape[1] - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - f[i, j]) + 0.1 * u[i, j] ** 2
    return np.sum(u**2)


def written_then_overwritten(x):
    a = np.zeros(3)
    a[0] = x**5
    a[0] = x**2
    a[:2] = a[0] * x
    a[1] = 7.0
    return np.sum(a)


def shifted_self_write(x):
    a = x.copy()
    a[1:] = a[:-1] * 2
    a[:-1] += a[1:] ** 2
    a[::-1] = a * x
    return np.sum(a * np.arange(len(x)))


def swap_elements(x):
    a = x.copy()
    a[0], a[-1] = a[-1] * 2, a[0] ** 2
    a[1], a[2] = a[2], a[1]
    return a[0] * a[1] + a[2] * a[-1]


def swap_rows(m):
    a = m.copy()
    a[[0, 1]] = a[[1, 0]]
    a[0] *= a[1]
    return np.sum(a * m)


def argument_written(x):
    x[0] = x[1] * x[2]
    x[1:] *= 2.0
    x += 1.0
    return np.sum(x**2)


def argument_written_by_helper(x, y):
    normalise(x)
    normalise(y)
    return np.sum(x * y)


def normalise(a):
    a -= np.mean(a)
    a[0] = a[0] ** 2
    return None


def alias_written(x):
    a = x * 2
    b = a
    b[0] = b[1] ** 2
    a[1] = 3.0 * b[0]
    return np.sum(a * b)


def copy_then_write(x):
    a = x * 2
    b = a.copy()
    c = np.array(a)
    b[0] = a[1] ** 2
    c[1] = b[0]
    return np.sum(a * b * c)


def alias_on_one_path(x, flag):
    a = x * 2
    b = a if flag else a.copy()
    b[0] = 5.0 * x[1]
    return np.sum(a * b)


def helper_returns_view(x):
    a = np.ones((3, 2)) * x
    column = column_of(a, 1)
    column *= 2.0
    column[0] = x**2
    return np.sum(a**2)


def column_of(a, j):
    return a[:, j]


def diagonal_fill(m, s):
    a = m.copy()
    for i in range(a.shape[0]):
        a[i, i] = a[i, i] * s + 1
    np.fill_diagonal(a[:2], s)
    return np.sum(a * m) + np.trace(a)


def out_argument(x):
    y = np.empty_like(x)
    np.multiply(x, x, out=y)
    np.sin(y, out=y)
    np.add(y, x, y)
    return np.sum(y * x)


def copyto_and_put(x):
    a = np.zeros(4)
    np.copyto(a, x)
    a.fill(2.0)
    a[1:] = x[1:]
    np.maximum(a, 0.3, out=a)
    return np.sum(a**2)


def write_under_branch(x, n):
    a = np.zeros(3)
    for i in range(n):
        if i % 2:
            a[i % 3] = a[i % 3] * x + i
        elif a[0] < 2:
            a[0] += x
        else:
            a[:] = a * x
    return np.sum(a**2)


def sort_by_swaps(x):
    a = x.copy()
    for i in range(len(a)):
        for j in range(len(a) - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
    return np.sum(a * np.arange(1, len(a) + 1))


def list_elements_written(x):
    values = [x, 2.0, x * x]
    values[1] = values[0] * values[2]
    values[0] += values[1]
    values[-1] **= 2
    return values[0] + values[1] * values[2]


def arrays_in_list_written(x):
    layers = [np.zeros(2), np.ones(2)]
    for k, layer in enumerate(layers):
        layer[k] = x * (k + 1)
        layer += x**2
    layers[0][1] = layers[1][0] * x
    return np.sum(layers[0] * layers[1])


def object_attribute_written(x):
    state = State(x * 2)
    state.u[0] = state.u[1] ** 2
    state.total += np.sum(state.u)
    state.u = state.u * state.total
    return np.sum(state.u)


class State:
    def __init__(self, u):
        self.u = u
        self.total = 0.0


def history_buffer(x, n):
    history = np.zeros((n + 1, 2))
    history[0] = x
    for k in range(n):
        history[k + 1, 0] = history[k, 0] + 0.1 * history[k, 1]
        history[k + 1, 1] = history[k, 1] - 0.1 * np.sin(history[k + 1, 0])
    return np.mean(history[:, 0] ** 2) + history[-1, 1]


U = 0.5 * normal(7)
REFUSED_SHARED = "shar|alias|memory|view|same array"


def integers_written(x):
    a, k = x * 1.0, np.array([0, 0, 1])
    a[k] = k**2
    a[1:] += x[1:] > 0
    b = np.outer(a, x)
    b[:2] = [x, np.arange(4)]
    b[2] = range(4)
    return np.sum(a**3) + np.sum(b**2)


PROGRAMS = [
    Program(write_element, [(1.3,), (np.float64(0.7),)]),
    Program(write_interior, [(normal(4),), (np.float64(0.7),), (0.7,)]),
    Program(write_augmented_element, [(1.3, normal(2, 2))], argnums=(0, 1)),
    Program(write_with_step, [(normal(4),), (normal(5),)]),
    Program(write_broadcast, [(1.3, normal(4)), (normal(3), normal(4, seed=1))], argnums=(0, 1)),
    Program(write_whole, [(normal(3),), (normal(2, 2),)]),
    Program(augmented_array, [(normal(3),), (normal(2, 2),)]),
    Program(augmented_changes_alias, [(normal(3),)]),
    Program(not_augmented_keeps_alias, [(normal(3),)]),
    Program(boolean_mask, [(2 * normal(6),), (2 * normal(2, 3),)]),
    Program(integer_array_write, [(normal(3),)]),
    Program(integer_array_last_write_wins, [(normal(3),)]),
    Program(scatter_add, [(normal(4),)]),
    Program(view_written, [(normal(3),)]),
    Program(view_of_view_written, [(normal(3),)]),
    Program(row_written, [(normal(3, 2),)]),
    Program(rows_written_in_loop, [(normal(3, 2),)]),
    Program(transposed_write, [(normal(2, 2),), (normal(3, 3),)]),
    Program(reshaped_write, [(normal(3),)]),
    Program(read_after_write_through_view, [(normal(4),)]),
    Program(saved_value_then_overwritten, [(normal(3),)]),
    Program(empty_filled_in_loop, [(0.7, 4), (0.7, 2)]),
    Program(zeros_then_fill, [(normal(4),)]),
    Program(stencil_one_buffer, [(U, 0.2, 3), (U, 0.1, 0)], argnums=(0, 1)),
    Program(stencil_nonlinear, [(U, 0.2, 3), (U, 0.1, 1)], argnums=(0, 1), note="writes its argument"),
    Program(stencil_two_buffers, [(U, 0.2, 3), (U, 0.2, 2)], argnums=(0, 1)),
    Program(stencil_element_loop, [(U, 0.2, 2)], argnums=(0, 1)),
    Program(cumulative_loop, [(normal(4),)]),
    Program(prefix_sums, [(normal(5),)]),
    Program(seidel, [(normal(4, 5), normal(4, 5, seed=1))], argnums=(0, 1)),
    Program(written_then_overwritten, [(1.3,)]),
    Program(shifted_self_write, [(normal(5),)]),
    Program(swap_elements, [(normal(4),)]),
    Program(swap_rows, [(normal(3, 2),)]),
    Program(argument_written, [(normal(4),)]),
    Program(argument_written_by_helper, [(normal(4), normal(4, seed=1))], argnums=(0, 1)),
    Program(alias_written, [(normal(3),)]),
    Program(copy_then_write, [(normal(3),)]),
    Program(alias_on_one_path, [(normal(3), True), (normal(3), False)], refused=REFUSED_SHARED),
    Program(helper_returns_view, [(1.3,)]),
    Program(diagonal_fill, [(normal(3, 3), 0.7)], argnums=(0, 1)),
    Program(out_argument, [(normal(3),)]),
    Program(integers_written, [(normal(4),)]),
    Program(copyto_and_put, [(positive(4),)]),
    Program(write_under_branch, [(1.3, 6), (0.2, 3)]),
    Program(sort_by_swaps, [(normal(5),)]),
    Program(list_elements_written, [(1.3,)]),
    Program(arrays_in_list_written, [(1.3,)], refused=REFUSED_SHARED),
    Program(object_attribute_written, [(normal(3),)], refused=f"{REFUSED_SHARED}|attribute|object"),
    Program(history_buffer, [(normal(2), 4)]),
]
