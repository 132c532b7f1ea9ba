"""Drop what nothing needs: ops, loop-carried values, whole loops.

    x_bar, n_bar = for ...: ..., n_bar + 1        ->   x_bar = for ...: ...        (nobody reads n_bar)

Needed are the results, the effects, and what those read.  A backward loop may read values of the forward loop.
"""

from __future__ import annotations

import operator
from types import FunctionType
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value
from ..rules.table import rule_for
from .effects import all_ops, functions_in

_ALWAYS = {prims.check_length, runtime.check_index, runtime.check_number, runtime.check_real, print, prims.call_dynamic,
           runtime.dynamic_vjp}  # fmt: skip


def has_effect(op: Op) -> bool:
    """Whether an op must happen although nobody reads its result."""
    if op.prim == "raise" or op.attrs.get("opaque") or op.attrs.get("raises"):
        return True
    if op.prim == "call":
        return _has_effect(op.attrs["function"])
    if isinstance(op.prim, str):
        return False
    try:
        if op.prim in _ALWAYS:
            return True
    except TypeError:
        return True
    rule = rule_for(op.prim)
    if rule is not None:
        # a factorisation that nobody reads may be there to raise
        return rule.effect or (
            not op.attrs.get("backward") and getattr(op.prim, "__module__", "") == np.linalg.inv.__module__
        )
    return False


def _has_effect(function: Function) -> bool:
    """Whether an op of a function, or of one that it calls, has an effect.

    The answer is kept, so that a deep graph of calls is walked once; but not while a recursive one among them is still
    being made, and has no body yet.
    """
    reached = {function}
    queue = [function]
    found, finished = False, True
    while queue and not found:
        f = queue.pop()
        if f.effect is not None:
            found = f.effect
            continue
        finished = finished and bool(f.body.ops or f.results)
        for op in all_ops(f.body):
            if op.prim != "call":
                found = found or has_effect(op)
            elif op.attrs["function"] not in reached:
                reached.add(op.attrs["function"])
                queue.append(op.attrs["function"])
    if found or finished:
        function.effect = found
    return found


def once_only(function: Function) -> list[tuple[Any, str]]:
    """Place and name of every call in a function, and in what it calls, that must not happen a second time."""
    found = []
    for op in callees_ops(function):
        rule = None if isinstance(op.prim, str) else rule_for(op.prim)
        unknown = (op.attrs.get("opaque") and not is_error(op.prim)) or op.prim in (
            print,
            prims.call_dynamic,
            runtime.dynamic_vjp,
        )
        if unknown or (rule is not None and rule.effect):
            found.append((op.span, str(op.attrs.get("path") or getattr(op.prim, "__name__", op.prim))))
    return found


def is_error(prim: Any) -> bool:
    """Whether it makes an exception, in the way that Python's own are made: nobody can tell whether one was."""
    own = isinstance(prim, type) and issubclass(prim, BaseException)
    return own and not any(isinstance(getattr(prim, name), FunctionType) for name in ("__new__", "__init__"))


def callees_ops(function: Function) -> list[Op]:
    """The ops of a function and of all that it calls, calls themselves left out."""
    return [op for f in functions_in(function) for op in all_ops(f.body) if op.prim != "call"]


def replace(ops: list[Op], env: dict[Value, Operand]) -> None:
    """Let ops, and what is inside of them, read other operands."""
    for op in ops:
        op.args = [env.get(a, a) if isinstance(a, Value) else a for a in op.args]
        op.params = {k: env.get(v, v) if isinstance(v, Value) else v for k, v in op.params.items()}
        for inner in op.blocks:
            replace(inner.ops, env)
            inner.results = [env.get(r, r) if isinstance(r, Value) else r for r in inner.results]


def ask_parameters(function: Function) -> Function:
    """The backward part asks parameters for the shape of what certainly is as large: they are there anyway.

    Those whose name the program gives to something else are left alone.  In place; the function, which is a whole
    program, is returned.
    """
    ops = list(all_ops(function.body))
    names = {v.hint for op in ops for v in (*op.outs, *(p for b in op.blocks for p in b.params))}
    kept = [p for p in reversed(function.params) if p.hint not in names]
    alike = {sizes: p for p in kept if (sizes := _sizes(p)) is not None}
    known: dict[Value, Operand] = {}
    for op in ops:
        if op.prim is np.shape and isinstance(op.args[0], Value) and op.attrs.get("backward"):
            sizes = _sizes(op.args[0])
            if sizes in alike:
                op.args = [alike[sizes]]
            if sizes is not None and all(type(n) is int for n in sizes):
                known[op.outs[0]] = Const(sizes)
        read = op.args[0] if op.prim is operator.getitem else None
        shape = known.get(read) if isinstance(read, Value) else None
        if isinstance(shape, Const) and isinstance(op.args[1], Const) and isinstance(op.args[1].value, int):
            known[op.outs[0]] = Const(shape.value[op.args[1].value])
    if known:
        replace(function.body.ops, known)
    return function


def _sizes(x: Value) -> tuple[Any, ...] | None:
    return tuple([d.key for d in x.type.dims]) if x.type.kind == "array" and x.type.dims else None


def simplify(function: Function) -> Function:
    """Remove what is not needed, in place; the function is returned."""
    marks = _Marks()
    marks.enter(function.body, None)
    for r in function.results:
        marks.need(r)
    for op in all_ops(function.body):
        if has_effect(op):
            marks.need_op(op)
    marks.run()
    _sweep(function.body, marks)
    return function


class _Marks:
    """Which values and ops are needed."""

    def __init__(self) -> None:
        self.owner: dict[Value, tuple[Op, str, int]] = {}
        self.parent: dict[Op, Op | None] = {}
        self.values: set[Value] = set()
        self.ops: set[Op] = set()
        self.queue: list[Value] = []
        self.found: dict[Operand, list[Op]] = {}  # the unknown of an equation -> what says that it is solved

    def enter(self, block: Block, parent: Op | None) -> None:
        for op in block.ops:
            self.parent[op] = parent
            if op.prim is runtime.found:
                self.found.setdefault(op.args[3], []).append(op)
            for k, out in enumerate(op.outs):
                self.owner[out] = (op, "out", k)
            for inner in op.blocks:
                for k, p in enumerate(reversed(inner.params)):
                    self.owner[p] = (op, "param", k)
                self.enter(inner, op)

    def need(self, x: Operand) -> None:
        if isinstance(x, Value) and x not in self.values:
            self.values.add(x)
            self.queue.append(x)

    def need_op(self, op: Op) -> None:
        if op in self.ops:
            return
        self.ops.add(op)
        parent = self.parent[op]
        if parent is not None:
            self.need_op(parent)
        if not op.blocks:
            for x in op.operands():
                self.need(x)
            if op.prim is runtime.as_root:  # which moves as the equation says
                for made in self.found.get(op.out, ())[:1]:
                    self.need_op(made)
        elif op.prim in ("for", "while"):
            stops = bool(op.attrs.get("stops"))
            count = len(op.blocks[-1].results) - stops
            for x in op.args[: len(op.args) - count]:
                self.need(x)
            if stops:
                self.need(op.blocks[-1].results[0])
            if op.prim == "while":
                self.need(op.blocks[0].results[0])
        else:
            self.need(op.args[0])  # of a `try`, constants

    def run(self) -> None:
        while self.queue:
            value = self.queue.pop()
            found = self.owner.get(value)
            if found is None:
                continue
            op, role, k = found
            self.need_op(op)
            if not op.blocks:
                continue
            if op.prim in ("for", "while"):
                self.column(op, len(op.outs) - 1 - k if role == "out" else k)
            elif role == "out":
                for inner in op.blocks:
                    if k < len(inner.results):
                        self.need(inner.results[k])

    def column(self, op: Op, k: int) -> None:
        """A loop's carried value, counted from the end."""
        body = op.blocks[-1]
        if k < len(body.results) - bool(op.attrs.get("stops")):
            self.need(body.results[-1 - k])
            self.need(op.args[-1 - k])


def _sweep(block: Block, marks: _Marks) -> None:
    block.ops = [op for op in block.ops if op in marks.ops]
    for op in block.ops:
        if op.prim in ("for", "while"):
            _sweep_loop(op, marks)
        elif op.blocks:
            kept = [k for k, out in enumerate(op.outs) if out in marks.values or (op.prim == "try" and k == 0)]
            for inner in op.blocks:
                inner.results = [inner.results[k] for k in kept if k < len(inner.results)]
            op.outs = [op.outs[k] for k in kept]
        for inner in op.blocks:
            _sweep(inner, marks)


def _sweep_loop(op: Op, marks: _Marks) -> None:
    body = op.blocks[-1]
    stops = bool(op.attrs.get("stops"))
    count = len(body.results) - stops
    first_arg, first_param = len(op.args) - count, len(body.params) - count
    params: list[Any] = [[b.params[len(b.params) - count + k] for b in op.blocks] for k in range(count)]
    kept = [
        k for k in range(count)
        if op.outs[k + stops] in marks.values or any(p in marks.values for p in params[k])
    ]  # fmt: skip
    op.outs = op.outs[:stops] + [op.outs[k + stops] for k in kept]
    op.args = op.args[:first_arg] + [op.args[first_arg + k] for k in kept]
    body.results = body.results[:stops] + [body.results[k + stops] for k in kept]
    for b in op.blocks:
        own = first_param if b is body else 0
        b.params = b.params[:own] + [b.params[own + k] for k in kept]
