"""Values that a program keeps from one call to the next, and takes where it meets the same argument again."""

import bisect
import functools
import hashlib
import math
import runpy
import types
import zlib
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad.recording import kept

TABLE: dict[Any, Any] = {}
LAST: Any = None
CELLS = {"x": None, "value": 0.0}


class Kept:
    """Keeps the last argument and its value as attributes."""

    x: Any = None

    def __init__(self) -> None:
        self.table: dict[Any, Any] = {}
        self.buffer = np.zeros(2)
        self.calls = 0
        self.reference = 2.0

    def store(self, x):
        self.x, self.value = x, np.sum(x**2)
        return self.value

    def number(self, x):
        if self.x != x:
            self.store(x)
        return self.value * x

    def array(self, x):
        if self.x is None or not np.array_equal(x, self.x):
            self.store(x.copy())
        return self.value * x[0]

    def elements(self, x):
        if self.x is not None and all(a == b for a, b in zip(self.x, x, strict=True)):
            return self.value
        return self.store(x.copy())

    def close(self, x):
        if self.x is not None and np.allclose(a=self.x, b=x):
            return self.value
        return self.store(x.copy())

    def differing(self, x):
        if self.x is None or (self.x != x).any():
            self.store(x.copy())
        return self.value

    def same(self, x):
        if self.x is not x:
            self.store(x)
        return self.value

    def in_place(self, x):
        if not np.array_equal(self.buffer, x):
            self.buffer[:] = x
            self.value = np.sum(x**2)
        return self.value

    def entry(self, x):
        if x not in self.table:
            self.table[x] = x**3
        return self.table[x] * x

    def got(self, x):
        value = self.table.get(x[0])
        if value is None:
            value = self.table[x[0]] = x[0] ** 3
        return value

    def zeros(self, x):
        self.calls, self.last = 0, 0.0
        return sum([v**2 for v in x if v != 0 and v != 0.0])

    def whole_numbers(self, x):
        self.calls = len(x) + 1
        return sum([v**2 for v in x for k in range(5) if v != k])

    def counted(self, x):
        self.calls += 1
        return 3 * x if x == self.reference else x * self.calls


class Slots:
    __slots__ = ("value", "x")

    def __init__(self) -> None:
        self.x = None

    def number(self, x):
        if self.x != x:
            self.x, self.value = x, x**2
        return self.value


def by_tuple(x):
    key = tuple(x)
    if key not in TABLE:
        TABLE[key] = x[0] ** 2
    return TABLE[key]


def by_default(x, _table={}):  # noqa: B006
    try:
        return _table[x]
    except KeyError:
        _table[x] = x**2
        return _table[x]


def by_global(x):
    global LAST
    if LAST is None or LAST[0] != x:
        LAST = x, x**2
    return LAST[1] * x


def by_entries(x):
    if CELLS["x"] is None or not math.isclose(CELLS["x"], x):
        CELLS.update(x=x, value=x**2)
    return CELLS["value"]


def by_attribute(x):
    if getattr(by_attribute, "x", None) != x:
        by_attribute.x, by_attribute.value = x, x**2  # type: ignore[attr-defined]
    return by_attribute.value  # type: ignore[attr-defined]


def by_cells():
    last, value = None, 0.0

    def f(x):
        nonlocal last, value
        if last != x:
            last, value = x, x**2
        return value

    return f


def by_list():
    last = [None, 0.0]

    def f(x):
        if last[0] != x:
            last[0], last[1] = x, x**2
        return last[1]

    return f


def by_key(key):
    """A function that keeps its values under what ``key`` makes of its argument."""
    kept = {}

    def f(x):
        k = key(x)
        if k not in kept:
            kept[k] = np.sum(x**2)
        return kept[k]

    return f


class ByHelper:
    """Keeps its values in a dict that another method fills."""

    def __init__(self) -> None:
        self.table: dict[Any, Any] = {}

    def put(self, key, x):
        self.table[key] = x**2

    def entry(self, x):
        key = round(x, 4)
        if key not in self.table:
            self.put(key, x)
        return self.table[key]


class Near:
    """Keeps the last argument, and takes its value where the next one does not differ from it."""

    x: Any = None

    def store(self, x):
        self.x, self.value = np.copy(x)[()], np.sum(x**2)

    def number(self, x):
        if self.x is None or abs(x - self.x) > 1e-12:
            self.store(x)
        return self.value

    def squared(self, x):
        apart = 1.0 if self.x is None else x - self.x
        if not apart * apart < 1e-20:
            self.store(x)
        return self.value

    def ratio(self, x):
        if self.x is None or not abs(self.x / x - 1) <= 1e-9:
            self.store(x)
        return self.value

    def norm(self, x):
        if self.x is None or not np.linalg.norm(x - self.x) < 1e-12:
            self.store(x)
        return self.value

    def largest(self, x):
        if self.x is None or np.greater(np.max(np.abs(np.subtract(self.x, x))), 1e-9):
            self.store(x)
        return self.value

    def anywhere(self, x):
        if self.x is None or np.any(np.abs(x - self.x) > 1e-12):
            self.store(x)
        return self.value

    def difference(self, x):
        if self.x is None or (x - self.x).any():
            self.store(x)
        return self.value

    def truth(self, x):
        if self.x is None or x - self.x:
            self.store(x)
        return self.value

    def rounded(self, x):
        if self.x != round(x, 5):
            self.x, self.value = round(x, 5), x**2
        return self.value

    def text(self, x):
        if self.x is None or self.x != f"{x:.9f}":
            self.x, self.value = f"{x:.9f}", x**2
        return self.value

    def listed(self, x):
        if self.x is None:
            self.x, self.value = [], []
        key = round(x, 3)
        if key not in self.x:
            self.x.append(key)
            self.value.append(x**2)
        return self.value[self.x.index(key)]


OF_NUMBERS = [
    lambda x: round(x, 6), str, repr, lambda x: f"{x:.6f}", lambda x: "T=%g" % x, lambda x: f"{x!r}",  # noqa: UP031
    lambda x: np.round(x, 6), lambda x: np.floor(x * 1e6), lambda x: int(x * 1e6), lambda x: x // 1e-6, hash,
    lambda x: ("a", (round(x, 3),)), lambda x: float(np.float32(x)),
]  # fmt: skip
OF_ARRAYS = [
    tuple, frozenset, str, id, lambda x: tuple(np.round(x, 6)), lambda x: np.round(x, 6).tobytes(),
    lambda x: tuple([round(v, 6) for v in x.tolist()]), lambda x: tuple((x * 1e6).astype(int)),
]  # fmt: skip
PAIR = np.array([1.0, 2.0])
REFUSED = [
    *[(by_key(key), 2.0, lambda x: 2 * x) for key in OF_NUMBERS],
    (ByHelper().entry, 2.0, lambda x: 2 * x),
    *[(by_key(key), PAIR, lambda x: 2 * x) for key in OF_ARRAYS],
    *[
        (getattr(Near(), name), 2.0, lambda x: 2 * x)
        for name in ("number", "squared", "ratio", "truth", "rounded", "text", "listed")
    ],
    *[(getattr(Near(), name), PAIR, lambda x: 2 * x) for name in ("norm", "largest", "anywhere", "difference")],
    (Kept().number, 2.0, lambda x: 3 * x**2),
    (Kept().array, PAIR, lambda x: np.array([3 * x[0] ** 2 + x[1] ** 2, 2 * x[0] * x[1]])),
    (Kept().elements, PAIR, lambda x: 2 * x),
    (Kept().close, PAIR, lambda x: 2 * x),
    (Kept().differing, PAIR, lambda x: 2 * x),
    (Kept().in_place, PAIR, lambda x: 2 * x),
    (Kept().entry, 2.0, lambda x: 4 * x**3),
    (Kept().got, PAIR, lambda x: np.array([3 * x[0] ** 2, 0])),
    (Slots().number, 2.0, lambda x: 2 * x),
    (by_tuple, PAIR, lambda x: np.array([2 * x[0], 0])),
    (by_default, 2.0, lambda x: 2 * x),
    (by_global, 2.0, lambda x: 3 * x**2),
    (by_entries, 2.0, lambda x: 2 * x),
    (by_attribute, 2.0, lambda x: 2 * x),
    (by_cells(), 2.0, lambda x: 2 * x),
    (by_list(), 2.0, lambda x: 2 * x),
]


@pytest.mark.parametrize(
    "f, x, expected", REFUSED, ids=[f"{f.__qualname__} {k}" for k, (f, _, _) in enumerate(REFUSED)]
)
def test_the_same_argument_again(f, x, expected):
    """The first gradient computes; the second one would take what the first has kept, which has no derivative now."""
    gradient = s2sad.grad(f)
    for moved in (x, x + 0.5):
        np.testing.assert_allclose(gradient(moved), expected(moved), rtol=1e-12)
        for again in (gradient, lambda x: s2sad.jvp(f, (x,), (x,))):
            with pytest.raises(s2sad.UnsupportedError, match="earlier call") as caught:
                again(moved)
            assert caught.value.filename == __file__
    f(x)  # it runs as ever


def test_what_a_plain_call_has_kept():
    """It is found where nothing is stored, by compiled code, too; the same array is met by identity."""
    kept = Kept()
    for method in (kept.array, kept.elements, kept.differing, kept.close, kept.same):
        kept.store(PAIR)
        with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
            s2sad.grad(method)(PAIR)
    kept.x = None
    np.testing.assert_allclose(s2sad.grad(kept.array)(PAIR), [7.0, 4.0])


def reads_only(holder):
    def f(x):
        return holder.value * x if x == holder.x else x**3

    return f


def test_code_that_only_reads():
    kept = Kept()
    kept.store(2.0)
    f = reads_only(kept)
    gradient = s2sad.grad(f)
    assert gradient(3.0) == 27.0
    with pytest.raises(s2sad.UnsupportedError, match="this equals what holder keeps from an earlier call") as caught:
        gradient(2.0)
    line = caught.value.text
    assert line[caught.value.offset - 1 : caught.value.end_offset - 1] == "x == holder.x"


def near_only(holder):
    def f(x):
        return holder.value * x if abs(x - holder.x) < 1e-9 else x**3

    return f


def test_code_that_only_reads_what_is_near():
    kept = Kept()
    kept.store(2.0)
    gradient = s2sad.grad(near_only(kept))
    assert gradient(3.0) == 27.0
    with pytest.raises(s2sad.UnsupportedError, match="this equals what holder keeps"):
        gradient(2.0)


def apart(x, holder, times=2):
    """What calls itself stays a call in compiled code."""
    return abs(x - holder.x) if times == 0 else apart(x, holder, times - 1)


def near_by_helper(holder):
    def f(x):
        return holder.value * x if apart(x, holder) < 1e-9 else x**3

    return f


def rounded(x, times=2):
    return round(x, 3) if times == 0 else rounded(x, times - 1)


def digest_by_helper(holder):
    def f(x):
        return holder.value * x if rounded(x) == holder.x else x**3

    return f


@pytest.mark.parametrize("made", [near_by_helper, digest_by_helper])
def test_helpers_that_tell_it(made):
    kept = Kept()
    kept.store(2.0)
    gradient = s2sad.grad(made(kept))
    assert gradient(3.0) == 27.0
    with pytest.raises(s2sad.UnsupportedError, match="this equals what holder keeps"):
        gradient(2.0)


class Fitted:
    """Has what its methods have stored before: a mean, a table, windows by their length."""

    def __init__(self):
        self.windows = {}

    def fit(self, values):
        self.mean, self.table = sum(values) / len(values), {round(v): v for v in values}
        return self

    def outlying(self, x):
        return 3.0 * x if abs(x - self.mean) > 0.5 else x**2

    def tabled(self, x):
        return self.table[2] * x + len(self.table) * x

    def looked_up(self, x):
        return self.table[int(x)] * x

    def load(self):
        self.table.update({5: 2.5})

    def loaded(self, x):
        if 5 not in self.table:
            self.load()
        return self.table[int(x)] * x

    def windowed(self, x):
        if len(x) not in self.windows:
            self.windows[len(x)] = np.hanning(len(x) + 2)[1:-1]
        return np.sum(self.windows[len(x)] * x)

    def velocity(self, x):
        before, self.mean = self.mean, 2.0
        return (x - before) / 0.5 if x > before - 1 else 0.0


class Table:
    """Numbers between which it is interpolated, loaded once."""

    def load(self, start, step, values):
        self.start, self.step, self.values = start, step, np.asarray(values)
        return self

    def read(self, x):
        place = int((x - self.start) / self.step)
        if place < 0:
            place = 0
        if place > len(self.values) - 2:
            place = len(self.values) - 2
        share = (x - self.start) / self.step - place
        return self.values[place] * (1 - share) + self.values[place + 1] * share


@pytest.mark.parametrize("forced", [False, True])
def test_a_table_that_was_loaded(forced, request, monkeypatch):
    if forced:
        request.getfixturevalue("recorded")
    else:
        monkeypatch.setenv("S2SAD_RECORD", "0")
    table = Table().load(0.0, 0.5, [0.0, 1.0, 4.0])
    for x, slope in ((0.0, 2.0), (0.2, 2.0), (0.5, 6.0), (0.9, 6.0), (1.0, 6.0), (7.0, 6.0)):
        assert s2sad.grad(table.read)(x) == slope


def test_what_methods_have_stored():
    fitted = Fitted().fit([1.0, 2.0, 3.0])
    for _ in range(2):
        assert s2sad.grad(fitted.outlying)(2.0) == 4.0
        assert s2sad.grad(fitted.outlying)(2.7) == 3.0
        assert s2sad.grad(fitted.tabled)(2.0) == 2.0 + len(fitted.table)
        assert s2sad.grad(fitted.loaded)(5.5) == 2.5
        assert s2sad.grad(fitted.looked_up)(2.5) == 2.0
        assert s2sad.grad(fitted.velocity)(2.0) == 2.0
        np.testing.assert_allclose(s2sad.grad(fitted.windowed)(PAIR), np.hanning(4)[1:-1])


def test_a_distance_from_what_is_stored_is_compiled(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")
    assert s2sad.grad(Fitted().fit([1.0, 2.0]).outlying)(1.6) == 3.2


def test_what_is_no_such_case():
    """Numbers that nothing stores between two calls, counters, and starting points have nothing to do with it."""
    kept = Kept()
    gradient = s2sad.grad(kept.counted)
    assert [gradient(2.0), gradient(2.0), gradient(1.0)] == [3.0, 3.0, 3.0]
    for _ in range(2):
        assert s2sad.grad(kept.zeros)(np.array([0.0, 1.5])).tolist() == [0.0, 3.0]
        assert s2sad.grad(kept.whole_numbers)(np.array([3.0, 1.5])).tolist() == [24.0, 15.0]
    table = {"a": 2.0, 3: 4.0}

    def entries(x):
        return table["a"] * x + table[3] * x

    start = types.SimpleNamespace(y=1.0)

    def warm(x):
        for _ in range(50):
            start.y = 0.5 * (start.y + x / start.y)
        return start.y

    cached = functools.lru_cache(lambda x: x**2)
    for f, x, expected in ((entries, 2.0, 6.0), (warm, 2.0, 8**-0.5), (lambda x: cached(x) * x, 2.0, 12.0)):
        for _ in range(2):
            assert math.isclose(s2sad.grad(f)(x), expected)


def by_object(x):
    made = hashlib.md5()
    made.update(np.round(x, 6).tobytes())
    return made.hexdigest()


HASHES = {
    "bytes": lambda x: np.round(x, 6).tobytes(),
    "of whole numbers": lambda x: (x * 1e6).astype(int).tobytes(),
    "sha1": lambda x: hashlib.sha1(np.round(x, 6).tobytes()).hexdigest(),
    "of text": lambda x: hashlib.sha256(repr(x.tolist()).encode()).digest(),
    "object": by_object,
    "hash": lambda x: hash(np.round(x, 6).tobytes()),
    "crc32": lambda x: zlib.crc32(str(np.round(x, 3)).encode()),
    "in a tuple": lambda x: ("f", x.shape, hashlib.md5(str(x).encode()).digest()),
}


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("made", HASHES)
def test_hashes(made, forced, request):
    if forced:
        request.getfixturevalue("recorded")
    table = {}

    def kept(x):
        key = HASHES[made](x)
        if key not in table:
            table[key] = np.sum(np.sin(x))
        return 2 * table[key]

    x = np.array([0.7, 0.3])
    kept(x)
    with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
        s2sad.grad(kept)(x)
    table.clear()
    np.testing.assert_allclose(s2sad.grad(kept)(x), 2 * np.cos(x))


class Between:
    """The last argument, met again where the new one lies between two numbers beside it."""

    def __init__(self):
        self.x, self.low, self.high, self.value, self.table = math.inf, math.inf, -math.inf, 0.0, []
        self.array = np.array([math.inf])

    def inside(self, x):
        if not (self.x - 1e-9 < x < self.x + 1e-9):
            self.x, self.value = x, math.sin(x)
        return self.value * 2

    def outside(self, x, tolerance=1e-9):
        low, high = self.x * (1 - tolerance), self.x * (1 + tolerance)
        if x < low or x > high:
            self.x, self.value = x, math.sin(x)
        return self.value * 2

    def by_ends(self, x):
        if not self.low < x < self.high:
            self.low, self.high, self.value = x - 1e-9, x + 1e-9, math.sin(x)
        return self.value * 2

    def by_entries(self, x):
        for y, value in self.table:
            if y - 1e-9 < x < y + 1e-9:
                return value * 2
        self.table.append((x, math.sin(x)))
        return self.table[-1][1] * 2

    def of_arrays(self, x):
        if not np.all((self.array - 1e-9 < x) & (x < self.array + 1e-9)):
            self.array, self.value = x.copy(), np.sum(np.sin(x))
        return self.value * 2

    def limited(self, x):
        """Limits that are moved, and an argument that is noted."""
        self.x, before = x, self.low
        self.low, self.high = 0.0, 3.0
        return x * x if min(before, 0.0) <= x <= self.high else 0.0

    def until(self, x):
        """A time that comes near an end which is stored."""
        self.x, t, n = 3 * x, 0.0, 0
        while t < self.x - 1e-12:
            t, n = t + x, n + 1
        return t * n


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("name", ["inside", "outside", "by_ends", "by_entries", "of_arrays"])
def test_between_two_numbers(name, forced, request):
    if forced:
        request.getfixturevalue("recorded")
    x = np.array([0.7]) if name == "of_arrays" else 0.7
    f = getattr(Between(), name)
    assert np.sum(s2sad.grad(f)(x)) == pytest.approx(2 * math.cos(0.7))  # what it keeps now is of the run
    f(x)
    with pytest.raises(s2sad.UnsupportedError, match="from an earlier call"):
        s2sad.grad(f)(x)
    assert np.sum(s2sad.grad(f)(x + 0.1)) == pytest.approx(2 * math.cos(0.8))


@pytest.mark.parametrize("forced", [False, True])
def test_limits_are_no_such_numbers(forced, request):
    if forced:
        request.getfixturevalue("recorded")
    between = Between()
    for _ in range(2):
        assert s2sad.grad(between.limited)(0.7) == pytest.approx(1.4)
        assert s2sad.grad(between.until)(0.7) == pytest.approx(9.0)


class Remembered:
    """Values by arguments that were met before, found in other ways than by ``==``."""

    def __init__(self):
        self.table, self.x, self.value = {0.1: 1.0, 5.0: 1.0}, 9.0, 0.0

    def computed(self, x):
        self.table[x] = self.value = math.sin(x)
        self.x = x
        return self.value * 2

    def by_close_keys(self, x):
        for key, value in self.table.items():
            if math.isclose(key, x, rel_tol=1e-12):
                return value * 2
        return self.computed(x)

    def by_the_nearest_key(self, x):
        key = min(self.table, key=lambda k: (k - x) ** 2, default=math.inf)
        return self.table[key] * 2 if (key - x) ** 2 < 1e-18 else self.computed(x)

    def by_the_smallest_distance(self, x):
        distances = [abs(key - x) for key in self.table]
        if distances and min(distances) < 1e-9:
            return [*self.table.values()][distances.index(min(distances))] * 2
        return self.computed(x)

    def by_an_array_of_keys(self, x):
        keys = np.array(sorted(self.table))
        hits = np.flatnonzero(np.abs(keys - x) < 1e-9)
        return self.table[float(keys[hits[0]])] * 2 if len(hits) else self.computed(x)

    def by_bisection(self, x):
        keys = sorted(self.table)
        place = bisect.bisect_left(keys, x)
        return self.table[keys[place]] * 2 if place < len(keys) and keys[place] <= x else self.computed(x)

    def by_the_larger_one(self, x):
        return self.value * 2 if max(self.x, x) - min(self.x, x) < 1e-12 else self.computed(x)

    def by_a_difference(self, x):
        return self.value * 2 if x - self.x == 0 else self.computed(x)

    def by_its_sign(self, x):
        return self.value * 2 if np.sign(self.x - x) == 0 else self.computed(x)

    def by_rounding_it(self, x):
        return self.value * 2 if round(self.x - x, 9) == 0 else self.computed(x)

    def by_a_whole_number(self, x):
        return self.value * 2 if int((self.x - x) * 1e9) == 0 else self.computed(x)

    def by_a_distance(self, x):
        return self.value * 2 if math.dist([x], [self.x]) < 1e-9 else self.computed(x)

    def by_arrays(self, x):
        far = np.max(np.abs(np.array([x, 1.0]) - np.array([self.x, 1.0]))) >= 1e-9
        return self.computed(x) if far else self.value * 2

    def among(self, x):
        return self.value * 2 if np.isin(x, list(self.table)) else self.computed(x)

    def around(self, x):
        return self.value * 2 if x - 1e-9 < self.x < x + 1e-9 else self.computed(x)


WAYS = [name for name in vars(Remembered) if not name.startswith("_") and name != "computed"]


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("name", WAYS)
def test_ways_to_meet_it_again(name, forced, request):
    if forced:
        request.getfixturevalue("recorded")
    f = getattr(Remembered(), name)
    assert s2sad.grad(f)(0.7) == pytest.approx(2 * math.cos(0.7))
    f(0.7)
    with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
        s2sad.grad(f)(0.7)
    assert s2sad.grad(f)(0.8) == pytest.approx(2 * math.cos(0.8))


def by_default_lists(x, known=[], values=[]):  # noqa: B006
    place = int(np.searchsorted(known, x - 1e-9)) if known else 0
    if place < len(known) and known[place] <= x + 1e-9:
        return values[place] * 2
    known.append(x)
    values.append(math.sin(x))
    return values[-1] * 2


def test_default_lists():
    by_default_lists(0.7)
    with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
        s2sad.grad(by_default_lists)(0.7)
    assert s2sad.grad(by_default_lists)(0.2) == pytest.approx(2 * math.cos(0.2))


class OfTheClass:
    x, low, high, value = None, math.inf, -math.inf, 0.0

    @classmethod
    def by_ends(cls, x):
        if not cls.low < x < cls.high:
            cls.low, cls.high, cls.value = x - 1e-9, x + 1e-9, math.sin(x)
        return cls.value * 2

    @staticmethod
    def by_name(x):
        if OfTheClass.x is None or abs(x - OfTheClass.x) > 1e-9:
            OfTheClass.x, OfTheClass.value = x, math.sin(x)
        return OfTheClass.value * 2


def in_a_list(x, cache):
    for key, value in cache:
        if abs(key - x) < 1e-9:
            return value * 2
    cache.append((x, math.sin(x)))
    return cache[-1][1] * 2


def in_a_list_of_its_own():
    cache = []
    return lambda x: in_a_list(x, cache)


LIST: list[Any] = []
OTHER: list[Any] = []


def under_another_name(x):
    own = OTHER
    for key, value in own:
        if abs(key - x) < 1e-9:
            return value * 2
    own.append((x, math.sin(x)))
    return own[-1][1] * 2


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    "f",
    [OfTheClass.by_ends, OfTheClass.by_name, in_a_list_of_its_own(), lambda x: in_a_list(x, LIST), under_another_name],
    ids=["class", "its name", "captured list", "global list", "another name"],
)
def test_other_places(f, forced, request):
    if forced:
        request.getfixturevalue("recorded")
    f(0.7)
    with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
        s2sad.grad(f)(0.7)


@pytest.mark.parametrize("forced", [False, True])
def test_a_list_that_is_given(forced, request):
    if forced:
        request.getfixturevalue("recorded")
    cache = [(0.2, math.sin(0.2))]
    assert s2sad.grad(in_a_list)(0.7, cache) == pytest.approx(2 * math.cos(0.7)) and len(cache) == 1
    with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
        s2sad.grad(in_a_list)(0.2, cache)


class Deep:
    """A value under its argument, far inside of what is kept."""

    def __init__(self):
        self.kept = [[[[[[[[[[0.0, 0.0]]]]]]]]]]

    def f(self, x):
        pair = self.kept
        while isinstance(pair[0], list):
            pair = pair[0]
        if pair[0] != x:
            pair[:] = [x, math.sin(x)]
        return pair[1] * 2


class Long:
    """Values under their arguments, in a list of more than are looked through."""

    def __init__(self):
        self.kept = [0.0] * 60

    def f(self, x):
        for k in range(0, 60, 2):
            if self.kept[k] == x:
                return self.kept[k + 1] * 2
        self.kept[:2] = [x, math.sin(x)]
        return self.kept[1] * 2


@pytest.mark.parametrize("cls", [Deep, Long])
def test_what_is_not_looked_through_may_hold_it(cls, recorded, monkeypatch):
    monkeypatch.setattr(kept, "_MOST", 50)
    keeps = cls()
    assert s2sad.grad(keeps.f)(0.7) == pytest.approx(2 * math.cos(0.7))
    keeps.f(0.7)
    with pytest.raises(s2sad.UnsupportedError, match="from an earlier call"):
        s2sad.grad(keeps.f)(0.7)


HEIGHTS = np.array([1.0, 2.0])


def filling_its_own(a):
    out = np.zeros(1)
    out[0] = a[0] * (3.0 if a[0] == HEIGHTS[1] else 2.0)
    return out[0]


def filling_its_argument(a, out):
    out[0] = 0.0
    return a[0] * (3.0 if a[0] == 2.0 else 2.0) if a[0] == np.float64(1.0) * 2 else a[0] * 2.0 + out[0]


def listing_its_own(a):
    rows = []
    for e in a:
        rows.append(e * (3.0 if e == HEIGHTS[1] else 2.0))
    return np.sum(np.array(rows))


@pytest.mark.parametrize("forced", [False, True])
def test_code_that_fills_what_it_makes_keeps_nothing(forced, request, monkeypatch):
    """It is compiled, and a constant that stands outside is no value of an earlier call."""
    if forced:
        request.getfixturevalue("recorded")
    else:
        monkeypatch.setenv("S2SAD_RECORD", "0")
    for f in (filling_its_own, listing_its_own):
        assert s2sad.grad(f)(np.array([2.0])).tolist() == [3.0]
        assert s2sad.grad(f)(np.array([2.5])).tolist() == [2.0]


def test_an_argument_is_no_value_of_an_earlier_call(recorded):
    assert s2sad.grad(filling_its_argument)(np.array([2.0]), np.ones(1)).tolist() == [3.0]


SAVED = np.zeros(2)


def filling_what_is_kept(x):
    own = np.zeros(2)
    own[0] = x
    if SAVED[0] == x:
        return SAVED[1] * 2
    saved = SAVED
    saved[:] = x, math.sin(x)
    return saved[1] * 2


def handed_on(x):
    rows = np.zeros((2, 2))
    if SAVED[0] == x:
        return SAVED[1] * 2
    for row in (rows[0], SAVED):
        row[0], row[1] = x, math.sin(x)
    return SAVED[1] * 2


class Given:
    """Fills what it has made itself, and has put where it stays."""

    def __init__(self):
        self.pair, self.pairs = np.zeros(2), []

    def by_assignment(self, x):
        if self.pair[0] != x:
            pair = self.pair = np.zeros(2)
            pair[0], pair[1] = x, math.sin(x)
        return self.pair[1] * 2

    def by_assignment_before(self, x):
        pair = np.zeros(2)
        if self.pair[0] == x:
            return self.pair[1] * 2
        self.pair = pair
        pair[0], pair[1] = x, math.sin(x)
        return pair[1] * 2

    def by_appending(self, x):
        for pair in self.pairs:
            if pair[0] == x:
                return pair[1] * 2
        pair = np.zeros(2)
        self.pairs.append(pair)
        pair[0], pair[1] = x, math.sin(x)
        return pair[1] * 2

    def by_a_view(self, x):
        if self.pair[0] == x:
            return self.pair[1] * 2
        pairs = np.zeros((1, 2))
        self.pair = pairs[0]
        pairs[0, 0], pairs[0, 1] = x, math.sin(x)
        return self.pair[1] * 2

    def by_a_helper(self, x):
        return in_a_list(x, self.pairs)


KEEPING = [filling_what_is_kept, handed_on, *[name for name in vars(Given) if name.startswith("by_")]]


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("f", KEEPING)
def test_code_that_fills_what_stays(f, forced, request):
    if forced:
        request.getfixturevalue("recorded")
    f = getattr(Given(), f) if isinstance(f, str) else f
    SAVED[:] = 0.0
    f(0.7)
    with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
        s2sad.grad(f)(0.7)
    assert s2sad.grad(f)(0.8) == pytest.approx(2 * math.cos(0.8))


class Atmosphere:
    """Has tables that a method sets up, whose numbers stand there."""

    def setup(self):
        self.heights = np.array([0.0, 1000.0, 2000.0])
        self.temperatures = np.array([288.0, 281.5, 275.0])
        self.ground = 0.0

    def temperature(self, h):
        if h == self.ground:
            return self.temperatures[0] - 0.0065 * h
        k = np.searchsorted(self.heights, h, side="right") - 1
        return self.temperatures[k] + (h - self.heights[k]) * -0.0065

    def squares(self, h):
        return np.sum(self.temperature(h[0]) ** 2)


@pytest.mark.parametrize("forced", [False, True])
def test_tables_whose_numbers_stand_in_the_program(forced, request):
    if forced:
        request.getfixturevalue("recorded")
    air = Atmosphere()
    air.setup()
    for h, expected in ((0.0, -3.744), (500.0, -3.70175), (1000.0, -3.6595)):
        np.testing.assert_allclose(s2sad.grad(air.squares)(np.array([h])), [expected])
    setattr(air, "heights", np.array([0.0, 700.0, 2000.0]))  # noqa: B010  # of which no text tells where it is from
    with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
        s2sad.grad(air.squares)(np.array([700.0]))


class Cleared:
    """A buffer whose first numbers stand in the program, and later ones do not."""

    def clear(self):
        self.x, self.value = np.array([9.0]), 0.0

    def of_its_own(self, x):
        if self.x[0] != x:
            self.x[0], self.value = x, math.sin(x)
        return self.value * 2

    def in_place(self, x):
        own = self.x
        if own[0] != x:
            own *= 0.0
            own += x
            self.value = math.sin(x)
        return self.value * 2


@pytest.mark.parametrize("name", ["of_its_own", "in_place"])
def test_a_buffer_that_is_cleared(name):
    cleared = Cleared()
    cleared.clear()
    f = getattr(cleared, name)
    f(0.7)
    with pytest.raises(s2sad.UnsupportedError, match="earlier call"):
        s2sad.grad(f)(0.7)
    cleared.clear()
    assert s2sad.grad(f)(0.7) == pytest.approx(2 * math.cos(0.7))


@pytest.mark.parametrize("mode", ["0", "1"])
@pytest.mark.parametrize("same", ["cache[0] == x", "abs(cache[0] - x) < 1e-12", "cache[0] <= x and cache[0] >= x"])
def test_a_list_that_holds_what_is_kept_and_what_is_new(same, mode, tmp_path, monkeypatch):
    """The loop puts what is differentiated into the list, where a value of an earlier call may stand as well."""
    monkeypatch.setenv("S2SAD_RECORD", mode)
    path = tmp_path / "loop.py"
    path.write_text(f"""
import math
import runpy

def in_a_loop(x, cache):
    for _ in range(2):
        if len(cache) > 1 and {same}:
            return cache[1]
        cache.append(x)
        cache.append(math.sin(x))
    return cache[-1]
""")
    function = runpy.run_path(str(path))["in_a_loop"]
    with pytest.raises(s2sad.UnsupportedError, match="from an earlier call"):
        s2sad.grad(function)(0.7, [0.7, math.sin(0.7)])


def pair_energy(points, strength):
    total = 0.0
    for i in range(len(points)):
        for j in range(i):
            distance = np.linalg.norm(points[i] - points[j])
            total += strength / (1.0 if distance == 0 else distance)
    return total


def test_lists_of_its_own_keep_nothing(monkeypatch):
    """The gradient fills lists that it makes, and asks whether two points are the same: what it is given, it leaves."""
    monkeypatch.setenv("S2SAD_RECORD", "0")
    frames = [np.array([[0.0, 1.0], [1.0, 0.5], [2.0, 2.0]]), np.array([[0.5, 1.0], [1.5, 0.5], [2.0, 1.0]])]
    force = s2sad.grad(pair_energy)

    def loss(strength, frames):
        return sum(np.sum(force(points, strength) ** 2) for points in frames)

    assert s2sad.grad(loss)(2.0, frames) == pytest.approx(2 * loss(2.0, frames) / 2.0, rel=1e-12)
