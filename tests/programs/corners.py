"""Programs that look for silently wrong numbers: aliases, buffers, sizes known only at run time, saved values.

A refusal that names the shared memory is acceptable in many of them; a wrong number never is.
"""
# ruff: noqa: B006, B007, B023, E731, RUF005, B905, C416, RUF007, RUF015, SIM108

import copy
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .data import normal
from .harness import Program

PROGRAMS: list[Program] = []

X = np.array([0.7, -0.4, 1.3])
A = np.array([[0.5, 0.2, -0.3], [0.1, 0.9, 0.4]])
L = [X * 1.0, X * 2.0]

REFUSAL = (
    "may share memory|may hold one object twice|changes what .* holds|writes what it iterates over|is not known"
    "|not known to be an array|writing through|is not supported|calls itself|nested lambda"
)


def corner(args: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the function to the family; ``args``: one argument tuple, or a list of them."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        PROGRAMS.append(Program(function, args if isinstance(args, list) else [args], **options))
        return function

    return add


@corner((X,))
def same_twice_in_list(x):
    a = x * 1.0
    l = [a, a]
    l[0][0] = 5.0
    return np.sum(l[1] ** 2)


@corner((X,), refused=REFUSAL)
def appended_twice(x):
    a = x * 1.0
    l = []
    l.append(a)
    l.append(a)
    l[0][0] = 5.0
    return np.sum(l[1] ** 2)


@corner((X,), refused=REFUSAL)
def list_plus_itself(x):
    l = [x * 1.0]
    m = l + l
    m[0][0] = 5.0
    return np.sum(m[1] ** 2)


@corner((X,), refused=REFUSAL)
def list_imul(x):
    l = [x * 1.0]
    l *= 2
    l[0][0] = 5.0
    return np.sum(l[1] ** 2)


@corner((X,), refused=REFUSAL)
def list_iadd_holds(x):
    a = x * 1.0
    l = []
    l += [a]
    l[0][0] = 5.0
    return np.sum(a**2)


@corner((X,), refused=REFUSAL)
def list_iadd_holds2(x):
    a = x * 1.0
    l = []
    l += [a]
    a[0] = 5.0
    return np.sum(l[0] ** 2)


@corner(([X * 1, X * 2],), refused=REFUSAL)
def list_slice_of_argument(l):
    b = l[:]
    b[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner(([X * 1, X * 2],), refused=REFUSAL)
def list_copy_of_argument(l):
    b = l.copy()
    b[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner(([X * 1, X * 2],), refused=REFUSAL)
def list_call_of_argument(l):
    b = list(l)
    b[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner(([X * 1, X * 2],), refused=REFUSAL)
def list_call_loop(l):
    for a in list(l):
        a[0] = 5.0
    return np.sum(l[0] ** 2)


@corner((X,), refused=REFUSAL)
def list_copy_local(x):
    l = [x * 1.0, x * 2.0]
    b = l.copy()
    b[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner((X,), refused=REFUSAL)
def copy_copy_local(x):
    l = [x * 1.0, x * 2.0]
    b = copy.copy(l)
    b[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner((X,), refused=REFUSAL)
def copyto_where(x):
    a = np.zeros(3)
    np.copyto(a, x, where=np.array([True, False, True]))
    return np.sum(a**2)


@corner((X,))
def asarray_alias(x):
    a = x * 1.0
    b = np.asarray(a)
    b[0] = 5.0
    return np.sum(a**2)


@corner((X,))
def array_copy_false(x):
    a = x * 1.0
    b = np.array(a, copy=False)
    b[0] = 5.0
    return np.sum(a**2)


@corner((X,), refused="ndmin|" + REFUSAL)
def array_copy_false_of_a_higher_rank(x):
    a = x * 1.0
    b = np.array(a, copy=False, ndmin=2)
    b[0, 1] = 5.0 * x[0]
    return np.sum(a**2) * b[0, 0]


@corner((X,))
def astype_copy_false(x):
    a = x * 1.0
    b = a.astype(float, copy=False)
    b[0] = 5.0
    return np.sum(a**2)


@corner((X,))
def real_alias(x):
    a = x * 1.0
    b = np.real(a)
    b[0] = 5.0
    return np.sum(a**2)


@corner((X,))
def real_attr_alias(x):
    a = x * 1.0
    a.real[0] = 5.0
    return np.sum(a**2)


@corner((A,))
def flat_write(x):
    a = x * 1.0
    a.flat[1] = 5.0
    return np.sum(a**2)


@corner((A,), refused=REFUSAL)
def ravel_write(x):
    a = x * 1.0
    a.ravel()[1] = 5.0
    return np.sum(a**2)


@corner((A,), refused=REFUSAL)
def reshape_write(x):
    a = x * 1.0
    b = a.reshape(-1)
    b[1] = 5.0
    return np.sum(a**2)


@corner((A,))
def atleast_write(x):
    a = x * 1.0
    b = np.atleast_2d(a)
    b[1] = 5.0
    return np.sum(a**2)


@corner((A,), refused=REFUSAL)
def split_write(x):
    a = x * 1.0
    b, _ = np.split(a, 2)
    b[0] = 5.0
    return np.sum(a**2)


@corner((A,))
def unpack_rows_write(x):
    a = x * 1.0
    r, _ = a
    r[0] = 5.0
    return np.sum(a**2)


@corner((A,))
def flip_write(x):
    a = x * 1.0
    b = np.flip(a)
    b[0, 0] = 5.0
    return np.sum(a**2)


@corner((A,))
def neg_step_write(x):
    a = x * 1.0
    b = a[::-1, ::-1][0]
    b[0] = 5.0
    a[1, 0] *= b[2]
    return np.sum(a**2 * b)


@corner((A,))
def squeeze_write(x):
    a = x * 1.0
    b = np.squeeze(a[:1])
    b[0] = 5.0
    return np.sum(a**2)


@corner((A,))
def expand_write(x):
    a = x * 1.0
    b = a[:, None, ...]
    b[0, 0, 1] = x[0, 0] ** 2
    b[1] *= 2
    return np.sum(a**2)


@corner((A,))
def swapaxes_write(x):
    a = x * 1.0
    b = a.swapaxes(0, 1)
    b[0, 1] = x[0, 0] ** 2
    b[1] *= a[0, 0]
    return np.sum(a**2)


@corner((A,))
def moveaxis_write(x):
    a = x * 1.0
    b = np.moveaxis(a, 0, 1)
    b[0, 1] = x[0, 0] ** 2
    return np.sum(a**2)


@corner((A,))
def transpose_read_after(x):
    a = x * 1.0
    b = a.T
    a[0, 1] = x[0, 0] ** 2
    return np.sum(b[1] ** 2)


@corner((A,))
def diag_view(x):
    a = x * 1.0
    d = np.diagonal(a)
    a[0, 0] = x[0, 1] ** 2
    return np.sum(d**2)


@corner((A,))
def diag_view2(x):
    a = x * 1.0
    d = np.diag(a)
    a[0, 0] = x[0, 1] ** 2
    return np.sum(d**2)


@corner((A,))
def broadcast_view(x):
    a = x[0] * 1.0
    d = np.broadcast_to(a, (2, 3))
    a[0] = x[0, 1] ** 2
    return np.sum(d**2)


@corner((X,))
def asarray_of_list(x):
    a = np.zeros_like([1.0, 2.0])
    a[0] = x[0]
    b = a + a
    return np.sum(b**2)


@corner((1.3,))
def copy_of_list(x):
    a = np.copy([x, x**2])
    b = a + a
    return np.sum(b**2)


@corner((1.3,))
def rand_in_loop(x):
    rng = np.random.default_rng(0)
    s = 1.0
    for i in range(4):
        a = rng.uniform()
        b = rng.uniform()
        s = s * x * a + x**2 * b + np.sin(s * b)
    return s


@corner((1.3,))
def rand_global_in_loop(x):
    np.random.seed(3)
    s = 1.0
    for i in range(4):
        a = np.random.rand()
        b = np.random.rand()
        s = s * x * a + x**2 * b + np.sin(s * b)
    return s


@corner((1.3,))
def rand_global_straight(x):
    np.random.seed(3)
    a = np.random.rand()
    b = np.random.rand()
    return x * a + x**2 * b


@corner([(X, 1), (X, 2), (X, 3)])
def growing_prev(x, n):
    prev = x[:1]
    s = 0.0
    for i in range(n):
        cur = x[: i + 1] ** 2
        if i < 2:
            s = s + np.sum(prev * cur)
        prev = cur
    return s


@corner([(X,)])
def mask_one(x):
    y = x[x > 1.0] * x
    return np.sum(y**2)


@corner([(np.array([[0.5]]),), (np.array([[0.5, 0.3]]),), (np.array([[0.5], [0.3]]),)])
def squeeze_rt(x):
    y = np.squeeze(x * 2)
    return np.sum(y**2 + y)


@corner(
    [
        (np.array([0.3, 0.5]), np.array([[1.0, 2.0]])),
        (np.array([0.3]), np.array([[1.0, 2.0]])),
        (np.array([0.3]), np.array([[1.0]])),
    ],
    argnums=(0, 1),
)
def bcast(x, y):
    z = x * y + x.reshape(-1, 1) * y
    return np.sum(z**2)


@corner((X,))
def set_leading_ones(x):
    a = np.zeros(3)
    a[:] = x[None]
    return np.sum(a**2)


@corner((X,))
def set_broadcast_one(x):
    a = np.zeros(3)
    a[:] = x[:1]
    a[1:] = x[1:2] ** 2
    return np.sum(a**3)


@corner((X.astype(np.float32), np.float64(2.0) * X), argnums=(0, 1), tolerance=1e-3)
def f32_with_f64(x, w):
    a = x * w
    b = np.sin(x) * 2.0 + a
    return np.sum(b * x)


@corner((X,))
def complex_inter(x):
    z = np.exp(1j * x) * x
    w = z * np.conj(z) + z[0]
    return np.sum(w.real) + np.abs(z[1]) ** 2 + np.sum(z.imag**3)


@corner((X,))
def set_lead_index(x):
    a = np.zeros((2, 3))
    a[0] = x[None, :] ** 2
    a[1:, :2] = x[None, None, :2]
    return np.sum(a**3)


@corner((X,))
def set_onesize_into_scalar(x):
    a = np.zeros(3)
    a[1:2] = x[1:2]
    a[0] = x[0]
    return np.sum(a**3)


@corner([(X, 2), (X, 1), (X, 0)])
def three_buffers(x, n):
    a, b, c = x * 1.0, x * 2.0, np.zeros(3)
    for i in range(n):
        c[:] = a * b
        c[0] = a[1]
        a, b, c = b, c, a
    return np.sum(a * b + c**2)


@corner([(X, 0), (X, 1), (X, 2), (X, 3)], refused=REFUSAL)
def zero_trip_alias(x, n):
    a = x * 1.0
    b = a
    for i in range(n):
        b = b * x
    b[0] = 5.0
    return np.sum(a**2 * b)


@corner([(X, True), (X, False)])
def phi_write(x, flag):
    a, b = x * 1.0, x * 2.0
    if flag:
        c = a
    else:
        c = b
    c[0] = x[1] ** 2
    return np.sum(c**2)


@corner([(X,), (-X,)], refused=REFUSAL)
def phi_write2(x):
    a, b = x * 1.0, x * 2.0
    c = a if x[0] > 0 else b
    c[0] = x[1] ** 2
    return np.sum(a**2 + b**3)


@corner([(X,), (-X,)], refused=REFUSAL)
def phi_write3(x):
    a = x * 1.0
    b = a if x[0] > 0 else a.copy()
    b[0] = x[1] ** 2
    return np.sum(a**2)


@corner((X,), refused=REFUSAL)
def write_after_append(x):
    a = x * 1.0
    l = []
    for i in range(3):
        a[i] = a[i] ** 2 + i
        l.append(a)
    return sum(np.sum(e**2) for e in l)


@corner((X,), refused=REFUSAL)
def write_after_append_view(x):
    a = x * 1.0
    l = []
    for i in range(3):
        a[i] = a[i] ** 2 + i
        l.append(a[i:])
    s = 0.0
    for e in l:
        s = s + np.sum(e**2)
    return s


@corner((X,))
def write_after_append_copy(x):
    a = x * 1.0
    l = []
    for i in range(3):
        a[i] = a[i] ** 2 + i
        l.append(a.copy())
    s = 0.0
    for e in l:
        s = s + np.sum(e**2)
    return s


@corner([(X, 0), (X, 3)], refused=REFUSAL)
def view_carried(x, n):
    a = np.zeros(5)
    v = a[:3]
    for i in range(n):
        v[:] = v + x * i
        v[i] = v[i] ** 2
        v = a[i % 2 : i % 2 + 3]
    return np.sum(a**2) + np.sum(v**3)


@corner((X,), refused=REFUSAL)
def row_views_list(x):
    a = np.zeros((3, 3))
    rows = [a[i] for i in range(3)]
    for i, r in enumerate(rows):
        r[:] = x * i
    return np.sum(a**2)


@corner((X,))
def carried_prev_view(x):
    a = np.zeros((4, 3))
    a[0] = x
    prev = a[0]
    for i in range(1, 4):
        cur = a[i]
        cur[:] = prev * x + 1
        prev = cur
    return np.sum(a[-1] ** 2)


@corner((X,))
def swap_elements(x):
    a = x * 1.0
    a[0], a[2] = a[2] ** 2, a[0] * a[1]
    i, j = 1, 2
    a[i], a[j] = a[j], a[i]
    return np.sum(a * np.array([1.0, 2.0, 3.0]))


@corner((A,))
def swap_rows(x):
    a = x * 1.0
    a[0], a[1] = a[1], a[0]
    return np.sum(a**2 * np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))


@corner((A,))
def swap_rows_fancy(x):
    a = x * 1.0
    a[[0, 1]] = a[[1, 0]]
    return np.sum(a**2 * np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))


@corner((X,))
def fancy_repeat_write(x):
    a = x * 1.0
    idx = np.array([0, 0, 1])
    a[idx] = x**2
    a[idx] += x
    a[idx] = a[idx]
    return np.sum(a**3)


@corner((X,))
def fancy_repeat_add_at(x):
    a = x * 1.0
    idx = np.array([0, 0, 1])
    np.add.at(a, idx, x**2)
    return np.sum(a**3)


@corner((X,))
def mask_write(x):
    a = x * 1.0
    m = a > 0
    a[m] = a[m] ** 2
    a[~m] *= 3.0
    a[a > 1] = 0.5
    return np.sum(a**3)


@corner((X,))
def mask_write_one(x):
    a = x * 1.0
    m = a > 1.0
    a[m] = x[:1] * x[1]
    return np.sum(a**3)


@corner((X,))
def aug_view_alias(x):
    a = x * 1.0
    b = a[1:]
    a[:-1] += b
    b *= a[:2]
    return np.sum(a**2 * x)


@corner((X,))
def overlap_self(x):
    a = x * 1.0
    a[1:] = a[:-1]
    a[::-1] += a
    return np.sum(a**2 * x)


@corner((1.3,))
def same_saved_two_branches(x):
    s = x
    for i in range(5):
        t = np.sin(s)
        if i % 2 == 0:
            s = t * t * s
        elif i == 3:
            s = s + t**3
        else:
            u = t * s
            s = u * u + t
    return s


@corner((X,))
def overwritten_after_saved(x):
    a = x * 1.0
    s = 0.0
    for i in range(3):
        for j in range(3):
            s = s + a[j] ** 2 * a[i]
            a[j] = np.sin(a[j]) * a[i]
    return s + np.sum(a)


@corner((X,))
def element_recomputed(x):
    a = x * 1.0
    s = 1.0
    for i in range(3):
        t = a[i]
        a[i] = t * t
        s = s * t * a[i]
    return s


def ident(y):
    return y


def view0(y):
    return y[0]


def twice(y):
    return y, y


def wr(y):
    y[0] = y[1] ** 2
    return y


def wr_none(y):
    y[0] = y[1] ** 2


def maybe(y, flag):
    if flag:
        return y
    return y * 1.0


def rec(y, n):
    if n == 0:
        return y
    return rec(y, n - 1)


def recw(y, n):
    if n == 0:
        return
    y[n - 1] = y[n - 1] ** 2 + y[0]
    recw(y, n - 1)


def dflt(y, acc=[]):
    acc.append(1.0)
    return y * len(acc)


@corner((X,))
def h_ident(x):
    a = x * 1.0
    b = ident(a)
    b[0] = x[1] ** 2
    return np.sum(a**2)


@corner((A,))
def h_view(x):
    a = x * 1.0
    b = view0(a)
    b[0] = x[0, 1] ** 2
    return np.sum(a**2)


@corner((X,))
def h_twice(x):
    a, b = twice(x * 1.0)
    a[0] = x[1] ** 2
    return np.sum(b**2)


@corner((X,))
def h_wr(x):
    a = x * 1.0
    b = wr(a)
    b[2] = a[0]
    return np.sum(a**2 * b)


@corner((X,))
def h_wr_view(x):
    a = x * 1.0
    wr_none(a[1:])
    return np.sum(a**2)


@corner([(X, True), (X, False)])
def h_maybe(x, f):
    a = x * 1.0
    b = maybe(a, f)
    b[0] = x[1] ** 2
    return np.sum(a**2)


@corner([(X, 1), (X, 0)], refused=REFUSAL)
def h_maybe_run(x, n):
    a = x * 1.0
    b = maybe(a, n > 0)
    b[0] = x[1] ** 2
    return np.sum(a**2)


@corner([(X, 1), (X, 0)], refused=REFUSAL)
def h_rec(x, n):
    a = x * 1.0
    b = rec(a, n)
    b[0] = x[1] ** 2
    return np.sum(a**2)


@corner([(X, 2), (X, 0)], refused=REFUSAL)
def h_recw(x, n):
    a = x * 1.0
    recw(a, n)
    return np.sum(a**2)


@corner((X,))
def h_wr_arg(x):
    wr_none(x)
    return np.sum(x**2)


@corner((X,), refused=REFUSAL)
def h_list_same(x):
    l = [x * 1.0] * 2
    wr_none(l[0])
    return np.sum(l[1] ** 2)


@corner((X, X * 2), argnums=(0, 1))
def args_written(x, y):
    x += y
    y *= x
    return np.sum(x * y)


@corner(([X * 1.0, X * 2],), refused=REFUSAL)
def list_arg_written(l):
    l[0] += l[1]
    l[1][0] = l[0][0] ** 2
    l.append(l[0])
    l[2][1] = 3.0
    return np.sum(l[0] ** 2) + np.sum(l[1])


@corner(({"a": X, "b": X * 2},), refused=REFUSAL)
def dict_arg_written(d):
    d["a"] += d["b"]
    d["a"][0] = 1.0
    return np.sum(d["a"] ** 2)


@corner([(X, 0), (X, 1), (X, 2)])
def break_first(x, n):
    s = 0.0
    for i in range(3):
        if i == n:
            break
        s = s + x[i] ** 2
        last = x[i]
    else:
        s = s * 2
    if n > 0:
        s = s * last
    return s


@corner([(X, 4.0), (X, 0.1)])
def while_complex_exit(x, lim):
    s, k = 1.0, 0
    while s < lim and k < 10:
        k += 1
        s = s + x[k % 3] ** 2
        if s > 3 * lim:
            break
        for j in range(3):
            if j == k:
                break
            s = s * 1.1
        else:
            s = s + 0.1 * x[0]
            continue
        if k == 7:
            return s * x[1]
    else:
        s = s**2
    return s


@corner((X,))
def loop_var_reused(x):
    s = 0.0
    for i in range(3):
        for i in range(2):
            s = s + x[i] ** 2 * (i + 1)
        s = s * x[i]
    return s * x[i]


@corner((X,), refused=REFUSAL)
def list_grows(x):
    l = [x[0]]
    for v in l:
        if len(l) < 4:
            l.append(v * x[1])
    return sum(l)


@corner((X,))
def list_grows_idx(x):
    l = [x[0]]
    i = 0
    while i < len(l):
        if len(l) < 4:
            l.append(l[i] * x[1])
        i += 1
    return sum(l)


@corner((X,), refused=REFUSAL)
def closure_call_loopvar(x):
    s = 0.0
    for i in range(3):
        f = lambda y: y**2 * x[i] * i
        s = s + f(x[0])
    return s


@corner((X,))
def closure_sees_write(x):
    a = x * 1.0
    f = lambda: np.sum(a**2)
    a[0] = x[1] ** 2
    return f()


@corner((X,), refused=REFUSAL)
def closure_rebind(x):
    a = x[0]
    f = lambda y: y * a
    a = a * 3
    return f(2.0)


@corner((X,))
def sizes_shrink(x):
    y = x
    s = 0.0
    while y.size > 1:
        y = y[1:] * y[:-1]
        s = s + np.sum(y)
    return s + y[0]


@corner((X,))
def sizes_shrink_prev(x):
    prev = x
    y = x
    for i in range(2):
        y = y[1:]
        s = np.sum(prev[-1:] * y)
        prev = y
    return s * x[0]


@corner([(X, 3), (X, 2)])
def prev_one_broadcast(x, n):
    prev = np.ones(1) * x[0]
    s = 0.0
    for k in range(1, n):
        cur = x[: k + 1]
        t = prev * cur
        s = s + np.sum(t**2)
        prev = t[:1]
    return s


@corner([(X, 3), (X, 2)])
def prev_one_broadcast2(x, n):
    prev = x[:1]
    s = 0.0
    for k in range(2):
        cur = x[: 2 * k + 1] ** 2
        s = s + np.sum((prev * cur) ** 2)
        prev = cur
    return s


@corner((X,))
def lists_of_different_sizes(x):
    l = []
    for k in range(3):
        l.append(x[: k + 1] ** 2)
    t = l[0] * l[2] + l[0] * l[1][0]
    return np.sum(t)


@corner((L,))
def slot_rebound(l):
    e = l[0]
    l[0] = l[1] * 3
    return np.sum(e**2) + np.sum(l[0])


@corner((X,))
def slot_rebound_local(x):
    l = [x * 1, x * 2]
    e = l[0]
    l[0] = l[1] * 3
    return np.sum(e**2) + np.sum(l[0])


@corner((X, 2))
def slot_rebound_comp(x, n):
    l = [x * i for i in range(1, n + 1)]
    e = l[0]
    l[0] = l[1] * 3
    return np.sum(e**2) + np.sum(l[0])


@corner((L,))
def slot_swap(l):
    t = l[0]
    l[0] = l[1]
    l[1] = t
    return np.sum(l[0] ** 2) + np.sum(l[1] ** 3)


@corner((L,), refused=REFUSAL)
def slot_swap2(l):
    l[0], l[1] = l[1], l[0]
    l[0][0] = l[1][1] ** 2
    return np.sum(l[0] ** 2) + np.sum(l[1] ** 3)


@corner(([1.0, 2.0],))
def slot_swap_scalars(l):
    l[0], l[1] = l[1] * l[0], l[0]
    return l[0] ** 2 + l[1] ** 3


@corner((L,), refused=REFUSAL)
def slot_write_after_rebind(l):
    e = l[0]
    l[0] = l[1] * 3
    e[0] = 7.0
    return np.sum(e**2) + np.sum(l[0] ** 2)


@corner((L,), refused=REFUSAL)
def slot_dup(l):
    l[0] = l[1]
    l[0][0] = 7.0
    return np.sum(l[1] ** 2)


@corner((L,), refused=REFUSAL)
def slot_dup_append(l):
    l.append(l[0])
    l[2][0] = 7.0
    return np.sum(l[0] ** 2)


@corner((L,), refused=REFUSAL)
def slot_plus(l):
    m = l + l
    m[2][0] = 7.0
    return np.sum(m[0] ** 2)


@corner((L,), refused=REFUSAL)
def slot_plus2(l):
    m = l + [l[0]]
    m[2][0] = 7.0
    return np.sum(m[0] ** 2)


@corner((L,))
def slot_pop(l):
    e = l[-1]
    l.pop()
    return np.sum(e**2) + np.sum(l[0])


@corner((L,))
def slot_append_then_neg(l):
    e = l[-1]
    l.append(e * 2)
    return np.sum(e**2) + np.sum(l[-1])


@corner((L,), refused=REFUSAL)
def neg_index_write_after_append(l):
    e = l[-1]
    l.append(e * 2)
    e[0] = 3.0
    return np.sum(e**2) + np.sum(l[-1] ** 2)


@corner((X, 3), refused=REFUSAL)
def neg_index_local(x, n):
    l = [x * 1.0]
    for i in range(n):
        e = l[-1]
        l.append(np.sin(e))
        e[0] = x[1] * i
    s = 0.0
    for e in l:
        s = s + np.sum(e**2)
    return s


@corner((L,))
def idx_changes(l):
    i = 0
    e = l[i]
    i = 1
    e[0] = 3.0
    return np.sum(l[0] ** 2)


@corner((A,), refused=REFUSAL)
def idx_array_changes(x):
    a = x * 1.0
    idx = np.array([0, 1])
    r = a[idx[0]]
    idx[0] = 1
    r[0] = x[0, 0] ** 2
    return np.sum(a**3)


@corner((A, 2), refused=REFUSAL)
def idx_loop_view(x, n):
    a = x * 1.0
    r = a[0]
    for i in range(n):
        r[:] = r * x[1] + i
        r = a[i]
    r[0] = 4.0
    return np.sum(a**3)


@corner((1.3,))
def tuple_mul(x):
    t = (x, x**2) * 2
    return t[0] * t[3]


@corner((1.3,))
def nested_lists(x):
    m = [[0.0] * 2 for _ in range(2)]
    m[0][1] = x
    m[1][0] = m[0][1] ** 2
    r = m[0]
    r[0] = x**3
    return m[0][0] * m[1][0]


@corner((1.3,))
def nested_lists_shared(x):
    r = [0.0] * 2
    m = [r, r]
    m[0][1] = x
    return m[1][1] ** 2


@corner((1.3,), refused=REFUSAL)
def nested_lists_mul(x):
    m = [[0.0] * 2] * 2
    m[0][1] = x
    return m[1][1] ** 2


@corner((1.3,), refused=REFUSAL)
def nested_lists_append(x):
    r = []
    m = [r]
    m.append(r)
    r.append(x)
    m[0].append(x**2)
    return m[1][1] * m[1][0]


@corner(([[1.0, 2.0], [3.0, 4.0]],))
def nested_arg(m):
    m[0][1] = m[1][0] * m[0][0]
    r = m[1]
    r[0] *= m[0][1]
    return m[0][1] * m[1][0] * r[1]


@corner(([[1.0, 2.0], [3.0, 4.0]],), refused=REFUSAL)
def nested_arg_rebind(m):
    r = m[1]
    m[1] = [5.0, m[0][0]]
    r[0] *= m[0][1]
    return m[1][0] * m[1][1] * r[0]


@corner((L,), refused=REFUSAL)
def list_zip_write(l):
    for a, b in zip(l, l):
        a[0] = b[1] ** 2
    return np.sum(l[0] ** 2) + np.sum(l[1])


@corner((L,), refused=REFUSAL)
def list_idx_loop_write(l):
    for i in range(len(l)):
        l[i] = l[i] ** 2
        l[i][0] = l[0][1]
    return np.sum(l[0] ** 2) + np.sum(l[1])


@corner((L,), refused=REFUSAL)
def comp_of_elements(l):
    m = [a for a in l]
    m[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner((L,), refused=REFUSAL)
def comp_of_views(l):
    m = [a[1:] for a in l]
    m[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner((L,), refused=REFUSAL)
def tuple_of_list(l):
    m = tuple(l)
    m[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner((L,), refused=REFUSAL)
def reversed_list(l):
    m = l[::-1]
    m[0][0] = 5.0
    return np.sum(l[1] ** 2)


@corner((L,), refused=REFUSAL)
def reversed_call(l):
    for a in reversed(l):
        a[0] = 5.0
    return np.sum(l[1] ** 2)


@corner((L,))
def star_list(l):
    _, *b = l
    b[0][0] = 5.0
    return np.sum(l[1] ** 2)


@corner((L,), refused=REFUSAL)
def extend_list(l):
    m = []
    m.extend(l)
    m[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner((L,), refused=REFUSAL)
def iadd_list(l):
    m = []
    m += l
    m[0][0] = 5.0
    return np.sum(l[0] ** 2)


@corner((L,), refused=REFUSAL)
def concat_elem(l):
    m = [X * 1] + l
    m[1][0] = 5.0
    return np.sum(l[0] ** 2)


@corner((L,))
def unpack_list(l):
    a, _ = l
    a[0] = 5.0
    return np.sum(l[0] ** 2)


@corner(((X * 1.0, X * 2.0),), refused=REFUSAL)
def tuple_arg(t):
    a, _ = t
    a[0] = 5.0
    return np.sum(t[0] ** 2)


@corner(((X * 1.0, X * 2.0),), refused=REFUSAL)
def tuple_arg_slice(t):
    a = t[:1]
    a[0][0] = 5.0
    return np.sum(t[0] ** 2)


@corner(((X * 1.0, X * 2.0),), refused=REFUSAL)
def tuple_arg_list(t):
    a = list(t)
    a[0][0] = 5.0
    return np.sum(t[0] ** 2)


@corner(({"a": X, "b": X * 2},), refused=REFUSAL)
def dict_values(d):
    for v in d.values():
        v[0] = 5.0
    return np.sum(d["a"] ** 2)


@corner(({"a": X, "b": X * 2},), refused=REFUSAL)
def dict_elem(d):
    v = d["a"]
    v[0] = 5.0
    return np.sum(d["a"] ** 2)


@corner(({"a": X, "b": X * 2},), refused=REFUSAL)
def dict_copy(d):
    v = dict(d)
    v["a"][0] = 5.0
    return np.sum(d["a"] ** 2)


@corner((X,))
def stored_in_tuple(x):
    a = x * 1.0
    t = (a, 1)
    a[0] = 5.0
    return np.sum(t[0] ** 2)


@corner((X,))
def stored_in_dict(x):
    a = x * 1.0
    t = {"a": a}
    a[0] = 5.0
    return np.sum(t["a"] ** 2)


@corner((X,))
def default_arg_capture(x):
    a = x * 1.0
    f = lambda y, a=a: np.sum(a * y)
    a[0] = 5.0
    return f(x)


@corner((X,), refused=REFUSAL)
def partial_capture(x):
    a = x * 1.0
    f = functools.partial(np.dot, a)
    a[0] = 5.0
    return f(x)


@corner((X,))
def sum_of_start(x):
    a = x * 1.0
    b = sum([a], 0)
    a[0] = 5.0
    return np.sum(b**2)


@corner((X,))
def aug_scalar_alias(x):
    s = x[0]
    t = s
    s += x[1]
    return s * t


@corner((X,))
def aug_0d(x):
    s = np.sum(x, keepdims=True)
    t = s
    s += x[1]
    return (s * t)[0]


@corner((np.array(1.3),))
def aug_0d_copy(x):
    s = x * 1
    t = s
    s += 1.0
    return s * t


@corner((X,), refused=REFUSAL)
def max_alias(x):
    a = x * 1.0
    b = x * 2.0
    c = max(a, b, key=np.sum)
    c[0] = 5.0
    return np.sum(b**2)


@corner((X,), refused=REFUSAL)
def or_alias(x):
    a = x * 1.0
    l = []
    m = l or [a]
    m[0][0] = 5.0
    return np.sum(a**2)


@corner((X,))
def walrus_alias(x):
    a = (b := x * 1.0)
    b[0] = 5.0
    return np.sum(a**2)


@corner((X,))
def chained_assign(x):
    a = b = x * 1.0
    b[0] = x[1]
    c = d = a[1:]
    d[0] = x[0] ** 2
    return np.sum(a**2 * c[0])


@corner(
    [(0.7, X, 1), (-0.7, X, 1)],
    argnums=(0, 1),
    vjp=True,
    note="WRONG: AttributeError in the backward half, which copies what was saved as None",
)
def saved_in_one_branch(x, u, n):
    if x > -0.3:
        u[:] *= u * x
    for i in range(2, 0, -1):
        x += _early(x, i)
    return x + u[0] + np.sum(u)


def _early(y, k):
    if k > 1:
        return np.sin(y)
    return y


@corner((np.array([0.5, 0.7]),))
def list_broadcast_as_array(a):
    w = np.array([[1.0, 0.0], [0.0, 2.0]])
    return np.sum(np.multiply([a[0], a[1]], w) ** 2)


@corner([(X, 2), (X, 0)])
def rebound_between_writes(x, n):
    z = x * 1.0
    w = z
    for _ in range(n):
        z *= 2.0
        w = z
        z = np.sin(z)
        z += w
        w *= 0.5
        z *= w
    return np.sum(z) * np.sum(w)


@corner([(X, X[::-1].copy(), 2), (X, X[::-1].copy(), 0)], argnums=(0, 1))
def argument_rebound_between_writes(x, y, n):
    for _ in range(n):
        x *= 2.0
        x = np.sin(x) * y
        x *= y
    return np.sum(x)


@corner([(0.4, np.array([0.1, 0.5, 1.2]), 0), (0.7, np.array([0.1, 0.5, 1.2, 2.0]), 5)], argnums=(0, 1))
def bounded_index(t, table, i):
    """An index that is a whole number of Python's or of NumPy's."""
    i = min(max(np.searchsorted(table, t) - 1, i), len(table) - 2)
    w = (t - table[i]) / (table[i + 1] - table[i])
    rows = table[[i, 0]] * np.float32(i)
    return (1 - w) * table[i] ** 2 + w * table[i + 1] + np.sum(rows * i) + i / 3


@corner([(0.3, 0.8), (0.8, 0.3), (-0.5, -0.4)])
def larger_of_two(a, b):
    """Python takes the second of two only where it is the larger one; where they are equal, both count a half."""
    return max(a, b, 0.1 * a) + max(a, b) * max(a, 0.0) - min(a, 0.5) * min(0.7, a)


def _halved(x):
    if len(x) == 1:
        return x
    left, right = _halved(x[::2]), _halved(x[1::2])
    return np.concatenate([left + right, left - right * np.arange(1.0, len(right) + 1)])


@corner([(np.arange(1.0, 9.0) / 8,), (np.array([0.3, 0.7]),)])
def recursion_that_returns_its_argument(x):
    """Divide and conquer down to a view of the argument; and a write into what came of it."""
    y = _halved(x * 1.0)
    y[0] = y[1] ** 2
    return np.sum(np.sin(y)) + _halved(x)[-1]


def _last_part(x):
    if len(x) <= 2:
        return x
    return _last_part(x[1:])


@corner((X,))
def written_view_of_a_recursion(x):
    y = _last_part(x)
    y[0] = 5.0 * x[0]
    return np.sum(x**2) + np.sum(y)


def _back_and_forth(x, n):
    if n <= 0:
        return x
    return _forth_and_back(x, n - 1)


def _forth_and_back(x, n):
    if n <= 0:
        return x * 1.0
    return _back_and_forth(x, n - 1)


@corner([(X, 4), (X, 3)])
def written_result_of_mutual_recursion(x, n):
    z = x * 2.0
    y = _back_and_forth(z, n)
    y *= x
    return np.sum(z**2)


def _swapped(x, n):
    if n == 0:
        return [x, x * 2.0]
    a = _swapped(x, n - 1)
    return [a[1], a[0]]


@corner((X,))
def recursion_that_returns_a_list(x):
    y = _swapped(x, 3)
    y[0][0] = x[1]
    return np.sum(x**2) + np.sum(y[1] ** 2) + np.prod(y[0])


@corner((X, 0.5), argnums=(0, 1))
def partial_of_local_functions(x, h):
    def gram(a, b, h, k=1.0):
        return np.exp(-((a - b) ** 2) / h * x[0] ** 2) * k

    g = functools.partial(gram, h=h)
    u = functools.partial(g, x[2], k=2.0)
    z = x * 1.0
    total = functools.partial(lambda a, k: np.sum(a) * k, z)
    z[0] = 5.0 * x[1]
    return g(1.0, x[0]) + u(0.5) + u(0.2, k=x[0]) + g(0.3, 0.2, h=2.0) * total(2.0) + total(k=h)


@corner(([1.0, 2.0, 0.5], 0.3, X), argnums=(0, 1, 2))
def reduced_in_all_ways(numbers, t, x):
    horner = functools.reduce(lambda acc, c: acc * t + c, reversed(numbers), 0.0)
    means = functools.reduce(lambda acc, s: acc + np.mean(s, axis=0), [x, x**2], np.zeros(1))
    matrix = functools.reduce(lambda a, b: a @ b, [np.outer(x, x), np.eye(3), np.diag(x)])
    grown = functools.reduce(lambda a, v: a + [a[-1] * v], x, [t])
    return horner * np.sum(means) + np.sum(matrix) + sum(grown) + functools.reduce(np.multiply, x)


@corner([(X, []), (X, [0.4, 0.7])], argnums=(0, 1))
def reduced_to_an_error(x, numbers):
    try:
        return x[0] * functools.reduce(lambda a, b: a * b, numbers)
    except TypeError:
        return np.sum(x**2)


@corner([(X, 5), (X, 0)])
def generators_that_count(x, n):
    a, b, c = (x * k for k in (1.0, 2.0, 3.0))
    t = 0.0
    for i, j in ((k, m) for k in range(n) for m in range(k) if (k + m) % 2):
        if i > 3:
            break
        t += a[i % 3] * b[j % 3] * i
    else:
        t += 1.0
    for k in (2 * k + 1 for k in range(2)):
        t = t * c[k % 3]
    return t + np.sum(c)


@corner((X,))
def generators_that_see_the_loop(x):
    t, m, y = 0.0, 1, x * 1.0
    for k in (k * m for k in range(3)):
        m += 1
        t += x[k % 3]
    for v in (y[k] for k in range(3)):
        y[2] = y[0] ** 2
        t += v
    return t


@corner([(X, 4), (X, 0)])
def function_of_each_turn(x, n):
    """A nested function that sees variables of the loop that defines it, called before they change."""
    t = 0.0
    for i in range(n):
        a = x[i % 3]
        while t < 10:

            def g(u):
                return u * a + t

            b = g(x[0]) + g(2.0)
            t = t + b * b + 0.1
            if t > 3:
                break
        t -= 1.0
    return t


@corner((X,))
def function_that_sees_the_change(x):
    t, total = x[0], 0.0
    for i in range(3):

        def g(u):
            return u * t + x[i]

        s = g(1.0)
        t = t + s
        for k in range(2):
            t += g(0.5) * k
        total += g(t)
    return total + g(x[1])


@corner([(np.arange(1.0, 6.0), 3), (X, 2)])
def windows_of_an_array(x, k):
    y = x * 2.0
    windows = np.lib.stride_tricks.sliding_window_view(y, k)
    spread = np.mean(windows, axis=-1) - np.max(windows, axis=1)
    y[0] = x[1] ** 2
    return np.sum(spread**2) * windows[0, 1] + np.sum(np.fft.irfft(np.fft.rfft(x), len(x)) ** 3)


@corner((X, np.array([1.0, 2.0])), argnums=(0, 1))
def matrices_of_numbers(angles, target):
    """Literal matrices: in each turn, of integers and complex numbers too, of arrays, and of a list from outside."""
    p, t = np.zeros(2), [[angles[0], 2.0], [target[1] ** 2, angles[0]]]
    for k, a in enumerate(angles):
        c, s = np.cos(a), np.sin(a)
        p = np.array([[c, -s], [s, c]]) @ (p + np.array([1.0, 0])) + np.array(t)[0] * k
    mixed = np.array([[1, p[0], 2.0], [p[1], p[1] * p[0], 0]])
    spun = np.array([[1j, p[0]], (p[1] * 2j, True)])
    stacked = np.array([[target, p * 2], [p**2, np.ones(2)]])
    deep = np.array([[[p[0]], [1]], [[2], [target[1]]]], dtype=float)
    return np.sum(mixed @ mixed.T) + np.sum(np.abs(spun**2)) + np.sum(stacked**2) + np.sum(deep**3) + np.sum(p * target)


@corner((X,))
def iterators_given_to_functions(x):
    """What one function has walked, another one finds empty."""
    kept, pairs, rest = reversed(x), zip(x, x[1:]), reversed(x)
    first = functools.reduce(lambda a, b: a * 0.5 + b, kept, 1.0)
    second = functools.reduce(lambda a, b: a * 0.5 + b, kept, 1.0)
    taken, again = list(pairs), list(pairs)
    made = list(rest)
    for e in rest:
        made.append(e * 2.0)
    return first + 3 * second + sum(p * q for p, q in taken) + sum(p + q for p, q in again) + sum(made) * made[0]


@corner((X,))
def lists_of_arrays(x):
    values = list(x)
    values[0] = values[1] * 2
    values.append(3.0)
    m = np.outer(x, x)
    rows = list(m)
    rows[0] = rows[1] * 2
    return sum(v * v for v in values) + sum(np.sum(r**2) for r in rows) + np.sum(m) + list(reversed(x))[0]


@corner((X,))
def rows_of_a_list_written(x):
    m = np.outer(x, x)
    rows = list(m)
    rows[0][1] = 5.0 * x[0]
    return sum(np.sum(r**2) for r in rows) + np.sum(m**2)


@corner((X, normal(3, 3)), argnums=(0, 1))
def sums_of_lists_that_loops_make(x, m):
    """A list that is made anew in each turn of sums over the one before."""
    alpha = list(x)
    for t in range(2):
        alpha = [x[j] + math.log(sum(math.exp(alpha[i] + m[i, j]) for i in range(3))) for j in range(3)]
    return max(alpha) * sum(alpha)


@corner([(X, 3), (X, 0)])
def sorted_numbers(x, n):
    made = []
    for i in range(n):
        made.append(x[i] ** 2)
    made = sorted(made)
    s = sorted([x[0], x[1], 2.0], reverse=True)
    s.append(x[2])
    s[0] = s[1] * 2
    return sum(k * v for k, v in enumerate(made)) + sum(v * k for k, v in enumerate(s)) * sorted(x)[1] + len(made)
