"""Programs of everyday Python that are easy to run and hard to compile: containers, objects, generators, effects.

Where the compiler refuses one of them, its run is recorded.  Only what no way can follow is refused.
"""
# ruff: noqa: B006, B007, B009, B010, B012, B023, B905, E731, RUF007, RUF058, RUF059, SIM300

import bisect
import builtins
import collections
import contextlib
import copy
import dataclasses
import enum
import functools
import heapq
import itertools
import logging
import math
import operator
import random
import statistics
import typing

import numpy as np

from . import other
from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.5, 1.2, -0.4])
M = np.array([[0.5, 0.2, -0.3], [0.1, 0.9, 0.4], [0.7, -0.6, 1.1]])


# ---------------------------------------------------------------- lists, tuples, dicts, sets


@corner(X)
def list_methods(x):
    l = [x[0]]
    l.append(x[1] * 2)
    l.extend([x[2], x[0] ** 2])
    l.insert(1, x[1] * x[2])
    l += [1.5]
    l.reverse()
    first = l.pop()
    third = l.pop(2)
    del l[0]
    return first * third + l[0] * l[-1] + len(l)


class Branch:
    def __init__(self, weight, *children):
        self.weight, self.children = weight, list(children)

    def total(self):
        return self.weight + sum(c.total() for c in self.children) ** 2


@corner(X)
def tree_grown_around_itself(x):
    """Its type grows as long as the compiler looks at the loop."""
    tree = Branch(x[0])
    for i in range(2):
        for k in range(2):
            tree = Branch(x[k] * (i + 1), tree, Branch(x[2] * 0.1))
    return tree.total()


@corner(X)
def lists_in_lists_in_loops(x):
    inner, pair = [x[0]], (x[1],)
    while len(inner) < 2:
        for k in range(3):
            inner = [inner, x[k] ** 2]
            pair = (x[k], pair)
    return inner[1] * inner[0][1] + pair[0] * pair[1][0]


@corner(X)
def list_repeated_and_sliced(x):
    l = [x[0], x[1]] * 2 + [x[2]]
    l[1:3] = [x[2] ** 2]
    l[::2] = [e * 2 for e in l[::2]]
    del l[-1:]
    return sum(a * b for a, b in zip(l, l[1:]))


@corner(X)
def list_sorted_in_place(x):
    l = list(x)
    l.sort(key=lambda e: -e)
    m = sorted(l, reverse=True)
    return l[0] * 3 + m[2] ** 2 * l[1]


@corner(X)
def list_of_lists(x):
    rows = [[] for _ in range(3)]
    for i, e in enumerate(x):
        rows[i % 2].append(e * (i + 1))
    rows[2] += rows[0]
    rows[0][0] = x[1]
    return rows[0][0] * rows[1][0] + rows[2][0] * rows[2][1]


@corner(X)
def list_index_and_count(x):
    l = [x[0], 2.0, x[1], 2.0]
    return l[l.index(2.0) + 1] * l.count(2.0) * x[0]


@corner(X)
def list_remove_copy(x):
    l = [x[0], x[1], x[2]]
    m = l.copy()
    m.remove(l[1])
    return m[0] * m[1] + len(l) * l[1]


@corner(X)
def dict_of_everything(x):
    d = {"a": x[0], ("t", 1): x[1], 3: x[2], frozenset({1}): x[0] * x[1]}
    d.update(b=d["a"] * 2, **{"c": 1.0})
    d.setdefault("e", x[0])
    total = d.get("zz", x[2]) * d.get(3)
    for key, value in d.items():
        total = total + value * (2 if isinstance(key, str) else 1)
    return total + d.pop("b") * d.pop("nothing", x[1])


@corner(X)
def dict_comprehended(x):
    d = {k: v**2 for k, v in zip("abc", x) if k != "b"}
    e = {**d, "b": x[1]} | {"d": x[0]}
    del e["a"]
    return sum(e.values()) + e["c"] * (x[0] if "a" in d else 0.0) * len(e)


@corner(X)
def dict_grouped(x):
    groups = collections.defaultdict(list)
    for i, e in enumerate(x):
        groups[i % 2].append(e * e)
    counts = collections.Counter("aab")
    return sum(groups[0]) * groups[1][0] * counts["a"]


@corner(X)
def dict_of_sums(x):
    sums = collections.defaultdict(float)
    for i, e in enumerate(x):
        sums["even" if i % 2 == 0 else "odd"] += e * e
    return sums["even"] * sums["odd"]


@corner(X)
def ordered_and_chained(x):
    d = collections.OrderedDict(a=x[0], b=x[1])
    d.move_to_end("a")
    last = d.popitem()[1]
    c = collections.ChainMap({"p": x[2]}, d)
    return last * c["b"] + c["p"] ** 2


@corner(X)
def sets_of_constants(x):
    chosen = {0, 2} | {2}
    return sum(x[i] ** 2 for i in range(3) if i in chosen) * len(chosen & {0, 1})


@corner(X)
def set_of_followed(x):
    values = {float(e) for e in x}
    return max(values) * min(values)


@corner(X)
def deque_window(x):
    d = collections.deque(maxlen=2)
    for e in x:
        d.append(e * 2)
    d.appendleft(x[0] ** 2)
    d.rotate(1)
    return d[0] * d[1] + d.popleft()


@corner(X)
def heap(x):
    h = []
    for i, e in enumerate(x):
        heapq.heappush(h, (e * e, i))
    smallest, i = heapq.heappop(h)
    return smallest * x[i] + h[0][0] * 2


@corner(X)
def bisected(x):
    l = sorted([x[0], x[1], x[2]])
    return l[bisect.bisect(l, x[0]) - 1] * l[2]


Pair = collections.namedtuple("Pair", "a b", defaults=(1.0,))


class Typed(typing.NamedTuple):
    a: float
    b: float = 2.0

    def product(self):
        return self.a * self.b


@corner(X)
def named_tuples(x):
    p = Pair(x[0] * x[1], x[2])
    p = p._replace(b=p.a * p.b)
    t = Typed(p.b)
    a, b = p
    return p.b + p._asdict()["a"] + t.product() * Pair._make([a, b]).a + Pair(x[0]).b


@corner((X[0], Pair(X, 0.3)), vjp=True)
def named_tuple_argument(args):
    scale, (a, b) = args
    return Pair(a * scale, np.sum(a) * b)


@corner(X)
def tuple_juggling(x):
    a, b, c = x
    a, b = b, a
    (a, c), b = (c, a), b * 2
    t = (a, b) + (c,) * 2
    first, *rest = t
    return first * rest[0] + rest[-1] ** 2 * t.count(99) + (t < (0.0, 0.0)) * a


@corner(M)
def unpacking_rows(m):
    (a, b, *c), *rest = m
    total = 0.0
    for (p, q, r), k in zip(m, range(3)):
        total += p * q * k + r
    return a * b * c[0] + rest[0][1] ** 2 + total


@corner(X)
def loop_targets(x):
    l = [0.0, 0.0]
    d = {}
    for l[0], d["k"] in zip(x, x**2):
        l[1] += l[0] * d["k"]
    return l[1]


# ---------------------------------------------------------------- comprehensions, generators, functools, itertools


@corner(X)
def comprehension_nested(x):
    pairs = [(a, b) for i, a in enumerate(x) for b in x[i:] if a != b]
    return sum(a * b**2 for a, b in pairs) + [y := x[0] ** 2, y * x[1]][1] * y


@corner(X)
def generator_consumed(x):
    def squares(values):
        for e in values:
            if e > 0:
                yield e * e
        return

    def both():
        yield from squares(x)
        yield x[2]

    return sum(both()) * max(e for e in both())


@corner(X)
def generator_with_state(x):
    def averager():
        total, count = 0.0, 0
        while True:
            value = yield (total / count if count else None)
            total += value
            count += 1

    g = averager()
    next(g)
    for e in x:
        mean = g.send(e * e)
    g.close()
    return mean * x[0]


@corner(X)
def generator_of_closures(x):
    def makers():
        for k in range(3):
            yield lambda t, k=k: t * x[k]

    total = 1.0
    for f in makers():
        total = f(total) + total
    return total


@corner(X)
def generator_finally(x):
    log = []

    def g():
        try:
            yield x[0]
            yield x[1]
        finally:
            log.append(x[2] * 2)

    for e in g():
        break
    return e * (log[0] if log else 7.0) if log else e * x[2]


@corner(X)
def mapped(x):
    a = list(map(lambda u, v: u * v, x, x[::-1]))
    b = list(filter(lambda u: u > 0, x))
    c = [u * v for u, v in zip(a, b)]
    return sum(c) + sum(map(operator.neg, x)) * a[0]


@corner(X)
def map_of_a_ufunc(x):
    return sum(map(np.sin, x)) * math.prod(map(math.exp, x))


@corner(X)
def reduced(x):
    f = functools.reduce(lambda g, h: lambda t: g(h(t)), [math.sin, lambda t: t * x[1], math.exp])
    return functools.reduce(lambda a, b: a * b + a, x) + f(x[0])


@corner(X)
def iterated(x):
    total = list(itertools.accumulate(x, operator.mul))[-1] + sum(itertools.accumulate(x))
    for a, b in itertools.combinations(x, 2):
        total += a * b
    for a, b in itertools.product(x, repeat=2):
        total += a * b**2
    for a, b in itertools.pairwise(x):
        total -= a / b
    for key, group in itertools.groupby(x, key=lambda e: e > 0):
        total += sum(group) * (2 if key else 3)
    return total + sum(itertools.chain(x, [x[0]])) * next(itertools.islice(itertools.cycle(x), 1, None))


@corner(X)
def iterated_more(x):
    total = sum(itertools.starmap(lambda a, b: a * b, zip(x, x)))
    total += sum(itertools.takewhile(lambda e: e > 0, x)) * sum(itertools.dropwhile(lambda e: e > 0, x))
    total += sum(a * (b or 2.0) for a, b in itertools.zip_longest(x, x[:2]))
    a, b = itertools.tee(iter(list(x)))
    next(b)
    return total + sum(p * q for p, q in zip(a, b)) + sum(itertools.compress(x, [1, 0, 1]))


@corner(X)
def extremes_with_keys(x):
    d = {"a": x[0], "b": x[1]}
    best = max(d, key=d.get)
    far = max(x, key=lambda e: abs(e - 0.1))
    return d[best] * far + min(x, key=abs) ** 2 + max([], default=x[2]) + min(x[0], x[1], key=lambda v: -v)


@corner(X)
def any_and_all(x):
    if any(e > 1 for e in x) and all(e < 2 for e in x):
        return x[0] * x[1]
    return x[2]


@corner(X)
def iter_and_next(x):
    it = iter(x)
    total = next(it) * 2
    for e in it:
        total = total * e
    return total + next(it, x[0])


@corner(X)
def iter_with_sentinel(x):
    values = [3, 1, 0, 5]
    total = x[0]
    for k in iter(lambda: values.pop(0), 0):
        total = total * x[1] + k * x[2]
    return total


@corner(X)
def enumerate_and_reverse(x):
    total = 0.0
    for i, e in enumerate(reversed(x), start=1):
        total = total * e + i * e
    for i, e in reversed(list(enumerate(x))):
        total += i * e**2
    return total


@corner(X)
def operator_functions(x):
    first, last = operator.itemgetter(0, 2)(x)
    return operator.attrgetter("T")(x)[1] * first + operator.methodcaller("dot", x)(x) * last + operator.mul(*x[:2])


# ---------------------------------------------------------------- objects


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __iadd__(self, other):
        self.x = self.x + other.x
        self.y += other.y
        return self

    @property
    def length(self):
        return math.hypot(self.x, self.y)

    def __iter__(self):
        yield self.x
        yield self.y

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __setitem__(self, i, v):
        setattr(self, "xy"[i], v)

    def __abs__(self):
        return self.length

    def __lt__(self, other):
        return self.length < other.length

    def __eq__(self, other):
        return self.x == other.x

    def __hash__(self):
        return 1

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __bool__(self):
        return bool(self.x > 0)

    def __contains__(self, v):
        return v in (self.x, self.y)

    def __call__(self, t):
        return self.x * t + self.y

    @classmethod
    def diagonal(cls, a):
        return cls(a, a)

    @staticmethod
    def cross(u, v):
        return u.x * v.y - u.y * v.x


@corner(X)
def users_vectors(x):
    v = Vector(x[0], x[1]) + 2 * Vector(x[1], x[2])
    a, b = v
    v += Vector.diagonal(x[0])
    total = v.length * a + b * abs(v) + v[0] + (-v).x + v(x[2]) + Vector.cross(v, Vector(a, b)) + v @ v
    v[1] = x[0] ** 2
    return total + v.y * (2 if v else 3) * len(v) + sum([v, v]).x * max(v, Vector(x[0], x[0])).y


class Base:
    scale = 2.0
    count = 0

    def __init__(self, w):
        self.w = w
        self.__hidden = w * 3

    def value(self, x):
        self.count += 1
        return self.scale * self.w * x

    @property
    def hidden(self):
        return self.__hidden

    @hidden.setter
    def hidden(self, v):
        self.__hidden = v * self.w


class Child(Base):
    scale = 3.0

    def __init__(self, w, b):
        super().__init__(w)
        self.b = b

    def value(self, x):
        return super().value(x) + self.b * self.count

    @functools.cached_property
    def cached(self):
        return self.w * self.b


@corner(X)
def inherited(x):
    c = Child(x[0], x[1])
    y = c.value(x[2]) * c.value(x[0])
    c.hidden = y
    c.w = x[1] ** 2
    return c.hidden * c.cached + c.cached + Base.value(c, x[0])


@corner(Child(0.7, 1.3), 0.5, argnums=(0, 1))
def object_differentiated(c, t):
    c.w *= t
    return c.value(t) * c.b + c.hidden


@corner({"layers": [Child(0.7, 1.3), Child(0.2, 0.4)], "scale": 0.5, "name": "net"})
def objects_in_containers(p):
    y = p["scale"]
    for layer in p["layers"]:
        y = math.tanh(layer.value(y)) + layer.b
    return y


@dataclasses.dataclass
class Layer:
    w: float
    b: float = 1.0
    history: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.w = self.w * 2

    def __call__(self, x):
        self.history.append(x)
        return self.w * x + self.b


@dataclasses.dataclass(frozen=True, order=True)
class Frozen:
    a: float
    b: float = dataclasses.field(default=0.5, compare=False)


@dataclasses.dataclass(slots=True)
class Slotted:
    a: float
    b: float


@corner(X)
def dataclasses_used(x):
    d = Layer(x[0], x[1])
    e = dataclasses.replace(d, b=x[2])
    y = d(x[0]) * e(x[1]) + d.history[0] * len(d.history)
    f = dataclasses.replace(Frozen(x[0]), b=x[1] * 2)
    g = max(f, Frozen(x[2]))
    s = Slotted(x[0], x[1])
    s.a *= s.b
    as_dict = dataclasses.asdict(f)
    return y + f.a * f.b + dataclasses.astuple(g)[0] * as_dict["b"] + s.a


@corner(Frozen(0.7, 0.9), second=False)
def dataclass_differentiated(f):
    return math.sin(f.a) * f.b + dataclasses.replace(f, a=f.b * 2).a


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a
        self.b = a * a


class Dynamic:
    def __init__(self, **values):
        self.__dict__.update(values)

    def __getattr__(self, name):
        if name.startswith("twice_"):
            return getattr(self, name[6:]) * 2
        raise AttributeError(name)


class Descriptor:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, owner=None):
        return self if obj is None else getattr(obj, self.name) * 2

    def __set__(self, obj, value):
        setattr(obj, self.name, value * 3)


class Described:
    p = Descriptor()


@corner(X)
def attributes_of_all_kinds(x):
    s = Slots(x[0])
    d = Dynamic(q=x[1])
    setattr(d, "r", x[2])
    d.__dict__["s"] = x[0]
    e = Described()
    e.p = x[1]
    del d.s
    return s.b * d.twice_q + getattr(d, "r") * getattr(d, "zz", x[0]) + e.p * hasattr(d, "s") + e.p + s.a


class Meta(type):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.extra = args[0] * 2
        return made


class Made(metaclass=Meta):
    def __new__(cls, a):
        made = super().__new__(cls)
        made.first = a * 3
        return made

    def __init__(self, a):
        self.second = self.first * a


class Celsius(float):
    def warm(self):
        return self * 2.0


class Stack(list):
    def push(self, v):
        self.append(v)
        return self

    @property
    def top(self):
        return self[-1]


class Defaults(dict):
    def __missing__(self, key):
        self[key] = 2.5
        return self[key]


@corner(X)
def metaclass_and_new(x):
    m = Made(x[0])
    return m.first * m.second + m.extra


@corner(X)
def subclasses_of_builtins(x):
    s = Stack().push(x[0]).push(x[1] * x[2])
    d = Defaults(a=x[0])
    return s.top * s[0] + d["a"] * d["b"] + len(s)


@corner(X)
def subclass_of_float(x):
    return Celsius(x[0]).warm() * x[1]


@corner(X)
def class_made_inside(x):
    class Local:
        factor = x[0]

        def __init__(self, a):
            self.a = a * self.factor

        def __rsub__(self, other):
            return other - self.a

        def __pow__(self, k):
            return self.a**k

        def __truediv__(self, other):
            return self.a / other

    return (x[1] - Local(x[2])) * Local(x[0]) ** 2 + Local(1.5) / x[1]


class Operated:
    """Its reflected operators win over those of an array and a NumPy scalar."""

    __array_ufunc__ = None

    def __init__(self, v):
        self.v = v

    def __rmul__(self, other):
        return np.sum(other * self.v)

    def __radd__(self, other):
        return other + self.v


@corner(X)
def reflected_with_arrays(x):
    return (x * Operated(x[0])) + (x[1] * Operated(2.0)) * (x[2] + Operated(1.0))


class Iterated:
    def __init__(self, x):
        self.x = x
        self.k = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.k >= len(self.x):
            raise StopIteration
        self.k += 1
        return self.x[self.k - 1] * self.k


class Sequence:
    def __init__(self, x):
        self.x = x

    def __getitem__(self, i):
        if i >= 3:
            raise IndexError
        return self.x[i] ** 2


@corner(X)
def iterated_objects(x):
    a, b, c = Iterated(x)
    total = a * b + c + sum(Iterated(x)) * max(Iterated(x)) + sum(list(Sequence(x)))
    return total + sum(p * q for p, q in zip(Iterated(x), Sequence(x))) + (x[0] ** 2 in Sequence(x)) * x[1]


class Colour(enum.Enum):
    RED = 1.5
    BLUE = 2.5


@corner(X)
def enumerated(x):
    table = {Colour.RED: x[0], Colour.BLUE: x[1]}
    return sum(table[c] * c.value for c in Colour) * table[Colour(1.5)] + table[Colour["BLUE"]]


# ---------------------------------------------------------------- names, scopes, functions


@corner(X)
def late_binding(x):
    fs = []
    for k in range(3):
        fs.append(lambda t: t * x[k])
    gs = [lambda t, k=k: t * x[k] for k in range(3)]
    return sum(f(2.0) for f in fs) * gs[0](x[1]) + {"f": lambda t: t + x[0], "g": lambda t: t * x[1]}["g"](x[2])


@corner(X)
def nonlocal_state(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v * v
        return total

    for e in x:
        add(e)
    return total * add(x[0])


@corner(X)
def shadowed_builtins(x):
    sum = lambda values: values[0] * values[1]
    len = x[2]
    max = {"min": builtins.min(x)}
    return sum(x) * len + max["min"]


@corner(X)
def shadowed_module(x):
    math = Vector(x[0], x[1])
    math.sin = lambda t: t * 3
    return math.sin(x[2]) * math.length


def squash(x):
    return np.tanh(x)


@corner(X)
def same_name_in_two_modules(x):
    try:
        return np.sum(squash(x) * other.squash(x))
    finally:
        pass


def default_counts(x, seen=[]):
    seen.append(x)
    return x * (2 if len(seen) > 0 else 3)


@corner(X)
def mutable_default(x):
    y = default_counts(x[0]) * default_counts(x[1])
    default_counts.__defaults__[0].clear()
    return y


@corner(X)
def default_and_star(x):
    def f(a, /, b=x[1], *r, k=2.0, **kw):
        return a * k + b + sum(r) * kw.get("z", 1)

    return f(*x, k=x[0], **{"z": x[1]}) + f(x[2]) + f(x[0], z=3.0)


@corner(0.6, 5)
def mutual_recursion(x, n):
    def even(v, k):
        try:
            return v if k == 0 else odd(v * x, k - 1)
        finally:
            pass

    def odd(v, k):
        return v * 2 if k == 0 else even(math.sin(v), k - 1)

    return even(x, n)


@corner(0.9, 300)
def deep_recursion(x, n):
    def down(v, k):
        try:
            return v if k == 0 else down(v * x, k - 1) + 0.01 * x
        finally:
            pass

    return down(x, n)


def logged(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        LOG.append(f.__name__)
        return f(*args, **kwargs) * 2

    return wrapper


LOG: list = []


def take_log():
    seen = list(LOG)
    LOG.clear()
    return seen


@logged
def decorated(x):
    return x * x


@functools.lru_cache(None)
def heavy(t):
    return t * t


@functools.singledispatch
def dispatched(a):
    return a * 2


@dispatched.register(np.ndarray)
def _(a):
    return np.sum(a**3)


@dispatched.register
def _(a: list):
    return sum(a)


@corner(X, effects=take_log)
def decorated_functions(x):
    try:
        return decorated(x[0]) * heavy(float(x[1])) + heavy(0.5) + dispatched(x) * dispatched(x[0]) + dispatched([x[2]])
    finally:
        LOG.append("end")


@corner(X)
def cached_locally(x):
    @functools.lru_cache(None)
    def fib(n):
        return x[n] if n < 2 else fib(n - 1) * fib(n - 2)

    @functools.cache
    def same(t):
        return t * x[2]

    return fib(6) + same(1.5) * same(1.5)


@corner(X)
def partial_application(x):
    f = functools.partial(lambda a, b, c=1.0: a * b + c, x[0], c=x[1])
    g = functools.partial(pow, x[1])
    return f(x[2]) * f(2.0, c=3.0) + g(2) + functools.partialmethod(lambda self, k: k).func(None, x[0])


@corner(X)
def evaluation_order(x):
    log = []

    def note(v, name):
        log.append(name)
        return v

    d = {note("k", "key"): note(x[0], "value")}
    y = note(x[0], "a") * note(x[1], "b") + note(d, "d")[note("k", "i")]
    assert log == ["key", "value", "a", "b", "d", "i"]
    d[note("j", "index")] = note(x[2], "right")
    assert log[-2:] == ["right", "index"]
    d[note("j", "index")] += note(x[1], "right")
    assert log[-2:] == ["index", "right"]
    return y + d["j"] * (note(x[0], "p") < note(x[1], "q") < note(x[2], "r"))


# ---------------------------------------------------------------- control flow


@corner(several=[(0.7,), (-0.7,), (2.5,)])
def exceptions(a):
    y = 1.0
    try:
        if a > 2:
            raise KeyError(a)
        if a > 0:
            raise ValueError(a * a)
        y = a * 3
    except (ValueError, TypeError) as e:
        y = e.args[0] * a
    except KeyError as e:
        return e.args[0] ** 2
    else:
        y = y * a
    finally:
        y = y + a
    return y


class Custom(Exception):
    def __init__(self, value, where):
        super().__init__(f"at {where}")
        self.value = value


@corner(X)
def exception_with_a_value(x):
    def fail(v):
        raise Custom(v * 2, "here")

    try:
        fail(x[0])
    except Custom as e:
        try:
            raise RuntimeError("again") from e
        except RuntimeError as f:
            return f.__cause__.value * x[1]


@corner(several=[(0.3,), (1.7,)])
def finally_returns(a):
    for _ in range(3):
        try:
            a = a * a
            if a > 1:
                continue
            return a * 2
        finally:
            a = a + 0.1
            if a > 5:
                break
    return a


@contextlib.contextmanager
def scaled(x, k):
    LOG.append("enter")
    try:
        yield x * k
    finally:
        LOG.append("leave")


class Manager:
    def __init__(self, a):
        self.a = a

    def __enter__(self):
        self.b = self.a**2
        return self

    def __exit__(self, kind, error, traceback):
        LOG.append(kind.__name__ if kind else "none")
        self.c = self.b * 3
        return kind is ValueError


@corner(X, effects=take_log)
def context_managers(x):
    with scaled(x, 3.0) as y, Manager(x[0]) as m:
        total = np.sum(y * x) * m.b
    with m:
        raise ValueError("swallowed")
    with contextlib.suppress(KeyError):
        total = total * m.c
        {}["missing"]
    with contextlib.ExitStack() as stack:
        total = total + stack.enter_context(scaled(x, 2.0))[1]
    return total


@corner(X)
def matched(x):
    total = 0.0
    for p in ((x[0], x[1]), {"k": x[2]}, [x[0], 2, x[1]], Frozen(x[2], 2.0), 1.5):
        match p:
            case (a, b) if a > 0:
                total += a * b
            case {"k": v}:
                total += v**3
            case [first, *_, last]:
                total += first * last**2
            case Frozen(a=a, b=b):
                total += a * a * b
            case _:
                total += x[0]
    return total


@corner(X)
def while_with_exits(x):
    i, s = 0, x[0]
    while s < 50:
        i += 1
        if i % 2:
            s = s * 2 + x[1] ** 2
            continue
        s += x[2] ** 2
        if i > 7:
            break
    else:
        s = s * x[1]
    return s


@corner(X)
def chained_comparisons(x):
    count = (0 < x[0] < 1) + (x[2] < 0 < x[1] != 3.0)
    return count * x[0] * x[1] + (x[2] if not 0 < x[2] < 1 else 0.0) + (x[0] and x[1]) * (0.0 or x[2])


@corner(X)
def deleted_names(x):
    y = x[0] * 2
    z = [y, x[1]]
    del y, z[0]
    y = z[0]
    return y * y


@corner(several=[(1.3, 3), (1.3, 0)])
def counters_that_become_floats(x, n):
    total = 0
    for k in range(n):
        total = total + k * x
    top = 1
    top *= x
    return total * top + top


# ---------------------------------------------------------------- numbers


@corner(0.7)
def math_and_numpy_scalars(a):
    b = np.float64(a) * math.sin(a)
    c = np.array(a)
    c = c + b
    d = float(c) * np.sqrt(np.asarray(a)) + c.item() * np.float64(2.0) ** a
    m, e = math.modf(a)
    return d + abs(-a) + m * 2 + math.fsum([a, b, d]) + math.prod([a, 2.0, b]) + divmod(a, 0.3)[1] + pow(a, 2)


@corner(np.float32(0.7), second=False)
def single_precision_number(a):
    values = []
    values.append(a * np.float32(2))
    return values[0] * a


@corner(np.array([0.5, 1.25], np.float32), second=False)
def single_precision_array(x):
    b = np.zeros(2, x.dtype)
    for k, e in enumerate(x):
        b[k] += e * e
    return np.sum(b)


@corner(several=[(0.7,), (np.float64(0.3),), (np.array(0.4),), (X[:2],), (np.array([[0.2]]),)], vjp=True)
def type_changes_from_call_to_call(a):
    parts = {}
    parts["double"] = a * 2
    return parts["double"] * np.sin(a)


@corner(several=[(X, 0.5), ([0.1, 0.2], 0.5), ((0.3, 0.4, 0.5), 0.5)], argnums=(0, 1))
def sequence_of_any_kind(x, a):
    stack = [a]
    for e in x:
        stack.append(e * stack[-1])
    return sum(stack)


@corner(X)
def identities(x):
    """One object under several names, and constants that are equal to what is followed."""
    a = x[0]
    b = a
    c = float(a)
    l = [a, b, c, 0.5, 0.5]
    same = (a is b) + (0.5 == a)
    return l[0] * l[1] + l[2] * l[3] * same + (a + 0.0) * (b * 1.0) - l[4]


@corner(0.5)
def constants_of_the_same_value(a):
    k = 0.5
    values = [0.5, a, 0.5, k]
    return values[0] * values[2] * k + a * values[1] + {0.5: a}[0.5]


@corner(0.7)
def copies_of_numbers(a):
    b = copy.copy(a)
    c = copy.deepcopy([a, (a, {"k": b})])
    return b * c[0] * c[1][1]["k"] + c[1][0]


@corner(X)
def deep_copies(x):
    s = {"a": x * 2, "l": [x[0], x], "o": Child(x[1], x[2])}
    t = copy.deepcopy(s)
    t["a"][0] = 5.0
    t["l"][1] *= 3
    t["o"].b = t["o"].w * 2
    u = copy.copy(s["o"])
    return np.sum(s["a"] * t["a"]) + np.sum(t["l"][1]) * t["l"][0] + t["o"].b * u.b


@corner(np.array([0.3 + 0.4j, 1.1 - 0.2j]))
def complex_in_python(z):
    total = 0j
    parts = []
    for e in z:
        parts.append(e.real * e.imag + abs(e) ** 2)
        total += e * e.conjugate() + e**2
    return (total * complex(parts[0], parts[1])).real


@corner(0.3 + 0.4j)
def complex_number(z):
    d = {"w": z * (1 + 2j)}
    return d["w"].imag * z.real + abs(d["w"])


@corner(X)
def numpy_scalar_methods(x):
    s = [e.sum() * e.item() + e.real - e.clip(0.0, 1.0) + e.conj().squeeze() * e.mean() for e in x]
    return s[0] * s[1] + x[2].astype(float) * x[0].reshape(1)[0] + x[0].max() * x[1].transpose()


@corner(X)
def means_of_statistics(x):
    return statistics.fmean(list(x)) * x[0]


@corner(X, refused="has no derivative rule|is not supported|not known")
def through_text(x):
    return float(f"{x[0]:.17g}") * x[1]


@corner(X, refused="has no derivative rule|is not supported|not known")
def through_a_string(x):
    return float(str(x[0])) * x[1]


@corner(X, refused="has no derivative rule|is not supported|not known")
def through_ratio(x):
    n, d = float(x[0]).as_integer_ratio()
    return n / d * x[1]


@corner(X, refused="has no derivative rule|is not supported|not known")
def through_frexp(x):
    import struct

    return struct.unpack("d", struct.pack("d", x[0]))[0] * x[1]


@corner(X, refused="has no derivative rule|is not supported|not known")
def through_pickle(x):
    import pickle

    return pickle.loads(pickle.dumps(x))[0] * x[1]


@corner(X, refused="has no derivative rule|is not supported|not known")
def through_fractions(x):
    import fractions

    return float(fractions.Fraction(float(x[0]))) * x[1]


@corner(X, refused="has no derivative rule|is not supported|not known")
def through_json(x):
    import json

    return json.loads(json.dumps(list(map(float, x))))[0] * x[1]


@corner(X, refused="has no derivative rule|is not supported|not known")
def through_eval(x):
    return eval("v * 2", {"v": x[0]}) * x[1]


# ---------------------------------------------------------------- solvers


class NoRoot(Exception):
    pass


def newton(f, x, slope, tolerance=1e-13):
    for _ in range(50):
        step = f(x) / slope(x)
        x = x - step
        if abs(step) < tolerance:
            return x
    raise NoRoot(x)


def bisection(f, a, b):
    fa = f(a)
    while b - a > 0.1:
        m = 0.5 * (a + b)
        fm = f(m)
        if fa * fm > 0:
            a, fa = m, fm
        else:
            b = m
    return a - fa * (b - a) / (f(b) - fa)


@corner(2.3)
def newton_in_a_function(a):
    table = [lambda t: t**3 - a, lambda t: 3 * t**2]
    return newton(table[0], 1.0, table[1]) * a


@corner(2.3, tolerance=1e-5)
def secant(a):
    f = {"f": lambda t: math.exp(t) - a}["f"]
    p, q = 0.0, 1.0
    try:
        while True:
            fp, fq = f(p), f(q)
            p, q = q, q - fq * (q - p) / (fq - fp)
    except ZeroDivisionError:
        return q * a


@corner(0.8, tolerance=1e-4)
def bisection_of_a_method(a):
    class Problem:
        calls = 0

        def residual(self, t):
            self.calls += 1
            return math.tanh(t) - a * 0.9

    p = Problem()
    return bisection(p.residual, 0.0, 5.0) * p.calls


@corner(1.4)
def solver_that_fails_first(a):
    for start in (0.0, 1.0):
        try:
            return newton(lambda t: t * t - a, start, lambda t: 2 * t)
        except ZeroDivisionError:
            continue


@corner(X)
def runge_kutta(x):
    def f(t, y):
        return [y[1], -x[0] * y[0] + x[1] * math.sin(t)]

    state, t, h = [x[2], 1.0], 0.0, 0.1
    for _ in range(5):
        k1 = f(t, state)
        k2 = f(t + h / 2, [s + h / 2 * k for s, k in zip(state, k1)])
        state = [s + h * k for s, k in zip(state, k2)]
        t += h
    return state[0] * state[1]


# ---------------------------------------------------------------- effects

COUNTS = {"calls": 0}
TOTAL = 0
KEPT = np.zeros(3)
NOTES: list = []
LOGGER = logging.getLogger("s2sad.tests.recorded")
LOGGER.propagate = False


class Notes(logging.Handler):
    def emit(self, record):
        NOTES.append(record.getMessage())


LOGGER.addHandler(Notes())
LOGGER.setLevel(logging.INFO)


def effects_seen():
    global TOTAL
    seen = (dict(COUNTS), TOTAL, KEPT.copy(), list(NOTES), take_log())
    COUNTS["calls"] = TOTAL = 0
    KEPT[:] = 0.0
    NOTES.clear()
    return seen


@corner(X, effects=effects_seen)
def effects_of_all_kinds(x):
    global TOTAL
    try:
        for k, e in enumerate(x):
            TOTAL += 1
            COUNTS["calls"] += 2
            print("step", k)
            NOTES.append(k)
            KEPT[k] = k * 1.5
            LOGGER.info("at %d", k)
        return np.sum(x * np.arange(3.0)) * x[0]
    finally:
        LOG.append("done")


@corner(X, effects=effects_seen)
def writes_what_is_followed_outside(x):
    KEPT[:] = x**2
    KEPT[1] += x[0]
    try:
        return np.sum(KEPT * x)
    finally:
        KEPT[2] = 4.0


class Counted:
    def __init__(self):
        self.nfev = 0
        self.best = None
        self.history = []

    def value(self, x):
        self.nfev += 1
        y = 0.0
        for e in x:
            y += e * e
            self.history.append(float(y))
        self.best = float(y)
        return y

    def seen(self):
        found = (self.nfev, self.best, list(self.history))
        self.nfev, self.best = 0, None
        self.history.clear()
        return found


COUNTED = Counted()
PROGRAMS.append(Program(COUNTED.value, [(X,)], effects=COUNTED.seen, name="counting_method"))


@corner(X)
def draws_in_order(x):
    r = np.random.default_rng(3)
    a = np.arange(3.0) * x
    r.shuffle(a)
    random.seed(5)
    k = [x[0], x[1]][random.randrange(2)]
    l = [x[0], x[1], x[2]]
    random.shuffle(l)
    return np.sum(a * r.normal(size=3)) * k + random.random() * l[0] + r.permutation(x)[0] + random.choice(l)


GENERATOR = np.random.default_rng(0)


def reset_generator():
    state = GENERATOR.bit_generator.state["state"]["state"]
    GENERATOR.bit_generator.state = np.random.default_rng(0).bit_generator.state
    return state


@corner(X, second=False, effects=reset_generator)
def draws_from_outside(x):
    reset = GENERATOR.bit_generator
    reset.state = np.random.default_rng(0).bit_generator.state
    noise = []
    for e in x:
        noise.append(e * GENERATOR.normal())
    return sum(noise)


# ---------------------------------------------------------------- transformations inside


@corner(X)
def gradient_inside(x):
    import s2sad

    def g(t):
        try:
            return np.sum(t**3) * t[0]
        except ValueError:
            pass

    return np.sum(s2sad.grad(g)(x) * x) + np.sum(s2sad.grad(lambda t: np.sum(t**3) * x[1])(x))


@corner(X, second=False)
def products_inside(x):
    import s2sad

    def g(t):
        parts = {}
        parts["a"] = t * x[0]
        return np.sin(parts["a"]) * t[1]

    y, pull = s2sad.vjp(g, x)
    (bar,) = pull(y)
    v, dot = s2sad.jvp(g, (x,), (np.ones(3),))
    return np.sum(bar * x) + np.sum(v * dot)


@corner(0.7)
def value_and_gradient_inside(a):
    import s2sad

    values = []
    for k in range(2):
        y, g = s2sad.value_and_grad(lambda t: t**3 * a + k)(a * 2)
        values += [y, g]
    return values[0] * values[1] + values[3]


@corner(X, second=False)
def jacobian_inside(x):
    import s2sad

    def g(t):
        l = []
        for e in t:
            l.append(e * e * t[0])
        return np.array(l)

    return np.sum(s2sad.jacobian(g)(x) * np.arange(9.0).reshape(3, 3)) * x[1]


FUNCTION_NAMES = ["sin", "cos"]


@corner(X)
def functions_by_name(x):
    return np.sum(np.array([getattr(np, name)(x) * x[0] for name in FUNCTION_NAMES]))
