"""Objects that a function makes, dicts that it fills, and loops that write what they walk over."""
# ruff: noqa: B010, C408

import abc
import dataclasses
import math

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
RECORDED: set[str] = set()  # right too, but not by the compiler
RECORDED_TWICE = {"dict_made_in_one_branch"}  # whose second derivative is recorded


def recorded_corner(*args, **options):
    """A corner that the compiler leaves to recording."""

    def add(function):
        RECORDED.add(function.__name__)
        return corner(*args, **options)(function)

    return add


X = np.array([0.7, -0.3, 1.2])
Y = np.array([0.4, 0.9, -0.8])


# ---------------------------------------------------------------- objects


class Filter:
    def __init__(self, x, p, q=0.1, r=0.2):
        self.x, self.p = x, p
        self.q = q
        self.r = r
        self.n = 0
        self.history = []

    def predict(self, f):
        self.x = f * self.x
        self.p = f * self.p * f + self.q
        return self

    def update(self, z):
        gain = self.p / (self.p + self.r)
        self.x += gain * (z - self.x)
        self.p *= 1 - gain
        self.n += 1
        self.history.append(self.x)


@corner(several=[(X,), (Y,)])
def state_of_a_filter(x):
    k = Filter(x[0], 1.0)
    for z in x:
        k.predict(0.9).update(z)
    return k.x * k.p + k.n + sum(k.history)


class Moments:
    def __init__(self, d):
        self.n = 0
        self.mean = np.zeros(d)
        self.m2 = np.zeros((d, d))

    def push(self, v):
        self.n += 1
        delta = v - self.mean
        self.mean += delta / self.n
        self.m2 += np.outer(delta, v - self.mean)


@corner(several=[(X,), (Y,)])
def arrays_that_an_object_updates(x):
    w = Moments(2)
    m = np.outer(x, x)
    for i in range(3):
        w.push(m[i, :2])
    return np.sum(w.m2) + np.sum(w.mean**3)


class Dual:
    def __init__(self, a, b=0.0):
        self.a = a
        self.b = b

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.a + other.a, self.b + other.b)

    def __mul__(self, other):
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a) * self.b)


@corner(several=[(X,), (Y,)])
def numbers_of_a_class(x):
    d = Dual(x[0], 1.0)
    for _ in range(3):
        d = (d * d + Dual(x[1], 0.1) + 0.5).sin()
    return d.b + d.a


class Body:
    def __init__(self, pos, vel, m):
        self.pos = pos
        self.vel = vel
        self.m = m

    def kick(self, acc, dt):
        self.vel = self.vel + acc * dt

    def drift(self, dt):
        self.pos = self.pos + self.vel * dt


@corner(several=[(X,), (Y,)])
def two_bodies(x):
    a = Body(np.array([x[0], 0.0]), np.array([0.0, x[1]]), 1.0)
    b = Body(np.array([1.0, x[2]]), np.array([0.3, 0.0]), 2.0)
    for _ in range(4):
        r = b.pos - a.pos
        d = np.sum(r**2) ** 1.5 + 0.1
        a.kick(b.m * r / d, 0.1)
        b.kick(-a.m * r / d, 0.1)
        a.drift(0.1)
        b.drift(0.1)
    return np.sum(a.pos**2) + np.sum(b.vel**2)


@recorded_corner(several=[(X,), (Y,)])
def bodies_in_a_list(x):
    bodies = [Body(x[i], 0.1 * i, 1.0 + i) for i in range(3)]
    for _ in range(3):
        for b in bodies:
            b.kick(-b.pos, 0.1)
            b.drift(0.1)
    return sum(b.pos * b.m for b in bodies)


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


class Circle(Shape):
    def __init__(self, r):
        self.r = r

    def area(self):
        return math.pi * self.r**2


class Rectangle(Shape):
    def __init__(self, w, h):
        self.w = w
        self.h = h

    def area(self):
        return self.w * self.h

    @property
    def aspect(self):
        return self.w / self.h


@corner(X)
def objects_of_several_classes(x):
    shapes = [Circle(x[0]), Rectangle(x[1], x[2])]
    return sum(s.area() for s in shapes) + shapes[1].aspect


@recorded_corner(several=[(X,), (Y - 1,)])
def two_names_of_an_object(x):
    p = Body(x[0], x[1], 2.0)
    old = p.pos
    keep = p
    p.drift(1.0)
    if p.pos > 0:
        p = Body(p.pos, x[2], 1.0)
    keep.pos = keep.pos * 2
    return p.pos * old + keep.pos


@dataclasses.dataclass
class Epidemic:
    s: float
    i: float
    rate: float = 0.3
    log: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.total = self.s + self.i

    def step(self, b):
        new = b * self.s * self.i / self.total
        self.s, self.i = self.s - new, self.i + new - self.rate * self.i
        self.log.append(self.i)


@corner(several=[(X,), (Y,)])
def state_of_a_data_class(x):
    state = Epidemic(0.9, 0.1 + x[2] ** 2)
    for _ in range(6):
        state.step(abs(x[0]))
    return max(state.log) + state.s * x[1]


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    y: float = 1.0

    def __sub__(self, other):
        return Point(self.x - other.x, self.y - other.y)

    def norm(self):
        return math.hypot(self.x, self.y)


@corner(0.7, -1.2, argnums=(0, 1))
def data_class_that_is_frozen(x, y):
    return (Point(x) - Point(y=y, x=0.3)).norm()


@recorded_corner(X)
def array_under_two_attributes(x):
    y = np.array(x)
    o = Body(y, y, 1.0)
    o.pos[0] = 5.0 * x[1]
    return np.sum(o.vel**2)


@recorded_corner(X)
def array_of_an_object_written_outside(x):
    y = np.array(x)
    o = Body(y, 0.0, 1.0)
    y[1] = x[0] * 7
    return np.sum(o.pos**2)


@corner(X)
def view_of_an_attribute(x):
    o = Body(np.array(x), np.zeros(3), 1.0)
    v = o.pos
    o.pos[0] = 5.0 * x[1]
    w = o.pos[1:]
    w *= x[0]
    o.pos += 1.0
    return np.sum(v**2) + np.sum(o.pos)


@corner(X)
def object_twice_in_a_list(x):
    o = Body(x[0], 0.0, 1.0)
    pair = [o, o]
    pair[0].pos = x[1] * 3
    return pair[1].pos + o.pos


@corner(X)
def object_of_a_closure(x):
    o = Body(x[0], 0.0, 1.0)

    def grow():
        o.pos = o.pos * x[1]
        return o.pos

    return grow() + grow()


@recorded_corner(several=[(X,), (-X,)])
def one_of_two_objects(x):
    o = Body(x[0], 0.0, 1.0)
    p = Body(x[1], 0.0, 1.0)
    c = o if x[0] > 0 else p
    c.pos = c.pos * 2
    return o.pos * p.pos**2


class Counted:
    total = 0.0
    scale = 3.0

    def add(self, v):
        self.total += v * self.scale
        return self

    def __init__(self):
        pass


@corner(X)
def attribute_that_the_class_gives_first(x):
    a, b = Counted(), Counted()
    for v in x:
        a.add(v * v)
    return a.total + b.total


class Stack:
    def __init__(self):
        self.items = []

    def push(self, v):
        self.items.append(v)

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)


@corner(X)
def length_of_an_object(x):
    q = Stack()
    for v in x:
        q.push(v * v)
    t = 0.0
    while len(q) > 0:
        t = t * 0.5 + q.pop()
    return t


class Pair:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __setitem__(self, i, v):
        if i == 0:
            self.x = v
        else:
            self.y = v

    def __getitem__(self, i):
        return (self.x, self.y)[i]


@corner(X)
def operators_that_change_an_object(x):
    v = Pair(x[0], x[1])
    w = v
    v += Pair(x[2], 1.0)
    v[0] = v[0] * 2
    return w.x * w.y


@recorded_corner(several=[(X,), (-Y,)])
def nothing_or_an_object(x):
    best = None
    for v in x:
        b = Body(v, v * 2, 1.0)
        if best is None or b.pos > best.pos:
            best = b
    return best.vel


class Tree:
    def __init__(self, v, left=None, right=None):
        self.v = v
        self.left = left
        self.right = right

    def total(self):
        t = self.v
        if self.left is not None:
            t += self.left.total() * 0.5
        if self.right is not None:
            t += self.right.total() * 2
        return t


@corner(X)
def tree_of_objects(x):
    return Tree(x[0], Tree(x[1]), Tree(x[2], Tree(x[0] * x[1]))).total()


class Named:
    """With attributes that are called as the arguments of functions are."""

    def __init__(this, x):
        this.type = x
        this.hint = 2.0
        this.prim = x * x
        this.function = x
        this.self = this.cls = 1.5
        this.args = this.keywords = x

    def step(this):
        this.type = this.type * this.hint
        this.self *= this.cls + this.prim * this.args
        this.function = this.function + this.keywords


@corner(0.8)
def attributes_called_as_arguments(x):
    c = Named(x)
    for _ in range(3):
        c.step()
    return c.type * c.self * c.function


class Same:
    def __init__(self, x):
        self.x = x


@recorded_corner(several=[(0.8,), (-0.8,)])
def identity_of_objects(x):
    a, b = Same(x), Same(x * 2)
    c = a if x > 0 else b
    for _ in range(2):
        c.x = c.x * x
    return a.x * (3 if c is a else 2) + b.x * (5 if a == b else 7)


# ---------------------------------------------------------------- what is outside

GLOBAL = np.array([1.0, 2.0, 3.0])


def changes():
    """The global array; it is as it was before then."""
    found = GLOBAL.copy()
    GLOBAL[:] = [1.0, 2.0, 3.0]
    return found


@recorded_corner(X, effects=changes)
def outside_array_in_an_object(x):
    o = Body(GLOBAL, 0.0, 1.0)
    o.pos[1] = 5.0 * x[0]
    return np.sum(o.pos) * x[1]


@recorded_corner(X, effects=changes)
def outside_array_in_a_list_that_grew(x):
    arrays = []
    arrays.append(GLOBAL)
    arrays[0][1] = 5.0 * x[0]
    return np.sum(arrays[0]) * x[1]


@recorded_corner(X, effects=changes)
def rows_of_an_outside_array(x):
    for row in GLOBAL[None]:
        row[1:] = x[0] * row[0]
    return np.sum(GLOBAL) * x[1]


@recorded_corner(X)
def argument_in_an_object(x):
    o = Body(x, 0.0, 1.0)
    o.pos[1] = 5.0 * x[0]
    return np.sum(o.pos**2) * x[1]


# ---------------------------------------------------------------- dicts


@corner(0.7)
def entries_written_in_a_loop(x):
    d = {"a": x, "b": 2.0}
    for _ in range(4):
        d["a"] = d["a"] * d["b"]
        d["b"] += d["a"] * 0.1
    return d["a"] + d["b"]


@corner(X)
def steps_of_parameters(x):
    p = {"w": x[0], "b": x[1:] * 2, "c": 1.0}
    for _ in range(3):
        for k in p:
            p[k] = p[k] - 0.1 * p[k] ** 2
    q = {k: v * 2 for k, v in p.items()}
    return q["w"] * np.sum(q["b"]) + q["c"]


@corner(X)
def dict_filled_line_by_line(x):
    d = {}
    d["a"] = x[0]
    d["b"] = d["a"] * 2
    for k in ("c", "d"):
        d[k] = x[1] * len(d)
    d.update(b=x[1], a=d["b"])
    total = d.setdefault("e", x[2]) + d.setdefault("a", 0.0) + d.get("f", 1.0)
    for i, (k, v) in enumerate(d.items()):
        total = total + v * i * len(k)
    return total * len(d)


@corner(X)
def dicts_nested(x):
    d = {"a": [x[0]], "n": {"z": x[1]}}
    d["a"].append(x[2])
    d["n"]["z"] = d["n"]["z"] * 3
    d["n"]["z"] += 1
    return d["a"][0] * d["a"][1] + d["n"]["z"]


@corner(X)
def two_names_of_a_dict(x):
    d = dict(a=x[0], b=x[1])
    e = d
    e["a"] = x[2] ** 2
    f = d.copy()
    f["b"] = 0.0
    return d["a"] * d["b"] + f["b"]


@corner({"w": X, "b": 0.5})
def dict_argument_written(p):
    p["w"] *= p["b"]
    p["b"] = np.sum(p["w"])
    return np.sum(p["w"] ** 2) * p["b"]


@corner(several=[(X, 0), (X, 2)], argnums=0)
def dict_made_in_one_branch(x, n):
    s = x * 2
    if n > 0:
        v = {"a": x * x}
    for i in range(3):
        if i < n:
            s = s * v["a"]
    return np.sum(s)


# ---------------------------------------------------------------- what a loop walks over


@corner(X)
def rows_written(x):
    a = np.outer(x, x)
    for row in a:
        row *= 2
    for i, row in enumerate(a):
        row += a[i - 1]
    return np.sum(a**2)


@recorded_corner(X)
def columns_written(x):
    a = np.outer(x, x)
    for column in a.T:
        column[:] = np.cumsum(column)
    return np.sum(a**2)


@recorded_corner(X)
def rows_of_a_part_written(x):
    a = np.outer(x, x)
    for i, row in enumerate(a[1:]):
        row += a[i]
    return np.sum(a**2)


@corner(X)
def rows_of_two_written(x):
    a, b = np.outer(x, x), np.outer(x, x + 1)
    for r, s, k in zip(a, b, range(2), strict=False):
        r[k:] -= s[k:]
        s *= 2
    return np.sum(a**2) + np.sum(b**2)


@corner(X)
def rows_that_others_write(x):
    a = np.zeros((3, 3))
    for i, row in enumerate(a):
        for j in range(3):
            row[j] = x[i] * x[j]
        a[(i + 1) % 3] += row
    for row in a:
        row[1:] = row[:-1]
        if row[0] > 0.3:
            break
    return np.sum(a**3)


@recorded_corner(X)
def arrays_of_a_list_written(x):
    arrays = [x * i for i in range(3)]
    for a in arrays:
        a += 1
    for a in arrays:
        a[0] *= x[1]
    return sum(np.sum(a**2) for a in arrays)


@recorded_corner(X)
def one_array_thrice_in_a_list(x):
    arrays, y = [], x * 1
    for _ in range(3):
        arrays.append(y)
    for a in arrays:
        a += x[0]
    return np.sum(y**2)


@recorded_corner(X)
def list_that_grows_while_it_is_walked(x):
    arrays = [x * 1.0]
    for a in arrays:
        a += 1
        if len(arrays) < 3:
            arrays.append(a * 2)
    return np.sum(arrays[-1])


# ---------------------------------------------------------------- what holds itself


class Linked:
    def __init__(self, v):
        self.v = v
        self.me = self
        self.others = []


@recorded_corner(X)
def object_that_holds_itself(x):
    o = Linked(x[0])
    o.me.v = x[1] ** 2
    return o.v


@recorded_corner(X)
def object_in_a_list_of_its_own(x):
    o = Filter(x[0], 1.0)
    o.history.append(o)
    o.x = x[1] * 2
    return o.history[0].x


@recorded_corner(X)
def dict_that_holds_itself(x):
    d = {"a": x[0], "b": 0.0}
    d["b"] = d
    d["a"] = x[1] * 2
    return d["b"]["a"]


@corner(X)
def attribute_stored_by_its_name(x):
    o = Filter(x[0], 1.0)
    setattr(o, "x", x[1] ** 2)
    return o.x * o.p


class Struct:
    k = 2.0


@corner(X)
def object_without_a_making_of_its_own(x):
    s = Struct()
    s.a = x[0]
    s.b = s.a * x[1]
    for _ in range(2):
        s.b = s.b * s.k + s.a
    return s.b


@corner(X)
def object_made_in_a_while_in_a_for(x):
    total = 0.0
    for k in range(3):
        n = 0
        while True:
            pair = Filter(x * k, x[1] * n)
            n += 1
            if n > k:
                break
        total = total + np.sum(pair.x * x) + pair.p
    return total
