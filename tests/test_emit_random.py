"""Random programs of updates, views, lists, loops and branches: what is emitted gives what the IR means."""

import operator
import random

import numpy as np
import pytest
from emit_helpers import VECTOR, Builder, run, unchanged

from s2sad import runtime
from s2sad.codegen.emit import emit
from s2sad.codegen.load import load
from s2sad.ir import prims
from s2sad.ir import types as T
from s2sad.ir.core import Op, Value

N = 4
LISTS = T.list_of(VECTOR)
PAIR = T.tuple_of((VECTOR, VECTOR))
HINTS = [None, None, "a", "b", "c", "a_bar", "t"]
OFFSETS = {"full": (None, None), "back": (None, None, -1)}


def keep(x):
    """A function that s2sad knows nothing of."""
    return x


class Program:
    """Grows a random program; ``scope`` has the values that may be used."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.helpers = []

    def pick(self, scope, type_):
        found = [v for v in scope if v.type == type_]
        return self.rng.choice(found) if found else None

    def hint(self):
        return self.rng.choice(HINTS)

    def statement(self, b, scope, depth):
        rng = self.rng
        kind = rng.choice(
            ["fresh", "view", "set", "set", "add", "clear", "accumulate", "iop", "push", "pop", "pair", "take",
             "number", "read", "if", "for", "for", "while", "break", "copy", "unknown", "row", "call", "drop", "ravel"]
        )  # fmt: skip
        array, number, items = self.pick(scope, VECTOR), self.pick(scope, T.FLOAT), self.pick(scope, LISTS)
        other = self.pick(scope, VECTOR)
        if kind == "fresh":
            scope.append(
                b.op(rng.choice([operator.add, np.maximum]), array, rng.choice([other, number]), hint=self.hint())
            )
        elif kind == "view":
            scope.append(b.item(array, OFFSETS[rng.choice(list(OFFSETS))], hint=self.hint()))
        elif kind == "ravel":
            scope.append(b.op(rng.choice([np.ravel, np.transpose, np.asarray]), array, hint=self.hint()))
        elif kind == "set":
            where = rng.choice([0, 1, (1, 3)])
            value = (
                rng.choice([number, b.item(other, 1, type=T.FLOAT)])
                if isinstance(where, int)
                else b.item(other, (None, 2))
            )
            new = b.set(array, value, where, hint=rng.choice([array.hint, self.hint()]))
            scope.append(new)
            if rng.random() < 0.6 and array in scope:
                scope.remove(array)
        elif kind == "add":
            new = b.op(runtime.index_add, array, b.index((1, None)), b.item(other, (None, 3)), hint=array.hint)
            scope.append(new)
            if rng.random() < 0.7:
                scope.remove(array)
        elif kind == "clear":
            scope.append(b.op(runtime.clear_item, array, b.index((None, 2)), hint=array.hint))
            if rng.random() < 0.7:
                scope.remove(array)
        elif kind == "accumulate":
            scope.append(b.op(runtime.accumulate, array, other, hint=rng.choice([array.hint, self.hint()])))
            if rng.random() < 0.5:
                scope.remove(array)
        elif kind == "iop":
            scope.append(
                b.op(rng.choice([operator.iadd, operator.isub]), array, rng.choice([other, number]), hint=array.hint)
            )
            if rng.random() < 0.7:
                scope.remove(array)
        elif kind == "push" and items is not None:
            scope.append(b.push(items, array))
            if rng.random() < 0.7:
                scope.remove(items)
        elif kind == "pop" and items is not None:
            items = b.push(items, array)
            element, rest = b.pop(items, hint=self.hint())
            scope += [element, rest]
        elif kind == "pair":
            scope.append(b.op(prims.make_tuple, array, other, type=PAIR, hint=rng.choice([None, "pair"])))
        elif kind == "take":
            pair = self.pick(scope, PAIR)
            if pair is not None:
                scope.append(b.op(operator.getitem, pair, rng.choice([0, 1]), hint=self.hint()))
        elif kind == "number":
            scope.append(b.op(operator.mul, number, 0.5, type=T.FLOAT, hint=self.hint()))
        elif kind == "read":
            scope.append(b.item(array, rng.randrange(N), type=T.FLOAT, hint=self.hint()))
        elif kind == "row" and items is not None:
            items = b.push(items, array)
            scope.append(b.op(operator.getitem, items, -1, hint=self.hint()))
            scope.append(items)
        elif kind == "copy":
            scope.append(b.op(prims.copy, array, hint=array.hint))
        elif kind == "unknown":
            scope.append(b.op(keep, array, hint=self.hint()))
        elif kind == "call" and self.helpers:
            f = rng.choice(self.helpers)
            outs = [Value(self.hint(), VECTOR) for _ in f.results]
            b.add(Op("call", [array, other], outs=outs, attrs={"function": f}))
            scope += outs
        elif kind == "drop" and len([v for v in scope if v.type == VECTOR]) > 2:
            scope.remove(array)
        elif kind == "if" and depth:
            self.branch(b, scope, depth)
        elif kind in ("for", "while", "break") and depth:
            self.loop(b, scope, depth, kind)

    def carried(self, scope):
        chosen = [v for v in scope if v.type in (VECTOR, LISTS, T.FLOAT)]
        chosen = self.rng.sample(chosen, self.rng.randint(1, min(4, len(chosen))))
        return chosen

    def results(self, scope, like):
        return [self.pick(scope, v.type) for v in like]

    def branch(self, b, scope, depth):
        like = self.carried(scope)
        condition = b.op(operator.lt, self.pick(scope, T.FLOAT), 0.3, type=T.BOOL)

        def make(inner):
            inside = list(scope)
            self.statements(inner, inside, self.rng.randint(0, 3), depth - 1)
            return self.results(inside, like)

        scope += b.if_(condition, make, make, [(self.rng.choice([v.hint, self.hint()]), v.type) for v in like])

    def loop(self, b, scope, depth, kind):
        like = self.carried(scope)

        def make(inner, *values):
            inside = [*scope, *(v for v in values if v.type != T.INT)]
            self.statements(inner, inside, self.rng.randint(1, 4), depth - 1)
            results = self.results(inside, like)
            if kind != "break":
                return results
            condition = inner.op(operator.lt, self.pick(inside, T.FLOAT), 0.2, type=T.BOOL)
            if self.rng.random() < 0.3:
                return [condition, *results]
            outs = [(None, T.BOOL), *((self.hint(), v.type) for v in like)]
            stop, go = ((lambda _, s=s: [s, *self.results(inside, like)]) for s in (True, False))
            return inner.if_(condition, stop, go, outs)

        if kind == "while":
            count = b.op(int, 0, type=T.INT, hint="k")

            def body(inner, *values):
                *values, k = values
                return [*make(inner, *values), inner.op(operator.add, k, 1, type=T.INT, hint="k")]

            def condition(inner, *values):
                return [inner.op(operator.lt, values[-1], self.rng.randint(0, 3), type=T.BOOL)]

            outs = b.while_([*like, count], condition, body)[:-1]
        else:
            outs = b.for_([self.rng.randint(0, 3)], like, make, stops=kind == "break", reverse=self.rng.random() < 0.3)
        scope += outs[1:] if kind == "break" else outs

    def statements(self, b, scope, count, depth):
        for _ in range(count):
            self.statement(b, scope, depth)

    def function(self, name, size, results):
        x, y = Value("x", VECTOR), Value("y", VECTOR)
        b = Builder(x, y, name=name)
        scope = [x, y, b.item(x, 0, type=T.FLOAT, hint="s"), b.op(prims.make_list, type=LISTS, hint="saved")]
        self.statements(b, scope, size, 3)
        arrays = [
            v for v in scope if v.type in (VECTOR, T.FLOAT, LISTS, PAIR) and (results is None or v.type == VECTOR)
        ]
        return b.function(*self.rng.sample(arrays, min(len(arrays), results or 4)))


def program(seed):
    p = Program(seed)
    p.helpers = [p.function("helper", 3, 2) for _ in range(seed % 2)]
    return p.function("f", 3 + seed % 12, None)


@pytest.mark.parametrize("block", range(10))
def test_random_programs(block):
    for seed in range(block * 40, block * 40 + 40):
        f = program(seed)
        emitted = emit(f, name="g")
        try:
            g = load(emitted.text, emitted.namespace, "<random>")["g"]
            for k in range(3):
                args = np.random.default_rng(k).normal(size=(2, N))
                expected = run(f, *args)
                with unchanged(*args):
                    got = g(*args)
                np.testing.assert_equal(got if len(expected) > 1 else (got,), expected)
        except Exception as error:
            raise AssertionError(f"seed {seed}\n{emitted.text}") from error
