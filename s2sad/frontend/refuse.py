"""What of Python is not lowered, found before lowering begins, so that all of it is reported at once.

In: a function's syntax tree.  Out: ``(span, message)`` of each place, in the order of the text.
"""

from __future__ import annotations

from typing import Any

import gast

from ..ir.core import Span
from ..source import Source, span
from .bound import uncertain_copies
from .control import exits
from .scope import COMPREHENSIONS, FUNCTIONS, Event, binds, binds_within, body_of, children, events, reads, targets

# By the names of the node types: some exist only in newer versions of Python.
UNSUPPORTED = {
    "TryStar": "try/except* is not supported: test for the case with `if`, or put it around the differentiated call",
    "AsyncFunctionDef": "async functions are not supported: move what is asynchronous out of the function",
    "AsyncFor": "async for is not supported: collect the elements first and loop over them with a plain for",
    "AsyncWith": "async with is not supported: move it out of the function",
    "Await": "await is not supported: wait for the value first and pass it as an argument",
    "Yield": "generators are not supported: collect the values in a list and return it",
    "YieldFrom": "generators are not supported: collect the values in a list and return it",
    "ClassDef": "a class inside a function is not supported: define it at the top of the module",
    "Match": "a match with **rest, names in one of several alternatives, or a pattern in that of a class, "
    "is not supported: use if and elif",
    "TypeAlias": "a type alias inside a function is not supported: define it at the top of the module",
    "TemplateStr": "template strings are not supported: use an f-string",
}

SUPPORTED = (
    *(
        "FunctionDef",
        "Return",
        "Delete",
        "Assign",
        "AugAssign",
        "AnnAssign",
        "For",
        "While",
        "If",
        "With",
        "Raise",
        "Try",
    ),
    *("Assert", "Import", "ImportFrom", "Global", "Nonlocal", "Expr", "Pass", "Break", "Continue", "BoolOp"),
    *("NamedExpr", "BinOp", "UnaryOp", "Lambda", "IfExp", "Dict", "Set", "ListComp", "SetComp", "DictComp"),
    *("GeneratorExp", "Compare", "Call", "FormattedValue", "JoinedStr", "Constant", "Attribute", "Subscript"),
    *("Starred", "Name", "List", "Tuple", "Slice"),
)

SCOPE_READERS = ("locals", "vars", "globals", "eval", "exec", "dir")
# What takes all elements of a generator at once, and what may stand beside it: arguments that are evaluated first by
# Python, and last by us.
EAGER = ("sum", "max", "min", "list", "tuple", "sorted", "set", "frozenset", "dict")
INERT = (gast.Constant, gast.Name, gast.Lambda)


def refusals(function: Any, source: Source, happened: list[Event]) -> list[tuple[Span, str]]:
    """Every unsupported place of a function, whose `events` are given, and of the functions inside it."""
    finder = _Finder(source)
    finder.function(function, happened)
    return sorted(dict.fromkeys(finder.found), key=lambda found: (found[0].line, found[0].col))


class _Finder:
    def __init__(self, source: Source):
        self.source = source
        self.found: list[tuple[Span, str]] = []
        self.scopes: list[set[str]] = []  # the local variables of the functions around
        self.assigned: list[set[str]] = []  # and what they assign, global and nonlocal variables included
        self.statement = 0
        self.in_comprehension = False
        self.handlers = 0  # of exceptions, around
        self.inside: list[Any] = []  # the functions around
        self.accepted: set[int] = set()  # generator expressions in a place where they may stand
        self.called_now: set[int] = set()  # lambdas that nobody keeps

    def refuse(self, node: Any, message: str) -> None:
        self.found.append((span(node, self.source, self.statement), message))

    def function(self, f: Any, happened: list[Event]) -> None:
        """A function's own body; its decorators and defaults belong to the scope around it."""
        outside = self.in_comprehension, self.handlers
        self.in_comprehension, self.handlers = False, 0
        self.scopes.append(binds(f, happened))
        self.inside.append(f)
        self.assigned.append({e.name for e in happened if e.kind == "bind"})
        for node in body_of(f):
            self.visit(node)
        self.captures(happened)
        for node in uncertain_copies(f, self.scopes[-1]):
            self.refuse(node, f"the variable {node.id!r} may have no value here, in a try that would catch that")
        self.inside.pop()
        self.scopes.pop()
        self.assigned.pop()
        self.in_comprehension, self.handlers = outside

    def visit(self, node: Any) -> None:
        kind = type(node)
        if isinstance(node, gast.stmt):
            self.statement = node.lineno
        if kind not in _FINE:
            self.check(node, kind.__name__)
        if isinstance(node, gast.AnnAssign):
            self.each(n for n in (node.target, node.value) if n is not None)
        elif isinstance(node, FUNCTIONS):
            self.each([*getattr(node, "decorator_list", []), *node.args.defaults])
            self.each(d for d in node.args.kw_defaults if d is not None)
            self.function(node, events(node))
        elif isinstance(node, COMPREHENSIONS):
            outside, self.in_comprehension = self.in_comprehension, True
            self.each(children(node))
            self.in_comprehension = outside
        elif isinstance(node, gast.ExceptHandler):
            self.handlers += 1
            self.each(children(node))
            self.handlers -= 1
        elif kind is not gast.Name:
            self.each(children(node))

    def check(self, node: Any, name: str) -> None:
        if name in UNSUPPORTED:
            self.refuse(node, UNSUPPORTED[name])
        elif isinstance(node, (gast.stmt, gast.expr)) and name not in SUPPORTED:
            self.refuse(node, f"{name} is not supported")
        special = getattr(self, f"visit_{name}", None)
        if special:
            special(node)

    def each(self, nodes: Any) -> None:
        for node in nodes:
            self.visit(node)

    def local(self, name: str) -> bool:
        return any(name in scope for scope in self.scopes)

    # One method per node type that is supported in some places only.

    def visit_Call(self, node: Any) -> None:
        name = node.func.id if isinstance(node.func, gast.Name) and not self.local(node.func.id) else None
        if name in SCOPE_READERS and not (name in ("vars", "dir") and node.args):
            self.refuse(node, f"{name}() is not supported: it depends on how the function's variables are kept")
        if name == "super" and not node.args and len(self.scopes) > 1:
            self.refuse(node, "super() inside a nested function is not supported: write super(Class, self)")
        if sum(k.arg is None for k in node.keywords) > 1:
            self.refuse(node, "several ** in one call are not supported: merge the dicts first, {**a, **b}")
        others = [*node.args[1:], *(k.value for k in node.keywords)]
        walked = name in EAGER or _is_join(node.func) or (name is not None and is_quantified(node))
        generator = node.args[0] if walked and node.args else None
        if isinstance(generator, gast.GeneratorExp) and all(isinstance(o, INERT) for o in others):
            self.accepted.add(id(generator))
        if is_keyed(node) and name is not None:
            self.called_now.update(id(k.value) for k in node.keywords)

    def visit_Assign(self, node: Any) -> None:
        if all(isinstance(t, (gast.Tuple, gast.List)) for t in node.targets):  # which takes all elements at once
            self.accepted.add(id(node.value))

    def visit_For(self, node: Any) -> None:
        if isinstance(node.iter, gast.GeneratorExp) and _counts(node.iter, set(binds_within(*node.body))):
            self.accepted.add(id(node.iter))

    def visit_GeneratorExp(self, node: Any) -> None:
        if id(node) not in self.accepted:
            known = ", ".join(EAGER)
            self.refuse(node, f"a generator expression is supported only as the argument of {known}: make it a list")

    def visit_comprehension(self, node: Any) -> None:
        if node.is_async:
            self.refuse(node.iter, "asynchronous comprehensions are not supported: collect the elements first")

    def visit_NamedExpr(self, node: Any) -> None:
        if self.in_comprehension:
            self.refuse(node, "an assignment inside a comprehension is not supported: write a loop")

    def visit_JoinedStr(self, node: Any) -> None:
        specs = [v.format_spec for v in node.values if isinstance(v, gast.FormattedValue) and v.format_spec]
        if any(isinstance(part, gast.FormattedValue) for spec in specs for part in spec.values):
            self.refuse(node, "a computed format specification is not supported: use format(value, specification)")

    def visit_Raise(self, node: Any) -> None:
        if node.exc is None and not self.handlers:
            self.refuse(node, "a bare raise is supported only in the handler itself: say what to raise")

    def visit_Try(self, node: Any) -> None:
        jumps = exits(node.finalbody) - {"fall"}
        if jumps:
            self.refuse(node, f"{' or '.join(sorted(jumps))} in finally is not supported: it swallows exceptions")

    def visit_Global(self, node: Any) -> None:
        kind = type(node).__name__.lower()
        for name in node.names:
            if name in self.assigned[-1]:
                self.refuse(node, f"assigning the {kind} variable {name!r} is not supported: return its new value")

    visit_Nonlocal = visit_Global

    def captures(self, happened: list[Event]) -> None:
        """Nested functions capture values: refuse those that would see a variable change."""
        own = self.scopes[-1]
        for k, e in enumerate(happened):
            if e.kind != "function":
                continue
            self.statement = e.node.lineno
            bound = binds(e.node)
            inner = [n for n in reads(*body_of(e.node)) if n not in bound]
            for name in inner:
                if name in e.hidden:
                    self.refuse(e.node, _captured(e, name, "the comprehension goes on to change it"))
                elif name in own and id(e.node) not in self.called_now:
                    self.capture(e, name, happened[k + 1 :], happened[:k])
            if e.name in inner and getattr(e.node, "decorator_list", None):
                self.refuse(e.node, f"the nested function {e.name!r} is decorated and calls itself: move it out")

    def capture(self, e: Any, name: str, later: list[Any], earlier: list[Any]) -> None:
        """Refuse a captured variable that is bound after the nested function ``e`` could see it."""
        turn = _turn(e, self.inside[-1])
        for b in later:
            if b.kind == "bind" and b.name == name and b.node is not e.node and _seen(b.node, turn):
                self.refuse(e.node, _captured(e, name, f"it is assigned later, in line {b.node.lineno}"))
                return
        if turn is not None:
            return
        for b in earlier:
            if b.kind == "bind" and b.name == name and set(b.loops) & set(e.loops):
                reason = f"the loop around it assigns it in each turn, in line {b.node.lineno}"
                self.refuse(e.node, _captured(e, name, reason))
                return


# What needs no check.
_FINE = {getattr(gast, name) for name in SUPPORTED if not hasattr(_Finder, f"visit_{name}")}


def _turn(e: Any, function: Any) -> list[Any] | None:
    """What comes behind a nested function in the loop that defines it, to its last call.

    None where the function is more than called there, after its definition in the same turn.
    """
    body = e.loops[-1].body if e.loops and isinstance(e.loops[-1], (gast.For, gast.While)) else []
    if not e.name or e.node not in body or getattr(e.node, "decorator_list", None):
        return None
    rest = body[body.index(e.node) + 1 :]
    called = [n.func for s in rest for n in gast.walk(s) if isinstance(n, gast.Call)]
    hidden = [n for s in rest for f in gast.walk(s) if isinstance(f, FUNCTIONS) for n in gast.walk(f)]
    named = [n for n in gast.walk(function) if isinstance(n, gast.Name) and n.id == e.name]
    if not all(n in called and n not in hidden for n in named):
        return None
    while rest and not any(n in named for n in gast.walk(rest[-1])):
        rest.pop()
    return rest


def _seen(bind: Any, turn: list[Any] | None) -> bool:
    """Whether a nested function might be called after a variable is bound, and before it is defined again."""
    if turn is None:
        return True
    places = [k for k, s in enumerate(turn) if any(n is bind for n in gast.walk(s))]
    at_end = places == [len(turn) - 1] and isinstance(turn[-1], (gast.Assign, gast.AugAssign))  # after its own call
    return bool(places) and not at_end


def _counts(generator: Any, changed: set[str]) -> bool:
    """Whether a generator makes its elements of the numbers of ranges, and the loop over it changes none of those.

    Then it is the same to make them all before the loop.
    """
    own = {name for part in generator.generators for name in targets(part.target)}
    calls = [part.iter for part in generator.generators]
    of_ranges = all(isinstance(c, gast.Call) and getattr(c.func, "id", None) == "range" for c in calls)
    inside = [n for x in (generator.elt, *(i for p in generator.generators for i in p.ifs)) for n in gast.walk(x)]
    return (
        of_ranges
        and changed.isdisjoint({"range", *reads(generator)})
        and all(isinstance(n, _COUNTED) for n in [*inside, *(n for c in calls for a in c.args for n in gast.walk(a))])
        and all(n.id in own for n in inside if isinstance(n, gast.Name))
    )


_COUNTED = (gast.Name, gast.Constant, gast.Tuple, gast.BinOp, gast.UnaryOp, gast.Compare, gast.operator, gast.unaryop,
            gast.cmpop, gast.expr_context)  # fmt: skip


def _is_join(function: Any) -> bool:
    """``", ".join``"""
    return (
        isinstance(function, gast.Attribute) and function.attr == "join" and isinstance(function.value, gast.Constant)
    )


def is_quantified(call: Any) -> bool:
    """Whether a call is ``any`` or ``all``, if these are the builtins, of a generator expression."""
    named = isinstance(call.func, gast.Name) and call.func.id in ("any", "all")
    return named and not call.keywords and len(call.args) == 1 and isinstance(call.args[0], gast.GeneratorExp)


def is_keyed(call: Any) -> bool:
    """Whether a call is one of ``sorted``, ``max`` or ``min``, if these are the builtins, with a lambda as its key."""
    keys = [k for k in call.keywords if k.arg == "key" and isinstance(k.value, gast.Lambda)]
    return bool(keys) and isinstance(call.func, gast.Name) and call.func.id in ("sorted", "max", "min")


def _captured(e: Any, name: str, reason: str) -> str:
    what = f"function {e.name!r}" if e.name else "lambda"
    return f"the nested {what} uses the variable {name!r}, but {reason}: pass it as an argument"
