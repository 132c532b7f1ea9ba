"""Objects of users' classes that stand outside: what is read of them is taken for granted, and nothing else."""

import functools
import subprocess
import sys

import numpy as np
import pytest

import s2sad
from s2sad.compiled import Transformed


class Part:
    def __init__(self):
        self.weight = np.ones(3)
        self.note = "not read"


class Model:
    kind = "class"

    def __init__(self):
        self.rate, self.on, self.name = 2.0, True, "not read"
        self.history, self.part = [], Part()
        self.part.model = self

    def loss(self, x):
        return self.rate * np.sum(x * self.part.weight) if self.on else np.sum(x**2)

    @property
    def twice(self):
        return 2 * self.rate


MODEL = Model()
X = np.arange(3.0)


def by_method(x):
    return MODEL.loss(x) * MODEL.twice


def by_attribute(x):
    return np.sum(x) * (2.0 if MODEL.kind == "class" else 3.0)


def by_absence(x):
    return np.sum(x) * (2.0 if hasattr(MODEL, "extra") else 3.0)


def by_default(x):
    return np.sum(x) * getattr(MODEL, "extra", 5.0)


def through_a_circle(x):
    return np.sum(x) * MODEL.part.model.part.model.rate


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")
    monkeypatch.setitem(globals(), "MODEL", Model())
    return MODEL


@pytest.fixture
def compiled(monkeypatch):
    """How often something was compiled."""
    count = [0]
    compile = Transformed.compile

    @functools.wraps(compile)
    def counting(*args, **kwargs):
        count[0] += 1
        return compile(*args, **kwargs)

    monkeypatch.setattr(Transformed, "compile", counting)
    return count


def test_what_is_not_read_may_change(model, compiled):
    slope = s2sad.grad(by_method)
    assert slope(X) == pytest.approx(np.full(3, 8.0))
    compiled[0] = 0
    for i in range(3):
        model.history.append(i)
        model.name, model.part.note, model.new = f"turn {i}", [i] * i, {}
        assert slope(X) == pytest.approx(np.full(3, 8.0))
    assert compiled == [0]


def test_what_is_read_is_seen(model, compiled):
    slope = s2sad.grad(by_method)
    assert slope(X) == pytest.approx(np.full(3, 8.0))
    compiled[0] = 0
    model.rate = 3.0  # another number of the same kind
    assert slope(X) == pytest.approx(np.full(3, 18.0))
    assert compiled == [0]
    model.on = False
    assert slope(X) == pytest.approx(12.0 * X)
    model.on, model.part.weight = True, 2.0
    assert slope(X) == pytest.approx(np.full(3, 36.0))
    model.part = Part()
    assert slope(X) == pytest.approx(np.full(3, 18.0))
    model.rate = np.arange(1.0, 4.0)  # no scalar any more
    with pytest.raises(TypeError):
        slope(X)


def test_methods(model, compiled):
    """What a method reads of its own object is taken for granted, and nothing else."""
    slope = s2sad.value_and_grad(model.loss)
    assert slope(X) == (6.0, pytest.approx(np.full(3, 2.0)))
    compiled[0] = 0
    for i in range(3):
        model.history.append(i)
        model.name, model.part.note, model.new = f"turn {i}", [i] * i, {}
        assert slope(X) == (6.0, pytest.approx(np.full(3, 2.0)))
    model.rate = 3.0
    assert slope(X) == (9.0, pytest.approx(np.full(3, 3.0)))
    assert compiled == [0]
    model.on = False
    assert slope(X) == (5.0, pytest.approx(2 * X))
    model.on, model.part.weight = True, 2.0
    assert slope(X) == (18.0, pytest.approx(np.full(3, 6.0)))
    other = Model()
    other.on = False
    assert s2sad.value_and_grad(other.loss)(X) == (5.0, pytest.approx(2 * X))
    assert slope(X) == (18.0, pytest.approx(np.full(3, 6.0)))
    pullback = s2sad.vjp(model.loss, X)[1]
    assert pullback(1.0)[0] == pytest.approx(np.full(3, 6.0))
    assert s2sad.jvp(model.loss, (X,), (X,))[1] == pytest.approx(18.0)
    model.part = None
    with pytest.raises((AttributeError, s2sad.UnsupportedError)):
        slope(X)


class Alike(Model):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1

    def __call__(self, x):
        return self.loss(x)


def test_objects_that_are_equal(monkeypatch):
    """They are told apart all the same, as methods and as callables."""
    first, second = Alike(), Alike()
    second.on = False
    for _ in range(2):
        for make in (lambda m: m.loss, lambda m: m):
            assert s2sad.grad(make(first))(X) == pytest.approx(np.full(3, 2.0))
            assert s2sad.grad(make(second))(X) == pytest.approx(2 * X)


def test_methods_that_are_recorded(monkeypatch):
    """What the recorded run depends on is looked at again."""

    class Counting(Model):
        def loss(self, x):
            self.turns = getattr(self, "turns", 0) + 1
            return super().loss(x) * (2.0 if self.name == "twice" else 1.0)

    model = Counting()
    slope = s2sad.grad(model.loss)
    assert slope(X) == pytest.approx(np.full(3, 2.0))
    model.name = "twice"
    assert slope(X) == pytest.approx(np.full(3, 4.0))
    assert model.turns == 2


@pytest.mark.parametrize(
    ("function", "name", "value", "before", "after"),
    [
        (by_attribute, "kind", "instance", 2.0, 3.0),
        (by_absence, "extra", 1, 3.0, 2.0),
        (by_default, "extra", 7.0, 5.0, 7.0),
    ],
)
def test_an_attribute_that_comes_later(function, name, value, before, after, model):
    """It stands before what its class has under that name, or is found where there was none."""
    slope = s2sad.grad(function)
    assert slope(X) == pytest.approx(np.full(3, before))
    setattr(model, name, value)
    assert slope(X) == pytest.approx(np.full(3, after))
    delattr(model, name)
    assert slope(X) == pytest.approx(np.full(3, before))


def test_another_class(model):
    class Other(Model):
        def loss(self, x):
            return np.sum(x**3)

    slope = s2sad.grad(by_method)
    slope(X)
    model.__class__ = Other
    assert slope(X) == pytest.approx(3 * X**2 * 4.0)


def test_objects_that_know_each_other(model):
    slope = s2sad.grad(through_a_circle)
    assert slope(X) == pytest.approx(np.full(3, 2.0))
    model.part.model = Model()
    model.part.model.rate = 5.0
    assert slope(X) == pytest.approx(np.full(3, 5.0))  # whose own part leads back to it
    model.part.model.part.model = model
    model.rate = 7.0
    assert slope(X) == pytest.approx(np.full(3, 7.0))
    del model.part.model
    with pytest.raises(AttributeError):
        slope(X)


def test_a_global_that_is_gone(model, monkeypatch):
    slope = s2sad.grad(by_method)
    slope(X)
    monkeypatch.delitem(globals(), "MODEL")
    with pytest.raises(NameError):
        slope(X)


def test_inner_gradients(model):
    """What a gradient inside reads of an object, and what is read around it."""
    inner = s2sad.grad(by_method)

    def outer(x):
        return np.sum(inner(x) * x) * MODEL.rate

    slope = s2sad.grad(outer)
    assert slope(X) == pytest.approx(np.full(3, 16.0))
    model.on = False
    assert slope(X) == pytest.approx(32.0 * X)
    model.rate = 1.0
    assert slope(X) == pytest.approx(2 * 2 * 2 * X)


def square(x):
    return x**2


def cube(x):
    return x**3


class Kept:
    def __init__(self):
        self.f = square


KEPT, TABLE, ROW = Kept(), {"f": square}, [np.sin, square]


@pytest.mark.parametrize("mode", ["0", "1"])
@pytest.mark.parametrize(
    ("function", "put"),
    [
        (lambda x: np.sum(KEPT.f(x)), lambda f: setattr(KEPT, "f", f)),
        (lambda x: np.sum(TABLE["f"](x)), lambda f: TABLE.update(f=f)),
        (lambda x: np.sum(ROW[1](x)), lambda f: ROW.__setitem__(1, f)),
        (lambda x: sum(np.sum(f(x)) for f in ROW[1:]), lambda f: ROW.__setitem__(1, f)),
        (lambda x: np.sum(x**2 if KEPT.f is square else x**3), lambda f: setattr(KEPT, "f", f)),
    ],
)
def test_functions_that_are_kept(function, put, mode, monkeypatch):
    """Another function in the place of one is seen."""
    monkeypatch.setenv("S2SAD_RECORD", mode)
    slope = s2sad.grad(function)
    try:
        assert slope(X) == pytest.approx(2 * X)
        put(cube)
        assert slope(X) == pytest.approx(3 * X**2)
        put(square)
        assert slope(X) == pytest.approx(2 * X)
        monkeypatch.setattr(square, "__code__", cube.__code__)
        assert slope(X) == pytest.approx(3 * X**2) or function.__code__.co_names[-1] == "square"
    finally:
        put(square)


def made():
    return lambda x: x


FIRST, SECOND, CALLED = made(), made(), {}
CALLED[FIRST] = 2.0


def told_apart(x, f):
    return f(x) ** 2 if f is FIRST else f(x) ** 3


def told_apart_by_value(x, f):
    return f(x) ** 2 if f in (FIRST,) else f(x) ** 3


def told_apart_by_a_dict(x, f):
    return f(x) ** 2 if f in CALLED else f(x) ** 3


@pytest.mark.parametrize("mode", ["0", "1"])
@pytest.mark.parametrize("function", [told_apart, told_apart_by_value, told_apart_by_a_dict])
def test_functions_of_one_text(function, mode, monkeypatch):
    """They share what is compiled, but where it counts which of them it is: that is right, or refused."""
    monkeypatch.setenv("S2SAD_RECORD", mode)
    slope = s2sad.grad(function)
    for f, expected in (FIRST, 4.0), (SECOND, 12.0), (FIRST, 4.0):
        try:
            assert slope(2.0, f) == expected
        except s2sad.UnsupportedError as refused:
            assert mode == "0" and "which function" in str(refused)


def test_attributes_of_functions_of_one_text(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")
    slope = s2sad.grad(lambda x, f: x**2 if f.even else x**3)
    first, second = made(), made()
    first.even, second.even = True, False
    assert (slope(2.0, first), slope(2.0, second)) == (4.0, 12.0)
    second.even = True
    assert slope(2.0, second) == 4.0
    named = s2sad.grad(lambda x, f: x**2 if f.__name__ == "even" else x**3)
    third, fourth = made(), made()
    third.__name__ = "even"
    assert (named(2.0, third), named(2.0, fourth)) == (4.0, 12.0)


SCRIPT = """
import numpy as np, s2sad, sys
import model_on_disk as m
changes = sys.argv[1:]
exec(";".join(c for c in changes if c[0] != "-"))
slope = s2sad.grad(m.loss if "--method" not in changes else m.model.of_method)
print(slope(2.0), slope._last.program.session.sources == {})
"""

MODULE = """
class Part:
    def __init__(self): self.rate = 2.0
class Model:
    def __init__(self): self.part, self.on, self.log = Part(), True, []
    def power(self, x): return x**2 if self.on else x**3
    def of_method(self, x): return self.part.rate * self.power(x)
class Other(Model):
    def power(self, x): return x**3
model = Model()
def loss(x): return model.part.rate * model.power(x)
"""


def test_another_process(tmp_path):
    """What was read is kept with the code on the disk, and looked at anew."""
    (tmp_path / "model_on_disk.py").write_text(MODULE)
    (tmp_path / "script.py").write_text(SCRIPT)

    def run(*changes):
        env = {"S2SAD_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}", "PATH": ""}
        done = subprocess.run(
            [sys.executable, tmp_path / "script.py", *changes], env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        value, read = done.stdout.split()
        return float(value), read == "True"

    assert run() == (8.0, False)
    assert run() == (8.0, True)
    assert run("m.model.log.append(1)", "m.model.part.new = 's'") == (8.0, True)
    assert run("m.model.part.rate = 3.0") == (12.0, True)
    assert run("m.model.part.rate = 3") == (12.0, False)
    assert run("m.model.on = False") == (24.0, False)
    assert run("m.model.__class__ = type('New', (m.Model,), {'power': m.Other.power})")[0] == 24.0
    assert run("m.Model.power = m.Other.power")[0] == 24.0
    assert run("--method") == (8.0, False)
    assert run("--method", "m.model.log.append(1)", "m.model.part.new = 's'") == (8.0, True)
    assert run("--method", "m.model.part.rate = 3.0") == (12.0, True)
    assert run("--method", "m.model.on = False") == (24.0, False)


OPTIONS = {"on": True}
LENGTHS = [1.0]


def of_a_dict(x, options=OPTIONS):
    return x**2 if options["on"] else x**3


def of_a_list(x, lengths=LENGTHS):
    return x**2 if len(lengths) == 1 else x**3


def of_an_object(x, *, model=MODEL):
    return x**2 if model.on else x**3


def of_an_entry(x, *, options=OPTIONS):
    return x**2 if options["on"] else x**3


@pytest.mark.parametrize("mode", ["0", "1"])
@pytest.mark.parametrize("called", [False, True])
@pytest.mark.parametrize("function", [of_a_dict, of_a_list, of_an_object, of_an_entry])
def test_defaults_that_change(function, called, mode, monkeypatch):
    """The values that a function has for arguments that are left out may be changed, as any others."""
    monkeypatch.setenv("S2SAD_RECORD", mode)
    helper, function = function, (lambda x: helper(x)) if called else function
    default = [*(helper.__defaults__ or ()), *(helper.__kwdefaults__ or {}).values()][0]
    slope = s2sad.grad(function)
    assert slope(2.0) == 4.0
    if isinstance(default, dict):
        monkeypatch.setitem(default, "on", False)
    elif isinstance(default, list):
        default.append(2.0)
    else:
        monkeypatch.setattr(default, "on", False)
    try:
        assert slope(2.0) == 12.0
    finally:
        LENGTHS[1:] = []
