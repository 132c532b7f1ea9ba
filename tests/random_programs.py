"""Random programs over ``x`` (a float), ``u`` (3 floats) and ``n`` (an int): their text goes out, or a verdict on it.

``python -m tests.random_programs N [SEED]`` tries N programs and prints those whose gradient is wrong.
"""

from __future__ import annotations

import collections
import contextlib
import copy
import dataclasses
import itertools
import linecache
import random
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import s2sad
from tests.programs.harness import Program, check, check_forward, differences, directions

SECONDS = 20
HELPERS = """
def scale(y, k):
    return np.tanh(y) * k


def same(y):
    return y


def first_part(y):
    return y[:2]


def early(y, k):
    if k > 1:
        return np.sin(y)
    y = y * 0.5
    return y


def write_into(y, s):
    y[1] = y[0] * s
    return y


def two(y):
    return y, y * 0.5


def searched(y, k):
    for i in range(k):
        if y > 0.8:
            return y * i
        y = y + 0.3 * y * y
    return y


def nested(y, k):
    return y if k <= 0 else nested(np.sin(y), k - 1) * y


def powers(y, k):
    found = [1]
    for i in range(k):
        found.append(found[i] * y)
    return found


def parts(y, k):
    return {"a": y * k, "b": [y, 2]}, (k, y)


def failing(y, k):
    for i in range(3):
        if i == k:
            raise ValueError("no more")
        y = y * y + 0.1
    return y / (2 - k)


class Box:
    turns = 0

    def __init__(self, s, a):
        self.s = s
        self.a = a
        self.log = []

    def push(self, y):
        self.turns += 1
        self.s = self.s * 0.5 + y
        return self

    def stir(self, y):
        self.a[0] = self.a[1] * y
        self.log.append(y)

    def size(self):
        return np.sum(self.a) * self.s + self.turns

    def __add__(self, other):
        return Box(self.s + other.s, self.a + other.a)

    @property
    def last(self):
        return self.log[-1] if self.log else self.s


"""


ERRORS = ["ZeroDivisionError", "KeyError", "(IndexError, ZeroDivisionError)", "ValueError", "LookupError", "Exception"]


class Choices:
    """Where the decisions come from: ``random.Random``, or Hypothesis, which shrinks them."""

    def __init__(self, below: Callable[[int], int]):
        self.below = below

    def pick(self, items: list[Any]) -> Any:
        return items[self.below(len(items))]


class Writer:
    """Writes one function.

    Scalars and arrays of 3 and of 2 numbers, lists of arrays, lists of numbers, and matrices are kept apart by name.
    """

    def __init__(self, choices: Choices):
        self.choices = choices
        self.lines: list[str] = []
        self.indent = 1
        self.loops = 0
        self.tries = 0
        self.final = False
        self.scalars = ["x", "u[0]"]
        self.arrays = ["u"]
        self.lists: list[str] = []
        self.rows: list[str] = []
        self.matrices: list[str] = []
        self.tables: list[str] = []
        self.boxes: list[str] = []
        self.counters = ["n"]
        self.names = itertools.count()
        self.budget = 14

    def put(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def fresh(self, kind: str) -> str:
        """A new name, or one that is there, to be assigned again."""
        pool = {"s": self.scalars, "a": self.arrays}[kind]
        old = [name for name in pool if name.isidentifier() and name not in ("x", "u")]
        if old and self.choices.below(2):
            return self.choices.pick(old)
        return f"{kind}{next(self.names)}"

    def index(self) -> str:
        return self.choices.pick(["0", "1", "2", "-1", *[f"{c} % 3" for c in self.counters]])

    def part(self) -> str:
        return self.choices.pick(["[:]", "[::-1]", "[[1, 2, 0]]", "[np.array([2, 0, 0])]"])

    def scalar(self, depth: int = 0) -> str:
        pick, below = self.choices.pick, self.choices.below
        kind = below(9 if depth < 2 else 3)
        if kind == 0:
            return pick(self.scalars)
        if kind == 1:
            return pick(["0.5", "2.0", "1.5", "3", pick(self.counters)])
        if kind == 2:
            return f"{pick(self.arrays)}[{self.index()}]"
        if kind == 3:
            return f"np.{pick(['sin', 'tanh', 'cos'])}({self.scalar(depth + 1)})"
        if kind == 4:
            return f"np.sum({self.array(depth + 1)})"
        if kind == 5:
            return f"scale({self.scalar(depth + 1)}, {self.scalar(depth + 1)})"
        if kind == 6:
            return f"early({self.scalar(depth + 1)}, {pick(self.counters)})"
        return f"({self.scalar(depth + 1)} {pick(['+', '-', '*'])} {self.scalar(depth + 1)})"

    def array(self, depth: int = 0) -> str:
        pick, below = self.choices.pick, self.choices.below
        kind = below(11 if depth < 2 else 2)
        if kind <= 1:
            return pick(self.arrays)
        if kind == 2:
            return f"np.{pick(['sin', 'tanh', 'cos'])}({self.array(depth + 1)} * 0.7)"
        if kind == 3:
            condition, other = f"{self.array(depth + 1)} > 0.2", pick([self.scalar(2), self.array(2)])
            return f"np.where({condition}, {self.array(depth + 1)}, {other})"
        if kind == 4:
            return f"{pick(self.arrays)}{self.part()}"
        if kind == 5:
            return f"scale({self.array(depth + 1)}, {self.scalar(depth + 1)})"
        if kind == 6:
            return f"{pick(['same', 'np.asarray', 'np.cumsum'])}({self.array(depth + 1)})"
        if kind == 7 and self.lists:
            return f"{pick(self.lists)}[{pick(['0', '-1'])}]"
        return f"({self.array(depth + 1)} {pick(['+', '-', '*'])} {pick([self.array, self.scalar])(depth + 1)})"

    def condition(self) -> str:
        if self.choices.below(2):
            return f"{self.choices.pick(self.counters)} {self.choices.pick(['>', '==', '<'])} {self.choices.below(3)}"
        return f"{self.scalar(1)} > {self.choices.pick(['0.1', '-0.3', '1.1'])}"

    def block(self, extra: Callable[[], None] | None = None) -> None:
        """A nested block; what is defined there first is not used after it."""
        before = [
            list(pool)
            for pool in (
                self.scalars, self.arrays, self.lists, self.rows, self.matrices, self.tables, self.boxes, self.counters
            )
        ]  # fmt: skip
        self.indent += 1
        start = len(self.lines)
        for _ in range(1 + self.choices.below(3)):
            self.statement()
        if extra is not None:
            extra()
        if len(self.lines) == start:
            self.put("pass")
        self.indent -= 1
        self.scalars, self.arrays, self.lists, self.rows, self.matrices, self.tables, self.boxes, self.counters = before

    def statement(self) -> None:
        if self.budget <= 0:
            return
        self.budget -= 1
        self.choices.pick(
            [self.assign, self.assign, self.assign_array, self.assign_array, self.alias, self.view, self.write,
             self.write, self.write_part, self.augment, self.augment_array, self.helper, self.append, self.swap,
             self.branch, self.cases, self.loop, self.repeat, self.leave, self.slot, self.numbers, self.numbers,
             self.matrix, self.matrix, self.window, self.window, self.table, self.entries, self.entries, self.box,
             self.box, self.box, self.function,
             self.unpack, self.search, self.attempt, self.attempt, self.fail, self.log, self.keep, self.perhaps,
             self.choose]
        )()  # fmt: skip

    def assign(self) -> None:
        name = self.fresh("s")
        self.put(f"{name} = {self.scalar()}")
        self.scalars += [name] * (name not in self.scalars)

    def assign_array(self) -> None:
        name = self.fresh("a")
        value = self.array()
        self.put(f"{name} = {value} * 1.0" if self.choices.below(2) else f"{name} = {value}")
        self.arrays += [name] * (name not in self.arrays)

    def alias(self) -> None:
        name = self.fresh("a")
        self.put(f"{name} = {self.choices.pick(self.arrays)}")
        self.arrays += [name] * (name not in self.arrays)

    def view(self) -> None:
        """A part is written, or read, through a name of its own."""
        name = f"v{next(self.names)}"
        base = self.choices.pick(self.arrays)
        parts = [f"{base}[1:]", f"{base}[:2]", f"{base}[::2]", f"first_part({base})", f"np.flip({base})[1:]",
                 f"np.asarray({base})", f"{base}[::-1][:2]", f"{base}.reshape(3, 1)[1:, 0]",
                 f"{base}.real"]  # fmt: skip
        self.put(f"{name} = {self.choices.pick(parts)}")
        if self.choices.below(2):
            self.put(
                f"{name}[{self.choices.pick(['0', '1', '-1'])}] {self.choices.pick(['=', '+=', '*='])} {self.scalar(1)}"
            )
        else:
            self.write()
        self.scalars.append(f"{name}[0]")

    def write(self) -> None:
        self.put(
            f"{self.choices.pick(self.arrays)}[{self.index()}] {self.choices.pick(['=', '+=', '*='])} {self.scalar(1)}"
        )

    def write_part(self) -> None:
        name, value = self.choices.pick(self.arrays), self.choices.pick([self.scalar, self.array])
        sign = self.choices.pick(["=", "+=", "*="])
        if self.choices.below(2):
            self.put(f"{name}[:] {sign} {value(1)}")
        else:
            part, other = self.choices.pick(["[1:]", "[:-1]", "[::2]"]), self.choices.pick(["[1:]", "[:2]", "[::2]"])
            self.put(f"{name}{part} {sign} {self.choices.pick(self.arrays)}{other} * {self.scalar(1)}")

    def augment(self) -> None:
        names = [s for s in self.scalars if s.isidentifier()]
        self.put(f"{self.choices.pick(names)} {self.choices.pick(['+=', '*=', '-='])} {self.scalar(1)}")

    def augment_array(self) -> None:
        value = self.choices.pick([self.scalar, self.array])(1)
        self.put(f"{self.choices.pick(self.arrays)} {self.choices.pick(['+=', '*=', '-='])} {value}")

    def helper(self) -> None:
        pick = self.choices.pick
        if self.choices.below(2):
            name = self.fresh("a")
            self.put(f"{name} = write_into({pick(self.arrays)}, {self.scalar(1)})")
            self.arrays += [name] * (name not in self.arrays)
            return
        a, b = f"a{next(self.names)}", f"a{next(self.names)}"
        self.put(f"{a}, {b} = two({self.array(1)})")
        self.arrays += [a, b]

    def append(self) -> None:
        if not self.lists or not self.choices.below(3):
            name = f"l{next(self.names)}"
            self.put(f"{name} = [{self.array(1)}]")
            self.lists.append(name)
        else:
            self.put(f"{self.choices.pick(self.lists)}.append({self.array(1)})")

    def slot(self) -> None:
        if not self.lists:
            return self.append()
        name, where = self.choices.pick(self.lists), self.choices.pick(["0", "-1"])
        if self.choices.below(2):
            self.put(f"{name}[{where}] = {self.array(1)}")
        else:
            self.put(f"{name}[{where}][{self.index()}] {self.choices.pick(['=', '+='])} {self.scalar(1)}")
        return None

    def numbers(self) -> None:
        """A list of numbers is made, or changed, or walked."""
        pick, value = self.choices.pick, self.scalar(1)
        if not self.rows or not self.choices.below(3):
            name = f"r{next(self.names)}"
            tail = f" + {pick(self.rows)}" if self.rows else f" * {pick(['2', 'n'])} + [{self.scalar(2)}]"
            makers = [f"[{value}, {self.scalar(2)}]", "[0, 1]", f"[{value}]{tail}", f"[0]{tail}", "powers(x, 2)",
                      f"[e * {value} for e in {pick(self.arrays)}]"]  # fmt: skip
            self.put(f"{name} = {pick(makers)}")
            self.rows.append(name)
            return
        name = pick(self.rows)
        end, sign = pick(["0", "-1"]), pick(["=", "+=", "*="])
        kind = self.choices.below(5)
        if kind == 0:
            self.put(f"{name}.append({value})")
        elif kind == 1:
            self.put(f"{name}[{end}] {sign} {value}")
        elif kind == 2:
            self.put(f"{name} = {name}{pick(['[:1]', '[-1:]', '[::-1]', '[:]'])} + [{value}]")
        elif kind == 3:
            target = f"s{next(self.names)}"
            self.put(f"{target} = {pick(['0', '0.5', value])}")
            self.put(f"for e in {name}:")
            self.put(f"    {target} = {target} {pick(['+ e', '* 0.5 + e * e', '+ e * x'])}")
            self.scalars.append(target)
        else:
            self.put(f"{name}[{end}], {name}[0] = {name}[0] * {value}, {name}[{end}]")

    def matrix(self) -> None:
        """A matrix is made, or a part of it written, read or aliased."""
        pick, value = self.choices.pick, self.scalar(1)
        if not self.matrices or not self.choices.below(3):
            name = f"m{next(self.names)}"
            array = self.array(1)
            makers = [f"np.outer({array}, {pick(self.arrays)})", f"np.stack([{array}, {array}, u]) * 0.5",
                      f"np.zeros((3, 3)) + {array}"]  # fmt: skip
            self.put(f"{name} = {pick(makers)}")
            self.matrices.append(name)
            return
        name, sign = pick(self.matrices), pick(["=", "+=", "*="])
        row, column = self.index(), self.index()
        kind = self.choices.below(6)
        if kind == 0:
            self.put(f"{name}[{pick([row, ':, ' + column, row + ', ' + column, row + ', 1:'])}] {sign} {value}")
        elif kind == 1:
            self.put(f"{name}[{pick([row, ':, ' + column])}] {sign} {self.array(1)}")
        elif kind == 2:
            array = f"a{next(self.names)}"
            self.put(f"{array} = {name}{pick([f'[{row}]', f'[:, {column}]', f'.T[{row}]', f'[{row}] * 1.0'])}")
            self.arrays.append(array)
        elif kind == 3:
            self.put(f"{name} = {pick([f'{name}.T', f'{name} @ {name}', f'{name}[::-1]', f'np.tanh({name})'])}")
        elif kind == 4:
            array = f"a{next(self.names)}"
            reduced = [f"{name} @ {pick(self.arrays)}", f"np.sum({name}, axis=0)", f"np.mean({name}, axis=1)"]
            self.put(f"{array} = {pick(reduced)}")
            self.arrays.append(array)
        else:
            row_name = f"w{next(self.names)}"
            self.put(f"for {row_name} in {name}:")
            self.put(f"    {pick([f'{row_name}[0] {sign} x', f'x = x * 0.5 + {row_name}[1]', f'{row_name} *= 0.5'])}")

    def window(self) -> None:
        """A part of a matrix, or all of it in another form, is written, or read, through a name of its own."""
        pick, value = self.choices.pick, self.scalar(1)
        if not self.matrices:
            self.put(f"m{next(self.names)} = np.zeros((3, 3)) + {self.array(1)}")
            self.matrices.append(self.lines[-1].split()[0])
        base, name = pick(self.matrices), f"v{next(self.names)}"
        sign, at, other = pick(["=", "+=", "*="]), pick(["0", "-1", "1"]), pick(["0", "-1", "1"])
        if not self.choices.below(3):
            self.put(f"{base} = {pick([f'{base}.copy()', f'np.zeros((3, 3)) + {value}', f'{base} * 2.0'])}")
        kind = self.choices.below(5)
        if kind < 3:
            parts = [f"{base}[1:, :2]", f"{base}.T[:2]", f"np.flip({base})", f"{base}.swapaxes(0, 1)[1:]",
                     f"np.fliplr({base})[:, 1:]", f"np.moveaxis({base}, 0, 1)"]  # fmt: skip
            self.put(f"{name} = {pick(parts)}")
            target = pick([f"{name}[{at}, {other}]", f"{name}[{at}]", f"{name}[{at}][{other}]", f"{name}[:, {at}][1:]"])
            if self.choices.below(2):
                self.put(f"for {name}_k in range(2):")
                self.put(f"    {name}[{name}_k, {other}] {sign} {name}[{at}, {name}_k] * {value}")
            self.put(f"{target} {sign} {value}")
            self.scalars.append(f"np.sum({name})")
        elif kind == 3:
            line = pick([f"{base}.ravel()", f"{base}.reshape(-1)", f"np.ravel({base}[1])", f"{base}.flat"])
            self.put(f"{line}[{pick(['1', '-2', '2'])}] {sign} {value}")
        else:
            seen = [f"np.diagonal({base})", f"{base}.diagonal()", f"np.broadcast_to({base}, (2, 3, 3))[1]"]
            self.put(f"{name} = {pick(seen)}")
            self.scalars.append(f"np.sum({name} * 0.5)")
        if self.choices.below(2):
            self.put(f"{base}[{at}, {other}] {sign} {value}")

    def table(self) -> None:
        """Structures: a dict, nested lists, what a helper returns of both."""
        name, pick = f"d{next(self.names)}", self.choices.pick
        kind = self.choices.below(3)
        if kind == 0:
            self.put(f'{name} = {{"a": {self.scalar(1)}, "b": {self.array(1)}, "c": 2}}')
            self.scalars.append(f'{name}["{pick(["a", "c"])}"]')
            self.arrays.append(f'{name}["b"]')
        elif kind == 1:
            self.put(f"{name} = [[{self.scalar(1)}, 1], [{self.scalar(1)}, {self.scalar(2)}]]")
            self.put(f"{name}[{pick(['0', '1', '-1'])}][{pick(['0', '1'])}] {pick(['=', '+='])} {self.scalar(1)}")
            self.scalars.append(f"{name}[{pick(['0', '1'])}][{pick(['0', '1'])}]")
        else:
            self.put(f"{name}, (k{name}, s{name}) = parts({self.scalar(1)}, {pick(self.counters)})")
            self.scalars += [f'{name}["a"]', f'{name}["b"][{pick(["0", "1"])}]', f"s{name}"]

    def entries(self) -> None:
        """A dict is made, filled, written, aliased or walked."""
        pick, value = self.choices.pick, self.scalar(1)
        if not self.tables or not self.choices.below(3):
            name = f"t{next(self.names)}"
            makers = [f'{{"a": {value}, "b": {self.array(1)}}}', f"dict(a={value}, b={pick(self.arrays)})"]
            kind = self.choices.below(3)
            if kind == 2:
                self.put(f"{name} = {{}}")
                self.put(f'{name}["a"] = {value}')
                self.put(f'{name}["b"] = {self.array(1)}')
            else:
                self.put(f"{name} = {makers[kind]}")
            self.tables.append(name)
            self.scalars.append(f'{name}["a"]')
            self.arrays.append(f'{name}["b"]')
            return
        name = pick(self.tables)
        sign = pick(["=", "+=", "*="])
        kind = self.choices.below(8)
        if kind == 0:
            self.put(f'{name}["a"] {sign} {value}')
        elif kind == 1:
            self.put(f'{name}["b"] {sign} {self.array(1)}')
        elif kind == 2:
            self.put(f'{name}["b"][{self.index()}] {sign} {value}')
        elif kind == 3:
            alias = f"t{next(self.names)}"
            self.put(f"{alias} = {pick([name, f'dict({name})', f'{name}.copy()', f'{{**{name}}}'])}")
            self.tables.append(alias)
            self.scalars.append(f'{alias}["a"]')
        elif kind == 4:
            self.put(f"for key in {name}:")
            self.put(f"    {name}[key] = {name}[key] * {self.scalar(2)}")
        elif kind == 5:
            total = f"s{next(self.names)}"
            self.put(f"{total} = 0.0")
            self.put(f"for key, item in {name}.items():")
            self.put(f"    {total} += np.sum(item) * len(key)")
            self.scalars.append(total)
        elif kind == 6:
            self.put(f"{name}.update(a={value})")
        else:
            other = f"t{next(self.names)}"
            self.put(f"{other} = {{k: v * {self.scalar(2)} for k, v in {name}.items()}}")
            self.tables.append(other)
            self.arrays.append(f'{other}["b"]')

    def box(self) -> None:
        """An object is made, written, aliased, or does something."""
        pick, value = self.choices.pick, self.scalar(1)
        if not self.boxes or not self.choices.below(3):
            name = f"o{next(self.names)}"
            makers = [f"Box({value}, {self.array(1)})", f"Box(s={value}, a={pick(self.arrays)})"]
            if self.boxes:
                makers += [pick(self.boxes), f"{pick(self.boxes)} + {pick(self.boxes)}"]
            self.put(f"{name} = {pick(makers)}")
            self.boxes.append(name)
            self.scalars += [f"{name}.s", pick([f"{name}.size()", f"{name}.last"])]
            self.arrays.append(f"{name}.a")
            return
        name, sign = pick(self.boxes), pick(["=", "+=", "*="])
        kind = self.choices.below(8)
        if kind == 0:
            self.put(f"{name}.s {sign} {value}")
        elif kind == 1:
            self.put(f"{name}.a {sign} {self.array(1)}")
        elif kind == 2:
            self.put(f"{name}.a[{self.index()}] {sign} {value}")
        elif kind == 3:
            self.put(f"{name}.push({value}){pick(['', f'.push({self.scalar(2)})'])}")
        elif kind == 4:
            self.put(f"{name}.stir({value})")
        elif kind == 5:
            self.put(f"{name}.a, {pick(self.arrays)} = {pick(self.arrays)}, {name}.a")
        elif kind == 6:
            self.put(f"for b in [{name}, {pick(self.boxes)}]:")
            self.put(f"    b.{pick([f's {sign} {value}', f'stir({value})', 'push(b.s)'])}")
        else:
            self.put(f"{name} = {pick(self.boxes)} if {self.condition()} else {name}")

    def function(self) -> None:
        name, scalar = f"f{next(self.names)}", self.scalar(1)
        self.put(f"{name} = lambda y, k=2.0: y * {scalar} + k")
        self.scalars.append(f"{name}({self.scalar(2)})")

    def unpack(self) -> None:
        a, b, c = f"s{next(self.names)}", f"s{next(self.names)}", f"s{next(self.names)}"
        self.put(f"{a}, ({b}, {c}) = {self.scalar(1)}, ({self.scalar(1)}, {self.scalar(1)})")
        self.scalars += [a, b, c]

    def search(self) -> None:
        """Steps whose number depends on numbers."""
        name, pick = f"s{next(self.names)}", self.choices.pick
        if self.choices.below(2):
            self.put(f"{name} = {pick(['searched', 'nested'])}({self.scalar(1)}, {pick(self.counters)} % 4)")
        else:
            self.put(f"{name}, j{name} = {self.scalar(1)}, 0")
            self.put(f"while {name} * {name} < {pick(['0.9', '4.1'])} and j{name} < 4:")
            self.put(f"    {name} = {name} {pick(['* 1.3 + x', '+ u[j' + name + ' % 3]', '+ 0.4'])}")
            self.put(f"    j{name} += 1")
            self.counters.append(f"j{name}")
        self.scalars.append(name)

    def log(self) -> None:
        """Arrays that a loop keeps, and writes, in some order."""
        pick, log, name, turn = self.choices.pick, f"l{next(self.names)}", self.fresh("a"), f"i{next(self.names)}"
        pairs = f"{log}_pairs"
        start = pick([f"{self.array(1)} * 1.0", pick(self.arrays), "None"])
        self.put(f"{name} = {start}")
        self.put(f"{log} = {pick(['[]', '[u * 2.0]'])}")
        self.put(f"{pairs} = [({pick(self.arrays)}, 1)]")
        self.put(f"for {turn} in range(3):")
        self.indent += 1
        if start == "None":
            self.put(f"if {name} is None:")
            self.put(f"    {name} = {self.array(1)}{pick(['', ' * 1.0'])}")
        self.arrays += [name] * (name not in self.arrays)
        before = list(self.counters)
        self.counters.append(turn)
        for _ in range(2 + self.choices.below(3)):
            self.put(pick([
                f"{name}[{self.index()}] {pick(['=', '+=', '*='])} {self.scalar(1)}",
                f"{name} = {self.array(1)}{pick(['', ' * 1.0', ' + u'])}",
                f"{name} {pick(['+=', '*='])} {self.scalar(1)}",
                f"{log}.append({name}{pick(['', '', '.copy()', '[::-1]'])})",
                f"{pairs}.append(({name}, {turn}))",
                f"{log}.append({name})",
            ]))  # fmt: skip
        self.put(f"{log}.append({name})")
        self.indent -= 1
        self.counters = before
        self.lists.append(log)
        self.scalars.append(f"sum([np.sum(e * u) for e in {log}])")
        self.scalars.append(f"np.sum({pairs}[-1][0] * u)")

    def keep(self) -> None:
        """Something that holds an array, and is another one each time; who wrote the array is asked later."""
        pick, kept, turn = self.choices.pick, f"k{next(self.names)}", f"i{next(self.names)}"
        form, part = pick([("[{}]", "[0]"), ("[{}, 1.0]", "[0]"), ('{{"k": {}}}', '["k"]'), ("({}, n)", "[0]"),
                           ("[[{}]]", "[0][0]"), ("{}", "")])  # fmt: skip
        state = self.fresh("a")
        self.put(f"{state} = {self.array(1)} * 1.0")
        self.arrays += [state] * (state not in self.arrays)
        self.put(f"{kept} = {form.format(f'{self.array(1)} * 2.0')}")
        self.put(pick([f"for {turn} in range(3):", f"for {turn} in (2, 0, 1):", f"for {turn} in range(n % 3):"]))
        self.indent += 1
        for _ in range(1 + self.choices.below(3)):
            again = form.format(pick([state, pick(self.arrays), f"{kept}{part}", f"{state} * x"]))
            self.put(pick([
                f"{kept} = {again}",
                f"if {turn} {pick(['==', '>'])} 1: {kept} = {again}",
                f"{kept}{part}[{self.index()}] {pick(['=', '+='])} {self.scalar(1)}",
                f"{state}[{self.index()}] {pick(['=', '+='])} {self.scalar(1)}",
                f"{state} = {pick([self.array(1), f'{state} * 0.5', f'{kept}{part}'])}",
            ]))  # fmt: skip
        self.indent -= 1
        target = pick([state, f"{kept}{part}"])
        self.put(f"{target}[{self.index()}] {pick(['=', '+='])} {self.scalar(1)}")
        self.scalars += [f"np.sum({kept}{part} * u)", f"{state}[1]"]

    def perhaps(self) -> None:
        """A number that is None until a loop finds it."""
        pick, name, turn = self.choices.pick, f"s{next(self.names)}", f"i{next(self.names)}"
        element = f"e{turn}"
        self.put(f"{name} = None")
        self.put(f"for {turn}, {element} in enumerate({pick(self.arrays)}):")
        value = pick([element, f"{element} * {self.scalar(2)}", f"np.sin({element})", f"{element} ** 2"])
        kind = self.choices.below(4)
        if kind == 0:
            self.put(f"    if {name} is None or {value} {pick(['<', '>'])} {name}:")
            self.put(f"        {name} = {value}")
        elif kind == 1:
            self.put(f"    {name} = {value} if {name} is None else {name} * 0.5 + {value}")
        elif kind == 2:
            self.put(f"    if {name} is not None and {name} > {pick(['0.1', '-0.2'])}:")
            self.put(f"        {name} = {name} * {value}")
            self.put(f"    elif {turn} {pick(['>', '=='])} {self.choices.below(2)}:")
            self.put(f"        {name} = {value}")
        else:
            self.put(f"    if {value} > {pick(['0.3', '5.0'])}:")
            self.put(f"        {name} = {value}")
        self.put(f"{name} = {self.scalar(2)} if {name} is None else {name}")
        self.scalars.append(name)

    def choose(self) -> None:
        """An element that an order decides."""
        pick, name = self.choices.pick, f"s{next(self.names)}"
        several = pick([*self.arrays, *self.rows])
        key = pick(["-e", "e * e", f"e * {self.scalar(2)}", "abs(e)"])
        forms = [
            f"max({several}, key=lambda e: {key})",
            f"sorted({several}, key=lambda e: {key})[0]",
            f"min([(e * e, j) for j, e in enumerate({several})])[0]",
            f"{several}[max(range(len({several})), key=lambda j: {several}[j])]",
            f"sorted([(e, e * x) for e in {several}])[-1][1]",
        ]
        self.put(f"{name} = {pick(forms)}")
        self.scalars.append(name)

    def swap(self) -> None:
        a, b = self.choices.pick(self.arrays), self.choices.pick(self.arrays)
        self.put(f"{a}, {b} = {b}, {a}")

    def cases(self) -> None:
        """A ``match`` over a number, a list or a tuple of both."""
        pick, below = self.choices.pick, self.choices.below
        first, second = f"c{next(self.names)}", f"c{next(self.names)}"
        subject = pick([f"({pick(self.counters)} % 3, {self.scalar(1)})", f"[{self.scalar(1)}, {self.scalar(1)}]"])
        self.put(f"match {subject}:")
        self.indent += 1
        heads = [f"case (0, {first})", f"case [{first}, {second}] if {first} > 0.3", f"case [{first}, *_]",
                 f"case (1 | 2 as {second}, {first})"]  # fmt: skip
        for head in sorted({pick(heads) for _ in range(1 + below(3))}):
            self.put(f"{head}:")
            self.indent += 1
            self.put(f"{pick([s for s in self.scalars if s.isidentifier()])} = {first} * 1.5 + {self.scalar(1)}")
            self.indent -= 1
            self.block()
        if below(2):
            self.put("case _:")
            self.block()
        self.indent -= 1

    def branch(self) -> None:
        self.put(f"if {self.condition()}:")
        self.block()
        if self.choices.below(2):
            self.put("else:")
            self.block()

    def leave(self) -> None:
        """An early return, or a jump out of a loop."""
        if self.final and not self.loops:
            return self.assign()
        self.put(f"if {self.condition()}:")
        self.block(lambda: self.put(self.jump()))
        return None

    def jump(self) -> str:
        pick = self.choices.pick
        if self.loops and (self.final or self.choices.below(4)):
            return pick(["break", "continue"])
        return f"return {self.scalar(1)}"

    def attempt(self) -> None:
        """A try, whose body may raise half way."""
        if self.tries > 1:
            return self.fail()
        below = self.choices.below
        self.put("try:")
        self.tries += 1
        self.block(self.fail if below(3) else None)
        self.tries -= 1
        finally_only = below(8) == 0
        for k in range(0 if finally_only else 1 + below(2)):
            classes = ERRORS if k == 0 else ERRORS[-3:]
            name = f" as e{next(self.names)}" if below(4) == 0 else ""
            self.put(f"except {self.choices.pick(classes)}{name}:")
            ends: list[Callable[[], None] | None] = [None, None, None, None, lambda: self.put(self.jump())]
            if name:
                ends.append(lambda: self.put(f"print({name[4:]})"))  # noqa: B023
            ends.append(lambda: self.put("raise"))
            self.block(self.choices.pick(ends))
        if not finally_only and below(3) == 0:
            self.put("else:")
            self.block()
        if finally_only or below(5) == 0:
            self.put("finally:")
            outside, self.loops, self.final = (self.loops, self.final), 0, True
            self.block()
            self.loops, self.final = outside
        return None

    def fail(self) -> None:
        """A statement that may raise, inside of a try."""
        if not self.tries:
            return self.assign()
        pick, counter, name = self.choices.pick, self.choices.pick(self.counters), self.fresh("s")
        value = self.scalar(1)
        kind = self.choices.below(7)
        if kind == 0:
            self.put(f"{name} = {value} * (1.0 / ({counter} - {self.choices.below(4)}))")
        elif kind == 1:
            self.put(f"{name} = [{value}, 0.5, x][{counter}]")
        elif kind == 2:
            self.put(f'{name} = {{"a": 1.5, 1: {value}, 2: x}}[{counter}]')
        elif kind == 3:
            self.put(f"{name} = failing({value}, {counter})")
        elif kind == 4:
            self.put(f"{name} = {value}")
            self.put(f"{pick(self.arrays)}[{counter} + 1] {pick(['=', '+='])} {self.scalar(1)}")
        elif kind == 5:
            self.put(f"if {self.condition()}:")
            self.put(f"    raise {pick(['ValueError', 'KeyError', 'IndexError'])}({pick(['n', repr('bad')])})")
            return None
        else:
            self.put(f"{name} = {pick(self.arrays)}[{counter} + 1] * {value}")
        self.scalars += [name] * (name not in self.scalars)
        return None

    def loop(self) -> None:
        if self.loops > 1:
            return self.assign()
        counter = f"i{next(self.names)}"
        kind = self.choices.below(4)
        head = {
            0: f"for {counter} in range(n):",
            1: f"for {counter} in range(3):",
            2: f"for {counter} in range(2, 0, -1):",
        }
        if kind == 3:
            value = f"e{counter}"
            self.put(f"for {counter}, {value} in enumerate({self.choices.pick(self.arrays)}):")
            return self.body([counter], [value])
        self.put(head[kind])
        return self.body([counter], [])

    def body(self, counters: list[str], scalars: list[str]) -> None:
        before = list(self.counters), list(self.scalars)
        self.counters, self.scalars = before[0] + counters, before[1] + scalars
        self.loops += 1
        self.block()
        self.loops -= 1
        self.counters, self.scalars = before

    def repeat(self) -> None:
        if self.loops > 1:
            return self.augment()
        counter = f"k{next(self.names)}"
        self.put(f"{counter} = 0")
        self.put(f"while {counter} < 3 and {self.condition()}:")
        self.put(f"    {counter} += 1")
        return self.body([counter], [])

    def text(self) -> str:
        for _ in range(3 + self.choices.below(6)):
            self.statement()
        ends = [*dict.fromkeys(a for a in self.arrays), *self.lists, *self.rows, *self.matrices]
        total = " + ".join([*(s for s in [*self.scalars[:3], *self.scalars[-2:]]), *(_total(e) for e in ends[-6:])])
        self.put(f"return {total}")
        return HELPERS.lstrip() + "def program(x, u, n):\n" + "\n".join(self.lines) + "\n"


def _total(name: str) -> str:
    forms = {
        "l": "np.sum({0}[-1] * {0}[0])",
        "r": "sum({0}) * {0}[0]",
        "m": "np.sum(np.sin({0}) * np.array([1.0, 2.0, 3.0]) @ {0})",
    }
    return forms.get(name[0], "np.sum(np.sin({0}) * np.array([1.0, 2.0, 3.0]))").format(name)


def write(choices: Choices) -> str:
    """The text of a random module with a function ``program(x, u, n)``."""
    text = Writer(choices).text()
    return renamed(text, choices) if choices.below(3) == 2 else text


# Names that generated code likes for its own variables, and names that mean something else elsewhere.
TAKEN = (
    *("t", "t_1", "t_2", "steps", "stop", "skip", "result", "result_bar", "saved", "i", "k", "count", "closure", "at"),
    *("x_bar", "u_bar", "x_dot", "u_dot", "t_bar", "t_saved", "x_saved", "u_saved", "x_1", "u_1", "u_bar_1", "value"),
    *("reversed", "zip", "float", "min", "slice", "abs", "accumulate", "unbroadcast", "zeros_like", "match", "sum_to"),
    *("program_forward", "program_grad", "scale_backward", "scale_saved", "rebuild", "setitem", "math", "np_array"),
)


def renamed(text: str, choices: Choices) -> str:
    """The program with other names of its local variables."""
    helpers, head, body = text.partition("def program(")
    own = sorted(set(re.findall(r"\b[a-z]{1,2}\d+\b", body)))
    free = [name for name in TAKEN if not re.search(rf"\b{name}\b", text)]
    names = {}
    for name in own:
        if free and choices.below(2) == 1:
            names[name] = free.pop(choices.below(len(free)))
    return helpers + head + re.sub(r"\b[a-z]{1,2}\d+\b", lambda m: names.get(m[0], m[0]), body)


_numbers = itertools.count()


def load(text: str) -> Callable[..., Any]:
    """The function ``program`` of a text, with its lines where Python and s2sad look for them."""
    name = f"<random program {next(_numbers)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"np": np, "__name__": "random_program"}
    exec(compile(text, name, "exec"), namespace)
    return namespace["program"]


class Hang(BaseException):
    """The compiler took too long."""


@contextlib.contextmanager
def limited(seconds: int) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


ARGUMENTS = [  # far from where sums of a few of them coincide
    (0.7071, np.array([0.3517, -0.6139, 0.9043]), 2),
    (-0.4531, np.array([0.8117, 0.2579, -0.5503]), 3),
    (0.3307, np.array([-0.2161, 0.6029, 1.2173]), 0),
]


def smooth(program: Program, args: tuple[Any, ...]) -> bool:
    """Whether differences can be trusted there."""
    if not np.isfinite(program.primal(args)) or abs(program.primal(args)) > 1e4:
        return False
    for direction in directions(program.selected(args)):
        coarse, fine = (differences(program, args, direction, step) for step in (4e-5, 1e-5))
        if not np.isfinite(fine) or abs(fine) > 1e5 or abs(coarse - fine) > 1e-7 * (1 + abs(fine)):
            return False
    return True


def verdict(text: str) -> tuple[str, str]:
    """``right``, ``refused``, ``wrong``, ``crashed``, ``hangs`` or ``skipped``, and why."""
    function = load(text)
    program = Program(function, copy.deepcopy(ARGUMENTS), argnums=(0, 1), tolerance=1e-6)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            points = [args for args in program.args if smooth(program, args)]
        except (ValueError, TypeError, LookupError, NameError, AttributeError, ArithmeticError) as error:
            return "skipped", f"{type(error).__name__}: {error}"
        if not points:
            return "skipped", "not smooth"
        program = dataclasses.replace(program, args=points)
        try:
            with limited(SECONDS):
                check(program)
                check(dataclasses.replace(program, vjp=True))
                check_forward(program)
        except Hang:
            return "hangs", ""
        except s2sad.UnsupportedError as error:
            return "refused", str(error)
        except AssertionError as error:
            return "wrong" if str(error) else "crashed", str(error)
        except Exception as error:
            return "crashed", f"{type(error).__name__}: {error}"
    return "right", ""


def main(count: int, seed: int) -> int:
    found: collections.Counter[str] = collections.Counter()
    reasons: collections.Counter[str] = collections.Counter()
    for k in range(seed, seed + count):
        text = write(Choices(random.Random(k).randrange))
        kind, why = verdict(text)
        found[kind] += 1
        if kind == "refused":
            reasons[" ".join(w for w in why.split("(")[0].split() if len(w) > 3)[:60]] += 1
        if kind in ("wrong", "crashed", "hangs"):
            body = text[len(HELPERS.lstrip()) :]
            print(f"--- {k}: {kind}: {why[:300]}\n{body}")
    tried = sum(found.values()) - found["skipped"]
    print(dict(found), f"refused {found['refused'] / max(tried, 1):.0%} of {tried}")
    for reason, times in reasons.most_common(8):
        print(f"  {times:4} {reason}")
    return sum(found[k] for k in ("wrong", "crashed", "hangs"))


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0), 1))
