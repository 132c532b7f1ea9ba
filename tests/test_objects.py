"""Objects that a function makes, dicts that it fills, rows that it writes, elements that it chooses: in every mode."""

import functools

import numpy as np
import pytest

import s2sad
from s2sad.compiled import Transformed
from s2sad.ir.types import FLOAT, NONE, Type, join
from tests.programs import choices, earlier, maps, objects, patterns, views
from tests.programs.harness import check, check_modes, check_second
from tests.programs.objects import PROGRAMS, RECORDED, RECORDED_TWICE


@pytest.fixture(autouse=True)
def nothing_recorded(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")


COMPILED = [*(p for p in PROGRAMS if p.title not in RECORDED), *choices.PROGRAMS, *views.PROGRAMS, *patterns.PROGRAMS,
            *(p for p in earlier.PROGRAMS if p.title in earlier.COMPILED),
            *(p for p in maps.PROGRAMS if p.title not in maps.RECORDED)]  # fmt: skip


ONCE = RECORDED_TWICE.union(*(family.RECORDED_TWICE for family in (choices, earlier, maps, patterns, views)))


@pytest.mark.parametrize("program", COMPILED, ids=lambda p: p.title)
def test_compiled(program):
    twice = program.title not in ONCE
    check_modes(program, twice)
    if program.second and twice:
        assert check_second(program) == "right"


LEFT = [p for family in (objects, maps) for p in family.PROGRAMS if p.title in family.RECORDED]


@pytest.mark.parametrize("program", LEFT, ids=lambda p: p.title)
def test_left_to_recording(program):
    """Once they are compiled they belong to the others."""
    with pytest.raises(s2sad.UnsupportedError):
        check(program)


def strictly_mapped(x):
    return sum(map(np.sin, x, strict=True))


def mapped_over_nothing(x):
    return sum(map(np.sin)) * x


def filtered_twice(x):
    return sum(filter(None, x, x))


def walked_before_it_ends(x):
    return sum([a * b for a, b in zip(map(np.sin, x), x, strict=False)])


@pytest.mark.parametrize(("fun", "message"), [
    (strictly_mapped, r"map\(\)"), (mapped_over_nothing, r"map\(\) with other arguments"),
    (filtered_twice, r"filter\(\) with other arguments"), (walked_before_it_ends, "which may end before it"),
])  # fmt: skip
def test_walks_that_are_refused(fun, message):
    with pytest.raises(s2sad.UnsupportedError, match=message) as caught:
        s2sad.grad(fun)(np.ones(3))
    assert caught.value.lineno == fun.__code__.co_firstlineno + 1
    assert caught.value.filename == fun.__code__.co_filename


def written_in_a_dict(x, y):
    d = {"a": x}
    d["a"] *= 2
    return np.sum(y**2) + np.sum(d["a"])


def written_in_a_list_that_grew(x, y):
    arrays = []
    arrays.append(x)
    arrays[0][0] = 5.0 * y[1]
    return np.sum(y**2) + np.sum(arrays[0])


@pytest.mark.parametrize("fun", [written_in_a_dict, written_in_a_list_that_grew])
def test_one_array_as_two_arguments(fun):
    x = np.array([1.0, 2.0, 3.0])
    assert s2sad.value_and_grad(fun)(x, x.copy())[0] == fun(x.copy(), x.copy())
    with pytest.raises(s2sad.UnsupportedError, match="share memory, and it writes one of them"):
        s2sad.grad(fun)(x, x)


def lambda_returned(x):
    return x * 2, (lambda t: t * x)


def method_returned(x):
    return x * 2, {"m": [Scaled(x).times]}


class Scaled:
    def __init__(self, by):
        self.by = by

    def times(self, y):
        return self.by * y


@pytest.mark.parametrize(("fun", "found"), [(lambda_returned, lambda f: f), (method_returned, lambda d: d["m"][0])])
def test_functions_that_are_returned(fun, found, monkeypatch):
    """They have no form outside of the compiler."""
    with pytest.raises(s2sad.UnsupportedError, match="returning a function"):
        s2sad.grad(fun, has_aux=True)(1.5)
    monkeypatch.setenv("S2SAD_RECORD", "1")
    gradient, aux = s2sad.grad(fun, has_aux=True)(1.5)
    assert gradient == 2.0 and found(aux)(2.0) == 3.0


def entry_as_attribute(x):
    d = {"n": 3}
    return x * 2 if d.n > 2 else x


class Holder:
    def __init__(self, x, other):
        self.x, self.other = x, other


def squared_in_an_object(held):
    return Holder(held.x**2, held.other)


@pytest.mark.parametrize("function", [np.linalg.inv, functools.partial(np.add, 1.0), functools.lru_cache(abs)])
@pytest.mark.parametrize("recorded", [False, True])
def test_functions_in_c_that_objects_hold(function, recorded, monkeypatch):
    """They have attributes, and are no objects to be made anew."""
    if recorded:
        monkeypatch.setenv("S2SAD_RECORD", "1")
        monkeypatch.setattr(Transformed, "generate", refused)
    value, pullback = s2sad.vjp(squared_in_an_object, Holder(1.5, function))
    (gradient,) = pullback(Holder(1.0, None))
    assert value.other is function and (gradient.x, gradient.other) == (3.0, None)
    _, tangent = s2sad.jvp(squared_in_an_object, (Holder(1.5, function),), (Holder(1.0, None),))
    assert (tangent.x, tangent.other) == (3.0, None)


def refused(self, *args, **kwargs):
    raise s2sad.UnsupportedError("everything is refused here")


@pytest.mark.parametrize("mode", [s2sad.grad, s2sad.value_and_grad])
def test_arguments_that_hold_themselves(mode, monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "1")
    child = Holder(1.5, None)
    child.other = Holder(2.5, [child])
    with pytest.raises(s2sad.UnsupportedError, match="contains itself"):
        mode(lambda held: held.x * 2)(child)
    with pytest.raises(s2sad.UnsupportedError, match="contains itself"):
        s2sad.jvp(lambda held: held.x * 2, (child,), (child,))


class Problem(ValueError):
    def __init__(self, size):
        super().__init__("too large")
        self.size = size


def squared_in_place(problem):
    problem.size = problem.size**2
    return problem.size


def test_an_argument_that_cannot_be_copied(monkeypatch):
    """What it holds besides its attributes would be lost, and without a copy it would be written."""
    monkeypatch.setenv("S2SAD_RECORD", "1")
    problem = Problem(1.5)
    with pytest.raises(s2sad.UnsupportedError, match="holds more than its attributes"):
        s2sad.grad(squared_in_place)(problem)
    assert problem.size == 1.5


def test_an_entry_is_no_attribute():
    """Python raises, and so does what is generated."""
    with pytest.raises(AttributeError, match="'dict' object has no attribute 'n'"):
        s2sad.grad(entry_as_attribute)(1.5)


def square_of_what_was_none(a):
    b = None
    for _ in range(2):
        b = a if b is None else b
    return np.sum(b * b)


def test_what_was_none_is_kept_for_the_pullback():
    x = np.array([1.0, 2.0, 3.0])
    _, pullback = s2sad.vjp(square_of_what_was_none, x)
    x[:] = 9.0
    assert np.array_equal(pullback(1.0)[0], [2.0, 4.0, 6.0])


def test_none_or_an_object_that_is_made_here_is_of_a_kind_of_its_own():
    """What may be done with it is asked as of the object."""
    made = Type("object", cls=Scaled, keys=("by",), elems=(FLOAT,), value=frozenset([1]))
    assert join(NONE, made).kind == join(made, NONE).kind == "closure"
    assert join(NONE, Type("function")).kind == "closure"
