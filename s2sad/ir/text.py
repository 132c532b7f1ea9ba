"""A Function as text, for people and for tests.

In: a function, even one that the verifier refuses.  Out: text that is the same on every run; each value is named
(``Value.name``) after its hint, with suffixes where a name is taken.  The functions that it refers to stand below it.

    function f(x, n):
      stop, total_2 = for i in any(n), total_1 = 0:
        total = add(total_1, x)
        -> False, total
      -> total_2
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .core import Block, Const, Function, Iter, Op, Operand, Value
from .types import UNKNOWN, Type

_LITERALS = (int, float, complex, str, bytes, bool, type(None), type(...))


def text(function: Function, types: Callable[[Type], str] | None = None) -> str:
    """The function and those it refers to.

    ``types``: writes a type; with it every value has its type beside it, where something is known of it.
    """
    printer = _Printer(types)
    printer.queue(function)
    for f in printer.functions:  # grows while it is walked
        printer.function(f)
    return "\n".join(printer.lines) + "\n"


class _Printer:
    def __init__(self, types: Callable[[Type], str] | None = None) -> None:
        self.types = types
        self.lines: list[str] = []
        self.functions: list[Function] = []
        self.labels: dict[int, str] = {}
        self.taken: set[str] = set()

    def queue(self, function: Function) -> str:
        """The name of a function, which is printed later."""
        if id(function) not in self.labels:
            label = _free(function.name, set(self.labels.values()))
            self.labels[id(function)] = label
            self.functions.append(function)
        return self.labels[id(function)]

    def function(self, f: Function) -> None:
        self.taken = set()
        params = [self.typed(p) for p in map(self.named, f.params)]
        first = len(f.params) - len(f.signature)
        if f.signature and first >= 0:
            marks = {"args": "*", "kwargs": "**"}
            written = [
                f"{marks.get(s.kind, '')}{name}{'' if s.default is None else f'={self.operand(s.default)}'}"
                for s, name in zip(f.signature, params[first:], strict=True)
            ]
            params = [*params[:first], *written]
        captured = f" captured({', '.join(f.captured)})" if f.captured else ""
        self.lines.append(f"function {self.queue(f)}({', '.join(params)}){captured}:")
        self.block(f.body, "  ")

    def block(self, block: Block, indent: str) -> None:
        for op in block.ops:
            self.op(op, indent)
        self.lines.append(f"{indent}-> {self.operands(block.results)}".rstrip())

    def op(self, op: Op, indent: str) -> None:
        at = len(self.lines)
        for k, block in enumerate(op.blocks):
            params = ", ".join(map(self.typed, map(self.named, block.params)))
            if k > 0:
                word = {"while": f"do {params}", "try": f"except {params}"}.get(str(op.prim), "else")
                self.lines.append(f"{indent}{word}".rstrip() + ":")
            self.block(block, indent + "  ")
        head = self.head(op)
        outs = ", ".join(map(self.typed, map(self.named, op.outs)))
        self.lines.insert(at, indent + (f"{outs} = " if outs else "") + head + (":" if op.blocks else ""))

    def head(self, op: Op) -> str:
        args = self.operands(op.args)
        if op.prim == "while" or (op.prim == "for" and "iter" in op.attrs):
            first = op.attrs["iter"].operands() if op.prim == "for" else 0
            block = op.blocks[0]
            skip = len(block.params) - len(op.args) + first
            names = [self.typed(p) for p in block.params]
            carried = [f"{n} = {self.operand(a)}" for n, a in zip(names[skip:], op.args[first:], strict=False)]
            if op.prim == "while":
                return f"while {', '.join(carried)}".rstrip()
            walked = iteration(op.attrs["iter"], [self.operand(a) for a in op.args[:first]])
            return ", ".join([f"for {', '.join(names[:skip])} in {walked}", *carried])
        if op.prim == "with":
            entered = "".join(f" as {p.name}" for p in op.blocks[0].params)
            return f"with {args}{entered}"
        if op.prim in ("if", "raise", "try"):
            return f"{op.prim} {args}"
        if op.prim in ("global", "cell"):
            return f"{op.prim} {op.attrs['name']}"
        params = [f"{k}={self.operand(v)}" for k, v in op.params.items()]
        inside = ", ".join([p for p in (args, *params) if p])
        if op.prim in ("call", "closure"):
            target = op.attrs.get("function")
            name = f" {self.queue(target)}" if isinstance(target, Function) else ""
            stars = f" stars{tuple(op.attrs['stars'])}" if op.attrs.get("stars") else ""
            return f"{op.prim}{name}({inside}){stars}"
        return f"{object_text(op.prim)}({inside})"

    def named(self, value: Value) -> Value:
        """Give a value its name."""
        hint = (value.hint or "t").strip("<>").replace(" ", "_")
        value.name = _free(hint, self.taken)
        self.taken.add(value.name)
        return value

    def typed(self, value: Value) -> str:
        """The name of a value where it is defined, with its type."""
        name = value.name or "?"
        known = self.types is not None and value.type != UNKNOWN
        return f"{name}: {self.types(value.type)}" if known and self.types is not None else name

    def operands(self, operands: Iterable[Operand]) -> str:
        return ", ".join(map(self.operand, operands))

    def operand(self, operand: Operand) -> str:
        if isinstance(operand, Const):
            return operand.path or object_text(operand.value)
        if isinstance(operand, Value):
            return operand.name or f"?{operand.hint or 't'}"
        return f"?{operand!r}"


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    k = 1
    while f"{name}_{k}" in taken:
        k += 1
    return f"{name}_{k}"


def iteration(it: Iter, operands: list[str]) -> str:
    """How a ``for`` walks its operands, as text: ``enumerate(0, zip(seq(xs), any(ys)))``."""
    own = it.operands() - sum(p.operands() for p in it.parts)
    inside, rest = operands[:own], operands[own:]
    for part in it.parts:
        inside.append(iteration(part, rest[: part.operands()]))
        rest = rest[part.operands() :]
    return f"{it.kind}({', '.join(inside)}{', strict=True' if it.strict else ''})"


def object_text(value: Any) -> str:
    """A constant without addresses in it."""
    if isinstance(value, _LITERALS):
        return repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(object_text, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Function):
        return value.name
    return getattr(value, "__name__", None) or f"<{type(value).__name__}>"
