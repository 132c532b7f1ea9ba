"""Run a Function: what its ops mean, in the plainest way.  The oracle for every pass.

In: a function of any stage, and the values of its parameters.  Out: its result (a tuple, where it has several).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import prims
from .core import UNDEFINED, Block, Const, Function, Iter, Op, Operand, Value

_KINDS = {
    "plain": inspect.Parameter.POSITIONAL_OR_KEYWORD,
    "positional_only": inspect.Parameter.POSITIONAL_ONLY,
    "keyword_only": inspect.Parameter.KEYWORD_ONLY,
    "args": inspect.Parameter.VAR_POSITIONAL,
    "kwargs": inspect.Parameter.VAR_KEYWORD,
}


def run(
    function: Function,
    args: Sequence[Any],
    lookup_global: Callable[[str], Any],
    lookup_cell: Callable[[str], Any] | None = None,
) -> Any:
    """Run ``function``.

    Args:
        args: a value for each of ``function.params`` (captured ones first).
        lookup_global: the value of a global or builtin name.
        lookup_cell: the value of a free variable of the outermost user's function.
    """
    return _Machine(lookup_global, lookup_cell).function(function, args)


class _Machine:
    def __init__(self, lookup_global: Callable[[str], Any], lookup_cell: Callable[[str], Any] | None):
        self.lookups = {"global": lookup_global, "cell": lookup_cell}

    def function(self, f: Function, args: Sequence[Any]) -> Any:
        frame = _Frame(self)
        results = frame.block(f.body, args)
        for operand, result in zip(f.body.results, results, strict=True):
            _defined(operand, result)
        return results[0] if len(results) == 1 else tuple(results)

    def closure(self, f: Function, captured: list[Any]) -> Callable[..., Any]:
        """A function value: called as Python calls functions."""
        values = dict(zip(f.params, captured, strict=False))
        parameters = []
        for p in f.signature:
            default = inspect.Parameter.empty if p.default is None else values[p.default]  # type: ignore[index]
            parameters.append(inspect.Parameter(p.name, _KINDS[p.kind], default=default))
        signature = inspect.Signature(parameters)

        def call(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            return self.function(f, [*captured, *bound.arguments.values()])

        call.__name__ = f.name
        return call


class _Frame:
    """One activation of a function: the values that are known so far."""

    def __init__(self, machine: _Machine):
        self.machine = machine
        self.values: dict[Value, Any] = {}

    def get(self, operand: Operand) -> Any:
        return operand.value if isinstance(operand, Const) else self.values[operand]

    def read(self, operand: Operand) -> Any:
        """The value of a variable that the program reads: it must have one."""
        return _defined(operand, self.get(operand))

    def block(self, block: Block, args: Sequence[Any] = ()) -> list[Any]:
        self.values.update(zip(block.params, args, strict=True))
        for op in block.ops:
            self.op(op)
        return [self.get(r) for r in block.results]

    def op(self, op: Op) -> None:
        if isinstance(op.prim, str):
            results = getattr(self, f"op_{op.prim}")(op)
        elif op.attrs.get("again") and any(self.get(x) is UNDEFINED.value for x in op.operands()):
            results = [UNDEFINED.value]
        else:
            args, params = self.arguments(op)
            result = op.prim(*args, **params)
            if op.prim is prims.make_tuple and op.out.type.cls is not None:
                result = op.out.type.cls(*result)
            results = [] if not op.outs else [result] if len(op.outs) == 1 else result
        self.values.update(zip(op.outs, results, strict=True))

    def arguments(self, op: Op) -> tuple[list[Any], dict[str, Any]]:
        return [self.read(a) for a in op.args], {k: self.read(v) for k, v in op.params.items()}

    def op_if(self, op: Op) -> list[Any]:
        return self.block(op.blocks[0] if self.read(op.args[0]) else op.blocks[1])

    def op_for(self, op: Op) -> list[Any]:
        it: Iter = op.attrs["iter"]
        walked = [self.read(a) for a in op.args[: it.operands()]]
        stop, carried = False, [self.get(a) for a in op.args[it.operands() :]]
        turns = walk(it, walked)
        for elements in reversed(list(turns)) if op.attrs.get("reverse") else turns:
            stop, carried = self.turn(op, op.blocks[0], [*elements, *carried])
            if stop:
                break
        return [stop, *carried] if op.attrs.get("stops") else carried

    def op_while(self, op: Op) -> list[Any]:
        condition, body = op.blocks
        stop, carried = False, [self.get(a) for a in op.args]
        while not stop and _defined(condition.results[0], self.block(condition, carried)[0]):
            stop, carried = self.turn(op, body, carried)
        return [stop, *carried] if op.attrs.get("stops") else carried

    def turn(self, op: Op, body: Block, args: list[Any]) -> tuple[bool, list[Any]]:
        """One turn of a loop: whether it was the last, and the carried values."""
        results = self.block(body, args)
        return (results[0], results[1:]) if op.attrs.get("stops") else (False, results)

    def op_with(self, op: Op) -> list[Any]:
        (body,) = op.blocks
        results = [UNDEFINED.value] * len(op.outs)  # where the manager swallows an exception
        with self.read(op.args[0]) as entered:
            results = self.block(body, [entered][: len(body.params)])
        return results

    def op_try(self, op: Op) -> list[Any]:
        body, *handlers = op.blocks
        classes = [self.read(a) for a in op.args]
        try:
            return self.block(body)
        except BaseException as error:
            for cls, handler in zip(classes, handlers, strict=True):
                if isinstance(error, cls):
                    return self.block(handler, [error][: len(handler.params)])
            raise

    def op_call(self, op: Op) -> list[Any]:
        function = op.attrs.get("function")
        if function is not None:
            result = self.machine.function(function, [self.get(a) for a in op.args])
            return [result] if len(op.outs) == 1 else list(result)
        args, params = self.arguments(op)
        params |= params.pop("**", {})
        positional: list[Any] = []
        for k, arg in enumerate(args):
            positional += arg if k in op.attrs.get("stars", ()) else [arg]
        return [positional[0](*positional[1:], **params)]

    def op_raise(self, op: Op) -> list[Any]:
        args, _ = self.arguments(op)
        if len(args) == 2:
            raise args[0] from args[1]
        raise args[0]

    def op_global(self, op: Op) -> list[Any]:
        lookup = self.machine.lookups[op.prim]
        assert lookup is not None, "no lookup_cell was given"
        return [lookup(op.attrs["name"])]

    op_cell = op_global

    def op_closure(self, op: Op) -> list[Any]:
        return [self.machine.closure(op.attrs["function"], [self.get(a) for a in op.args])]


def _defined(operand: Operand, value: Any) -> Any:
    if value is UNDEFINED.value:
        name = operand.hint if isinstance(operand, Value) else None
        raise UnboundLocalError(f"cannot access local variable {name!r} where it is not associated with a value")
    return value


def walk(it: Iter, operands: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The elements that each turn of a ``for`` gets, one per leaf."""
    if it.kind == "range":
        return ((k,) for k in range(*operands))
    if it.kind in ("seq", "any"):
        return ((element,) for element in operands[0])
    parts, rest = [], list(operands[1:] if it.kind == "enumerate" else operands)
    for part in it.parts:
        parts.append(walk(part, rest[: part.operands()]))
        rest = rest[part.operands() :]
    if it.kind == "enumerate":
        return ((k, *elements) for k, elements in enumerate(parts[0], operands[0]))
    return (tuple(e for elements in turn for e in elements) for turn in zip(*parts, strict=it.strict))
