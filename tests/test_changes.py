"""What changes around a function between two calls of its derivative: the second one is of what is there then.

Every change of globals, classes, objects, defaults and cells meets every use of them; where it makes a difference to
the function, it makes the same to its derivative, or is refused.
"""

from __future__ import annotations

import linecache
from typing import Any

import pytest

import s2sad
from tests.refusing import refuse_all

WORLD = """
import numpy as np, math, functools, types, dataclasses, enum, collections
K = 2.0
N = 3
FLAG = True
MODE = "a"
L = [2.0, 3.0]
T = (2.0, [1.0])
D = {"k": 2.0, "l": [1.0, 2.0], "f": np.sin}
S = {1, 2}
A = np.array([2.0, 3.0])
AI = np.array([1, 2])
LL = [[1.0], [2.0]]
def g(x):
    return K * x
def h(x, k=2.0):
    return k * x
def hl(x, k=[2.0]):
    return k[0] * x
def kw(x, *, k=2.0):
    return k * x
class C:
    v = 2.0
    tab = {"k": 2.0}
    lst = [2.0]
    def __init__(self):
        self.w, self.fun, self.items = 2.0, g, [1.0, 2.0]
    def m(self, x):
        return self.v * self.w * x
    @property
    def p(self):
        return self.w
    @staticmethod
    def s(x):
        return 2.0 * x
    @classmethod
    def c(cls, x):
        return cls.v * x
class B(C):
    pass
o = C()
b = B()
ns = types.SimpleNamespace(v=2.0, sub=types.SimpleNamespace(u=2.0))
part = functools.partial(h, k=3.0)
def make():
    k = 2.0
    lst = [2.0]
    def inner(x):
        return k * x * lst[0]
    def setk(v):
        nonlocal k
        k = v
    return inner, setk, lst
inner, setk, cell = make()
mod = types.ModuleType("mod")
mod.k, mod.f = 2.0, lambda x: 2.0 * x
fs = [np.sin, np.cos]
lam = lambda x: K * x
dd = collections.defaultdict(float, k=2.0)
od = collections.OrderedDict(k=2.0)
dq = collections.deque([2.0, 3.0])
@dataclasses.dataclass
class DC:
    v: float = 2.0
    l: list = dataclasses.field(default_factory=lambda: [2.0])
dc = DC()
counter = [0]
"""
USES = '''
K * x
x * N
x if FLAG else -x
x if MODE == "a" else -x
x * L[0]
x * sum(L)
x * len(L)
sum(v * x for v in L)
x * T[1][0]
x * D["k"]
x * sum(D["l"])
D["f"](x)
x if "z" in D else 2.0 * x
x * len(D)
x if 5 in S else 2.0 * x
x * A[0]
np.sum(x * A)
x * np.max(A)
x * A.shape[0]
x * float(AI[0])
x * LL[1][0]
x * len(LL[0])
g(x)
h(x)
hl(x)
kw(x)
o.m(x)
o.v * x
o.w * x
o.p * x
o.fun(x)
o.s(x)
o.c(x)
C.v * x
C.tab["k"] * x
C.lst[0] * x
sum(o.items) * x
b.m(x)
b.v * x
B.c(x)
ns.v * x
ns.sub.u * x
part(x)
inner(x)
mod.k * x
mod.f(x)
fs[0](x)
lam(x)
dd["k"] * x
od["k"] * x
dq[0] * x
dc.v * x
dc.l[0] * x
x if hasattr(o, "extra") else 2.0 * x
x if isinstance(o, B) else 2.0 * x
getattr(o, "extra", 2.0) * x
x if o.fun is g else 2.0 * x
[f(x) for f in fs][0]
max(L) * x
x * D.get("z", 1.0)
math.sin(x) * K
'''.strip().splitlines()  # fmt: skip
CHANGES = '''
K = 5.0
K = 5
K = np.float64(5.0)
K = np.array(5.0)
N = 7
FLAG = False
MODE = "b"
L[0] = 7.0
L.append(4.0)
L = [9.0]
L.clear(); L.append(6.0)
T[1][0] = 6.0
D["k"] = 7.0
D["l"].append(3.0)
D["f"] = np.cos
D["z"] = 4.0
S.add(5)
A[0] = 8.0
A = np.array([4.0, 4.0, 4.0])
AI[0] = 6
AI += 1
LL[1][0] = 8.0
LL[0].append(1.0)
LL[1] = [9.0]
g = lambda x: 9.0 * x
g.__code__ = (lambda x: 8.0 * x).__code__
h.__defaults__ = (6.0,)
hl.__defaults__[0][0] = 6.0
kw.__kwdefaults__ = {"k": 6.0}
kw.__kwdefaults__["k"] = 6.5
C.v = 5.0
C.m = lambda self, x: 4.0 * x
C.p = property(lambda self: 9.0)
C.s = staticmethod(lambda x: 7.0 * x)
C.c = classmethod(lambda cls, x: 7.0 * x)
C.tab["k"] = 6.0
C.tab = {"k": 7.0}
C.lst[0] = 8.0
o.v = 6.0
o.w = 6.0
o.fun = h
o.extra = 6.0
o.items.append(4.0)
o.items = [9.0]
o.__class__ = B
o.__dict__["w"] = 9.5
o.m = lambda x: 3.5 * x
B.v = 8.0
B.m = lambda self, x: 11.0 * x
del o.w; C.w = 4.0
ns.v = 6.0
ns.sub.u = 6.0
ns.sub = types.SimpleNamespace(u=8.0)
part = functools.partial(h, k=7.0)
part.keywords["k"] = 8.0
setk(5.0)
setk(5)
cell[0] = 6.0
mod.k = 5.0
mod.f = lambda x: 6.0 * x
fs[0] = np.tan
fs.insert(0, np.exp)
fs = [np.sqrt]
lam = lambda x: x
dd["k"] = 6.0
od["k"] = 6.0
od.update(k=7.0)
dq[0] = 6.0
dq.appendleft(9.0)
dc.v = 6.0
dc.l[0] = 6.0
dc = DC(9.0)
K = 5.0; o.w = 3.0; L[1] = 4.0
math = types.SimpleNamespace(sin=lambda x: 3.0 * x)
'''.strip().splitlines()  # fmt: skip
FORMS = {
    "itself": "def f(x):\n    return USED\n",
    "in a function in a loop": """
def f(x):
    def nested(y):
        return (lambda x: USED)(y)
    total = 0.0
    for i in range(2):
        total = total + nested(x) * (i + 1)
    return total
""",
}


def slope(f: Any) -> float:
    return (f(1.5 + 1e-6) - f(1.5 - 1e-6)) / 2e-6


@pytest.mark.parametrize("way", ["compiled", "recorded"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("used", USES)
def test_change(used: str, form: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "recorded":
        refuse_all(monkeypatch)
    file = f"<{used}, {form}>"
    text = WORLD + FORMS[form].replace("USED", used)
    linecache.cache[file] = len(text), None, text.splitlines(True), file
    code = compile(text, file, "exec", dont_inherit=True)
    effective, wrong = 0, []
    for change in CHANGES:
        world: dict[str, Any] = {"__name__": "world"}
        exec(code, world)
        f = world["f"]
        before = slope(f)
        exec(change, world)
        after = slope(f)
        if abs(before - after) < 1e-6:
            continue
        effective += 1
        exec(code, world)  # as it was
        f = world["f"]
        derivative = s2sad.grad(f)
        for _ in range(2):
            assert derivative(1.5) == pytest.approx(before, rel=1e-6)
        exec(change, world)
        try:
            found = derivative(1.5)
        except (s2sad.Error, s2sad.UnsupportedError):
            continue
        if found != pytest.approx(after, rel=1e-6):
            wrong.append(f"{change}: {found} and not {after}")
    assert not wrong
    assert effective
