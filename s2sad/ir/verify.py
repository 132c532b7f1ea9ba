"""Whether a Function is what ``core`` says a function is.

In: a function at any stage.  Out: nothing, or an AssertionError with the reason and the text of the function.
"""

from __future__ import annotations

from .core import Block, Const, Function, Op, Operand, Value
from .text import text


def verify(function: Function) -> None:
    """Check a function and those it refers to."""
    functions, seen = [function], {id(function)}
    for f in functions:  # grows while it is walked
        try:
            refers_to = _Checker().function(f)
        except _Invalid as error:
            raise AssertionError(f"{f.name}: {error}\n{text(f)}") from None
        for g in refers_to:
            if id(g) not in seen:
                seen.add(id(g))
                functions.append(g)


class _Invalid(Exception):
    pass


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise _Invalid(message)


class _Checker:
    def __init__(self) -> None:
        self.defined: set[int] = set()  # everywhere
        self.visible: set[int] = set()  # here
        self.refers_to: list[Function] = []

    def function(self, f: Function) -> list[Function]:
        self.block(f.body)
        if f.signature:
            _need(len(f.params) == len(f.captured) + len(f.signature), "parameters and signature differ in number")
            own = {id(p) for p in f.params[: len(f.captured)]}
            for p in f.signature:
                ok = p.default is None or isinstance(p.default, Const) or id(p.default) in own
                _need(ok, f"the default of {p.name} is not a captured value")
        else:
            _need(len(f.captured) <= len(f.params), "more captured names than parameters")
        return self.refers_to

    def define(self, value: Value, what: str) -> None:
        _need(isinstance(value, Value), f"{what} {value!r} is not a Value")
        _need(id(value) not in self.defined, f"{value!r} is defined twice")
        self.defined.add(id(value))
        self.visible.add(id(value))

    def use(self, operand: Operand, where: object) -> None:
        _need(isinstance(operand, (Value, Const)), f"{operand!r} in {where!r} is not an operand")
        _need(isinstance(operand, Const) or id(operand) in self.visible, f"{operand!r} is not visible in {where!r}")

    def block(self, block: Block) -> None:
        outside = set(self.visible)
        for p in block.params:
            self.define(p, "parameter")
        for k, op in enumerate(block.ops):
            for operand in op.operands():
                self.use(operand, op)
            self.op(op)
            _need(op.prim != "raise" or k == len(block.ops) - 1, "a raise is not the last op of its block")
            for out in op.outs:
                self.define(out, "result")
        for operand in block.results:
            self.use(operand, "results")
        self.visible = outside

    def op(self, op: Op) -> None:
        if not isinstance(op.prim, str):
            _need(callable(op.prim), f"{op.prim!r} can't be called")
            _need(not op.blocks, f"{op!r} has blocks")
            return
        check = getattr(self, f"op_{op.prim}", None)
        if check is None:
            raise _Invalid(f"{op.prim!r} is no op")
        for block in op.blocks:
            self.block(block)
        check(op)

    def counts(self, op: Op, **expected: int) -> None:
        for what, count in expected.items():
            found = len(getattr(op, what))
            _need(found == count, f"{op!r} has {found} {what}, not {count}")

    def op_if(self, op: Op) -> None:
        self.counts(op, args=1, blocks=2, params=0)
        for block in op.blocks:
            _need(not block.params, f"a branch of {op!r} has parameters")
            _need(len(block.results) == len(op.outs), f"a branch of {op!r} has {len(block.results)} results")

    def op_for(self, op: Op) -> None:
        _need("iter" in op.attrs, f"{op!r} has no iter")
        it = op.attrs["iter"]
        carried = len(op.args) - it.operands()
        _need(carried >= 0, f"{op!r} has too few operands")
        self.counts(op, blocks=1, params=0)
        self.turns(op, op.blocks[0], it.leaves(), carried)

    def op_while(self, op: Op) -> None:
        self.counts(op, blocks=2, params=0)
        condition, body = op.blocks
        _need(len(condition.params) == len(op.args), f"the condition of {op!r} has {len(condition.params)} parameters")
        _need(len(condition.results) == 1, f"the condition of {op!r} has {len(condition.results)} results")
        self.turns(op, body, 0, len(op.args))

    def turns(self, op: Op, body: Block, elements: int, carried: int) -> None:
        """The counts of a loop's body."""
        stop = bool(op.attrs.get("stops"))
        _need(len(body.params) == elements + carried, f"the body of {op!r} has {len(body.params)} parameters")
        _need(len(body.results) == stop + carried, f"the body of {op!r} has {len(body.results)} results")
        self.counts(op, outs=stop + carried)

    def op_with(self, op: Op) -> None:
        self.counts(op, args=1, blocks=1, params=0)
        (body,) = op.blocks
        _need(len(body.params) <= 1, f"the body of {op!r} has {len(body.params)} parameters")
        _need(len(body.results) == len(op.outs), f"the body of {op!r} has {len(body.results)} results")

    def op_try(self, op: Op) -> None:
        self.counts(op, params=0)
        _need(len(op.blocks) == len(op.args) + 1 > 1, f"{op!r} has {len(op.blocks)} blocks")
        _need(not op.blocks[0].params, f"the body of {op!r} has parameters")
        for block in op.blocks:
            _need(len(block.results) == len(op.outs) > 0, f"a block of {op!r} has {len(block.results)} results")
        for handler in op.blocks[1:]:
            _need(len(handler.params) <= 1 and not handler.ops, f"a handler of {op!r} does something")

    def op_call(self, op: Op) -> None:
        _need(not op.blocks, f"{op!r} has blocks")
        function = op.attrs.get("function")
        if function is None:
            self.counts(op, outs=1)
            _need(len(op.args) >= 1, f"{op!r} has no callee")
            _need(all(0 < k < len(op.args) for k in op.attrs.get("stars", ())), f"{op!r}: stars out of range")
        else:
            self.counts(op, args=len(function.params), outs=len(function.results), params=0)
            self.refers_to.append(function)

    def op_raise(self, op: Op) -> None:
        _need(len(op.args) in (1, 2), f"{op!r} has {len(op.args)} operands")
        self.counts(op, outs=0, blocks=0, params=0)

    def op_global(self, op: Op) -> None:
        _need(isinstance(op.attrs.get("name"), str), f"{op!r} has no name")
        self.counts(op, args=0, outs=1, blocks=0, params=0)

    op_cell = op_global

    def op_closure(self, op: Op) -> None:
        function = op.attrs.get("function")
        if not isinstance(function, Function):
            raise _Invalid(f"{op!r} has no function")
        self.counts(op, args=len(function.captured), outs=1, blocks=0, params=0)
        self.refers_to.append(function)
