"""Loops in rewritten code: they say what they have assigned as each turn begins, and behind them (`turns`).

    while high - low > 1e-9:          turns = tape.loop()
        ...                           while turns.goes_on(turns.asks() and high - low > 1e-9):
        low = middle          ->          turns.turn("low", low)
                                          ...
                                          low = middle
                                      turns.turn("low", low)
                                      low = turns.left(low)

A name that has no value yet is left out, and a listing leaves all of this out (`as_read`).  Generated code says how
its loops move by itself (`autodiff.settling`).
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from ..frontend.intervals import statements_in
from ..source import Source


def unused(name: str, names: set[str]) -> str:
    while name in names:
        name += "_"
    names.add(name)
    return name


class Assigned(NamedTuple):
    """A variable that a loop assigns, an attribute of what it holds, or something ``inside`` of that."""

    name: str
    attribute: str | None = None
    inside: bool = False


class Loops(ast.NodeTransformer):
    """The part of `Rewriter` that has the loops."""

    if TYPE_CHECKING:  # the other part
        tape: str
        around: list[str] | None
        shared: set[str]
        source: Source

        def __getattr__(self, name: str) -> Any: ...

    def loop(self, node: Any) -> list[Any]:
        """A loop, rewritten, that says what it has assigned as each turn begins, and behind it (`turns`)."""
        outside, names = self.around, self.assigned_in(node)
        if outside is None or not names or self.source.file.startswith("<s2sad"):
            return [self.visit(node)]
        turns = unused("turns", self.names)
        self.around = [*outside, turns]
        made = self.visit(node)
        self.around = outside
        if isinstance(made, ast.While) and not isinstance(made.test, ast.Constant):
            made.test = asked(node, turns, made.test)
        begins: list[Any] = []
        ends: list[Any] = []
        for text, held in names.items():
            begin, end = self.looks(node, turns, text, held)
            unbound = ast.Attribute(value=self.name(self.tape), attr="Unbound", ctx=ast.Load())
            handler = ast.ExceptHandler(type=unbound, name=None, body=[ast.Pass()])
            begins.append(ast.Try(body=[begin], handlers=[handler], orelse=[], finalbody=[]))
            ends.append(ast.Try(body=[ast.Expr(self.name(held.name))], handlers=[handler], orelse=[end], finalbody=[]))
        made.body = [*(ast.copy_location(s, node) for s in begins), *made.body]
        ends = [ast.copy_location(s, node) for s in [*copy.deepcopy(begins), *ends]]
        start = ast.Assign(targets=[Turning(id=turns, ctx=ast.Store())], value=self.hook(node, "loop"))
        return [ast.copy_location(start, node), made, *ends]

    def looks(self, place: Any, turns: str, text: str, held: Assigned) -> tuple[Any, Any]:
        """What says where something is that a loop assigns, as a turn begins, and what the loop leaves of it."""
        name, variable = ast.Constant(text), self.name(held.name)
        if held.attribute is not None:
            attribute = ast.Constant(held.attribute)
            return (ast.Expr(_ask(place, turns, "turn_of", name, variable, attribute)),
                    ast.Expr(_ask(place, turns, "left_in", variable, attribute)))  # fmt: skip
        left = _ask(place, turns, "left", variable)
        stored: Any = ast.Expr(left) if held.inside else ast.Assign([ast.Name(held.name, ast.Store())], left)
        return ast.Expr(_ask(place, turns, "turn", name, variable)), stored

    def assigned_in(self, loop: Any) -> dict[str, Assigned]:
        """What a loop assigns, by its text."""
        found: dict[str, Assigned] = {}
        for s in statements_in(loop):
            targets = getattr(s, "targets", None) or [getattr(s, "target", None)]
            for t in targets if isinstance(s, (ast.Assign, ast.AugAssign, ast.AnnAssign)) else ():
                for n in ast.walk(t):
                    self.note(found, n)
            method = s.value.func if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) else None
            if isinstance(method, ast.Attribute) and isinstance(method.value, ast.Name):  # ``values.append(x)``
                found.setdefault(method.value.id, Assigned(self.mangled(method.value.id), inside=True))
        return found | {n: Assigned(self.mangled(n)) for n in self.shared}

    def note(self, found: dict[str, Assigned], target: Any) -> None:
        """Add what a node of a target assigns."""
        holder = getattr(target, "value", None)
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
            found[target.id] = Assigned(self.mangled(target.id))
        elif isinstance(target, ast.Subscript) and isinstance(holder, ast.Name):
            found.setdefault(holder.id, Assigned(self.mangled(holder.id), inside=True))
        elif isinstance(target, ast.Attribute) and isinstance(holder, ast.Name):
            attribute = self.mangled(target.attr)
            found[f"{holder.id}.{attribute}"] = Assigned(self.mangled(holder.id), attribute=attribute)

    def visit_Return(self, node: Any) -> Any:
        node.value = node.value and self.visit(node.value)
        if self.around and node.value is not None and not isinstance(node.value, ast.Constant):
            for turns in self.around:
                node.value = _ask(node, turns, "left", node.value)
        return node


def _ask(place: Any, turns: str, method: str, *args: Any) -> Any:
    """``turns.method(*args)`` at the place of a node."""
    function = ast.Attribute(value=Turning(id=turns, ctx=ast.Load()), attr=method, ctx=ast.Load())
    made = ast.copy_location(ast.Call(func=function, args=list(args), keywords=[]), place)
    ast.copy_location(function, place)
    return made


def asked(place: Any, turns: str, condition: Any) -> Any:
    """A condition that says whether a loop goes on."""
    both = ast.BoolOp(op=ast.And(), values=[_ask(place, turns, "asks"), condition])
    return _ask(place, turns, "goes_on", both)


def leaves(body: list[Any]) -> bool:
    """Whether statements end by leaving the loop around."""
    return bool(body) and isinstance(body[-1], (ast.Break, ast.Return))


class Turning(ast.Name):
    """The name of a loop's `Turns`."""


def as_read(tree: Any) -> Any:
    """Rewritten code without what looks at its loops."""
    return _Reading().visit(copy.deepcopy(tree))


class _Reading(ast.NodeTransformer):
    def visit_Assign(self, node: Any) -> Any:
        return None if _looks(node.value) or isinstance(node.targets[0], Turning) else self.generic_visit(node)

    def visit_Try(self, node: Any) -> Any:
        inside = [s for part in (node.body, node.orelse) for s in part if isinstance(s, (ast.Expr, ast.Assign))]
        return None if any(_looks(s.value) for s in inside) else self.generic_visit(node)

    def visit_Call(self, node: Any) -> Any:
        if not _looks(node):
            return self.generic_visit(node)
        value = node.args[0]
        return self.visit(value.values[1] if isinstance(value, ast.BoolOp) and _looks(value.values[0]) else value)


def _looks(node: Any) -> bool:
    """Whether it is a call of a method of `Turns`."""
    function = getattr(node, "func", None)
    return isinstance(function, ast.Attribute) and isinstance(function.value, Turning)


def shared_names(function: Any) -> set[str]:
    """The variables of a function that those inside of it assign, too."""
    own = {n.id for s in statements_in(function) for n in _names_in(s) if isinstance(n.ctx, ast.Store)}
    own |= {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    outside = [s for s in statements_in(function) if isinstance(s, (ast.Global, ast.Nonlocal))]
    inside = [s for s in statements_in(function, deep=True) if isinstance(s, ast.Nonlocal) and s not in outside]
    return {n for s in inside for n in s.names} & own - {n for s in outside for n in s.names}


def _names_in(statement: Any) -> list[ast.Name]:
    """The names in what a statement assigns."""
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [n for t in targets if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)]
