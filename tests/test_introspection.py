"""What a program asks of its objects before it computes: whether they can be called, what they are, what they have.

Each question decides a branch, so a wrong answer is a wrong number.  Every value meets every question, each time in
another of the ways in which a value comes to a function; what the program gives without s2sad is the truth.
"""

from __future__ import annotations

import itertools
import linecache
import warnings
from typing import Any

import pytest

import s2sad
from tests.refusing import refuse_all

BEGIN = """
import collections, collections.abc, dataclasses, enum, functools, inspect, numbers, operator, types, typing
import numpy as np

class Called:
    def __init__(self, v=1.0): self.v = v
    def __call__(self, x=1.0): return x
class Plain:
    v = 1.0
    @property
    def prop(self): return 1.0
    @property
    def bad(self): raise AttributeError("bad")
    def meth(self): return 1.0
class Slots:
    __slots__ = ("slot", "v")
    def __init__(self, v=9.0): self.v = v
@dataclasses.dataclass
class Data:
    v: float
class Named(typing.NamedTuple):
    v: float
class Meta(type):
    def meth(cls): return 1.0
    def __len__(cls): return 2
    def __iter__(cls): return iter([1.0])
class OfMeta(metaclass=Meta): pass
class Asked:
    def __getattr__(self, name):
        if name in ("shape", "v"): return 3.0
        raise AttributeError(name)
class Float(float):
    v = 6.0
class Uncalled:
    __call__ = None
class Static:
    __call__ = staticmethod(lambda x=1.0, y=1.0: y)
class One(enum.Enum):
    one = 1.0
class Holder:
    def __init__(self, r): self.r = r
    def get(self): return self.r
"""
QUESTIONS = '''
callable(r)
hasattr(r, "__call__")
hasattr(r, "__name__")
hasattr(r, "__len__")
hasattr(r, "__iter__")
hasattr(r, "__or__")
hasattr(r, "__dict__")
hasattr(r, "mro")
hasattr(r, "shape")
hasattr(r, "bad")
hasattr(r, "slot")
hasattr(r, "meth")
getattr(r, "__name__", "") != ""
getattr(r, "mro", None) is None
getattr(r, "ndim", 0) > 0
getattr(r, "bad", None) is None
getattr(r, "v", 7.0) > 5.0
isinstance(r, collections.abc.Callable)
isinstance(r, (collections.abc.Sequence, np.ndarray))
isinstance(r, numbers.Real)
isinstance(r, (float, int))
isinstance(r, np.floating)
isinstance(r, types.FunctionType)
isinstance(len, r)
issubclass(type(r), float)
type(r) is float
type(r) in (float, np.float64)
r.__class__ is float
r.__class__.__name__ == "Plain"
r is None
np.isscalar(r)
np.ndim(r) == 0
np.size(r) == 1
bool(r)
r == 1.0
len(r) > 1
r in ("a", 1.0)
sum(r) > 1
tuple(r) == (1.0,)
r.v == 1.0
r() == 1.0
r(2.0) == 1.0
'''.strip().splitlines()  # fmt: skip
TRIED = """
iter(r)
len(r)
r[0]
r.shape
r.bad
r.slot
float(r)
r + 1
r()
r.mro
r.__name__
operator.index(r)
""".strip().splitlines()
GIVEN = """
1.0
2
True
1j
None
"a"
[1.0]
[]
(1.0,)
{"a": 1.0}
range(3)
np.array([1.0, 2.0])
np.array(1.0)
np.float64(1.0)
np.int64(1)
np.sin
len
(lambda x: x)
functools.partial(max, 1.0)
Called()
Called
Plain()
Slots()
Data(1.0)
Named(1.0)
OfMeta()
OfMeta
Asked()
Float(1.0)
Static()
Uncalled()
One.one
float
np
float("nan")
""".strip().splitlines()
FOLLOWED = """
x
[x]
(x, x)
{"a": x}
np.array([x, 2.0])
np.array(x)
np.sin(x)
np.array([x, 2.0])[0]
(lambda: x)
(lambda y: x * y)
functools.partial(max, x)
Called(x)
Slots(x)
Data(x)
Named(x)
x > 1.0
int(x)
x + 1j
str(x)
x if x > 1.0 else None
[x] if x > 1.0 else (x,)
zip([x], [x])
map(abs, [x])
collections.deque([x])
""".strip().splitlines()
# How what is asked comes to the function; what stands in capitals is put in.
WAYS = {
    "argument": """
def f(x, r):
    return 2.0 * x if ASKED else 3.0 * x
""",
    "global": """
r = VALUE
def f(x):
    return 2.0 * x if ASKED else 3.0 * x
""",
    "local": """
def f(x):
    r = VALUE
    if ASKED:
        return 2.0 * x
    return 3.0 * x
""",
    "element": """
def f(x):
    for r in [VALUE]:
        if ASKED:
            x = 2.0 * x
        else:
            x = 3.0 * x
    return x
""",
    "attribute": """
def f(x, h):
    r = h.get()
    return 2.0 * x if ASKED else 3.0 * x
""",
    "made": """
def f(x):
    r = Holder(VALUE).r
    return 2.0 * x if ASKED else 3.0 * x
""",
    "call": """
def g(r):
    return 2.0 if ASKED else 3.0
def f(x):
    return g(VALUE) * x
""",
    "tried argument": """
def f(x, r):
    try:
        ASKED
        return 2.0 * x
    except (TypeError, AttributeError):
        return 3.0 * x
""",
    "tried": """
def f(x):
    r = VALUE
    try:
        ASKED
    except (TypeError, AttributeError):
        return 3.0 * x
    return 2.0 * x
""",
}
CASES = {
    **{f"given {value}": (value, QUESTIONS, ("argument", "global", "local", "element", "attribute", "made"))
       for value in GIVEN},
    **{f"given {value} tried": (value, TRIED, ("tried argument", "tried")) for value in GIVEN},
    **{f"followed {value}": (value, QUESTIONS, ("local", "call", "element")) for value in FOLLOWED},
    **{f"followed {value} tried": (value, TRIED, ("tried",)) for value in FOLLOWED},
}  # fmt: skip


def program(way: str, value: str, asked: str) -> tuple[Any, tuple[Any, ...]]:
    """The function, and its arguments but the first."""
    file = f"<{asked} of {value}, {way}>"
    text = BEGIN + WAYS[way].replace("ASKED", asked).replace("VALUE", value)
    linecache.cache[file] = len(text), None, text.splitlines(True), file
    names: dict[str, Any] = {}
    exec(compile(text, file, "exec"), names)
    arguments = {"argument": value, "tried argument": value, "attribute": f"Holder({value})"}
    return names["f"], (eval(arguments[way], names),) if way in arguments else ()


def outcome(call: Any) -> Any:
    """A number, what kind of exception is raised, or None where s2sad refuses."""
    try:
        return call()
    except (s2sad.Error, s2sad.UnsupportedError):
        return None
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("case", CASES)
def test_answers(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The branch that is taken is the one that Python takes; compiled, and every other time in a recorded run."""
    value, questions, ways = CASES[case]
    wrong, right = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k, (asked, way) in enumerate(zip(questions, itertools.cycle(ways), strict=False)):
            f, args = program(way, value, asked)
            truth = outcome(lambda f=f, args=args: f(1.5, *args) / 1.5)
            with monkeypatch.context() as patch:
                if case.startswith("followed") and k % 2:
                    refuse_all(patch)
                found = outcome(lambda f=f, args=args: s2sad.grad(f)(1.5, *args))
            right += found == truth
            if found is not None and found != truth:
                wrong.append(f"{way}: {asked}: {found} and not {truth}")
    assert not wrong
    assert right > 0.6 * len(questions)
