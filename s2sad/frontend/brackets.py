"""Loops (and recursions) that narrow an interval by decisions: bisection, golden sections.

    mid = (low + high) / 2                mid = (low + high) / 2
    if f(mid, p) > 0:                     decision = f(mid, p)
        high = mid                 ->     if decision > 0:
    else:                                     high = decided(mid, low, decision, 0)
        low = mid                         else:
                                              low = decided(mid, high, decision, 0)

Or one end moves by a step that shrinks (``step /= 2``; ``if f(low + step, p) < 0: low += step``); then the other
argument of ``decided`` is where it was.

What such a loop finds moves with ``p``, and no operation says so: all that depends on ``p`` is which way the decisions
go.  `runtime.decided` is its first argument; its rule refuses a derivative that would need to know (`rules/own.py`).

Names are those of variables, and of attributes: ``self.low``.
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

    @property
    def augments(self) -> bool:
        """Whether it is an augmented assignment, whose value is only added."""
        return _kind(self.holder) == "AugAssign"

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
    if _kind(statement) not in ("Assign", "AnnAssign", "AugAssign"):
        return
    targets, value = getattr(statement, "targets", None) or [statement.target], getattr(holder, field)
    target = targets[0]
    if len(targets) > 1 or value is None:
        return
    if _path(target):
        yield str(_path(target)), holder, field, None
    elif _kind(target) == _kind(value) == "Tuple" and len(target.elts) == len(value.elts):
        for k, t in enumerate(target.elts):
            if _path(t):
                yield str(_path(t)), value, "elts", k


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


def _path(node: Any) -> str | None:
    """``self.low``: the name of a variable, or of an attribute of one; None of anything else."""
    if _kind(node) == "Name":
        return str(node.id)
    inside = _path(node.value) if _kind(node) == "Attribute" else None
    return inside and f"{inside}.{node.attr}"


def _names(node: Any) -> set[str]:
    inside: Iterator[Any] = ast.walk(node)
    return {path for path in map(_path, inside) if path}


def _ends(scope: Any, function: Any) -> list[tuple[Update, str]]:
    """The updates that move the ends of an interval inwards, each with the name of the other end."""
    choices: dict[str, list[Update]] = {}
    for u in _updates(scope, function):
        if _path(u.value) != u.name and not _is_marked(u.value) and not _follows_mark(u, function):
            choices.setdefault(u.test, []).append(u)
    if not choices:
        return []
    values = _values(function)
    shrinking = _shrinking(scope)
    steps = [(u, u.name) for same in choices.values() for u in same if _is_step(u, shrinking, values)]
    pairs = [
        (a, b) for same in choices.values() for a, b in itertools.permutations(same, 2)
        if a.name != b.name and a.arm != b.arm
        and not any((u.name, u.arm) in ((a.name, b.arm), (b.name, a.arm)) for u in same)
    ]  # fmt: skip
    made = {name: set().union(*map(_names, found)) for name, found in values.items()} if pairs else {}
    ends = [(a, b.name) for a, b in pairs if all(_is_between(u.value, {a.name, b.name}, made) for u in (a, b))]
    return ends + [(u, name) for u, name in steps if not any(u is end for end, _ in ends)]


def _values(function: Any) -> dict[str, list[Any]]:
    """The expressions that give names their values."""
    found: dict[str, list[Any]] = {}
    for s in _statements(function):
        if _kind(s) != "AugAssign":
            for name, holder, field, index in _bound(s, s, "value"):
                value = getattr(holder, field)
                found.setdefault(name, []).append(value if index is None else value[index])
    return found


def _shrinking(scope: Any) -> set[str]:
    """The names of what a loop halves, or divides by another number: ``step *= 0.5``."""
    found = set()
    for s in _statements(scope):
        if _kind(s) == "AugAssign":
            name, op, sides = _path(s.target), _kind(s.op), [s.target, s.value]
        elif _kind(s) in ("Assign", "AnnAssign") and _kind(s.value) == "BinOp":
            op, sides = _kind(s.value.op), [s.value.left, s.value.right]
            name = next((n for n, *_ in _bound(s, s, "value") if n in map(_path, sides)), None)
        else:
            continue
        numbers = [n.value for n in sides if _kind(n) == "Constant" and isinstance(n.value, (int, float))]
        if name and numbers and ((op == "Mult" and abs(numbers[0]) < 1) or (op == "Div" and abs(numbers[0]) > 1)):
            found.add(name)
    return found


def _is_step(update: Update, shrinking: set[str], values: dict[str, list[Any]]) -> bool:
    """Whether an update adds what shrinks to what it updates."""
    if update.augments:
        return _kind(update.holder.op) in ("Add", "Sub") and _path(update.value) in shrinking
    own = values.get(update.value.id, []) if _kind(update.value) == "Name" else [update.value]
    sums = [v for v in own if _kind(v) == "BinOp" and _kind(v.op) in ("Add", "Sub")]
    return any(
        {_path(v.left), _path(v.right)} & shrinking and update.name in (_path(v.left), _path(v.right)) for v in sums
    )


def _follows_mark(update: Update, function: Any) -> bool:
    """Whether an augmented assignment has been marked, by the statement behind it."""
    if not update.augments:
        return False
    body, k = _place(function, update.holder)
    return any(_kind(s) == "Assign" and _is_marked(s.value) for s in body[k + 1 : k + 2])


def _is_marked(value: Any) -> bool:
    return _kind(value) == "Call" and getattr(value.func, "id", None) == DECIDED


def _is_between(value: Any, ends: set[str], made: dict[str, set[str]]) -> bool:
    """Whether an expression, or what its name is made of, has both ends in it."""
    names = made.get(value.id, set()) if _kind(value) == "Name" else _names(value)
    return ends <= names


def _mark(update: Update, other: str, function: Any, temporary: Callable[[], str]) -> None:
    """Write the end that an update moves as `DECIDED` by the operands of the condition."""
    lib = _library(function)
    asked = _asked(_condition(update.statement), update.statement, function, lib, temporary)
    value, there = update.value, _name(lib, other, update.statement)
    if update.augments:
        value = _name(lib, update.name, value)
        inverse = lib.Sub() if _kind(update.holder.op) == "Add" else lib.Add()
        there = ast.copy_location(lib.BinOp(copy.deepcopy(value), inverse, copy.deepcopy(update.value)), value)
    known = {update.name, other, _path(value)}  # which depend on nothing but decisions, as a rule
    marked = value
    for operands in asked:
        first = [o for o in operands if _kind(o) != "Constant"]
        first.sort(key=lambda o: _path(o) in known)
        zero = [ast.copy_location(lib.Constant(0.0, None), value) for _ in (0, 1)]
        args = [marked, there, *map(copy.deepcopy, [*first, *zero][:2])]
        if _is_where(update.holder):  # which takes the numbers out of an array
            args.append(ast.copy_location(lib.Constant(True, None), value))
        marked = ast.copy_location(lib.Call(_name(lib, DECIDED, value), args, []), value)
    if not update.augments:
        update.put(marked)
    elif asked:
        body, k = _place(function, update.holder)
        body.insert(k + 1, _assigned(lib, update.name, marked))


def _condition(statement: Any) -> Any:
    if _kind(statement) == "If":
        return statement.test
    return statement.value.test if _kind(statement.value) == "IfExp" else statement.value.args[0]  # of np.where


def _atoms(test: Any) -> Iterator[Any]:
    """The comparisons and questions that a condition is made of, in order."""
    if _kind(test) == "UnaryOp" and _kind(test.op) == "Not":
        yield from _atoms(test.operand)
    elif _kind(test) == "BoolOp":
        for value in test.values:
            yield from _atoms(value)
    elif _kind(test) == "Call" and len(test.args) == 1 and _called(test) in _ASKING:
        yield from _atoms(test.args[0])
    else:
        yield test


def _asked(condition: Any, statement: Any, function: Any, lib: Any, temporary: Callable[[], str]) -> list[list[Any]]:
    """The operands of each comparison or question in a condition, as the names that they get there, or constants."""
    asked: list[list[Any]] = []
    for k, test in enumerate(_atoms(condition)):
        body, place = _place(function, statement)
        if _kind(test) == "Name":  # of a comparison that stands before, in the same list: whoever asks has compared
            makers = [s for s in body[:place] if any(n == test.id for n, *_ in _bound(s, s, "value"))]
            if makers:
                asked += _asked(makers[-1].value, makers[-1], function, lib, temporary)
            continue
        naming = Naming([], [], lib, temporary, inside=k > 0)
        naming.of(test)
        body[place:place] = naming.hoisted
        asked.append(naming.found)
    return asked


def _called(call: Any) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


class Naming(NamedTuple):
    """Gives names to operands, by assignments that are ``hoisted``, or ``inside``, where they may not be reached."""

    found: list[Any]
    hoisted: list[Any]
    lib: Any
    temporary: Callable[[], str]
    inside: bool

    def of(self, test: Any) -> None:
        """Those of a comparison, or of a function that compares; of a method, its object is one."""
        if _kind(test) == "Call" and not any(_kind(a) == "Starred" for a in test.args):
            if _kind(test.func) == "Attribute" and _kind(test.func.value) == "Name":
                self.found.append(test.func.value)
            test.args = [self.named(a) for a in test.args]
        elif _kind(test) == "Compare" and len(test.ops) == 1:
            test.left = self.named(test.left)
            test.comparators = [self.named(c) for c in test.comparators]

    def named(self, node: Any) -> Any:
        """An operand under a name of its own, which ``found`` gets; of a sign, that of what has the sign."""
        if _kind(node) in ("Name", "Constant"):
            self.found.append(node)
        elif _kind(node) == "Call" and len(node.args) == 1 and _called(node) in _ASKING:
            node.args = [self.named(node.args[0])]
        elif _kind(node) == "Compare" and len(node.ops) == 1:
            node.left = self.named(node.left)
            node.comparators = [self.named(c) for c in node.comparators]
        else:
            name, lib = self.temporary(), self.lib
            self.found.append(_name(lib, name, node))
            if self.inside:
                zero = ast.copy_location(lib.Constant(0.0, None), node)
                self.hoisted.append(_assigned(lib, name, zero))
                return ast.copy_location(lib.NamedExpr(_name(lib, name, node, lib.Store()), node), node)
            self.hoisted.append(_assigned(lib, name, node))
            node = _name(lib, name, node)
        return node


def _name(lib: Any, path: str, place: Any, context: Any = None) -> Any:
    first, *attributes = path.split(".")
    more, context = (None, None) if lib is gast else (), context or lib.Load()
    node = ast.copy_location(lib.Name(first, lib.Load() if attributes else context, *more), place)
    for k, name in enumerate(attributes, 1):
        node = ast.copy_location(lib.Attribute(node, name, context if k == len(attributes) else lib.Load()), place)
    return node


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
