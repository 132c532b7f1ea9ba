"""Programs that ask the compiler what it does not know: what a list will hold, who writes an argument, what it is.

Each of them gave a wrong number, or none, at some time.  A refusal with its reason is acceptable; a wrong number never.
"""
# ruff: noqa: B007, F601, RUF005, SIM108

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .harness import Program

PROGRAMS: list[Program] = []

X = np.array([0.7, -0.4, 1.3])
S = np.array([[2.0, 0.3], [0.3, 1.5]])
A = np.array([[0.5, 0.2, -0.3], [0.1, 0.9, 0.4]])
REFUSAL = (
    "is not supported|may change|not known|changes or returns|may share memory|reads or changes|has no derivative"
    "|be differentiated|among the attributes"
)


def corner(args: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the function to the family; ``args``: one argument tuple, or a list of them."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        PROGRAMS.append(Program(function, args if isinstance(args, list) else [args], **options))
        return function

    return add


@corner((1.3, X), refused=REFUSAL)
def ladd_append(x, u):
    l = [x] + [2.0 * x]
    l.append(u)
    return l[0] * np.sum(l[2])


@corner((1.3, X), refused=REFUSAL)
def ladd_append2(x, u):
    l = [x] + [2.0 * x]
    l.append(u)
    s = 0.0
    for e in l:
        s = s + np.sum(e * e)
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def ladd_append_loop(x, u, n):
    l = [x] + [2.0 * x]
    for i in range(n):
        l.append(u * x)
    s = 0.0
    for e in l:
        s = s + np.sum(e * e)
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def lslice_append(x, u, n):
    m = [x, x * 2, x * 3]
    l = m[1:]
    l.append(u * x)
    s = 0.0
    for e in l:
        s = s + np.sum(e * e)
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def lslice_setitem(x, u, n):
    m = [x, x * 2, x * 3]
    l = m[1:]
    l[0] = u * x
    s = 0.0
    for e in l:
        s = s + np.sum(e * e)
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def lmul_setitem(x, u, n):
    l = [0.0] * n
    l[0] = u * x
    s = 0.0
    for e in l:
        s = s + np.sum(e * e * u)
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def lmul_setitem_int(x, u, n):
    l = [0] * n
    l[0] = x * x
    s = 0.0
    for e in l:
        s = s + np.sum(e * e * u)
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def nested_mul(x, u, n):
    l = [[0] * n for _ in range(n)]
    l[0][1] = x * x
    s = 0.0
    for r in l:
        for e in r:
            s = s + e * e * x
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def tolist_append(x, u, n):
    l = u.tolist()
    l.append(u * x)
    s = 0.0
    for e in l:
        s = s + np.sum(e * e * x)
    return s


@corner((1.3, X, 3), argnums=(0, 1), refused=REFUSAL)
def list_array_append(x, u, n):
    l = list(u)
    l.append(u * x)
    s = 0.0
    for e in l:
        s = s + np.sum(e * e * x)
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def ladd_int_then_float(x, u, n):
    l = [1] + [2]
    l.append(x)
    s = 1.0
    for e in l:
        s = s * e
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def lslice_of_ints(x, u, n):
    l = [1, 2, 3][:2]
    l.append(x * x)
    s = 1.0
    for e in l:
        s = s * e
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def list_carried2(x, u, n):
    l = [1] + [2]
    for i in range(n):
        l = l + [i]
        l[0] = x * i
    s = 1.0
    for e in l:
        s = s + e * x
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def nested_in_tuple(x, u, n):
    t = ([1] + [2], x)
    t[0].append(x)
    return t[0][2] * t[1] + t[0][0]


@corner((1.3, X, 3), refused=REFUSAL)
def nested_in_tuple2(x, u, n):
    t = ([1] * n, x)
    t[0][n - 1] = x
    s = 0.0
    for e in t[0]:
        s = s + e * t[1]
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def nested_in_dict(x, u, n):
    d = {"a": [1] * n}
    d["a"][n - 1] = x
    s = 0.0
    for e in d["a"]:
        s = s + e * x
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def nested_in_list(x, u, n):
    d = [[1] * n, [2] * n]
    d[0][n - 1] = x
    s = 0.0
    for r in d:
        for e in r:
            s = s + e * x
    return s


@corner((1.3, X, 3), refused=REFUSAL)
def listlist_add(x, u, n):
    d = [[1]] + [[2]]
    d[0][0] = x
    s = 0.0
    for r in d:
        for e in r:
            s = s + e * x
    return s


def helper(l, v):
    l.append(v)
    return l


@corner((1.3, X, 3), refused=REFUSAL)
def helper_append(x, u, n):
    l = helper([1] * 2, x)
    l = helper(l, x * 2)
    s = 0.0
    for e in l:
        s = s + e * x
    return s


def mk(n):
    return [0] * n


@corner((1.3, X, 3), refused=REFUSAL)
def made_by_helper(x, u, n):
    l = mk(n)
    m = mk(n)
    l[0] = x
    m[1] = u
    s = 0.0
    for e in l:
        s = s + e * x
    for e in m:
        s = s + np.sum(e * x)
    return s


@corner((1.3, [1, 2], 3), refused=REFUSAL)
def arg_list_int(x, l, n):
    l.append(x)
    s = 0.0
    for e in l:
        s = s + e * x
    return s


@corner((1.3, [[1], [2]], 3), refused=REFUSAL)
def arg_nested_int(x, l, n):
    l[0].append(x)
    s = 0.0
    for r in l:
        for e in r:
            s = s + e * x
    return s


@corner((1.3, X), refused=REFUSAL)
def pop_len(x, u):
    l = [x, 2 * x, 3 * x]
    l.pop()
    return x * len(l) * l[-1]


@corner((1.3, X), refused=REFUSAL)
def pop_len2(x, u):
    l = [x, u]
    l.pop()
    return x * len(l) * l[-1]


@corner((1.3, {"a": 1.0, "b": 2.0}), argnums=(0,), refused=REFUSAL)
def dict_pop(x, d):
    y = d.pop("a")
    return x * len(d) * y


@corner((1.3,), refused=REFUSAL)
def dict_update(x):
    d = {"a": x, "b": 2.0}
    d.update({"a": 3 * x * x})
    return x * d["a"]


@corner((1.3,), refused=REFUSAL)
def dict_update2(x):
    d = {"a": x, "b": 2.0}
    d.update(a=3 * x * x)
    return x * d["a"]


@corner((1.3,), refused=REFUSAL)
def dict_clear(x):
    d = {"a": x, "b": 2.0}
    d.clear()
    return x * (1 + len(d))


@corner((1.3,), refused=REFUSAL)
def dunder_set(x):
    l = [x, 2 * x]
    l.__setitem__(0, x * x * x)
    return x * l[0]


@corner((X,), refused=REFUSAL)
def dunder_set_arr(x):
    l = x * 2.0
    l.__setitem__(0, 3.0)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def dunder_iadd_arr(x):
    l = x * 2.0
    l.__iadd__(x)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def out_pos(x):
    l = x * 2.0
    np.add(x, x * x, l)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def out_pos_1(x):
    l = x * 2.0
    np.sin(x, l)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def out_pos_clip(x):
    l = x * 2.0
    np.clip(x, -0.1, 0.9, l)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def meth_clip(x):
    l = x * 2.0
    l.clip(-0.1, 0.9, l)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def out_cumsum(x):
    l = x * 2.0
    np.cumsum(x, 0, None, l)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def meth_cumsum(x):
    l = x * 2.0
    x.cumsum(0, None, l)
    return np.sum(x * l)


@corner((A,), refused=REFUSAL)
def out_sum(x):
    l = np.zeros(3)
    np.sum(x, 0, None, l)
    return np.sum(x * l)


@corner((X,))
def nan_to_num2(x):
    l = x * 2.0
    l[0] = np.nan
    np.nan_to_num(l, copy=False)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def round_out(x):
    l = x * 2.0
    np.round(x * 3, 0, l)
    return np.sum(x * l)


@corner((A,), refused=REFUSAL)
def dot_out(x):
    l = np.zeros((2, 2))
    np.dot(x, x.T, l)
    return np.sum(l * l)


@corner((A,), refused=REFUSAL)
def dot_out2(x):
    l = np.zeros((2, 2))
    x.dot(x.T, l)
    return np.sum(l * l)


@corner((X,), refused=REFUSAL)
def take_out(x):
    l = x * 2.0
    np.take(x, [1, 2, 0], 0, l)
    return np.sum(x * l)


@corner((X,), refused=REFUSAL)
def map_effect(x):
    l = []
    list(map(l.append, x))
    return np.sum(l[0] * x)


@corner((1.3,), refused=REFUSAL)
def set_add(x):
    s = set()
    s.add(x)
    s.add(2.0)
    return sum(s) * x


@corner((1.3,), refused=REFUSAL)
def list_slice_assign_same(x):
    l = [3 * x, x, 2 * x]
    l[1:] = [x * x, x * x * x]
    return l[1] * l[2] ** 2 * len(l)


@corner((1.3, X), refused=REFUSAL)
def list_imul(x, u):
    l = [3 * x, x, 2 * x]
    l *= 2
    return l[3] * len(l)


def sq(x, k=2.0, w=1.0):
    return np.sum(x * k * w)


def cu(x, k=2.0, w=1.0):
    return np.sum(x**3 * k)


TABLE = {"a": sq, "b": cu}


@corner([(X, 1.3, "a"), (X, 1.3, "b")], argnums=(0, 1), refused=REFUSAL)
def dyn_kw(x, k, n):
    f = TABLE[n]
    return f(x, k=k)


@corner([(X, 1.3, 1), (X, 1.3, 0)], argnums=(0, 1), refused=REFUSAL)
def dyn_kw_list(x, k, n):
    fs = [sq, cu]
    f = fs[n]
    return f(x, w=k, k=k * k)


LIST = [sq, cu]


@corner([(X, 1.3, 1), (X, 1.3, 0)], argnums=(1,), refused=REFUSAL)
def dyn_kw_only(x, k, n):
    f = LIST[n]
    return f(x, w=k, k=k * k)


@corner([(X, 1.3, 1), (X, 1.3, 0)], argnums=(1,), refused=REFUSAL)
def dyn_starkw(x, k, n):
    f = LIST[n]
    d = {"w": k, "k": k * k}
    return f(x, **d)


@corner([(1.3, np.array([0.3, 0.8]), 0), (1.3, np.array([0.3, 0.8]), 1)], argnums=(0, 1), refused=REFUSAL)
def unk_full(x, u, n):
    l = [u * x, x, "s"]
    y = l[n]
    return np.sum(np.sum(y, axis=None, initial=x))


@corner([(1.3, np.array([0.3, 0.8]), 0), (1.3, np.array([0.3, 0.8]), 1)], argnums=(0, 1), refused=REFUSAL)
def unk_clip_kw(x, u, n):
    l = [u * x, x, "s"]
    y = l[n]
    return np.sum(np.clip(y, -10.0, a_max=x * 0.5))


@corner((1.3, np.array([0.3, 0.8]), 0), argnums=(0, 1), refused=REFUSAL)
def unk_interp_kw(x, u, n):
    l = [u * x, x, "s"]
    y = l[n]
    return np.sum(np.interp(y, xp=u, fp=u * x))


@corner((1.3, 3), refused=REFUSAL)
def loop_int(x, n):
    y = 1
    for i in range(n):
        y = y * x if i > 1 else 2
    return y * x


@corner((1.3, 3), refused=REFUSAL)
def loop_int2(x, n):
    y = 0
    z = 1
    for i in range(n):
        z = y + 1
        y = y + x
    return y * x * z


@corner((1.3, 3), refused=REFUSAL)
def tuple_branch(x, n):
    if n > 2:
        t = (1, x)
    else:
        t = (x, 2)
    return t[0] * t[1] * x


@corner((1.3, 3), refused=REFUSAL)
def dict_branch(x, n):
    if n > 2:
        t = {"a": 1, "b": x}
    else:
        t = {"a": x, "b": 1}
    return t["a"] * t["b"] * x


@corner((1.3, 3), refused=REFUSAL)
def list_branch(x, n):
    if n > 2:
        t = [1, x]
    else:
        t = [x, 2]
    return t[0] * t[1] * x


@corner([(1.3, 3, np.array([1, 2, 3])), (1.3, 1, np.array([1, 2, 3]))], refused=REFUSAL)
def intarr_branch(x, n, u):
    y = u
    if n > 2:
        y = u * x
    return np.sum(y * y * x)


@corner([(1.3, 3, np.array([1, 2, 3])), (1.3, 0, np.array([1, 2, 3]))], refused=REFUSAL)
def intarr_loop(x, n, u):
    y = u
    for i in range(n):
        y = y * x
    return np.sum(y * y * x)


@corner((1.3,), refused=REFUSAL)
def zero_dim2(x):
    y = np.array(x)
    y[()] = x * x
    z = y
    z[...] *= x
    return y * z


@corner((1.3,), refused=REFUSAL)
def dup_keys(x):
    d = {"a": x, "a": x * x}
    return d["a"] * len(d)


@corner((1.3,), refused=REFUSAL)
def dup_keys2(x):
    d = {1: x, 1.0: x * x, True: x**3}
    return d[1] * len(d)


class P:
    w = 2.0

    def __init__(s, a, b):
        s.a = a
        s.b = b

    def f(s, x):
        return s.a * x + s.b

    @property
    def t(s):
        return s.a * s.b

    @staticmethod
    def st(x):
        return x * x

    @classmethod
    def cm(cls, x):
        return x * cls.w

    def __call__(s, x):
        return s.f(x) * s.w

    def __add__(s, o):
        return P(s.a + o.a, s.b + o.b)

    def __radd__(s, o):
        return s.a + o

    def __eq__(s, o):
        return s.a == o.a

    def __len__(s):
        return 3

    def __bool__(s):
        return s.a > 0

    def __getitem__(s, i):
        return s.a * i

    def __lt__(s, o):
        return s.a < o.a

    def __contains__(s, x):
        return x == 3

    def __iter__(s):
        return iter([s.a, s.b])

    def __matmul__(s, o):
        return s.a * o

    def __getattr__(s, n):
        if n == "zz":
            return s.a * 7
        raise AttributeError(n)


@corner((1.3, P(2.0, 3.0)), argnums=(0, 1), refused=REFUSAL)
def obj_radd(x, p):
    return 1.0 + p + x * x


@corner((1.3, P(2.0, 3.0)), argnums=(0, 1), refused=REFUSAL)
def obj_radd2(x, p):
    return x + p + x * x


@corner([(1.3, P(-2.0, 3.0)), (1.3, P(2.0, 3.0))], argnums=(0, 1), refused=REFUSAL)
def obj_lt(x, p):
    return x * p.a if p < p else x * p.b * p.a


@corner([(1.3, P(-2.0, 3.0)), (1.3, P(2.0, 3.0))], argnums=(0, 1), refused=REFUSAL)
def obj_getattr(x, p):
    return p.zz * x


@corner([(1.3, P(-2.0, 3.0)), (1.3, P(2.0, 3.0))], argnums=(0, 1), refused=REFUSAL)
def obj_getitem(x, p):
    return p[x] * p[2] * len(p)


class Ctx:
    def __enter__(s):
        return 2.0

    def __exit__(s, *a):
        return True


@corner((1.3,), refused=REFUSAL)
def with_swallow(x):
    y = x
    with Ctx() as c:
        y = y * c * x
        if x > 1:
            raise ValueError
        y = y * 3
    return y * x


@corner((1.3,), refused=REFUSAL)
def with_suppress(x):
    y = x
    with contextlib.suppress(ValueError):
        y = y * x
        raise ValueError
    return y * x


class V:
    def __init__(s, a):
        s.a = a

    def __rmul__(s, o):
        return o**2 * s.a

    def __mul__(s, o):
        if not isinstance(o, float):
            return NotImplemented
        return o**2 * s.a


@corner((1.3, V(2.0)), argnums=(0,), second=False, refused=REFUSAL)
def robj_mul(x, p):
    return x * p


@corner((1.3, V(2.0)), argnums=(0, 1), second=False, refused=REFUSAL)
def lobj_mul(x, p):
    return p * x


class W:
    def __init__(s, a):
        s.a = a

    @functools.cached_property
    def t(s):
        return s.a * s.a

    def __array__(s, dtype=None, copy=None):
        return np.array([s.a, 2.0])


@corner((1.3, W(2.0)), argnums=(0, 1), second=False, refused=REFUSAL)
def cached(x, p):
    return x * p.t


class Cm:
    def __lt__(s, o):
        return o * 2.0


@corner((1.3, Cm()), argnums=(0,), second=False, refused=REFUSAL)
def lt_float(x, p):
    return (p < x) * x


@corner([(X, 3), (X, 1)], argnums=0, vjp=True)
def kept_on_one_branch(x, n):
    u = x * 2.0
    if n > 2:
        return u * 3.0
    v = u * u
    v[0] *= x[1]
    return v * u


@corner((X,), refused=REFUSAL)
def diff0n(x):
    a = x * 1.0
    b = np.diff(a, n=0)
    b[0] = 5.0
    return np.sum(a * a) * np.sum(b * b)


@corner((A,), refused=REFUSAL)
def einsum_t(x):
    a = x * 1.0
    b = np.einsum("ij->ji", a)
    b[0] = 5.0
    return np.sum(a * a) * np.sum(b * b)


X = np.array([0.7, -0.4, 1.3])
A = np.array([[0.5, 0.2, -0.3], [0.1, 0.9, 0.4]])
S = np.array([[2.0, 0.3], [0.3, 1.5]])


@corner((S,), refused=REFUSAL)
def einsum_d(x):
    a = x * 1.0
    b = np.einsum("ii->i", a)
    b[0] = 5.0
    return np.sum(a * a) * np.sum(b * b)


@corner((S,), refused=REFUSAL)
def mpow1(x):
    a = x * 1.0
    b = np.linalg.matrix_power(a, 1)
    b[0] = 5.0
    return np.sum(a * a) * np.sum(b * b)


@corner((X,), refused=REFUSAL)
def bca(x):
    a = x * 1.0
    b = np.broadcast_arrays(a, a)[0]
    b[0] = 5.0
    return np.sum(a * a) * np.sum(b * b)


@corner((X,), flat=True, refused=REFUSAL)
def mesh(x):
    a = x * 1.0
    b = np.meshgrid(a, a, copy=False)[0]
    b[0] = 5.0
    return np.sum(a * a) * np.sum(b * b)


@corner((X,), refused=REFUSAL)
def acp(x):
    a = x * 1.0
    b = a.__copy__()
    b[0] = 5.0
    return np.sum(a * a) * np.sum(b * b)


@corner([(X, 3), (X, 2)], refused=REFUSAL)
def st2(x, n):
    a = x[:n] * 1.0
    b = x[1:n] * x[0]
    s = 0.0
    for i in range(2):
        c = a[1:] + b
        a[i] = b[0] * c[0]
        b = b * 1.0
        b[0] = a[1]
        s = s + np.sum(c * c)
    return s + np.sum(a * a) + np.sum(b)


@corner([(X, 3), (X, 1)], refused=REFUSAL)
def st4(x, n):
    a = np.zeros((n, 3)) + x
    b = a + x
    c = b + a
    b[0] = c[0] ** 2
    a[0, 1] = 3.0
    return np.sum(c * c) + np.sum(a * b)


@corner((X, [1.0, 2.0]), argnums=(0, 1), refused=REFUSAL)
def st5(x, l):
    y = l[0]
    a = x * 1.0
    z = [a, a * 2]
    w = z[0] + z[1]
    z[0][1] = 4.0
    return np.sum(w * w * y) + np.sum(z[0] * z[1])


@corner((1.3, X), argnums=(0, 1))
def tangent_of_unknown_rank(x, u):
    a = u[[1, 2, 0]] * x
    m = np.zeros((3, 3)) + a[[1, 2, 0]]
    return np.sum(m @ (m * m))


@corner([(X, 0), (X, 2)], vjp=True)
def kept_of_a_loop_that_did_not_run(x, n):
    s = x * 1.0
    for i in range(n):
        last = x * s[i]
        s = s * last
    if n > 0:
        s = s * last
    return s


@corner([(X, 0), (X, 2)], refused=REFUSAL)
def made_in_a_loop(x, n):
    s = x * 1.0
    for i in range(n):
        last = x * s[i]
        s = s * last
    if n > 0:
        s = s * last
    return np.sum(s * s)


@corner([(X, 0), (X, 2)], refused=REFUSAL)
def made_in_a_branch(x, n):
    if n > 0:
        v = x * x
    s = x * 2
    if n > 0:
        s = s * v
    return np.sum(s * s)


@corner([(X, 0, 1), (X, 2, 1), (X, 2, 0)], refused=REFUSAL)
def list_made_in_a_branch(x, n, m):
    if n > 0:
        v = [x * x, x[0]]
    s = x * 2
    if m > 0 and n > 0:
        s = s * v[0] * v[1]
    return np.sum(s * s)


@corner([(X, 0, 1), (X, 2, 1), (X, 2, 0)], refused=REFUSAL)
def list_made_in_a_loop(x, n, m):
    for i in range(n):
        v = [x[0] * x[1], x[0]]
    s = x * 2
    for i in range(m):
        if n > 0:
            s = s * v[0] * v[1]
    return np.sum(s * s)


@corner([(X, 0, 1), (X, 2, 1), (X, 2, 0)], refused=REFUSAL)
def tuple_made_in_a_branch_of_a_loop(x, n, m):
    s = x * 2
    for i in range(m):
        if n > 0:
            v = (x * s, s)
        if n > 0:
            s = s * v[0] * v[1]
    return np.sum(s * s)


@corner([(X, 0, 1), (X, 2, 1), (X, 2, 0)], refused=REFUSAL)
def dict_made_in_a_branch(x, n, m):
    s = x * 2
    if n > 0:
        v = {"a": x * x}
    for i in range(m):
        s = s * x
        if i < n:
            s = s * v["a"]
    return np.sum(s * s)


@corner((X,))
def recorded_update_by_itself(x):
    u = x * 1.0
    u *= u
    u[:] += u

    def scaled(y):
        return y * factor

    factor = 2.0
    return np.sum(u * u) * scaled(1.0)
