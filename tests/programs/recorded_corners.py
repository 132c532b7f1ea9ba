"""More corners of Python and NumPy: each was tried on the recorder to make it wrong.

Where the compiler refuses one of them, its run is recorded.
"""
# ruff: noqa: B007, C402, C408, C416, C417, RUF005, RUF012, RUF017, RUF059, SIM105, SIM115, SIM212, UP028, UP031, UP032

import array
import bisect
import collections
import collections.abc
import concurrent.futures
import contextvars
import copy
import ctypes
import dataclasses
import fractions
import functools
import itertools
import math
import operator
import os
import queue
import statistics
import threading
import types
import weakref

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.5, 1.2, -0.4])


class Vec:
    def __init__(s, x, y):
        s.x = x
        s.y = y

    @property
    def length(s):
        return math.hypot(s.x, s.y)


@collections.abc.Sequence.register
class Seq:
    def __init__(s, x):
        s.x = x

    def __getitem__(s, i):
        return s.x[i] ** 2

    def __len__(s):
        return 3


@corner(np.array([0.5, 1.2, -0.4]))
def list_times_a_number_of_numpy(x):
    values = {0: [x[0], x[1]]}
    try:
        values[1] = values[0] * np.float64(2.0)
    except TypeError:
        values[1] = values[0] * np.int64(2)
    return sum(a * (k + 1) for k, a in enumerate(values[1]))


@corner(X)
def match_prop(x):
    match Vec(x[0], x[1]):
        case Vec(length=l):
            return l * x[2]


@corner(X)
def match_seq(x):
    match Seq(x):
        case [a, b, c]:
            return a * b * c


@corner(X)
def thread(x):
    out = []

    def w(k):
        out.append(x[k] * 2)

    ts = [threading.Thread(target=w, args=(k,)) for k in range(3)]
    for t in ts:
        t.start()
        t.join()
    return out[0] * out[1] + out[2]


@corner(X)
def pool(x):

    with concurrent.futures.ThreadPoolExecutor(2) as p:
        r = list(p.map(lambda e: e * e, x))
    return sum(r)


def gsq(e):
    return e * e


@corner(X)
def pool2(x):

    with concurrent.futures.ThreadPoolExecutor(2) as p:
        r = [p.submit(gsq, e) for e in x]
    return sum(f.result() for f in r)


class GA:
    def __init__(s, v):
        s.v = v

    def __getattribute__(s, n):
        if n == "twice":
            return object.__getattribute__(s, "v") * 2
        return super().__getattribute__(n)

    @property
    def sq(s):
        return s.v**2

    def __setattr__(s, n, v):
        super().__setattr__(n, v * 3 if n == "w" else v)


@corner(X)
def getattribute(x):
    g = GA(x[0])
    g.w = x[1]
    return g.twice * g.sq + g.w


class It:
    def __init__(s, x):
        s.x = x

    def __len__(s):
        return 3

    def __getitem__(s, i):
        if i > 2:
            raise IndexError
        return s.x[i] * 2


@corner(X)
def rev_obj(x):
    return sum(a * (i + 1) for i, a in enumerate(reversed(It(x))))


@corner(X, refused="is not supported")
def arr_of_obj(x):
    return np.sum(np.array(It(x)))


@corner(X)
def np_list_of_arrays(x):
    return (
        np.sum(np.array([x * 2, x * 3, [x[0], 1.0, x[1]]]))
        + np.sum(np.concatenate([x, [x[0]]]))
        + np.stack([x, x])[1, 2]
    )


@corner(X)
def sort_obj(x):
    class K:
        def __init__(s, v):
            s.v = v

        def __lt__(s, o):
            return s.v < o.v

    l = sorted([K(e) for e in x])
    l2 = [K(x[1]), K(x[0])]
    l2.sort()
    m = max(l + [K(2.0)]) if False else l[0]
    return l[0].v * l[1].v ** 2 + l2[0].v * m.v


@corner(0.7)
def frozen_post(a):
    @dataclasses.dataclass(frozen=True)
    class F:
        a: float
        b: float = 0.0

        def __post_init__(s):
            object.__setattr__(s, "b", s.a * 2)

    f = F(a)
    try:
        f.a = 3
    except dataclasses.FrozenInstanceError:
        pass
    return f.a * f.b


@corner(X)
def kwonly_dc(x):
    @dataclasses.dataclass
    class A:
        a: float
        c: dataclasses.InitVar[float]
        b: float = dataclasses.field(default=2.0, kw_only=True)

        def __post_init__(s, c):
            s.d = c * s.a

    @dataclasses.dataclass
    class B(A):
        e: float = 1.0

    o = B(x[0], x[1], b=x[2], e=x[0])
    return o.a * o.b * o.d * o.e


@corner(X)
def gen_dict(x):
    d = dict((k, v * 2) for k, v in enumerate(x))
    e = dict(a=x[0])
    e |= {"b": x[1]}
    s = tuple(v for v in d.values())
    return s[0] * s[1] + e["b"] * e["a"]


@corner(X)
def dict_fn(x):
    d = dict(f=np.sin, g=lambda t: t * t)
    assert d["f"] is np.sin
    return sum(d["f"](x)) * d["g"](x[0])


@corner(X)
def float_text_const(x):
    k = float("0.25")
    l = [x[0]]
    return l[0] * k * x[1]


@corner(X)
def cumulative(x):
    l = []
    a = 0
    for e in x:
        a += e
        l.append(a)
    return np.sum(np.array(l) ** 2)


@corner(X)
def int_index(x):
    d = {}
    d[int(abs(x[0]) * 0)] = x[1]
    return d[0] * x[2]


@corner(X)
def isclose(x):
    l = [x[0]]
    return l[0] * 2 if np.isclose(x[0], x[0]) and math.isclose(x[0], x[0]) and x[0].is_integer() is False else 0.0


@corner(X)
def np_where(x):
    d = {"m": x > 0}
    return np.sum(np.where(d["m"], x**2, 0.0)) + np.sum(x[np.nonzero(d["m"])]) + x[np.argmax(x)]


@corner(X)
def split(x):
    a, b = np.split(np.concatenate([x, x]), 2)
    l = [a, b]
    l[0][0] = 5.0
    return np.sum(a * b)


@corner(X)
def meshg(x):
    l = np.meshgrid(x, x)
    p = list(l)
    return np.sum(p[0] * p[1] ** 2)


@corner(X)
def linalg(x):
    m = np.outer(x, x) + np.eye(3)
    d = {}
    d["q"], d["r"] = np.linalg.qr(m)
    w, v = np.linalg.eigh(m)
    return np.trace(d["r"]) + w[2] * d["q"][0, 0] + np.linalg.norm(x) + np.linalg.solve(m, x)[1]


@corner(X)
def einsum(x):
    d = {"a": np.einsum("i,j->ij", x, x)}
    return np.einsum("ij,j->", d["a"], x)


@corner(X)
def eig_namedtuple(x):
    r = np.linalg.eigh(np.outer(x, x) + np.diag([1.0, 2.0, 3.0]))
    l = [r.eigenvalues]
    return l[0][2] * 2


@corner(X)
def partialm(x):
    class A:
        def __init__(s, v):
            s.v = v

        def m(s, k, j):
            return s.v * k * j

        n = functools.partialmethod(m, 2.0)

    return A(x[0]).n(x[1])


@corner(X)
def ctx_in_gen(x):
    class M:
        def __enter__(s):
            return x[0]

        def __exit__(s, *a):
            s.done = x[1]
            return False

    def g():
        with M() as v:
            yield v * 2

    return sum(g()) * x[2]


@corner(X)
def starred(x):
    a, *b = [x[0], x[1], x[2]]
    print(*b, end="", file=open(os.devnull, "w"))
    c = [*b, *x]
    d = {**{"k": a}}
    return sum(c) * d["k"]


@corner(X)
def walrus(x):
    l = []
    while (k := len(l)) < 3:
        l.append(x[k] ** k)
    return sum(l) * k


@corner(X)
def ternary(x):
    d = [x[0] if x[0] > 0 else -x[0] for _ in range(2)]
    return d[0] * d[1] if d else 0.0


@corner(X)
def globalsum(x):
    global ACC
    ACC = 0.0
    for e in x:
        ACC += e**2
    return ACC * x[0]


@corner(X)
def del_slice(x):
    l = list(x)
    del l[::2]
    l *= 2
    l[len(l) :] = [x[0]]
    return l[0] * l[1] + l[2]


@corner(X)
def cplx(x):
    l = [complex(x[0], x[1])]
    l.append(l[0] ** 2)
    z = np.array(l)
    return abs(l[1]) * l[0].real + np.sum(np.abs(z) ** 2) + np.angle(z)[0]


@corner(X)
def nditer_like(x):
    it = np.ndindex(3)
    l = [x[i] * 2 for i in it]
    return sum(l)


@corner(X)
def unknownobj(x):

    k = fractions.Fraction(1, 3)
    return x[0] * float(k) * x[1]


@corner(X, refused="can't hold")
def array_array(x):

    a = array.array("d", [0.0, 0.0])
    a[0] = x[0]
    return a[0] * x[1]


@corner(X, refused="can't hold|is not known|not supported")
def c_types(x):

    c = ctypes.c_double()
    c.value = float(x[0])
    return c.value * x[1]


@corner(X, refused="is not supported|not known")
def mv_late(x):
    a = np.zeros(3)
    m = memoryview(a)
    a[:] = x
    m[0] = 2.0
    return np.sum(a * x)


@corner(X)
def resize(x):
    l = [np.resize(x, 5)]
    return np.sum(l[0] ** 2) + np.sum(np.tile(x, 2) * 2) + np.sum(np.pad(x, 1) ** 2)


@corner(X, refused="has no derivative rule")
def frompy(x):
    u = np.frompyfunc(lambda a, b: a * b, 2, 1)
    return np.sum(u(x, 2.0).astype(float))


@corner(X)
def setops(x):
    s = {e for e in x}
    t = frozenset(x)
    return sum(sorted(s)) * max(t)


@corner(X)
def counterdict(x):
    c = collections.Counter()
    for i, e in enumerate(x):
        c["a"] += e
    return c["a"] * x[0]


@corner(X)
def userdict(x):
    class U(collections.UserDict):
        pass

    u = U(a=x[0])
    u["b"] = x[1]
    v = collections.UserList([x[2]])
    v.append(x[0])
    return u["a"] * u["b"] * v[1] + sum(v)


@corner(X)
def abc_mapping(x):
    class Mp(collections.abc.Mapping):
        def __init__(s, d):
            s.d = d

        def __getitem__(s, k):
            return s.d[k] * 2

        def __iter__(s):
            return iter(s.d)

        def __len__(s):
            return len(s.d)

    m = Mp({"a": x[0], "b": x[1]})
    d = dict(m)
    e = {**m}

    def f(a, b):
        return a * b

    return sum(m.values()) * d["a"] * e["b"] + f(**m)


@corner(X)
def contextvar(x):

    v = contextvars.ContextVar("v")
    v.set(x[0])
    return v.get() * x[1]


@corner(X)
def queued(x):

    q = queue.Queue()
    for e in x:
        q.put(e * 2)
    return q.get() * q.get()


@corner(X)
def weak(x):

    class A:
        pass

    a = A()
    a.v = x[0]
    r = weakref.ref(a)
    w = weakref.WeakKeyDictionary()
    w[a] = x[1]
    return r().v * w[a]


@corner(X)
def simple_ns(x):

    n = types.SimpleNamespace(a=x[0])
    n.b = x[1]
    return n.a * n.b + vars(n)["a"]


@corner(X)
def copyobj(x):

    class A:
        def __init__(s, v):
            s.v = v
            s.l = [v]

        def __copy__(s):
            return type(s)(s.v * 2)

    a = copy.copy(A(x[0]))
    b = copy.deepcopy(a)
    b.l[0] *= x[1]
    return a.v * b.l[0]


@corner(X)
def opiadd(x):

    a = x.copy()
    operator.iadd(a, x)
    operator.setitem(a, 0, x[1])
    l = [1.0]
    operator.iadd(l, [x[2]])
    return np.sum(a) * l[1] + operator.call(lambda t: t * 2, x[0])


@corner(X)
def ufunc_methods(x):
    return (
        np.add.reduce(x) * np.multiply.reduce(x) + np.sum(np.add.accumulate(x) ** 2) + np.sum(np.multiply.outer(x, x))
    )


@corner(X)
def inplace_method(x):
    a = x.copy()
    a.__imul__(2.0)
    a.__setitem__(0, x[2])
    b = a.__add__(x)
    return np.sum(b.__getitem__(slice(1)) * b[0]) + (2.0).__mul__(float(x[0]))


@corner(X)
def exc_group(x):
    try:
        try:
            raise ExceptionGroup("g", [ValueError(x[0] * 2)])
        except* ValueError as g:
            v = g.exceptions[0].args[0]
        return v * x[1]
    except TypeError:
        return 0.0


@corner(X)
def in_both(x):  # same array in update with view of itself
    a = x.copy()
    a += a[::-1]
    a *= a
    a -= a.mean()
    a[1:] *= a[:-1]
    a[...] += x
    return np.sum(a * x)


@corner(X)
def mask2(x):
    m = np.outer(x, x)
    m[m > 0] *= 2
    m[np.array([0, 1]), :] += x
    m[:, [0, 2]] = m[:, [2, 0]]
    m[~(m > 0)] = -1 * m[~(m > 0)] ** 2
    return np.sum(m)


@corner(X)
def idx_changes(x):
    a = np.zeros(3)
    i = np.array([0, 1, 2])
    a[i] = x
    i[:] = [2, 0, 0]
    a[i] *= 2.0
    b = a[i]
    i[0] = 1
    return np.sum(a * b)


@corner(X)
def idx_list_changes(x):
    a = x * 1
    i = [0, 1]
    b = a[i]
    i.append(2)
    c = a[i]
    i.clear()
    return np.sum(b) * np.sum(c)


@corner(X)
def boolarr(x):
    m = x > 0
    a = x * 2
    a[m] += 1
    m[:] = True
    a[m] *= 3
    return np.sum(a * x)


@corner(X)
def scalar0d(x):
    z = np.array(0.0)
    z += x[0]
    w = z
    w *= 2
    z[()] += x[1]
    y = z[()]
    z[...] = 0
    return y * w + float(y)


@corner(X)
def const_changed_later(x):
    k = np.array([1.0, 2.0, 3.0])
    y = np.sum(x * k)
    k *= 2
    z = np.sum(x * k)
    k[0] = 100.0
    return y * z


@corner(X)
def rng_out(x):
    k = np.empty(3)
    r = np.random.default_rng(0)
    r.random(out=k)
    y = np.sum(k * x)
    r.random(out=k)
    return y * np.sum(k * x)


@corner(X)
def sortlist_kw(x):
    l = [(a, i) for i, a in enumerate(x)]
    l.sort(reverse=True)
    d = sorted({"a": x[1], "b": x[0]}.items(), key=lambda p: p[1])
    return l[0][0] * l[2][0] + d[0][1] ** 2


@corner(X)
def cpx_write(x):
    z = np.zeros(3, complex)
    z += x
    z *= 1j + x
    z.real[0] = x[1]
    z[1] = complex(x[0], x[2])
    r = z.view(float)
    r[2] *= 3
    return np.sum(np.abs(z) ** 2) + z[1].real * z.conj()[1].imag


@corner(X)
def closures(x):
    def mk(k):
        c = 0.0

        def add(v):
            nonlocal c
            c = c + v * k
            return c

        return add

    a, b = mk(x[0]), mk(x[1])
    a(1.0)
    a(x[2])
    return a(2.0) * b(x[0])


@corner(X)
def clsattr(x):
    class A:
        total = 0.0
        items = []

    def add(v):
        A.total += v * v
        A.items.append(v)

    for e in x:
        add(e)
    return A.total * A.items[1]


@corner(X)
def gensend(x):
    def g():
        s = 0.0
        while True:
            r = yield s
            if r is None:
                return s * 2
            s += r * r

    it = g()
    next(it)
    for e in x:
        it.send(e)
    try:
        it.send(None)
    except StopIteration as e:
        return e.value * x[0]


@corner(X)
def yfrom(x):
    def a():
        for e in x:
            yield e
        return x[0] * 2

    def b():
        r = yield from a()
        yield r

    return sum(k * v for k, v in enumerate(b()))


@corner(X)
def excval(x):
    def f(k):
        if k == 0:
            raise ValueError(x[0], x[1])
        try:
            f(k - 1)
        finally:
            acc.append(x[2] * k)

    acc = []
    try:
        f(3)
    except ValueError as e:
        a, b = e.args
    return a * b * sum(acc)


@corner(X)
def retfinally(x):
    def f():
        try:
            return x[0] * 2
        finally:
            l.append(x[1])

    l = []
    return f() * l[0]


@corner(X)
def nested_ns(x):
    d = collections.defaultdict(lambda: collections.defaultdict(list))
    d["a"]["b"].append(x[0])
    d["a"]["b"] += [x[1]]
    return math.prod(d["a"]["b"]) * len(d)


@corner(X)
def slots_inherit(x):
    class A:
        __slots__ = ("a",)

        def __init__(s, a):
            s.a = a

    class B(A):
        __slots__ = ("b",)

        def __init__(s, a, b):
            super().__init__(a)
            s.b = b

        @property
        def p(s):
            return s.a * s.b

        @p.setter
        def p(s, v):
            s.a = v / s.b

    b = B(x[0], x[1])
    b.p = x[2]
    b.p *= 2
    return b.a + b.p


@corner(X)
def mangle(x):
    class A:
        __k = 2.0

        def __init__(s, v):
            s.__v = v

        def __sq(s):
            return s.__v**2 * s.__k

        def go(s):
            return s.__sq() + A.__k * s.__v

    return A(x[0]).go()


@corner(X)
def ops_refl(x):
    class N:
        def __init__(s, v):
            s.v = v

        def __rsub__(s, o):
            return N(o - s.v)

        def __rtruediv__(s, o):
            return N(o / s.v)

        def __rpow__(s, o):
            return N(o**s.v)

        def __divmod__(s, o):
            return (N(s.v // o), N(s.v % o))

        def __floordiv__(s, o):
            return s.v // o

        def __pos__(s):
            return N(+s.v)

        def __invert__(s):
            return N(1 / s.v)

        def __round__(s, n=0):
            return s.v * 3

        def __index__(s):
            return 1

        def __imatmul__(s, o):
            s.v = s.v * o
            return s

    n = N(x[1])
    a = (2.0 - n).v + (3.0 / n).v + (2**n).v + (~n).v + round(n) + (+n).v + divmod(n, 0.5)[1].v
    n @= x[0]
    return a * n.v + [1, x[2]][n]


@corner(X)
def minmax_arr(x):
    return max(x.tolist()) * min(x[0], x[2], 0.3) + max(x, key=lambda e: e * e) + max(np.max(x), x[0])


@corner(X)
def sum_arrays(x):
    return np.sum(sum([x, x * 2, x**2])) + sum([[x[0]], [x[1]]], [])[1] + np.sum(sum(r for r in np.outer(x, x)))


@corner(X)
def power(x):
    return (
        pow(x[1], 3)
        + pow(x[1], x[0])
        + math.pow(x[1], 2.5)
        + x[1] ** -1
        + 2 ** x[0]
        + divmod(x[1], 0.7)[1]
        + math.fmod(x[1], 0.5)
        + math.copysign(x[0], -1)
        + math.dist([x[0], x[1]], [0, 0])
    )


@corner(X)
def strs(x):
    d = {f"k{i}": e for i, e in enumerate(x)}
    return d["k0"] * d["k%d" % 1] + d["k{}".format(2)]


@corner(X)
def copyto_views(x):
    m = np.zeros((3, 3))
    np.copyto(m.T[0], x)
    np.copyto(m[1:, 1:], x[0])
    m.T.flat[1] = x[2]
    np.fill_diagonal(m, x)
    return np.sum(m * m.T * np.arange(9.0).reshape(3, 3))


@corner(X)
def nested_views(x):
    b = np.zeros((2, 3, 4))
    v = b[1].T[::2]
    v[..., 1] = x[:2]
    v[0] += v[1][::-1]
    b.reshape(2, -1)[:, 5] *= x[2]
    b.transpose(2, 0, 1)[0, 1] += x
    return np.sum(b**2)


@corner(X)
def sliding(x):
    a = np.repeat(x, 3)
    out = np.zeros(7)
    for i in range(7):
        out[i] = a[i : i + 3] @ x
        a[i] = out[i] * 0.1
    return out @ out


@corner(X)
def alias_args(x):
    def f(a, b):
        a[0] += b[1]
        b[2] = a[0] * 2
        return a

    y = x.copy()
    z = f(y, y)
    z[1] *= 2
    return np.sum(y * z)


@corner(X)
def cum_inplace(x):
    a = x.copy()
    np.cumsum(a, out=a)
    np.multiply(a, a, out=a[::-1]) if False else None
    np.negative(a, where=a > 0, out=a)
    a.clip(-2, 1, out=a)
    np.maximum(a, x, out=a)
    return np.sum(a * x)


@corner(X)
def outoverlap(x):
    a = np.concatenate([x, x])
    np.add(a[1:], a[:-1], out=a[:-1])
    np.multiply(a[::-1], 2.0, out=a)
    return a @ a


@corner(X)
def big_unused(x):
    junk = [np.zeros(10) for _ in range(5)]
    junk[0][:3] = x
    junk[1] = junk[0]
    junk[1] += 1
    return np.sum(junk[0][:3] * x)


@corner(X)
def argsorted(x):
    i = np.argsort(x)
    a = x[i]
    inv = np.empty_like(i)
    inv[i] = np.arange(3)
    return a @ np.arange(3.0) + x[inv][0] * a[0]


@corner(X, refused="has no derivative rule")
def unique(x):
    u, i = np.unique(x, return_inverse=True)
    return u[i] @ x


@corner(X)
def select(x):
    return np.sum(np.select([x > 1, x > 0], [x**2, x**3], default=x)) + np.sum(
        np.piecewise(x, [x < 0, x >= 0], [lambda t: -t, lambda t: t * t])
    )


@corner(X)
def interp(x):
    return (
        np.interp(0.3, np.array([0.0, 0.5, 1.0]), x)
        + np.polyval(x, 2.0)
        + np.trapezoid(x)
        + np.convolve(x, x)[2]
        + np.linalg.det(np.outer(x, x) + np.eye(3))
    )


@corner(X)
def fromiter(x):
    return (
        np.sum(np.array(list(map(lambda e: [e, e * e], x)))) + np.array([x[0], x[1]]).prod() + np.array((x, x)).T[1, 0]
    )


@corner(0.7)
def scal(a):
    b = a
    b += 1
    c = [b] * 3
    c[1] *= a
    b -= a
    return sum(c) * b + a.real - a.conjugate() * 2


@corner(0.7)
def tern(a):
    return (a if a > 0.5 else -a) * (1 if not a else a) + (a or 3.0) * (a and 2.0)


@corner(1.5)
def intf(a):
    return int(a) * a + round(a, 1) * a + math.floor(a) * a + a % 1 + a // 1 + abs(-a) + float(int(a))


@corner(X)
def with_targets(x):
    class Manager:
        def __init__(self, v):
            self.v = v

        def __enter__(self):
            return self.v

        def __exit__(self, *error):
            return False

    class Holder:
        pass

    h = Holder()
    with Manager(x[0]) as h.a, Manager(h.a * x[1]) as b:
        return b * h.a


class Named(dict):
    pass


class Rows(list):
    pass


@corner(X)
def deep_copies_of_subclasses(x):
    d, r, o = Named(a=x), Rows([x[0], x]), collections.OrderedDict(k=[x])
    d.note = x[1]
    e, s, p = copy.deepcopy(d), copy.deepcopy(r), copy.deepcopy(o)
    e["a"] *= 2
    s[1][0] = 5.0
    p["k"][0][1] = 7.0
    return np.sum(e["a"] * d["a"]) * e.note + np.sum(s[1] * x) * s[0] + np.sum(p["k"][0] * o["k"][0])


@corner(X)
def indices_of_diagonals(x):
    a = np.zeros((3, 3))
    a[np.diag_indices(3)] = x
    a[np.triu_indices(3, 1)] = x
    i, j = np.where(a != 0)
    return np.sum(a[i, j] ** 2)


@corner(X)
def exceptions_of_containers(x):
    try:
        y = x[5]
    except IndexError:
        y = x[0]
    try:
        {}["a"]
    except KeyError:
        y = y * 2
    return y * x[1]


@corner(X)
def products_of_lists(x):
    k = [1.0, 2.0]
    y = np.dot([x[0], x[1]], k)
    k[0] = 9.0
    return y * np.dot(x[:2], k) + np.vdot([x[2], 1.0], [x[0], 2.0]) + np.sum(np.multiply([x[0], x[1]], 3.0))


@corner(X)
def numbers_that_are_counted(x):
    try:
        y = sum(itertools.islice(itertools.count(x[0], x[1]), 4))
    except ValueError:
        y = 0.0
    steps = itertools.count(x[2])
    return y * next(steps) + next(steps) * x[0]


@corner(0.7, 1)
def attribute_that_is_not_there(x, n):
    if n > 2:
        return (2).there * x
    return x * x


@corner(np.array([0.5, 1.2]), 1)
def element_of_a_size(x, n):
    size = len(x)
    if n > 2:
        size = size[0]
    return np.sum(x * x) * size


@corner(X)
def zip_walked_twice(x):
    pairs, total = zip(x, x * x, strict=True), 0.0
    for a, b in pairs:
        total += a * b
        if total > 0.1:
            break
    for a, b in pairs:
        total += a - b
    return total


@corner(X)
def reversed_in_a_loop(x):
    back, total = reversed(x), 0.0
    for k in range(2):
        for a in back:
            total += a * a * (k + 1)
    return total


@corner(X)
def enumerate_beside_itself(x):
    once = enumerate(x)
    return sum(a * b * (i + j) for (i, a), (j, b) in zip(once, once, strict=False))


@corner(X)
def iterator_in_a_tuple(x):
    once = zip(x, x, strict=True)
    both = (once, once)
    return sum(a * b for a, b in both[0]) + sum(a for a, _ in both[1])


def walked(pairs):
    return sum(a * b for a, b in pairs)


@corner(X)
def iterator_of_a_helper(x):
    once = zip(x, x[::-1], strict=True)
    return walked(once) + x[0] * walked(once)


@corner(X)
def iterator_that_is_captured(x):
    once = zip(x, x[::-1], strict=True)

    def rest():
        return sum(a * b for a, b in once)

    return rest() + x[0] * rest()


@corner(X)
def copied_before_it_has_a_value(x):
    try:
        for _ in range(2):
            w = v
            v = x / 3
    except NameError:
        v = np.exp(x)
        w = v * 2
    return np.sum(v * w)


@corner(several=[(X,), (-X,)])
def copied_if_it_has_a_value(x):
    if x[0] > 0.0:
        v = x * 2
    try:
        w = v
        w = w * x
    except NameError:
        w = x * 5
    return np.sum(w)


@corner(several=[(X,), (-X,)])
def copied_and_overwritten(x):
    if x[0] > 0.0:
        v = x * 2
    try:
        w = v
        w = x * 3
    except Exception:
        w = x * 5
    return np.sum(w * x)


@corner(X)
def asked_whether_it_has_a_value(x):
    for _ in range(3):
        try:
            kept  # noqa: B018
        except NameError:
            kept = x * 5
        kept = kept * x
    return np.sum(kept)


@corner(several=[(X, 1), (X, 4)])
def copied_after_a_loop_deleted_it(x, n):
    w = x * 2
    for _ in range(n):
        del w
        if n > 3:
            w = x
    try:
        z = w
    except NameError:
        z = x * 5
    return np.sum(z * x)


@corner(several=[(X, 1), (X, 2)])
def copied_after_a_try_deleted_it(x, n):
    w = x * 2
    try:
        del w
        if n > 1:
            raise ValueError("gone")
        w = x
    except ValueError:
        pass
    try:
        z = w
    except NameError:
        z = x * 5
    return np.sum(z * x)


@corner(several=[(X,), (-X,)])
def walked_if_it_has_a_value(x):
    if x[0] > 0.0:
        v = x * 2
    total = 0.0
    try:
        for e in v:
            total += e * e
    except NameError:
        total = np.sum(x**3)
    return total


class Scale:
    """An object that is called, walked and compared: where it is data, it stays what it is."""

    def __init__(self, v):
        self.v = v

    def __call__(self, k):
        return self.v * k

    def __lt__(self, other):
        return self.v < other.v

    def __iter__(self):
        return iter([self.v, self.v**2])


@corner(np.array([0.7, 0.4, 0.5]))
def callable_objects_as_data(x):
    ordered = [Scale(x[0])]
    bisect.insort(ordered, Scale(x[1]))
    place = bisect.bisect_left([Scale(0.1), Scale(5.0)], Scale(x[2]))
    walked = sum(map(lambda v: v * 2, Scale(x[0]))) + sum(filter(lambda v: v > 0.45, Scale(x[1] * 2)))
    last = functools.reduce(lambda t, s: s, [int, float], complex)
    return ordered[0].v * ordered[1](2.0) * place + walked + x[2] * last(2.5)


@corner(1.5)
def mean_of_constants(a):
    return a**2 * statistics.mean([1, 2, 3]) * statistics.stdev([1.0, 2.0, 4.0])


@corner(1.5)
def functions_asked_what_they_are(x):
    def scaled(t):
        return t * x

    if isinstance(scaled, (tuple, list)) or not callable(scaled):
        return x
    kind = len(str(type(scaled))) if bool(scaled) and scaled != () else 0
    return scaled(2.0) * kind + max([1.0, 3.0, -2.0], key=lambda t: -t)
