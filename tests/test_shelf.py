"""Formulas of rules that other processes have made: what is taken of them, and what is made of them."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import s2sad
from s2sad import disk, extend
from s2sad.autodiff import inline, shelf
from s2sad.compiled import _TABLES
from s2sad.ir.core import UNDEFINED, Block, Const, Function, Op, Value
from s2sad.ir.types import Dim, Type
from s2sad.passes import session
from s2sad.passes.known import NO_KEY, Elements
from s2sad.rules import table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.programs import programs
from tests.rules.share import one_in

F8 = Type("array", np.dtype("f8"), (Dim("a", False),))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, for a process that has met no rule; versions that stay what they are."""
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("S2SAD_CACHE", raising=False)
    monkeypatch.setattr(disk, "environment", lambda: ["the same"])
    for module, name in ((inline, "_SPECIALISED"), (shelf, "_made")):
        monkeypatch.setattr(module, name, {})
    monkeypatch.setattr(shelf, "_found", None)
    monkeypatch.setattr(shelf.atexit, "register", lambda save: None)
    _TABLES.clear()
    for function in [f for f, rule in table.RULES.items() if not rule.own]:  # of programs that were imported
        monkeypatch.delitem(table.RULES, function)
    return tmp_path / "cache"


def another_process(monkeypatch):
    shelf.save()
    inline._SPECIALISED.clear()
    _TABLES.clear()
    monkeypatch.setattr(shelf, "_found", None)
    for program in disk.files(".s2sad.py"):
        program.unlink()


@pytest.fixture
def made(monkeypatch):
    """The rules that are specialised anew, in order."""
    names = []
    settled = inline._settled

    def counted(lowered, types, known, session, rule):
        names.append(rule.__name__)
        return settled(lowered, types, known, session, rule)

    monkeypatch.setattr(inline, "_settled", counted)
    return names


def loss(x):
    y = np.tanh(x) * x
    return np.sum(y[1:] ** 2, axis=0) / np.mean(np.exp(x))


X = np.linspace(0.1, 1.0, 5)


def test_a_second_process_makes_none(folder, made, monkeypatch):
    before = s2sad.grad(loss)
    first = before(X)
    assert len(made) > 3
    another_process(monkeypatch)
    made.clear()
    after = s2sad.grad(loss)
    assert np.array_equal(after(X), first) and after.source == before.source
    assert made == []
    assert s2sad.jvp(loss, (X,), (X,))[1] == pytest.approx(first @ X)


def test_one_formula_for_all_floats(folder, made):
    """What a float is decides nothing in most rules: another one needs no formula of its own."""

    def scaled(x):
        return 0.25 * np.sum(x * 0.5 + 0.125)

    def scaled_otherwise(x):
        return 0.75 * np.sum(x * 1.5 + 3.0)

    assert np.allclose(s2sad.grad(scaled)(X), 0.125)
    assert "sum" in made
    made.clear()
    assert np.allclose(s2sad.grad(scaled_otherwise)(X), 1.125)
    assert made == []


def test_a_float_that_decides_has_its_own_formula(folder, made):
    def risen(x):
        return np.sum(np.power(x, 0.5) + np.power(x, 0.0) + np.power(2.5, x))

    at = np.append(X, 0.0)
    with np.errstate(divide="ignore"):
        slope = s2sad.grad(risen)(at)
    assert slope[:-1] == pytest.approx(0.5 / np.sqrt(X) + np.log(2.5) * 2.5**X) and slope[-1] == np.inf
    assert made.count("power") > 1


def test_nothing_is_lowered_for_them(folder, monkeypatch):
    monkeypatch.setattr(session, "_LOWERED", {})
    s2sad.grad(loss)(X)
    before = {code.co_name for code in session._LOWERED}
    another_process(monkeypatch)
    monkeypatch.setattr(session, "_LOWERED", {})
    s2sad.grad(loss)(X)
    assert before > {"loss", "tanh", "multiply", "exp"} and {code.co_name for code in session._LOWERED} == {"loss"}


SHARE = [
    p for name, p in programs().items() if one_in(12, name) and p.refused is None and not p.vjp and p.effects is None
]


def test_programs_are_what_they_are_without(folder, monkeypatch):
    """The texts of many programs, with rules that are made, and with those that were kept."""

    def texts():
        found = []
        for p in SHARE:
            _TABLES.clear()
            gradient = s2sad.grad(p.function, p.argnums)
            gradient(*p.args[0], **p.kwargs)
            found.append(gradient.source)
        return found

    made = texts()
    another_process(monkeypatch)
    assert shelf._read()
    assert texts() == made


def keys(**changed):
    given = {"rule": table.RULES[np.tanh].pullback, "types": (F8, F8),
             "known": (NO_KEY, NO_KEY)} | changed  # fmt: skip
    return shelf.key_of(**given)


def test_keys_tell_apart(folder):
    others = [
        keys(),
        keys(types=(F8, Type("float"))),
        keys(types=(F8, Type("array", np.dtype("f4"), F8.dims))),
        keys(types=(F8, Type("array", np.dtype("f8"), (Dim("b", False),)))),
        keys(types=(F8, Type("array", np.dtype("f8"), (Dim("a", None),)))),
        keys(types=(F8, Type("tuple", elems=(F8, F8)))),
        *(keys(known=(NO_KEY, x)) for x in (1, True, 1.0, -0.0, 0.0, "1", None, (1,), (1.0,), slice(1), float)),
        keys(known=(NO_KEY, Elements((1, NO_KEY)))),
        keys(rule=table.RULES[np.exp].pullback),
    ]
    assert None not in others and len(set(others)) == len(others)
    assert keys() == keys(types=(F8, Type("array", np.dtype("f8"), (Dim("a", False),))))


def test_what_has_no_key(folder, monkeypatch):
    for x in (np.ones(2), [1], X.sum, lambda: 0, shelf):
        assert keys(known=(NO_KEY, x)) is None
    for t in (Type("list", elems=(F8,)), Type("object", cls=Path), Type("tuple", elems=(F8,), cls=Path),
              Type("array", np.dtype([("a", "f8")]), F8.dims)):  # fmt: skip
        assert keys(types=(F8, t)) is None
    assert keys(rule=loss) is None  # a rule of the user's
    monkeypatch.setenv("S2SAD_CACHE", "0")
    assert keys() is None


def test_only_straight_code_is_kept(folder):
    x = Value("x")
    formula = Function("f", Block([x], [Op(np.tanh, [x], {}, [Value("y")])]))
    formula.body.results = [formula.body.ops[0].out]
    formula.attrs["numpy"] = True
    shelf.put("straight", formula)
    shelf.save()
    found = shelf.take("straight")
    assert [op.prim for op in found.body.ops] == [np.tanh] and found.results == [found.body.ops[0].out]
    assert found.body.ops[0].args == found.params and found.attrs == {"numpy": True, "rule": True}
    for op in (
        Op("if", [x], {}, [Value("y", F8)], [Block([], [], [x]), Block([], [], [x])]),
        Op("if", [x], {}, [Value("y", Type("float"))], [Block([], [], [UNDEFINED]), Block([], [], [x])]),
        Op("while", [x], {}, [Value("y", Type("float"))], [Block([], [], [x])]),
        Op("call", [x], {}, [Value()], attrs={"function": formula}),
        Op(divmod, [x, x], {}, [Value(), Value()]),
        Op(np.add, [x, UNDEFINED], {}, [Value()]),
        Op(lambda x: x, [x], {}, [Value()]),
        Op(np.add, [x, Const(e for e in [1])], {}, [Value()]),
    ):
        formula.body.ops[:], formula.body.results = [op], [x]
        shelf.put("other", formula)
    assert "other" not in shelf._made


def the_file(folder):
    (found,) = [p for p in folder.iterdir() if p.name.endswith(shelf.SUFFIX)]
    return found


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "pickle", "foreign", "writable"])
def test_a_file_that_cannot_be_trusted(folder, made, monkeypatch, damage):
    s2sad.grad(loss)(X)
    another_process(monkeypatch)
    path = the_file(folder)
    content = path.read_bytes()
    if damage == "writable":
        path.chmod(0o666)
    else:
        path.write_bytes({
            "cut": content[:-7], "changed": content[:-7] + b"changed", "empty": b"",
            "pickle": pickle.dumps({"a": b"b"}), "foreign": b"another thing\n" + content,
        }[damage])  # fmt: skip
    count = len(made)
    s2sad.grad(loss)(X)
    assert len(made) == 2 * count
    another_process(monkeypatch)
    assert len(shelf._read()) > 3  # written again


def test_a_formula_that_cannot_be_read(folder, made, monkeypatch):
    s2sad.grad(loss)(X)
    count = len(made)
    another_process(monkeypatch)
    monkeypatch.setattr(shelf, "_found", dict.fromkeys(shelf._read(), b"nonsense"))
    s2sad.grad(loss)(X)
    assert len(made) == 2 * count


def test_processes_add_to_each_other(folder, monkeypatch):
    s2sad.grad(lambda x: np.sum(np.tanh(x)))(X)
    another_process(monkeypatch)
    few = set(shelf._read())
    s2sad.grad(lambda x: np.sum(np.arctan(x)))(X)
    another_process(monkeypatch)
    assert few < set(shelf._read())
    monkeypatch.setattr(shelf, "_FORMULAS", 2)
    s2sad.grad(lambda x: np.sum(np.arcsinh(x)))(X)
    shelf.save()
    assert len(shelf._read()) == 2


def test_beside_rules_of_users_nothing_is_kept(folder, made, monkeypatch):
    s2sad.grad(loss)(X)
    another_process(monkeypatch)
    count, before = len(made), the_file(folder).read_bytes()
    rule = table.RULES[np.hypot]
    try:
        extend.defvjp(np.hypot)(lambda y_bar, y, a, b: (y_bar, y_bar))
        s2sad.grad(loss)(X)
        assert len(made) == 2 * count
        shelf.save()
        assert the_file(folder).read_bytes() == before
    finally:
        table.RULES[np.hypot] = rule


def test_another_folder_in_between(folder, monkeypatch, tmp_path):
    s2sad.grad(loss)(X)
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "another"))
    shelf.save()
    assert not (tmp_path / "another").exists()


SCRIPT = """
import sys
import numpy as np
import s2sad
from s2sad import disk
from s2sad.autodiff import inline
disk.environment = lambda: ["the same"]
count = []
settled = inline._settled
def counted(*args):
    count.append(1)
    return settled(*args)
inline._settled = counted
def f(x):
    return KIND(x)
print(s2sad.grad(f)(np.ones(3)).sum() > 0, len(count))
"""


def test_two_processes(folder, tmp_path):
    """Of two functions with the same operations: the second one finds the rules of the first."""
    printed = []
    for k, kind in enumerate(("np.sum(np.tanh(x) * 2.0)", "np.sum(np.tanh(np.tanh(x) * 2.0) * 2.0)")):
        script = tmp_path / f"script_{k}.py"
        script.write_text(SCRIPT.replace("KIND(x)", kind))
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
        printed.append(done.stdout.split())
    assert printed[0][0] == printed[1][0] == "True"
    assert int(printed[0][1]) > 1 and printed[1][1] == "0"


def test_headers_are_those_of_the_lowered_rules():
    pullbacks = {r.pullback for r in table.RULES.values() if r.own and hasattr(r.pullback, "__code__")}
    checked = 0
    for rule in (f for f in pullbacks if one_in(8, f"{f.__module__} {f.__qualname__}")):
        try:
            lowered = session.Session().lowered(rule)
        except s2sad.UnsupportedError:
            continue  # it is called as it is
        header = inline._header(rule)
        assert [(p.name, p.kind) for p in header.signature] == [(p.name, p.kind) for p in lowered.signature]
        assert header.captured == lowered.captured
        checked += 1
    assert checked > 30
