"""Loops (and recursions) that narrow an interval by decisions: bisection, golden sections.

    mid = (low + high) / 2                mid = (low + high) / 2
    if f(mid, p) > 0:                     decision = f(mid, p)
        high = mid                 ->     if decision > 0:
    else:                                     high = decided(mid, low, decision, 0)
        low = mid                         else:
                                              low = decided(mid, high, decision, 0)

What such a loop finds moves with ``p``, and no operation says so: all that depends on ``p`` is which way the decisions
go.  `runtime.decided` is its first argument; its rule refuses a derivative that would need to know (`rules/own.py`).
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gast

DECIDED = "<decided>"  # the name that stands for `runtime.decided` in a tree
_SCOPES = {"FunctionDef", "AsyncFunctionDef", "ClassDef"}
_ASKING = {"sign", "signbit", "bool", "any", "all"}  # what comes out of these tells no more than a decision does


class Update(NamedTuple):
    """What one arm of a choice gives to a name: ``holder.field`` (or its ``element``) is the expression of it."""

    name: str
    arm: int
    test: str
    statement: Any
    holder: Any
    field: str
    element: int | None

    @property
    def value(self) -> Any:
        found = getattr(self.holder, self.field)
        return found if self.element is None else found[self.element]

    def put(self, value: Any) -> None:
        if self.element is None:
            setattr(self.holder, self.field, value)
        else:
            getattr(self.holder, self.field)[self.element] = value


def marked(tree: Any) -> Any:
    """A function (of ``ast`` or ``gast``) in which the ends of such intervals are marked, and in those inside of it.

    A copy, where there are any.
    """
    if not any(_ends(scope, f) for f in _functions(tree) for scope in _scopes(f)):
        return tree
    tree = copy.deepcopy(tree)
    everything: Iterator[Any] = ast.walk(tree)
    taken = _names(tree) | {n.arg for n in everything if _kind(n) == "arg"}
    fresh = (name for name in map("decision_{}".format, itertools.count(1)) if name not in taken)
    for f in _functions(tree):
        for scope in _scopes(f):
            for update, other in _ends(scope, f):
                _mark(update, other, f, fresh.__next__)
    return tree


def _functions(tree: Any) -> list[Any]:
    """A function, and those that it defines, in it or in those."""
    inner = [s for s in _statements(tree, True) if _kind(s) == "FunctionDef"]
    return ([tree] if _kind(tree) == "FunctionDef" else []) + inner


def _library(function: Any) -> Any:
    return ast if type(function) is ast.FunctionDef else gast


def _kind(node: Any) -> str:
    return type(node).__name__


def _statements(node: Any, deep: bool = False) -> Iterator[Any]:
    """The statements in a function or a loop; ``deep``: those of functions and classes inside, too."""
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):
        inside = getattr(node, field, None)
        for s in inside if isinstance(inside, list) else []:
            yield s
            if deep or _kind(s) not in _SCOPES:
                yield from _statements(s, deep)


def _scopes(function: Any) -> list[Any]:
    """What runs again and again: loops, and a function that calls itself."""
    found = [s for s in _statements(function) if _kind(s) in ("For", "While")]
    given = [s.value for s in _statements(function) if _kind(s) == "Return"]
    given += [side for v in given if _kind(v) == "IfExp" for side in (v.body, v.orelse)]
    return [function, *found] if any(_is_recursive(v, function) for v in given) else found


def _is_recursive(node: Any, function: Any) -> bool:
    return _kind(node) == "Call" and _called(node) == function.name


def _arms(node: Any) -> Iterator[tuple[Any, int, list[Any]]]:
    """The ``if`` statements in a node, and the two lists of statements of each, the second one behind it if need be."""
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(node, field, None)
        for k, s in enumerate(statements if isinstance(statements, list) else []):
            if _kind(s) == "If":
                yield s, 0, s.body
                leaves = not s.orelse and _kind(s.body[-1]) in ("Continue", "Return")
                yield s, 1, statements[k + 1 :] if leaves else s.orelse  # type: ignore[index]


def _bound(statement: Any, holder: Any, field: str) -> Iterator[tuple[str, Any, str, int | None]]:
    """The names that an assignment binds, and where their values stand: ``holder.field``, or elements of it."""
    if _kind(statement) != "Assign" or len(statement.targets) != 1:
        return
    target, value = statement.targets[0], getattr(holder, field)
    if _kind(target) == "Name":
        yield target.id, holder, field, None
    elif _kind(target) == _kind(value) == "Tuple" and len(target.elts) == len(value.elts):
        for k, t in enumerate(target.elts):
            if _kind(t) == "Name":
                yield t.id, value, "elts", k


def _given(statement: Any, holder: Any, field: str, function: Any) -> Iterator[tuple[str, Any, str, int | None]]:
    """What a statement binds, as by `_bound`, or gives to the parameters of its own function, which it returns."""
    yield from _bound(statement, holder, field)
    call: Any = getattr(holder, field) if _kind(statement) == "Return" else None
    if _is_recursive(call, function) and not any(_kind(a) == "Starred" for a in call.args):
        parameters = [getattr(a, "arg", getattr(a, "id", "")) for a in function.args.args]
        bound = _kind(call.func) == "Attribute"  # a method, which has its object
        for k, name in enumerate(parameters[bound : bound + len(call.args)]):
            yield name, call, "args", k


def _updates(scope: Any, function: Any) -> Iterator[Update]:
    """What the choices in a loop give to names, be they of statements, expressions, or ``np.where``."""
    for node in [scope, *_statements(scope)]:
        for owner, arm, statements in _arms(node):
            for s in statements:
                for name, *place in _given(s, s, "value", function):
                    yield Update(name, arm, ast.dump(owner.test), owner, *place)
        if _kind(node) in ("Assign", "Return") and _kind(node.value) == "IfExp":
            for arm, field in enumerate(("body", "orelse")):
                for name, *place in _given(node, node.value, field, function):
                    yield Update(name, arm, ast.dump(node.value.test), node, *place)
        elif _kind(node) == "Assign" and _is_where(node.value):
            for arm in (0, 1):
                for name, *_ in _bound(node, node, "value"):
                    yield Update(name, arm, ast.dump(node.value.args[0]), node, node.value, "args", arm + 1)


def _is_where(value: Any) -> bool:
    return _kind(value) == "Call" and len(value.args) == 3 and getattr(value.func, "attr", None) == "where"


def _names(node: Any) -> set[str]:
    named: Iterator[Any] = ast.walk(node)
    return {n.id for n in named if _kind(n) == "Name"}


def _ends(scope: Any, function: Any) -> list[tuple[Update, str]]:
    """The updates that move the ends of an interval inwards, each with the name of the other end."""
    choices: dict[str, list[Update]] = {}
    for u in _updates(scope, function):
        if not (_kind(u.value) == "Name" and u.value.id == u.name) and not _is_marked(u.value):
            choices.setdefault(u.test, []).append(u)
    pairs = [
        (a, b) for same in choices.values() for a, b in itertools.permutations(same, 2)
        if a.name != b.name and a.arm != b.arm
        and not any((u.name, u.arm) in ((a.name, b.arm), (b.name, a.arm)) for u in same)
    ]  # fmt: skip
    if not pairs:
        return []
    made: dict[str, set[str]] = {}  # what names are computed from
    for s in _statements(function):
        for name, holder, field, index in _bound(s, s, "value"):
            value = getattr(holder, field)
            made.setdefault(name, set()).update(_names(value if index is None else value[index]))
    return [(a, b.name) for a, b in pairs if all(_is_between(u.value, {a.name, b.name}, made) for u in (a, b))]


def _is_marked(value: Any) -> bool:
    return _kind(value) == "Call" and getattr(value.func, "id", None) == DECIDED


def _is_between(value: Any, ends: set[str], made: dict[str, set[str]]) -> bool:
    """Whether an expression, or what its name is made of, has both ends in it."""
    names = made.get(value.id, set()) if _kind(value) == "Name" else _names(value)
    return ends <= names


def _mark(update: Update, other: str, function: Any, temporary: Callable[[], str]) -> None:
    """Write the end that an update moves as `DECIDED` by the operands of the condition."""
    test, before = _condition(update.statement), update.statement
    if _kind(test) == "Name":  # of a comparison that stands before, in the same list: whoever asks has compared
        body, k = _place(function, before)
        makers = [s for s in body[:k] if any(n == test.id for n, *_ in _bound(s, s, "value"))]
        if not makers:
            return
        before = makers[-1]
        test = before.value
    lib = _library(function)
    operands, hoisted = _operands(test, lib, temporary)
    if operands is None:
        return
    body, k = _place(function, before)
    body[k:k] = hoisted
    zero = [ast.copy_location(lib.Constant(0.0, None), before) for _ in (0, 1)]
    value = update.value
    known = {update.name, other, getattr(value, "id", "")}  # which depend on nothing but decisions, as a rule
    first = [o for o in operands if _kind(o) != "Constant"]
    first.sort(key=lambda o: o.id in known)
    callee, there = _name(lib, DECIDED, value), _name(lib, other, value)
    args = [value, there, *map(copy.deepcopy, [*first, *zero][:2])]
    if _is_where(update.holder):  # which takes the numbers out of an array
        args.append(ast.copy_location(lib.Constant(True, None), value))
    update.put(ast.copy_location(lib.Call(callee, args, []), value))


def _condition(statement: Any) -> Any:
    if _kind(statement) == "If":
        return statement.test
    return statement.value.test if _kind(statement.value) == "IfExp" else statement.value.args[0]  # of np.where


def _operands(test: Any, lib: Any, temporary: Callable[[], str]) -> tuple[list[Any] | None, list[Any]]:
    """The operands of a comparison, as names or constants, and the assignments that give them these names."""
    while True:
        if _kind(test) == "UnaryOp" and _kind(test.op) == "Not":
            test = test.operand
        elif _kind(test) == "BoolOp":
            test = test.values[0]
        elif _kind(test) == "Call" and len(test.args) == 1 and _called(test) in _ASKING:
            test = test.args[0]
        else:
            break
    found: list[Any] = []
    hoisted: list[Any] = []
    if _kind(test) == "Call" and not any(_kind(a) == "Starred" for a in test.args):  # of a function that compares
        test.args = [_named(a, found, hoisted, lib, temporary) for a in test.args]
        return found, hoisted
    if _kind(test) != "Compare" or len(test.ops) != 1:
        return None, []
    test.left = _named(test.left, found, hoisted, lib, temporary)
    test.comparators = [_named(c, found, hoisted, lib, temporary) for c in test.comparators]
    return found, hoisted


def _called(call: Any) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _named(node: Any, found: list[Any], hoisted: list[Any], lib: Any, temporary: Callable[[], str]) -> Any:
    """An operand under a name of its own, which ``found`` gets; of a sign, that of what has the sign."""
    if _kind(node) in ("Name", "Constant"):
        found.append(node)
    elif _kind(node) == "Call" and len(node.args) == 1 and _called(node) in _ASKING:
        node.args = [_named(node.args[0], found, hoisted, lib, temporary)]
    elif _kind(node) == "Compare" and len(node.ops) == 1:
        node.left = _named(node.left, found, hoisted, lib, temporary)
        node.comparators = [_named(c, found, hoisted, lib, temporary) for c in node.comparators]
    else:
        name = temporary()
        hoisted.append(_assigned(lib, name, node))
        node = _name(lib, name, node)
        found.append(node)
    return node


def _name(lib: Any, name: str, place: Any, context: Any = None) -> Any:
    more = (None, None) if lib is gast else ()
    return ast.copy_location(lib.Name(name, context or lib.Load(), *more), place)


def _assigned(lib: Any, name: str, value: Any) -> Any:
    made = lib.Assign([_name(lib, name, value, lib.Store())], value, None)
    return ast.copy_location(made, value)


def _place(function: Any, statement: Any) -> tuple[list[Any], int]:
    """The list that a statement stands in, and where."""
    for node in [function, *_statements(function)]:
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            for k, s in enumerate(body if isinstance(body, list) else []):
                if s is statement:
                    return body, k  # type: ignore[return-value]
    raise AssertionError("a statement of another function")
