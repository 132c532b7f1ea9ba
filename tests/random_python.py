"""Random programs in everyday Python: lists, dicts, objects, closures, exceptions, generators, patterns.

``python -m tests.random_python N [SEED]`` tries N programs, compiled and in a recorded run, and prints what is wrong.

Every program is homogeneous of degree one in its positive argument: numbers are added, scaled by constants, chosen by
comparisons among themselves, and nothing else.  So its derivative is its value over its argument, to rounding, however
it takes its numbers through containers and calls (Euler's theorem on homogeneous functions).
"""

from __future__ import annotations

import collections
import linecache
import math
import random
import re
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import s2sad
from tests.random_programs import SECONDS, Hang, limited
from tests.refusing import refuse_all

AT = 1.5

# Lists are cut, as in loops they would grow without end.
# A placeholder in capitals is one name all through a template, NEW a fresh one; the others are written anew each time:
# n a number, l a list, c a condition, k a constant, key a key, block some statements.
NUMBERS = """
({n} + {n})
({n} - {n})
{k} * {n}
abs({n})
max({n}, {n})
({n} if {c} else {n})
({L}[-1] if {L} else {n})
({L}[1] if len({L}) > 1 else {n})
len({L}) * {n}
sum({l})
sum(v * (i + 1) for i, v in enumerate({l}))
next(iter({l}), {n})
{D}.get({key}, {n})
{O}.v
{O}.twice({n})
sum({O}.parts)
""".strip().splitlines()

LISTS = """
{L}
{L}[:]
{L}[1:]
{L}[::-1]
[{n}, {n}]
2 * [{n}]
({l} + {l})
sorted({l})
list({D}.values())
list(reversed({l}))
list(map(abs, {l}))
[{k} * v for v in {l}]
[v for v in {l} if v > {S}]
[u - v for u, v in zip({l}, {l})]
{O}.parts
""".strip().splitlines()

CONDITIONS = """
{n} < {n}
{n} >= {n}
len({L}) > 1
{L}
not {c}
{key} in {D}
{L} is {M}
({c} and {c})
({c} or {c})
""".strip().splitlines()

SIMPLE = """
{S} = {n}
{S} += {n}
{S}, {T} = {n}, {n}
{S}, *{L} = [{n}, *{l}[:8]]
{S} = {L}.pop() if {L} else {n}
{S} = {L}.pop(0) if {L} else {n}
{L} = {l}[:9]
{L} = {M}
{L}, {M} = {M}, {L}
{L}.append({n})
{L}.extend({l}[:4])
{L}.insert(1, {n})
{L} += {l}[:4]
{L} *= 2 if len({L}) < 5 else 1
{L}[:] = {l}[:9]
{L}[1:2] = {l}[:2]
del {L}[1:]
{L}.reverse()
{L}.sort()
{L}.sort(key=abs)
{L}.clear()
{D} = {E}
{D}[{key}] = {n}
{D}["k"] = {D}.get("k", {n}) + {n}
{S} = {D}.pop({key}, {n})
{S} = {D}.setdefault({key}, {n})
{D}.update(k={n}, z={n})
{D} = {{**{E}, "m": {n}}}
{O} = {P}
{O} = Thing({n}, {l}[:9])
{O}.v = {n}
{O}.v += {n}
{O}.half = {n}
{O}.parts = {l}[:9]
{O}.parts.append({n})
{O}.add({n})
""".strip().splitlines()

COMPOUND = """
if {L}: {L}[0] = {n}
---
if {L}: {L}[-1] += {n}
---
if {c}: return {n}
---
if {c}:
    {block}
---
if {c}:
    {block}
elif {c}:
    {block}
else:
    {block}
---
if ({S} := {n}) > {n}:
    {block}
---
for {NEW} in range(3):
    {block}
---
for {NEW} in range(3):
    {block}
    if {c}:
        break
    {S} = {n}
else:
    {block}
---
for {NEW} in list({l})[:4]:
    {block}
    {S} += {NEW}
---
for {NEW} in range(len({L})):
    {L}[{NEW}] = {k} * {L}[{NEW}] + {n}
---
for {NEW}, v in enumerate({L}[:4]):
    {L}[{NEW}] = v + {n}
---
for {NEW}, v in list({D}.items()):
    {D}[{NEW}] = {k} * v
    {S} += v
---
{NEW} = 0
while {NEW} < 3:
    {NEW} += 1
    {block}
---
{NEW} = 0
while {L} and {NEW} < 5:
    {NEW} += 1
    {S} += {L}.pop()
---
try:
    {block}
    {S} = {L}[2]
    {block}
except IndexError:
    {block}
---
try:
    {S} = {D}[{key}]
except KeyError:
    {block}
else:
    {block}
finally:
    {S} += {n}
---
with Within({O}, {n}):
    {block}
---
match {l}:
    case [{NEW}]:
        {S} = {NEW}
    case [{NEW}, *_]:
        {S} = 2.0 * {NEW}
    case _:
        {block}
---
def {NEW}(p):
    {L}.append(p)
    {D}[{key}] = p
    return p + {O}.v
{S} = {NEW}({n})
---
def {NEW}(p):
    nonlocal {S}
    {S} = {k} * p
    return {S} - p
{T} = {NEW}({n}) + {S}
---
def {NEW}(*args, scale=2.0, **others):
    return scale * sum(args) + sum(others.values())
{S} = {NEW}({n}, *{l}, scale=-0.5, other={n})
---
def {NEW}(p, seen=[]):
    seen.append(p)
    return sum(seen)
{S} = {NEW}({n}) + {NEW}({n})
---
def {NEW}(p, m):
    for _ in range(m):
        p = {k} * p
        yield p
{L}.extend({NEW}({n}, 2))
---
{NEW} = [lambda u, j=j: (j + 1) * u + {n} for j in range(3)]
{S} = {NEW}[1]({n}) + {NEW}[-1]({n})
""".strip().split("\n---\n")

BEGIN = """
class Thing:
    def __init__(self, v, parts):
        self.v = v
        self.parts = parts
    def twice(self, u):
        return 2.0 * u + self.v
    def add(self, u):
        self.parts.append(u)
        self.v = self.v + u
        return self
    @property
    def half(self):
        return 0.5 * self.v
    @half.setter
    def half(self, u):
        self.v = 2.0 * u
class Within:
    def __init__(self, thing, u):
        self.thing = thing
        self.u = u
    def __enter__(self):
        self.thing.v += self.u
        return self.thing
    def __exit__(self, *exception):
        self.thing.v -= 0.5 * self.u
        return False
def program(x):
    s, t, u = x, 2.0 * x, -0.5 * x
    a, b, c = [x, t], [u], []
    d, e = {"k": x, "m": t}, {}
    o, q = Thing(x, [t]), Thing(u, [])
"""
END = """
    first = 1.1 * s + 1.3 * t - 0.7 * u + sum(v * (i + 1.7) for i, v in enumerate(a)) + 0.3 * sum(b) - sum(c)
    second = sum(d.values()) + 0.9 * sum(e.values()) + o.v - 0.4 * q.v + 0.6 * sum(o.parts) + 0.8 * sum(q.parts)
    return first + second
"""
NAMES = {"S": "stu", "T": "stu", "L": "abc", "M": "abc", "D": "de", "E": "de", "O": "oq", "P": "oq"}


# What the compiler leaves to a recorded run: every second program has none of it.
LEFT = ("yield", "next(", "with ", "half", "nonlocal", "lambda", "def ", "try:", "match ", "*{L}", "clear()", "sort(",
        "reverse()", "*= 2", "[1:2] =", "del ", "pop(", "update(", "parts", "{O} =", "{D} =", "{D}[{key}] =", "M}",
        "is {", "list({D}", '{D}["k"]')  # fmt: skip


class Writer:
    """Writes one program; of all templates it uses a part, so that many programs have few kinds of trouble."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        plain = chance.random() < 0.5
        self.left = chance.randint(5, 20)  # statements
        self.fresh = 0
        parts = ((NUMBERS, 8), (LISTS, 7), (CONDITIONS, 5), (SIMPLE, 14), (COMPOUND, 7))
        self.numbers, self.lists, self.conditions, self.simple, self.compound = (
            chance.sample(fit, chance.randint(2, min(most, len(fit))))
            for part, most in parts
            if (fit := [t for t in part if not plain or not any(word in t for word in LEFT)])
        )

    def text(self) -> str:
        body = []
        while self.left > 0:
            body.append(textwrap.indent(self.statement(0), "    "))
        return BEGIN + "\n".join(body) + END

    def statement(self, depth: int) -> str:
        self.left -= 1
        simple = depth > 2 or self.left < 0 or self.chance.random() < 0.5
        return self.filled(self.chance.choice(self.simple if simple else self.compound), depth)

    def expression(self, kind: str, depth: int) -> str:
        chance = self.chance
        if kind == "k":
            return chance.choice(["2.0", "0.5", "-1.0", "3.0", "-0.25"])
        if kind == "key":
            return chance.choice(['"k"', '"m"', '"n"', "0"])
        if kind == "n" and (depth > 2 or chance.random() < 0.4):
            return chance.choice("stux")
        if kind == "l" and (depth > 2 or chance.random() < 0.3):
            return chance.choice("abc")
        if kind == "c" and depth > 2:
            return self.filled("{S} < {T}", depth)
        return self.filled(chance.choice({"n": self.numbers, "l": self.lists, "c": self.conditions}[kind]), depth + 1)

    def filled(self, template: str, depth: int) -> str:
        """A template with something for each of its placeholders."""
        names = {}
        for key, letters in NAMES.items():
            before = names.get({"T": "S", "M": "L", "E": "D", "P": "O"}.get(key, ""))
            names[key] = self.chance.choice([letter for letter in letters if letter != before])
        self.fresh += 1
        names["NEW"] = f"new{self.fresh}"

        def put(found: re.Match) -> str:
            margin, kind = found.groups()
            if kind == "block":
                inner = "\n".join(self.statement(depth + 1) for _ in range(self.chance.randint(1, 3)))
                return textwrap.indent(inner, margin)
            return margin + (names[kind] if kind in names else self.expression(kind, depth))

        return re.sub(r"( *)\{(\w+)\}", put, template).replace("{{", "{").replace("}}", "}")


def verdicts(text: str) -> Iterator[tuple[str, str, str]]:
    """``compiled`` or ``recorded``, with ``right``, ``refused``, ``wrong``, ``crashed`` or ``hangs``, and why.

    Nothing where the program itself raises, takes long, or where rounding decides a branch.
    """
    file = f"<random python {hash(text)}>"
    linecache.cache[file] = len(text), None, text.splitlines(True), file
    space: dict[str, Any] = {}
    exec(compile(text, file, "exec"), space)
    program = space["program"]
    try:
        with limited(SECONDS):
            value, double = program(AT), program(2.0 * AT)
    except (Hang, LookupError, RuntimeError, TypeError, ValueError):  # a dict that changes while it is walked, a key
        return
    if (
        type(value) is not float
        or not math.isfinite(value)
        or abs(value) > 1e6
        or abs(double - 2.0 * value) > 1e-9 * max(1.0, abs(value))
    ):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("S2SAD_RECORD", "0")
        yield "compiled", *_judged(program, value)
    with pytest.MonkeyPatch.context() as patch:
        refuse_all(patch)
        yield "recorded", *_judged(program, value)


def _judged(program: Callable[[float], float], value: float) -> tuple[str, str]:
    try:
        with limited(SECONDS):
            found, slope = s2sad.value_and_grad(program)(AT)
            _, along = s2sad.jvp(program, (AT,), (AT,))
    except Hang:
        return "hangs", ""
    except (s2sad.Error, s2sad.UnsupportedError) as error:
        return "refused", str(error).partition("\n")[0]
    except Exception as error:
        return "crashed", f"{type(error).__name__}: {error}"
    close = 1e-9 * max(1.0, abs(value))
    same = abs(found - value) < 1e-3 * close and abs(slope * AT - value) < close and abs(along - value) < close
    return (
        ("right", "") if same else ("wrong", f"{value} and its derivatives along x are {found}, {slope * AT}, {along}")
    )


def main(count: int, seed: int) -> int:
    found: collections.Counter[tuple[str, str]] = collections.Counter()
    bad = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in range(seed, seed + count):
            text = Writer(random.Random(k)).text()
            for way, kind, why in verdicts(text):
                found[way, kind] += 1
                if kind in ("wrong", "crashed", "hangs"):
                    bad += 1
                    print(f"--- {k}, {way}: {kind}: {why[:300]}\n{text[text.index('def program') :]}")
    for (way, kind), times in sorted(found.items()):
        print(f"{way:10} {kind:10} {times}")
    return bad


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0), 1))
