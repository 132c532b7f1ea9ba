"""Methods of the user's that Python and its C code call unasked, and that compute what the result depends on.

Each of them was once run without being recorded.
"""
# ruff: noqa: UP031, UP032

import ast
import bisect
import collections
import collections.abc
import contextvars
import copy
import decimal
import fractions
import functools
import heapq
import io
import itertools
import json
import math
import operator
import re
import sys
import tempfile
import typing

import numpy as np

import s2sad

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.5, 1.2, -0.4])


# ---------------------------------------------------------------- order


class Total:
    def __init__(self):
        self.sum = 0.0


class Ordered:
    def __init__(self, value, total):
        self.value = value
        self.total = total

    def __lt__(self, other):
        self.total.sum = self.total.sum + self.value * other.value
        return self.value < other.value


@corner(X)
def order_in_sorts(x):
    total = Total()
    items = sorted([Ordered(e, total) for e in x])
    items.sort(reverse=True)
    pairs = sorted([(1, item) for item in items])
    return total.sum * items[0].value * pairs[0][1].value


@corner(X)
def order_in_extremes(x):
    total = Total()
    least = min([Ordered(e, total) for e in x])
    most = max([[1, Ordered(e, total)] for e in x])
    return total.sum * least.value + most[1].value


@corner(X)
def order_in_tuples(x):
    total = Total()
    less = (1, Ordered(x[0], total)) < (1, Ordered(x[1], total))
    return total.sum * (2 if less else 3)


@corner(X)
def order_in_heaps(x):
    total, heap = Total(), []
    for e in x:
        heapq.heappush(heap, Ordered(e, total))
    a = heapq.heapreplace(heap, Ordered(x[0] * 2, total))
    b = heapq.heappushpop(heap, Ordered(x[1] * 2, total))
    rest = list(heapq.merge([Ordered(x[2], total), Ordered(x[0], total)], [Ordered(x[1], total)]))
    return total.sum * a.value * b.value + rest[1].value


@corner(X)
def order_in_bisection(x):
    total = Total()
    items = [Ordered(x[2], total), Ordered(x[0], total)]
    bisect.insort(items, Ordered(x[1], total))
    return total.sum * items[bisect.bisect_left(items, Ordered(x[0] * 1.1, total))].value


@corner(X)
def order_by_keys(x):
    total = [0.0]

    def key(e):
        total[0] = total[0] + e * e
        return -e

    def compare(a, b):
        total[0] = total[0] + a * b
        return int(a > b) - int(a < b)

    a, b = sorted(x, key=key), sorted(x, key=functools.cmp_to_key(compare))
    return total[0] * a[0] * b[0] * min(x, key=key) * heapq.nlargest(2, list(x), key=key)[0]


@corner(X)
def order_that_is_completed(x):
    total = [0.0]

    @functools.total_ordering
    class Item:
        def __init__(self, value):
            self.value = value

        def __eq__(self, other):
            total[0] = total[0] + self.value
            return self.value == other.value

        def __lt__(self, other):
            total[0] = total[0] + self.value * other.value
            return self.value < other.value

        __hash__ = None

    items = [Item(e) for e in x]
    more = items[0] >= items[1]
    return total[0] * max(items).value + int(more) + sorted(items, reverse=True)[0].value * total[0]


# ---------------------------------------------------------------- equality and hashes


class Equal:
    def __init__(self, value, total):
        self.value = value
        self.total = total

    def __eq__(self, other):
        self.total.sum = self.total.sum + self.value * other.value
        return self.value == other.value

    def __hash__(self):
        self.total.sum = self.total.sum + self.value**2
        return 7


@corner(X)
def equality_in_lists(x):
    total = Total()
    items = [Equal(e, total) for e in x]
    found = Equal(x[1], total) in items
    place = items.index(Equal(x[1], total)) + tuple(items).index(Equal(x[2], total))
    count = items.count(Equal(x[0], total)) + operator.countOf(items, Equal(x[1], total))
    items.remove(Equal(x[1], total))
    same = items == [Equal(x[0], total), Equal(x[2], total)]
    return total.sum * (place + count + found + same) * items[1].value


@corner(X)
def equality_in_deques(x):
    total = Total()
    items = collections.deque([Equal(e, total) for e in x])
    place = items.index(Equal(x[1], total))
    items.remove(Equal(x[0], total))
    groups = [list(g) for _, g in itertools.groupby(items)]
    return total.sum * (place + items.count(Equal(x[0], total)) + len(groups))


@corner(X)
def hashes_in_dicts(x):
    total = Total()
    table = {Equal(e, total): e for e in x}
    table[Equal(x[1], total)] = x[0] * 3
    literal = {Equal(x[0], total): 2.0, (1, Equal(x[2], total)): 3.0}
    return total.sum * table[Equal(x[1], total)] * table.get(Equal(x[0], total)) * len(literal)


@corner(X)
def hashes_in_sets(x):
    total = Total()
    items = {Equal(e, total) for e in x}
    items.add(Equal(x[0], total))
    found = Equal(x[0], total) in items
    return total.sum * (found + len(items)) * hash((1, Equal(x[1], total)))


# ---------------------------------------------------------------- numbers, truth, sizes, text


class Asked:
    """Adds something for each question that it is asked."""

    def __init__(self, x):
        self.x = x
        self.t = 0.0

    def __contains__(self, k):
        self.t = self.t + self.x[k] ** 2
        return True

    def __len__(self):
        self.t = self.t + self.x[0]
        return 3

    def __bool__(self):
        self.t = self.t + self.x[1] ** 2
        return True

    def __getitem__(self, i):
        self.t = self.t + self.x[i] ** 3
        return self.x[i] * 2

    def __index__(self):
        self.t = self.t + self.x[2]
        return 1

    def __float__(self):
        self.t = self.t + self.x[2] * 3
        return float(self.x[0] * 2)

    def __str__(self):
        self.t = self.t + self.x[2] * 5
        return "S"

    def __repr__(self):
        self.t = self.t + self.x[2] * 7
        return "R"

    def __format__(self, spec):
        self.t = self.t + self.x[2] * 9
        return "F"

    def __length_hint__(self):
        self.t = self.t + self.x[1] * 13
        return 3

    def __trunc__(self):
        self.t = self.t + self.x[1] * 17
        return 3

    def __floor__(self):
        self.t = self.t + self.x[1] * 19
        return 3

    def __ceil__(self):
        self.t = self.t + self.x[1] * 23
        return 3

    def __dir__(self):
        self.t = self.t + self.x[1] * 29
        return ["a"]


@corner(X)
def truth_by_iterators(x):
    c = Asked(x)
    kept = len(list(filter(None, [c, c]))) + len(list(itertools.filterfalse(None, [c])))
    kept += len(list(itertools.compress([1, 2], [c, c])))
    other = c or 1
    return c.t * kept if other is c and any([c]) and all([c, c]) else 0.0


@corner(X)
def indices_of_objects(x):
    c = Asked(x)
    items, a = [x[0], x[1], x[2]], np.zeros((3, 2))
    y = items[c] * x[c] * np.sum(x[:c]) * np.sum(np.sum(x.reshape(3, 1), axis=c))
    a[c, 0] = x[0] ** 2
    items[c] = x[0] ** 2
    items.insert(c, x[1] ** 2)
    y = y * a[1, 0] * items.pop(c) * len([x[0]] * c) * sum(itertools.islice(items, c)) * sum(itertools.repeat(x[0], c))
    ring = collections.deque(items)
    ring.rotate(c)
    del items[c]
    return y * ring[1] * c.t + items[1] * operator.index(c) * len(hex(c)) * next(enumerate([x[0]], c))[0]


@corner(X)
def numbers_of_objects(x):
    c = Asked(x)
    y = math.trunc(c) + math.floor(c) + math.ceil(c) + operator.length_hint(c) + len(dir(c)) + len(chr(c))
    return c.t * y * float(c) * math.isclose(c, x[0] * 2)


@corner(X)
def text_of_objects(x):
    c = Asked(x)
    text = f"{c}{c!r}{c!s:>5}{[c]}" + "%s %r" % (c, c) + f"{c} {c!r}" + "{} {!r}".format(c, c) + str([c]) + ascii(c)
    try:
        raise ValueError(c)
    except ValueError as error:
        text += str(error)
    print(c, [c])
    return c.t * len(text)


@corner(X)
def elements_of_objects(x):
    c = Asked(x)
    a, b = [e for e, _ in zip(c, range(2), strict=False)]
    return a * b * c.t * operator.contains(c, 1) * (2 if 0 not in c else 3)


@corner(X)
def last_words(x):
    total = [0.0]

    class Mortal:
        def __init__(self, value):
            self.value = value

        def __del__(self):
            total[0] = total[0] + self.value**2

    a, b, c = Mortal(x[0]), [Mortal(x[1])], Mortal(x[2])
    del a
    b.clear()
    c = None
    return total[0] * x[0] * (c is None)


# ---------------------------------------------------------------- patterns and classes


class Point:
    __match_args__ = ("a", "b")

    def __init__(self, x):
        self.x, self.t = x, 0.0

    @property
    def a(self):
        self.t = self.t + self.x[0]
        return self.x[0] * 2

    @property
    def b(self):
        self.t = self.t + self.x[1]
        return self.x[1] * 2

    @functools.cached_property
    def once(self):
        self.t = self.t + self.x[2]
        return self.x[2] * 3


@corner(X)
def patterns_over_properties(x):
    p = Point(x)
    match p:
        case Point(a, b) if a > b:
            return a * p.t
        case Point(a, b=b, once=c):
            return a * b * c * p.t


class Record(dict):
    def __missing__(self, key):
        self[key] = self["x"] * key
        return self[key]

    def get(self, key, default=None):
        self["x"] = self["x"] * 2
        return super().get(key, default)


@corner(X)
def patterns_over_mappings(x):
    r = Record(x=x[0], z=[x[1], x[2]])
    match r:
        case {"z": [a, *rest], "x": v}:
            return v * a * rest[0] * r[3] + len(rest)


@corner(X)
def classes_that_are_told(x):
    class Named:
        def __set_name__(self, owner, name):
            self.name, self.weight = "_" + name, x[0] ** 2

        def __get__(self, obj, owner=None):
            return self if obj is None else getattr(obj, self.name) * self.weight

        def __set__(self, obj, value):
            setattr(obj, self.name, value * 2)

    class Base:
        def __init_subclass__(cls, k=1.0, **rest):
            super().__init_subclass__(**rest)
            cls.k = k * x[0]

    class Inner(Base, k=x[1]):
        d = Named()

        def __init__(self, value):
            self.d = value

    i = Inner(x[1])
    i.d = i.d * 3
    return i.d * Inner.d.weight * Inner.k


# ---------------------------------------------------------------- elements that C takes out of arrays


@corner(X)
def rows_that_are_taken_apart(x):
    a = np.outer(x, x)
    y = sum(itertools.starmap(lambda p, q, r: p * q + r, a)) * sum(itertools.chain.from_iterable([x, x**2]))
    pairs = dict([x[:2] ** 2, x[1:]])
    pairs.update([(1, x[0]), np.array([2, x[1]])])
    return y * sum(pairs.values()) * sum(collections.OrderedDict([x[:2]]).values())


@corner(X)
def arrays_that_stay_whole(x):
    y = next(iter([]), x) * functools.reduce(lambda a, b: a * b + x, [1.0, 2.0], x)
    table = dict.fromkeys("ab", x)
    try:
        raise ValueError(x, x[0])
    except ValueError as error:
        whole, first = error.args
    return np.sum(y * table["b"] * whole) * first * (2.0 if x[1] in np.outer(x, x) else 3.0)


# ---------------------------------------------------------------- operators of containers


@corner(X)
def dicts_joined(x):
    a = {"a": x[0], "b": x[1]} | {"b": x[2]}
    return a["a"] * a["b"]


def _named(value):
    return {"a": value}


@corner({"a": 0.5, "b": X})
def dicts_joined_with_an_argument(p):
    q = p | {"a": p["a"] ** 2} | _named(p["b"][0])
    return q["a"] * np.sum(q["b"])


@corner(X)
def annotations_that_are_read(x):
    @functools.singledispatch
    def weight(a):
        return a * 2

    @weight.register
    def _(a: list):
        return sum(a) * 3

    return weight([x[0], x[1]]) * weight(x[2])


@corner(X)
def counts_by_key(x):
    total = Total()
    seen = collections.Counter([Equal(e, total) for e in x])
    weights = collections.Counter({"a": x[0]})
    weights.update(["a", "b"])
    weights.update({"b": x[1]})
    return total.sum * len(seen) * weights["a"] * weights["b"] * sum(collections.Counter(x))


@corner(X)
def rows_in_comprehensions(x):
    a = np.outer(x, x)
    return sum(p * q * sum(r) for (p, *r), (q, *_) in zip(a, a.T, strict=True)) + sum(p * r[0] for p, *r in a)


class Doubling(collections.abc.MutableMapping):
    def __init__(self):
        self.entries = {}

    def __getitem__(self, key):
        return self.entries[key] * 2

    def __setitem__(self, key, value):
        self.entries[key] = value * 3

    def __delitem__(self, key):
        del self.entries[key]

    def __iter__(self):
        return iter(self.entries)

    def __len__(self):
        return len(self.entries)


@corner(X)
def mappings_of_their_own(x):
    m = Doubling()
    m.update(a=x[0], b=x[1])
    m.setdefault("c", x[2])
    return sum(m.values()) * sum(dict(m).values()) * m.pop("a") * {**m}["b"] * m.get("zz", x[0]) * len(m)


@corner(X)
def deeper_than_the_limit(x):
    def f(n):
        return x[0] if n == 0 else f(n - 1) * 0.999 + x[1] * 1e-3

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(2500)
    try:
        return f(2000) * x[2] * (sys.getrecursionlimit() == 2500)
    finally:
        sys.setrecursionlimit(before)


@corner(X)
def arrays_by_functions(x):
    a = np.fromfunction(lambda i, j: i * x[0] + j * x[1], (2, 3))
    return np.sum(np.apply_over_axes(np.sum, np.outer(x, x), [0])) * np.sum(a) * sum(heapq.nsmallest(2, x))


@corner(X, refused="under lru_cache changes something")
def remembered_with_effects(x):
    count = [0]

    @functools.lru_cache(None)
    def f(a):
        count[0] += 1
        return a * x[1]

    return f(x[0]) * f(x[0]) * count[0]


@corner(X)
def remembered(x):
    @functools.lru_cache(None)
    def f(a):
        return a * x[1]

    return f(x[0]) * f(x[0]) + f(x[2]) * f(2.0)


# ---------------------------------------------------------------- text, in compiled code too


@corner(X, refused="made from text")
def text_that_is_matched(x):
    return float(re.match(r"[0-9.e-]+", str(float(x[0]))).group()) * x[1]


@corner(X, refused="made from text")
def text_in_arrays(x):
    return np.array([str(float(e)) for e in x]).astype(float)[0] * x[1]


@corner(X, refused="made from text")
def text_that_is_joined(x):
    return float(",".join([str(float(e)) for e in x]).split(",")[0]) * x[1]


@corner(X, refused="made from text")
def text_as_python(x):
    return ast.literal_eval(repr(float(x[0]))) ** 2 + x[1]


@corner(X, refused="made from text")
def text_as_a_tree(x):
    return ast.parse(repr(float(x[0])), mode="eval").body.value ** 2 + x[1]


@corner(X, refused="made from text")
def text_as_decimal(x):
    return float(decimal.Decimal(repr(float(x[0])))) ** 2 + x[1]


@corner(X, refused="made from text")
def text_as_fraction(x):
    return float(fractions.Fraction(repr(float(x[1])))) ** 2 + x[1]


@corner(X, refused="made from text")
def text_as_numbers_of_numpy(x):
    return np.float64(repr(float(x[0]))) * np.asarray([repr(float(x[1]))], dtype=float)[0] * x[2]


@corner(X, refused="made from text")
def text_as_a_whole_number(x):
    return int(f"{10 * x[0]:.0f}") * x[1]


@corner(X, refused="made from text")
def text_as_whole_numbers_of_numpy(x):
    return np.int64(f"{10 * x[0]:.0f}") * x[1]


@corner(X, refused="made from text")
def text_as_whole_numbers_of_json(x):
    return json.loads(f"[{10 * x[0]:.0f}]")[0] * x[1]


@corner(X, refused="made from text")
def text_of_an_array(x):
    return np.sum(x.astype(str).astype(float) ** 2)


@corner(X, refused="made from text|can't hold")
def text_put_into_an_array(x):
    texts = np.zeros(3, "U20")
    texts[:] = x
    return np.sum(texts.astype(float) ** 2)


@corner(X, refused="made from text")
def text_of_one_number_of_numpy(x):
    return float(x[0].astype(str)) * x[1]


@corner(X, refused="made from text")
def text_that_is_printed(x):
    stream = io.StringIO()
    print(x[0], file=stream)
    return float(stream.getvalue()) * x[1]


@corner(X, refused="made from text|not supported")
def numbers_in_a_file(x):
    with tempfile.TemporaryDirectory() as folder:
        x.tofile(folder + "/numbers")
        return np.sum(np.fromfile(folder + "/numbers") ** 2)


@corner(X, refused="made from text")
def text_of_an_error(x):
    try:
        raise ValueError(float(x[0]))
    except ValueError as error:
        return float(str(error)) * x[1]


@corner(X, refused="made from text")
def text_of_an_error_of_pythons(x):
    try:
        return [1.0].index(float(x[0]))
    except ValueError as error:
        return float(error.args[0].split()[0]) * x[1]


@corner(X, refused="made from text")
def text_of_an_error_behind_another(x):
    try:
        try:
            return [1.0].index(float(x[0]))
        finally:
            {}["a"]
    except KeyError as error:
        return float(str(error.__context__).split()[0]) * x[1]


@corner(X, refused="made from text")
def text_in_a_gradient_inside(x):
    return s2sad.grad(lambda t: float(f"{x[0]}") * t * t)(3.0) * x[1]


@corner(X, refused="made from text")
def text_by_name(x):
    return float("{a}".format(a=float(x[0]))) * x[1]


SURFACES = [{"name": "wing", "E": 2.0}, {"name": "tail", "n": 3}]


@corner({"wing_m": X, "tail_m": X[:2]})
def text_of_names_as_keys(values):
    """It is made of strings alone, which stand outside; so is the number."""
    total = 0.0
    for surface in SURFACES:
        total = total + np.sum(values["{}_m".format(surface["name"])] ** 2)
    return total * float(f"{SURFACES[0]['E']}")


@corner(X, refused="made from text|not supported|not known")
def text_of_what_stands_beside_names(x):
    surface = {"name": "wing", "E": float(x[0])}
    return float("{}".format(surface["E"])) * x[1] * len("{}_m".format(surface["name"]))


@corner(X)
def casts_pass_what_they_are_given(x):
    """Also where text was made, or an error was caught that tells no number."""
    try:
        scale = {}["scale"]
    except KeyError:
        scale = float("2.0")
    text = str(float(x[0]))
    return np.sum(typing.cast("np.ndarray", x) ** 2) * scale * typing.cast(float, x[1]) + 0 * len(text)


@corner(X, second=False)  # two recorders: the outer one finds its own values in the traceback of the error
def text_of_an_error_without_numbers(x):
    try:
        raise ValueError("1.5")
    except ValueError as error:
        return float(str(error)) * x[1]


@corner(X)
def text_that_is_only_measured(x):
    return int("3") * x[2] + len(f"{x[0]:.3f}") * x[1]


# ---------------------------------------------------------------- operators and attributes as functions


class Held:
    def __init__(self, a):
        self.a = a


@corner(X)
def variables_of_an_object(x):
    held = Held(x * 2)
    before = np.sum(vars(held)["a"] ** 2)
    vars(held)["a"] = x * before
    return np.sum(held.a**3)


@corner(X)
def items_taken_out_by_operators(x):
    values, table = [x[0], x[1] * 2, x[2]], {"a": x[0], "b": x[1] ** 2}
    operator.delitem(values, 1)
    operator.delitem(table, "a")
    joined = operator.iconcat(values, [x[1]])
    parts = (x[0],)
    return len(parts) * operator.iconcat(parts, (x[2],))[1] * table["b"] + values[2] * joined[1] ** 2


@corner(X)
def base_of_a_view(x):
    y = x * 2
    y[1:].base[2] = x[0]
    return np.sum(y**2) + (np.sum(y[1:].base) if y.base is None else 0.0)


@corner(X)
def deep_copy_by_its_method(x):
    y = x.__deepcopy__({})
    y[0] = 3.0
    return np.sum(y * x)


# ---------------------------------------------------------------- copies, and numbers of classes


class Doubled:
    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return Doubled, (self.value * 2,)


@corner(X)
def copies_as_their_class_says(x):
    a, b = copy.copy(Doubled(x[0])), copy.deepcopy([Doubled(x)])[0]
    return a.value * np.sum(b.value**2)


class Whole(int):
    def __init__(self, value):
        self.scale = 3.0

    def __add__(self, other):
        return other * self.scale

    __radd__ = __add__


@corner(X)
def numbers_that_are_whole_ones_of_a_class(x):
    k = Whole(3)
    return (k + 2.0) * (2.0 + k) * (k + float(x[0])) * (float(x[1]) + k)


# ---------------------------------------------------------------- objects that were there before


class Scaled:
    total, scale = 0.0, 0.0

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        Scaled.total = Scaled.total + self.value * other.value * Scaled.scale
        return self.value < other.value

    def __hash__(self):
        Scaled.total = Scaled.total + Scaled.scale
        return 3

    def __eq__(self, other):
        Scaled.total = Scaled.total + 2 * Scaled.scale
        return self is other


class Store:
    items = (Scaled(1.0), Scaled(0.5), Scaled(2.0))
    pairs = {"a": [(1, items[0]), (1, items[1])]}  # noqa: RUF012


@corner(X)
def objects_of_a_class_that_was_not_named(x):
    Scaled.total, Scaled.scale = 0.0, x[0]
    a, b, _ = Store.items
    count = len({a: 1, b: 2}) + len({*Store.items})
    first = sorted(Store.pairs["a"])[0][1].value * min(Store.items).value
    y, Scaled.total, Scaled.scale = Scaled.total, 0.0, 0.0
    return y * x[1] * count * first


@corner(X)
def variables_of_a_context(x):
    current = contextvars.ContextVar("current", default=x[0])
    token = current.set(x[1])
    a = current.get()
    current.reset(token)

    def inside():
        current.set(x[2])
        return current.get() * 2

    return a * current.get() * contextvars.copy_context().run(inside)
