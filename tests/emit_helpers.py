"""A small builder of IR, and an interpreter that knows nothing of memory: every update gives a new object."""

from __future__ import annotations

import contextlib
import copy
import operator

import numpy as np

from s2sad import runtime
from s2sad.ir import prims
from s2sad.ir import types as T
from s2sad.ir.core import Block, Const, Function, Iter, Op, Value

VECTOR = T.array("f8", (T.fresh_dim(False),))
MATRIX = T.array("f8", (T.fresh_dim(False), T.fresh_dim(False)))
LIST = T.list_of(T.FLOAT)
IN_PLACE = {getattr(operator, f"i{n}") for n in ("add", "sub", "mul", "truediv", "pow", "matmul")}


class Builder:
    def __init__(self, *params, name="f"):
        self.block = Block(list(params))
        self.name = name
        self.span = None
        self.attrs = {}

    def op(self, prim, *args, hint=None, type=VECTOR, **params):
        out = Value(hint, type)
        return self.add(Op(prim, list(map(operand, args)), {k: operand(v) for k, v in params.items()}, [out])).out

    def add(self, op):
        op.span = op.span or self.span
        op.attrs = {**self.attrs, **op.attrs}
        self.block.ops.append(op)
        return op

    def item(self, a, *index, type=VECTOR, hint=None):
        return self.op(operator.getitem, a, self.index(*index), type=type, hint=hint)

    def set(self, a, value, *index, hint=None):
        hint = hint or (a.hint if isinstance(a, Value) else None)
        return self.op(runtime.setitem, a, self.index(*index), value, hint=hint, type=operand_type(a))

    def index(self, *parts):
        made = [self.op(slice, *p, type=T.SLICE) if isinstance(p, tuple) else operand(p) for p in parts]
        return made[0] if len(made) == 1 else self.op(prims.make_tuple, *made, type=T.tuple_of((T.SLICE,) * len(made)))

    def pop(self, items, type=VECTOR, hint=None):
        op = self.add(Op(runtime.list_pop, [items], outs=[Value(hint, type), Value(items.hint, items.type)]))
        return op.outs

    def push(self, items, v):
        return self.op(runtime.list_append, items, v, hint=items.hint, type=items.type)

    def for_(self, operands, initial, body, kind="range", elements=(("i", T.INT),), stops=False, **attrs):
        """``body(builder, *elements, *carried)`` returns the results."""
        carried = [Value(x.hint if isinstance(x, Value) else None, operand_type(x)) for x in map(operand, initial)]
        params = [Value(h, t) for h, t in elements]
        inner = Builder(*params, *carried)
        inner.span, inner.attrs = self.span, dict(self.attrs)
        inner.block.results = list(map(operand, body(inner, *params, *carried)))
        outs = [Value("stop", T.BOOL)] * stops + [Value(p.hint, p.type) for p in carried]
        shape = kind if isinstance(kind, Iter) else Iter(kind)
        attrs = {"iter": shape, "stops": stops, **attrs}
        operands = [*operands] if kind != "range" or len(operands) == 3 else [0, *operands, 1]
        op = Op("for", list(map(operand, [*operands, *initial])), outs=outs, blocks=[inner.block], attrs=attrs)
        return self.add(op).outs

    def while_(self, initial, condition, body, stops=False):
        blocks = []
        for make in (condition, body):
            carried = [Value(x.hint if isinstance(x, Value) else None, operand_type(x)) for x in map(operand, initial)]
            inner = Builder(*carried)
            inner.block.results = list(map(operand, make(inner, *carried)))
            blocks.append(inner.block)
        outs = [Value("stop", T.BOOL)] * stops + [Value(p.hint, p.type) for p in blocks[0].params]
        return self.add(Op("while", list(map(operand, initial)), outs=outs, blocks=blocks, attrs={"stops": stops})).outs

    def if_(self, condition, then, otherwise, outs):
        blocks = []
        for make in (then, otherwise):
            inner = Builder()
            inner.span, inner.attrs = self.span, dict(self.attrs)
            inner.block.results = list(map(operand, make(inner)))
            blocks.append(inner.block)
        return self.add(Op("if", [condition], outs=[Value(h, t) for h, t in outs], blocks=blocks)).outs

    def function(self, *results):
        self.block.results = list(map(operand, results))
        return Function(self.name, self.block)


def operand(x):
    return x if isinstance(x, (Value, Const)) else Const(x)


def operand_type(x):
    return x.type if isinstance(x, Value) else T.type_of(x.value if isinstance(x, Const) else x)


class Raised(Exception):
    pass


def run(function, *args):
    """The results of a function, by the definition of the ops."""
    return tuple(_block(function.body, dict(zip(function.params, args, strict=True))))


def _block(block, env):
    def read(x):
        return x.value if isinstance(x, Const) else env[x]

    for op in block.ops:
        if op.prim == "if":
            results = _block(op.blocks[0] if read(op.args[0]) else op.blocks[1], env)
        elif op.prim == "with":
            with read(op.args[0]):
                results = _block(op.blocks[0], env)
        elif op.prim in ("for", "while"):
            results = _loop(op, env, read)
        elif op.prim == "call":
            results = run(op.attrs["function"], *map(read, op.args))
        elif op.prim == "raise":
            raise read(op.args[0])
        else:
            args = [read(a) for a in op.args]
            if op.prim in IN_PLACE:
                args[0] = copy.copy(args[0])
            value = op.prim(*args, **{k: read(v) for k, v in op.params.items()})
            results = [value] if len(op.outs) == 1 and op.prim is not prims.unpack else value
        env.update(zip(op.outs, results, strict=True) if op.outs else ())
    return [read(r) for r in block.results]


def _loop(op, env, read):
    stops = op.attrs.get("stops", False)
    body = op.blocks[-1]
    first = op.attrs["iter"].operands() if op.prim == "for" else 0
    state = [read(a) for a in op.args[first:]]
    stop = False

    def steps():
        if op.prim == "for":
            elements, leaves = (
                list(_elements(op.attrs["iter"], [read(a) for a in op.args[:first]])),
                op.attrs["iter"].leaves(),
            )
            for e in reversed(elements) if op.attrs.get("reverse") else elements:
                yield e if leaves > 1 else [e]
        else:
            while True:
                env.update(zip(op.blocks[0].params, state, strict=True))
                if not _block(op.blocks[0], env)[0]:
                    return
                yield []

    for elements in steps():
        env.update(zip(body.params, [*_flat(elements), *state], strict=True))
        results = _block(body, env)
        stop, state = (results[0], results[1:]) if stops else (False, results)
        if stop:
            break
    return [stop, *state] if stops else state


def _elements(shape, operands):
    if shape.kind == "range":
        return range(*(operands.pop(0) for _ in range(3)))
    if shape.kind == "zip":
        return zip(*[_elements(p, operands) for p in shape.parts], strict=False)
    if shape.kind == "enumerate":
        start = operands.pop(0)
        return enumerate(_elements(shape.parts[0], operands), start)
    return operands.pop(0)


def _flat(x):
    for e in x:
        if isinstance(e, tuple):
            yield from _flat(e)
        else:
            yield e


def freeze(x):
    return copy.deepcopy(x)


@contextlib.contextmanager
def unchanged(*args):
    before = freeze(args)
    yield
    np.testing.assert_equal(args, before)
