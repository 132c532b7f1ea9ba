"""The runner over installed packages (`tests.real`) tells right, flat, undecided, wrong, refused and crashed apart."""

import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.real.__main__ import main
from tests.real.differences import verdict

TEXT = '''
import math

import s2sad.extend


def area(radius, ratio):
    """The area of an ellipse.

    >>> a = 0.5
    >>> area(2.0, ratio=a)
    3.14
    """
    return math.pi * radius * radius * ratio


def swapped(x):
    """
    >>> swapped([1.0, 2.5])
    [2.5, 1.0]
    """
    return [x[1], x[0]]


def rounded(x):
    """
    >>> rounded(1.3)
    1.0
    """
    return float(round(x))


def all_variables(x):
    """
    >>> all_variables(1.5)
    1.5
    """
    return locals()["x"]


def cube(x):
    """
    >>> cube(2.0)
    8.0
    """
    return x * x * x


@s2sad.extend.defvjp(cube)
def cube_rule(bar, y, x):
    return 2 * x * x * bar


def root(x):
    """
    >>> root(4.0)
    2.0
    """
    return math.sqrt(x)


@s2sad.extend.defvjp(root)
def root_rule(bar, y, x):
    raise RuntimeError("a rule with a mistake")


def exactly_one(x):
    """
    >>> exactly_one(1.0)
    1.0
    """
    return x if x == 1.0 else 3.0 * x - 2.0


def number_of(names):
    """
    >>> number_of(["a", "b"])
    2
    """
    return len(names)


def an_object(x):
    """
    >>> an_object(1.0) is None
    False
    """
    made = Exception(x)
    made.itself = made
    return made


def _private(x):
    """
    >>> _private(1.0)
    1.0
    """
    return x
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "tiny_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "formulas.py").write_text(TEXT, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield "tiny_package"
    for name in ("tiny_package", "tiny_package.formulas"):
        sys.modules.pop(name, None)


def test_verdicts_on_a_package(package, capsys):
    assert main([package, "--verbose"]) == 1
    lines = capsys.readouterr().out.splitlines()
    verdicts = {line.split()[1].rstrip(":").rpartition(".")[2]: line.split()[0] for line in lines if ": " in line[:60]}
    assert verdicts["cube"] == "wrong" and verdicts["root"] == "crashed" and verdicts["all_variables"] == "refused"
    assert verdicts["exactly_one"] == "undecided"
    counts = {line.split()[0]: int(line.split()[1]) for line in lines if line.endswith("%") and line[0] != " "}
    assert counts["right"] == 2 and counts["flat"] == 1 and counts["wrong"] == 1 and counts["crashed"] == 1
    assert any("locals() is not supported" in line for line in lines)


def test_a_sound_package_passes(package, capsys):
    assert main([package, "--function", "area"]) == 0
    assert main([package, "--function", "swapped"]) == 0
    assert "1 functions with examples" in capsys.readouterr().out


def kink(x):
    return abs(x - 1.0) + x


@pytest.mark.parametrize(
    ("f", "x", "claimed", "expected"),
    [
        (math.exp, 1.0, math.e, "right"),
        (math.exp, 1.0, math.e * (1 + 1e-5), "wrong"),
        (math.exp, 1.0, math.nan, "nan"),
        (math.sqrt, 1e-3, 0.5 / math.sqrt(1e-3), "right"),
        (lambda x: x**3, 0.0, 0.0, "right"),
        (lambda x: x**3 + x, 0.0, 0.0, "wrong"),
        (kink, 1.0, 0.0, "right"),  # the left side
        (kink, 1.0, 2.0, "right"),  # the right side
        (kink, 1.0, 1.0, "right"),  # their mean
        (kink, 1.0, 2.5, "wrong"),
        (lambda x: math.floor(1e4 * x) / 1e4, 1.00005, 0.0, "undecided"),
        (lambda x: math.sqrt(x) if x >= 1 else math.nan, 1.0, 0.5, "right"),  # the end of its domain
        (lambda x: math.sqrt(abs(x)), 0.0, math.inf, "undecided"),
    ],
)
def test_differences_decide(f, x, claimed, expected):
    assert verdict(f, x, claimed)[0] == expected
