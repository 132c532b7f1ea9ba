"""Arrays that are written through another name for their memory, or read there after they were written elsewhere."""

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
RECORDED_TWICE = {"view_of_what_is_another_array_in_the_next_turn"}  # whose second derivative is recorded

X = np.array([0.7, 0.3, 1.2, -0.5])
A = np.array([[0.7, -0.4, 1.1], [0.2, 1.5, -0.8]])
S = np.array([[0.7, -0.4, 1.1], [0.2, 1.5, -0.8], [0.9, 0.1, -1.3]])
F = np.asfortranarray(S)


# ---------------------------------------------------------------- the array itself


@corner(X)
def asarray_is_the_array(x):
    a = x * 2
    b = np.asarray(a, dtype=float)
    b[0] *= x[1]
    a[1] = b[0] * 3
    return np.sum(a * b)


@corner(X)
def asarray_of_another_dtype_is_a_copy(x):
    a = x * 2
    b = np.asarray(a, dtype=np.float32)
    c = np.asarray(b)
    c[0] = 1.0
    return np.sum(a**2) + float(b[0])


@corner(X)
def astype_without_copy(x):
    a = x * 2
    b = a.astype(np.float64, copy=False)
    c = a.astype(np.float64)
    b[1] = 5 * x[0]
    c[2] = 0.0
    return np.sum(a**2) + np.sum(c**3)


@corner(X)
def real_part_of_reals(x):
    a = x * 2
    a.real[0] = x[1] ** 2
    np.real(a)[1] += x[0]
    a.conj()[2] *= x[0]
    return np.sum(a**2)


@corner(A)
def rank_that_is_there(x):
    a = x * 2
    b = np.atleast_2d(a)
    b[0, 1] = x[1, 1] ** 2
    return np.sum(a**3)


@corner(X)
def rank_that_is_made(x):
    a = x * 2
    row = np.atleast_2d(a)
    row[0, 1] = x[0] ** 2
    deep = np.atleast_3d(a)
    deep[0, 2, 0] *= x[0]
    return np.sum(a**3)


# ---------------------------------------------------------------- other orders of the elements


@corner(A)
def turned_round(x):
    a = x * 2
    b = np.flip(a)
    b[0, 0] = x[0, 0] ** 2
    np.flipud(a)[0, 1] += x[0, 1]
    np.fliplr(a)[1] *= x[0]
    np.flip(a, axis=1)[0, 0] *= 3
    return np.sum(a**2) + b[1, 1]


@corner(A)
def turned_by_quarters(x):
    a = x * 2
    b = np.rot90(a)
    b[0] = x[:, 0] ** 2
    np.rot90(a, k=2)[0, 0] *= x[1, 1]
    np.rot90(a, -1)[1, 1] += x[1, 2]
    return np.sum(a**2) + np.sum(b[1])


@corner(np.stack([A, 2 * A]))
def axes_in_another_order(x):
    a = x * 2
    b = a.transpose(2, 0, 1)
    b[0] *= x[:, :, 1]
    c = np.moveaxis(a, 0, -1)
    c[1, :, 0] = x[0, 0]
    d = np.swapaxes(a, 0, 2)
    d[0, 0, 1] *= 2
    return np.sum(a**2) + np.sum(b[2] * c[:, 0])


@corner(np.stack([A]))
def axis_that_is_squeezed(x):
    a = x * 2
    b = a.squeeze()
    b[0] *= x[0, 1]
    c = np.squeeze(a, axis=0)
    c[1, 1] = 4.0
    d = np.expand_dims(b, 0)
    d[0, 0, 0] = x[0, 0, 1]
    return np.sum(a**2) + b[1, 1]


# ---------------------------------------------------------------- reshaped


@corner(X)
def line_as_a_table(x):
    a = x * 2
    m = a.reshape(2, 2)
    m[0] *= x[2:]
    a[3] = m[0, 1] ** 2
    m.T[1] += x[:2]
    return np.sum(m**2 * a[0])


@corner(several=[(S,), (F,)])
def table_as_a_line(x):
    a = x.copy()
    line = a.ravel()
    line[1:4] *= x[0]
    a[2] = line[:3] ** 2
    np.ravel(a[1])[0] = x[1, 2]
    return np.sum(line * np.arange(9.0)) + np.sum(a**2)


@corner(several=[(0.4,), (-0.3,)])
def state_of_a_grid_as_a_line(x):
    u = np.zeros((3, 4))
    line = u.reshape(-1)
    line[0] = x
    for k in range(11):
        line[k + 1] = np.sin(line[k]) + x * u[k // 4, 0]
    return np.sum(u**2)


@corner(X)
def line_of_a_buffer_made_like_another(x):
    u = np.zeros((2, 2))
    v = np.empty_like(u)
    v.ravel()[:] = x**2
    w = v * u + 1
    w.reshape(4)[1] = x[0]
    return np.sum(v * w)


@corner(several=[(X[::2],), (X[1:3],)])
def strided_argument_is_copied_before(x):
    a = x * 2
    a.reshape(2, 1)[0] = x[1] ** 2
    return np.sum(a**2)


# ---------------------------------------------------------------- flat


@corner(several=[(S,), (F,)])
def diagonal_by_flat(x):
    a = x * 2
    n = len(a)
    a.flat[:: n + 1] += x[0, 0]
    a.flat[1] = x[2, 2] ** 2
    a.flat[5] *= x[1, 1]
    return np.sum(a**2)


@corner(several=[(S,), (F,)])
def flat_is_in_rows(x):
    a = x * 2
    b = a.flat[1:4]
    b[0] = 7.0
    a[0, 2] = x[0, 0] ** 2
    return a.flat[1] * a.T.flat[1] + np.sum(b**2) + a.flat[2]


@corner(A)
def flat_in_a_loop(x):
    a = x.copy()
    for k in range(1, a.size):
        a.flat[k] += a.flat[k - 1] * x[0, 1]
    return np.sum(a**2)


# ---------------------------------------------------------------- read after the array was written


@corner(S)
def diagonal_sees_what_is_written(x):
    a = x * 2
    d = np.diagonal(a)
    e = np.diag(a)
    upper = a.diagonal(1)
    a[1, 1] = x[0, 0] ** 2
    a[0, 1] *= x[2, 2]
    return np.sum(d**2) + np.sum(e * d) + np.sum(upper**3)


@corner(X)
def broadcast_sees_what_is_written(x):
    a = x * 2
    b = np.broadcast_to(a, (3, 4))
    a[1] = x[0] ** 2
    return np.sum(b * np.arange(12.0).reshape(3, 4))


@corner(X)
def parts_of_a_complex_array_see_what_is_written(x):
    a = x * (1 + 2j)
    re, im = a.real, a.imag
    a[1] = x[0] ** 2 + 1j * x[2]
    return np.sum(re**2) + np.sum(im**3)


# ---------------------------------------------------------------- in loops and helpers


def relax(line, x):
    line[1:-1] = 0.5 * (line[:-2] + line[2:]) * x


@corner(S)
def helper_writes_a_turned_view(x):
    a = x.copy()
    for _ in range(2):
        relax(a[1], x[0, 0])
        relax(a.T[1], x[0, 1])
        relax(np.flip(a[0]), x[1, 1])
    return np.sum(a**2)


@corner(S)
def columns_one_after_the_other(x):
    a = x.copy()
    columns = a.T
    for k in range(1, 3):
        columns[k] += columns[k - 1] * x[k, 0]
    return np.sum(a**2) + np.sum(columns[2])


@corner(X)
def view_of_what_is_another_array_in_the_next_turn(x):
    u = x * 1.0
    total = 0.0
    for k in range(3):
        v = u[::-1]
        v[0] *= x[k]
        total += np.sum(v * u)
        u = np.sin(v)
    return total + np.sum(u)


@corner(S)
def elements_of_the_inner_part(x):
    u = np.zeros((5, 5))
    inner = u[1:-1, 1:-1]
    for k in range(3):
        inner[k, 0] += x[k, 0] ** 2
        inner[k][1:] = x[k, 1:] * inner[k, 0]
        inner[::-1][k] *= x[0]
        inner[:, 2][k] = u[1, 1] * x[k, 2]
    inner[inner > 1.0] *= x[1, 1]
    return np.sum(u**2) + np.sum(inner[1])


@corner(S)
def element_of_a_part_of_a_transposed_array(x):
    u = np.zeros((4, 3))
    part = u.T[1:]
    for k in range(3):
        part[0, k + 1] = part[0, k] + x[k, 1]
        part[1][k] = x[k, 0] * u[k, 1]
    return np.sum(u**2)


@corner(X)
def places_of_a_part_that_repeat(x):
    u = np.zeros(6)
    part = u[1:-1]
    part[[0, 1, 1]] = x[:3] ** 2
    np.add.at(part, [2, 2, 3], x[1:])
    return np.sum(u**2) + np.sum(part[[0, 0, 3]] * x[:3])


@corner(S)
def line_that_is_read_where_it_is_written(x):
    a = np.zeros((3, 3))
    a += x
    line = a.reshape(9)
    line[3:5] = line[4:6] * x[0, 0]
    a = a * 2
    line[0] = 9.0
    return np.sum(a**2) + np.sum(line**3)
