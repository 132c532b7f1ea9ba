"""Loops in rewritten code: they say what they have assigned as each turn begins, and behind them (`turns`).

    while high - low > 1e-9:          turns = tape.loop()
        ...                           while turns.goes_on(turns.asks() and high - low > 1e-9):
        low = middle          ->          turns.turn("low", low)
                                          ...
                                          low = middle
                                      turns.turn("low", low)
                                      low = turns.left(low)

What a turn assigns anew, and what is read behind the loop, reads the rest by ``turns.near``.  A name that has no value
yet is left out, and a listing leaves all of this out (`as_read`).  Generated code says how its loops move by itself
(`autodiff.settling`).
"""

from __future__ import annotations

import ast
import collections
import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..frontend.intervals import statements_in
from ..source import Source


def unused(name: str, names: set[str]) -> str:
    while name in names:
        name += "_"
    names.add(name)
    return name


class Assigned(NamedTuple):
    """A variable that a loop assigns, an attribute of what it holds, or something ``inside`` of that.

    Or one that takes the elements that the loop goes through.
    """

    name: str
    attribute: str | None = None
    inside: bool = False
    taken: bool = False


class Around(NamedTuple):
    """A loop that is being rewritten: the name of its `Turns`, what it assigns, and what of that each turn leaves.

    Or a function that calls itself by the name ``function``: what it leaves, calls say (`turns.Call`).
    """

    turns: str
    names: Mapping[str, Assigned] = MappingProxyType({})
    last: frozenset[str] = frozenset()
    function: str | None = None

    def is_left_by(self, body: list[Any]) -> bool:
        """Whether statements end by leaving it; a function goes on where it calls itself."""
        if self.function is None:
            return bool(body) and isinstance(body[-1], (ast.Break, ast.Return))
        calls = any(_is_named(n, self.function) for s in body for n in ast.walk(s))
        return bool(body) and isinstance(body[-1], ast.Return) and not calls


class Loops(ast.NodeTransformer):
    """The part of `Rewriter` that has the loops."""

    if TYPE_CHECKING:  # the other part
        tape: str
        around: list[Around] | None
        loads: collections.Counter[str]
        shared: set[str]
        source: Source

        def __getattr__(self, name: str) -> Any: ...

    def is_generated(self) -> bool:
        """Whether the text is generated: it has been looked at (`autodiff.settling`)."""
        return self.source.file.startswith("<s2sad")

    def loop(self, node: Any) -> list[Any]:
        """A loop, rewritten, that says what it has assigned as each turn begins, and behind it (`turns`)."""
        outside, names = self.around, self.assigned_in(node)
        if outside is None or not names or self.is_generated():
            return [self.visit(node)]
        turns = unused("turns", self.names)
        self.around = [*outside, Around(turns, names, frozenset(self.last_in(node, names)))]
        made = self.visit(node)
        self.around = outside
        if isinstance(made, ast.While) and not isinstance(made.test, ast.Constant):
            made.test = asked(node, turns, made.test)
        begins = [self.if_bound([self.begun(node, turns, text, held)]) for text, held in names.items()]
        places = ast.Expr(_ask(node, turns, "begins"))
        made.body = [*(ast.copy_location(s, node) for s in (*begins, places)), *made.body]
        ends = [*copy.deepcopy(begins), *self.ends(node, turns, names)]
        start = ast.Assign(targets=[Turning(id=turns, ctx=ast.Store())], value=self.hook(node, "loop"))
        return [ast.copy_location(start, node), made, *(ast.copy_location(s, node) for s in ends)]

    def leaving(self, body: list[Any]) -> list[Any]:
        """What stands before statements that leave loops: what they read there has been found in these."""
        left = (self.around or [])[-1 if body and isinstance(body[-1], ast.Break) else 0 :]
        left = [loop for loop in left if loop.function is None and loop.is_left_by(body)]
        ends = [s for loop in reversed(left) for s in self.ends(body[0], loop.turns, loop.names)]
        return [ast.copy_location(s, body[0]) for s in ends]

    def ends(self, place: Any, turns: str, names: Mapping[str, Assigned]) -> list[Any]:
        """The statements by which a loop leaves what it has assigned."""
        found = [self.if_bound([ast.Expr(self.name(held.name))], [self.left(place, turns, text, held)])
                 for text, held in names.items()]  # fmt: skip
        return [*found, ast.Expr(_ask(place, turns, "over"))]

    def if_bound(self, body: list[Any], then: Any = ()) -> Any:
        """Statements that read a name, if it has a value, and others behind them."""
        unbound = ast.Attribute(value=self.name(self.tape), attr="Unbound", ctx=ast.Load())
        handler = ast.ExceptHandler(type=unbound, name=None, body=[ast.Pass()])
        return ast.Try(body=body, handlers=[handler], orelse=list(then), finalbody=[])

    def begun(self, place: Any, turns: str, text: str, held: Assigned) -> Any:
        """What says where something is that a loop assigns, as a turn begins."""
        args = [ast.Constant(text), self.name(held.name)]
        if held.attribute is None:
            return ast.Expr(_ask(place, turns, "turn", *args))
        return ast.Expr(_ask(place, turns, "turn_of", *args, ast.Constant(held.attribute)))

    def left(self, place: Any, turns: str, text: str, held: Assigned) -> Any:
        """What takes what the loop leaves of something that it assigns."""
        args = [ast.Constant(text), self.name(held.name)]
        if held.attribute is not None:
            return ast.Expr(_ask(place, turns, "left_in", *args, ast.Constant(held.attribute)))
        left = _ask(place, turns, "left", *args)
        return ast.Expr(left) if held.inside else ast.Assign([ast.Name(held.name, ast.Store())], left)

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
        for n in ast.walk(loop.target) if isinstance(loop, ast.For) else ():
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store):
                found.setdefault(n.id, Assigned(self.mangled(n.id), taken=True))
        return found | {n: Assigned(self.mangled(n)) for n in self.shared}

    def recursion(self, function: Any) -> list[Around]:
        """A function that calls itself, as a loop, of which `turns.Call` knows the rest."""
        calls = any(_is_named(n, function.name) for n in ast.walk(function))
        if self.is_generated() or not calls or any(map(_yields, statements_in(function))):
            return []
        return [Around(unused("turns", self.names), function=function.name)]

    def visit_Yield(self, node: Any) -> Any:
        node.value = node.value and self.visit(node.value)
        for loop in self.around or () if node.value else ():
            if loop.function is None:
                node.value = _ask(node, loop.turns, "hands", node.value)
        return node

    def entered(self, function: Any) -> list[Any]:
        """The statements of a function."""
        outside = self.around, self.shared, self.loads
        self.around, self.shared, self.loads = self.recursion(function), shared_names(function), loads_in(function)
        body = self.statements(function.body)
        for f in self.around:
            begins = ast.Assign([Turning(id=f.turns, ctx=ast.Store())], self.hook(function, "begins"))
            body.insert(0, ast.copy_location(begins, function))
        self.around, self.shared, self.loads = outside
        return body

    def last_in(self, loop: Any, names: dict[str, Assigned]) -> set[str]:
        """The names that no turn of a loop has from the one before, and that what is behind it is computed from."""
        anew = {n for n, held in names.items() if self.is_anew(loop, n, held)}
        inside = loads_in(loop)
        found: set[str] = set()
        more = {n for n in anew if self.loads[n] > inside[n]}
        while more:
            found |= more
            values = [s for s in statements_in(loop) if {_filled(s), *_stored_in(s)} & more]
            more = (anew & {n for s in values for n in loads_in(s)}) - found
        return found

    def is_anew(self, loop: Any, name: str, held: Assigned) -> bool:
        """Whether each turn of a loop assigns a name before it reads it, or no turn reads it but to decide."""
        if held.attribute is not None or name in self.shared:
            return False
        loads = loads_in(loop)[name] - sum(loads_in(test)[name] for test in _tests_in(loop))
        loads -= sum(_adds(s, name) for s in statements_in(loop))
        if held.inside:
            return loads == sum(name == _filled(s) for s in statements_in(loop))
        first = next((s for s in loop.body if any(getattr(n, "id", None) == name for n in ast.walk(s))), loop)
        return not loads or not loads_in(first.value if isinstance(first, ast.Assign) else first)[name]

    def listed(self, node: Any) -> Any:
        """A comprehension: what it lists may come near something, as what a loop leaves."""
        return self.hook(node, "listed", ast.Attribute(self.name(self.tape), "decisions", ast.Load()), node)

    def reading(self, statement: Any) -> list[Around]:
        """The loops around that leave what a statement assigns."""
        return [loop for loop in self.around or () if {_filled(statement), *_stored_in(statement)} & loop.last]

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


def _yields(statement: Any) -> bool:
    return any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(statement))


def _tests_in(loop: Any) -> list[Any]:
    """What the statements in a loop ask."""
    return [s.test for s in [loop, *statements_in(loop)] if isinstance(s, (ast.If, ast.While))]


def _adds(statement: Any, name: str) -> bool:
    """Whether it is ``name = name + ...``."""
    value = statement.value if isinstance(statement, ast.Assign) and _stored_in(statement) == {name} else None
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, (ast.Add, ast.Sub)):
        return False
    return getattr(value.left, "id", None) == name


def _filled(statement: Any) -> str | None:
    """The name of what a statement stores an element in, or appends it to."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        target = statement.value.func
    else:
        target = (getattr(statement, "targets", None) or [getattr(statement, "target", None)])[0]
    holder = target.value if isinstance(target, (ast.Subscript, ast.Attribute)) else None
    return holder.id if isinstance(holder, ast.Name) else None


class Nearing(ast.NodeTransformer):
    """Lets rewritten statements read what a loop assigns by ``turns.near``."""

    def __init__(self, loop: Around):
        self.turns = loop.turns
        self.names = {held.name: text for text, held in loop.names.items()
                      if held.attribute is None and not held.taken}  # fmt: skip

    def visit_Name(self, node: Any) -> Any:
        if node.id not in self.names or not isinstance(node.ctx, ast.Load):
            return node
        return _ask(node, self.turns, "near", ast.Constant(self.names[node.id]), node)

    def visit_Lambda(self, node: Any) -> Any:
        return node  # it reads when it is called

    def visit_ListComp(self, node: Any) -> Any:
        own = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        names, self.names = self.names, {n: text for n, text in self.names.items() if n not in own}
        made = self.generic_visit(node)
        self.names = names
        return made

    visit_GeneratorExp = visit_SetComp = visit_DictComp = visit_ListComp


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


def _is_named(node: Any, name: str) -> bool:
    """Whether a node calls a function, or a method, of a name."""
    return isinstance(node, ast.Call) and name in (getattr(node.func, "id", None), getattr(node.func, "attr", None))


class Turning(ast.Name):
    """The name of a loop's `Turns`."""


def as_read(tree: Any) -> Any:
    """Rewritten code without what looks at its loops."""
    return _Reading().visit(copy.deepcopy(tree))


class _Reading(ast.NodeTransformer):
    def visit_Expr(self, node: Any) -> Any:
        return None if _looks(node.value) and not node.value.args else self.generic_visit(node)

    def visit_Assign(self, node: Any) -> Any:
        return None if _looks(node.value) or isinstance(node.targets[0], Turning) else self.generic_visit(node)

    def visit_Try(self, node: Any) -> Any:
        inside = [s for part in (node.body, node.orelse) for s in part if isinstance(s, (ast.Expr, ast.Assign))]
        return None if any(_looks(s.value) for s in inside) else self.generic_visit(node)

    def visit_Call(self, node: Any) -> Any:
        if getattr(node.func, "attr", None) == "listed" and isinstance(node.args[-1], ast.ListComp):
            return self.visit(node.args[-1])
        if not _looks(node):
            return self.generic_visit(node)
        value = node.args[-1]
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


def loads_in(function: Any) -> collections.Counter[str]:
    """How often a function reads which name."""
    return collections.Counter(
        n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    )


def _stored_in(statement: Any) -> set[str]:
    """The variables that a statement assigns itself."""
    return {n.id for n in _names_in(statement) if isinstance(n.ctx, ast.Store)}


def _names_in(statement: Any) -> list[ast.Name]:
    """The names in what a statement assigns."""
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [n for t in targets if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)]
