"""Lowering random control flow: every program gives what Python gives, with effects in the same order."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s2sad.frontend.lower import lower
from s2sad.ir.run import run
from s2sad.ir.text import text
from s2sad.ir.verify import verify
from s2sad.source import find

NAMES = ("a", "b", "c", "d")  # d has no value at first


class Programs:
    """Draws the text of a function ``f(a, b, log)``."""

    def __init__(self, draw):
        self.draw = draw
        self.counters = itertools.count()
        self.budget = 25

    def pick(self, *options):
        return self.draw(st.sampled_from(options))

    def expression(self):
        x, y = self.pick(*NAMES), self.pick(*NAMES)
        return self.pick(
            f"{x} + {y}", f"{x} - 1", f"{x} * 2 % 7", str(self.pick(0, 1, 2)), f"({x} + 1 if {y} > 1 else {y} - 1)",
            f"note(log, {x} + 0)", f"({x} and {y}) + 1",
        )  # fmt: skip

    def condition(self):
        x, y = self.pick(*NAMES), self.pick(*NAMES)
        return self.pick(
            f"{x} > {y}", f"{x} % 2", f"0 < {x} <= {y}", f"{x} or {y} < 2", f"note(log, {x} > 1) and not {y} == 2",
            f"({x} := {y} + 1) > 2", f"{x} < 2 and ({y} := {x} + 0)", "True",
        )  # fmt: skip

    def block(self, depth, loop):
        lines = []
        for _ in range(self.pick(1, 2, 3)):
            if self.budget > 0:
                self.budget -= 1
                lines += self.statement(depth, loop)
        return ["    " + line for line in lines or ["pass"]]

    def statement(self, depth, loop):
        kinds = ["assign", "assign", "augment", "swap", "log", "return", "del"]
        if loop:
            kinds += ["break", "continue"] * 2
        if depth < 4:
            kinds += ["if", "if", "for", "while", "with", "if jump"] * 2
        kind = self.pick(*kinds)
        name = self.pick(*NAMES)
        if kind == "assign":
            return [f"{name} = {self.expression()}"]
        if kind == "augment":
            return [f"{name} += {self.expression()}"]
        if kind == "swap":
            return [f"{name}, {self.pick(*NAMES)} = {self.expression()}, {self.expression()}"]
        if kind == "log":
            return [f"log.append({self.expression()})"]
        if kind == "return":
            return [f"return {self.expression()}"]
        if kind == "del":
            # A del of a variable that may have no value is not noticed when it has none.
            return [f"{name} = {self.expression()}", f"del {name}"]
        if kind in ("break", "continue"):
            return [kind]
        if kind == "if jump":
            jump = self.pick("return log", *(["break", "continue"] * bool(loop)))
            return [f"if {self.condition()}:", f"    {jump}"]
        if kind == "if":
            lines = [f"if {self.condition()}:", *self.block(depth + 1, loop)]
            if self.pick(True, False):
                lines += [f"elif {self.condition()}:", *self.block(depth + 1, loop)]
            if self.pick(True, False):
                lines += ["else:", *self.block(depth + 1, loop)]
            return lines
        if kind == "with":
            return [f"with manager(log) as {name}:", *self.block(depth + 1, loop)]
        if kind == "for":
            lines = [f"for {name} in range({self.pick(0, 2, 3)}):", *self.block(depth + 1, True)]
            before = []
        else:
            k = f"k{next(self.counters)}"
            limit = f"{k} < {self.pick(0, 2, 3)}"
            condition = self.pick(limit, f"{limit} and ({self.condition()})", "True")
            step = [f"    {k} += 1"] if condition != "True" else [f"    {k} += 1", f"    if {k} > 3:", "        break"]
            lines = [f"while {condition}:", *step, *self.block(depth + 1, True)]
            before = [f"{k} = 0"]
        if self.pick(True, False):
            lines += ["else:", *self.block(depth + 1, loop)]
        return before + lines


@st.composite
def programs(draw):
    maker = Programs(draw)
    lines = ["c = a + 1", *(line[4:] for line in maker.block(0, False)), *(line[4:] for line in maker.block(0, False))]
    return "def f(a, b, log):\n" + "".join(f"    {line}\n" for line in [*lines, "return a, b, c, log"])


def note(log, value):
    log.append(("noted", value))
    return value


class manager:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        self.log.append("enter")
        return len(self.log) % 4

    def __exit__(self, *error):
        self.log.append(("exit", error[0] is None))


def outcome(call, a, b):
    log = []
    try:
        return call(a, b, log), log
    except NameError:
        # A variable without a value is noticed by the operation that uses it, after its other operands.
        return NameError


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_random_programs(source):
    namespace = {"note": note, "range": range, "manager": manager}
    exec(compile(source, "<random>", "exec"), namespace)
    fun = namespace["f"]
    lowered = lower(find(fun, source))
    verify(lowered)

    def look_up(name):
        if name not in namespace:
            raise NameError(name)
        return namespace[name]

    for a, b in [(0, 1), (1, 0), (3, 2)]:
        expected = outcome(fun, a, b)
        found = outcome(lambda *args: run(lowered, args, look_up), a, b)
        assert found == expected, source + text(lowered)
