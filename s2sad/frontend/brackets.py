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
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gast

from .roots import attach

DECIDED = "<decided>"  # the name that stands for `runtime.decided` in a tree
_SCOPES = {"FunctionDef", "AsyncFunctionDef", "ClassDef"}
_SIZES = {"abs", "fabs", "absolute"}
_ASKING = {"sign", "signbit", "bool", "any", "all"}  # what comes out of these tells no more than a decision does


class Update(NamedTuple):
    """What one arm of a choice gives to a name: ``holder.field`` (or its ``element``) is the expression of it.

    With a ``mask``, what is given are the numbers that it takes out of the value: ``low[mask] = middle[mask]``.
    """

    name: str
    arm: int
    test: str
    statement: Any
    holder: Any
    field: str
    element: int | None
    mask: Any = None

    @property
    def value(self) -> Any:
        found = getattr(self.holder, self.field)
        if self.mask is not None:
            return found.value
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


def marked(tree: Any, roots: bool = False) -> Any:
    """A function (of ``ast`` or ``gast``) in which the ends of such intervals are marked, and in those inside of it.

    A copy, where there are any.  ``roots``: a loop that certainly finds a root has that one marked, and not the ends.
    """
    if not any(_ends(scope, f) for f in _functions(tree) for scope in _scopes(f)):
        return tree
    tree = copy.deepcopy(tree)
    everything: Iterator[Any] = ast.walk(tree)
    taken = _names(tree) | {n.arg for n in everything if _kind(n) == "arg"}

    def fresh(name: str) -> str:
        found = next(n for n in map(f"{name}_{{}}".format, itertools.count(1)) if n not in taken)
        taken.add(found)
        return found

    for f in _functions(tree):
        by_scope = [(scope, _ends(scope, f)) for scope in _scopes(f)]
        found: list[Any] = []
        for scope, ends in reversed(by_scope) if roots else ():  # inner loops first
            found += _found(scope, ends, f, found, fresh) if scope is not f else []
        for scope, ends in by_scope:
            left = [end for end in ends if not any(end[0].statement is s for s in found) and _is_plain(end[0], f)]
            hits = list(_hits(scope, left, f))
            for update, other in left:
                _mark(update, other, f, lambda: fresh("decision"))
            for hit in hits:
                _mark_hit(hit, f, lambda: fresh("decision"))
    return tree


def _found(
    loop: Any, ends: list[tuple[Update, str]], function: Any, known: list[Any], fresh: Callable[[str], str]
) -> list[Any]:
    """The decisions of a loop that finds a root, which is marked behind it; ``known``: those of loops inside of it."""
    left = [end for end in ends if not any(end[0].statement is s for s in known)]
    moves = [(u.name, other, u.value, u.statement) for u, other in left]
    if not moves or not attach(function, loop, moves, _condition(moves[0][3]), fresh):
        return []
    return [statement for *_, statement in moves]


def _is_plain(update: Update, function: Any) -> bool:
    """Whether an update has not been marked, with an interval around it or within."""
    return not _is_marked(update.value) and not _follows_mark(update, function)


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


def _chosen(statements: list[Any]) -> Iterator[Any]:
    """Statements, and those of further choices among them."""
    for s in statements:
        yield s
        if _kind(s) == "If":
            yield from _chosen(s.body)
            yield from _chosen(s.orelse)


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
            for s in _chosen(statements):
                for name, *place in _given(s, s, "value", function):
                    yield Update(name, arm, ast.dump(owner.test), owner, *place)
        if _kind(node) in ("Assign", "Return") and _kind(node.value) == "IfExp":
            for arm, field in enumerate(("body", "orelse")):
                for name, *place in _given(node, node.value, field, function):
                    yield Update(name, arm, ast.dump(node.value.test), node, *place)
        elif _kind(node) == "Assign":
            for name, holder, field, element in _bound(node, node, "value"):
                value = getattr(holder, field) if element is None else getattr(holder, field)[element]
                for arm in (0, 1) if _is_where(value) else ():
                    yield Update(name, arm, ast.dump(value.args[0]), node, value, "args", arm + 1)
    yield from _masked(scope)


def _masked(scope: Any) -> Iterator[Update]:
    """What masks put into arrays: all masks but the first are taken for its opposite."""
    first: dict[str, str] = {}
    for node in _statements(scope):
        target = node.targets[0] if _kind(node) == "Assign" and len(node.targets) == 1 else None
        if _kind(target) != _kind(getattr(node, "value", None)) or _kind(target) != "Subscript":
            continue
        source, mask, name = _path(node.value.value), ast.dump(node.value.slice), _path(target.value)  # type: ignore[union-attr]
        if source and name and mask == ast.dump(target.slice) and _index(target.slice) in (None, _path(target.slice)):  # type: ignore[union-attr]
            arm = int(first.setdefault(source, mask) != mask)
            yield Update(name, arm, f"mask of {source}", node, node, "value", None, target.slice)  # type: ignore[union-attr]


def _is_where(value: Any) -> bool:
    return _kind(value) == "Call" and len(value.args) == 3 and getattr(value.func, "attr", None) == "where"


def _path(node: Any) -> str | None:
    """``self.low``, ``ends[0]``: the name of a variable, of an attribute or element of one; None of anything else."""
    if _kind(node) == "Name":
        return str(node.id)
    if _kind(node) == "Subscript":
        inside, index = _path(node.value), _index(node.slice)
        return inside and index and f"{inside}[{index}]"
    inside = _path(node.value) if _kind(node) == "Attribute" else None
    return inside and f"{inside}.{node.attr}"


def _index(node: Any) -> str | None:
    """An index as text, if it is simple."""
    if _kind(node) == "Constant":
        return repr(node.value)
    if _kind(node) == "UnaryOp" and _kind(node.op) == "USub":
        inside = _index(node.operand)
        return inside and f"-{inside}"
    if _kind(node) == "Tuple":
        parts = [_index(e) for e in node.elts]
        return ", ".join(map(str, parts)) if all(parts) else None
    return _path(node)


def _names(node: Any) -> set[str]:
    inside: Iterator[Any] = ast.walk(node)
    return {path for path in map(_path, inside) if path}


def _ends(scope: Any, function: Any) -> list[tuple[Update, str]]:
    """The updates that move the ends of an interval inwards, each with the name of the other end."""
    choices: dict[str, list[Update]] = {}
    for u in _updates(scope, function):
        if _path(u.value) != u.name:
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


class Hit(NamedTuple):
    """Where a loop ends as a root is met, whatever the interval is: what ``statement`` does then, and the names of it.

    ``near``: the comparisons that say how near, by their positions in the condition; none where nothing else is left.
    """

    statement: Any
    body: list[Any]
    names: list[str]
    near: list[int]


def _hits(scope: Any, ends: list[tuple[Update, str]], function: Any) -> Iterator[Hit]:
    both = {name for u, other in ends for name in (u.name, other)}
    values, plain = _values(function), both | _shrinking(scope)
    middles = {str(_path(u.value)) for u, _ in ends if _path(u.value)}
    middles = {m for m in middles if all(_names(v) <= plain | {m} for v in values.get(m, ()))}
    deciding = [s for u, _ in ends for s in _chosen([u.statement])]
    for node in [scope, *_statements(scope)] if middles else ():
        for owner, arm, body in _arms(node):
            beside = arm == 1 and any(owner is s for s in deciding)
            near = [k for k, test in enumerate(_atoms(owner.test)) if arm == 0 and _how_near(test) is not None]
            closes = body and _kind(body[-1]) == "Assign" and len(both.intersection(map(_path, body[-1].targets))) > 1
            if not (beside or near) or not body or not (closes or _kind(body[-1]) in ("Return", "Break")):
                continue
            bound = {n for s in _statements(scope) if s.lineno < owner.lineno for n, *_ in _bound(s, s, "value")}
            read = both | bound if _kind(body[-1]) == "Break" else _names(body[-1])
            if (middles | both) & read:
                yield Hit(owner, body, sorted((middles | both) & read), near)


def _how_near(test: Any) -> int | None:
    """Which operand of a comparison says how near a root is: 2 for the difference of both in ``value == 0``."""
    if _kind(test) != "Compare" or len(test.ops) != 1:
        return None
    sides, op = [test.left, *test.comparators], _kind(test.ops[0])
    if op == "Eq":
        constants = [n.value for n in sides if _kind(n) == "Constant"]
        return 2 if not constants or any(c == 0 for c in constants) else None
    place = {"Lt": 0, "LtE": 0, "Gt": 1, "GtE": 1}.get(op)
    return place if place is not None and _kind(sides[place]) == "Call" and _called(sides[place]) in _SIZES else None


def _mark_hit(hit: Hit, function: Any, temporary: Callable[[], str]) -> None:
    """Write what is found then as an end that was decided, of an interval as wide as the distance from the root."""
    lib = _library(function)
    places = [_how_near(test) for test in _atoms(hit.statement.test)]
    asked = _asked(hit.statement.test, hit.statement, function, lib, temporary)
    for name in hit.names:
        value, here = _name(lib, name, hit.statement), functools.partial(_name, lib, name, hit.statement)
        for k, operands in enumerate(asked):
            if hit.near and (k not in hit.near or len(operands) != 2):
                continue
            there = here()
            if hit.near and places[k] == 2:
                there = _sum(lib, lib.Add, there, _sum(lib, lib.Sub, *map(copy.deepcopy, operands)))
            elif hit.near:
                there = _sum(lib, lib.Add, there, copy.deepcopy(operands[places[k] or 0]))
            known = [copy.deepcopy(o) for o in operands if _kind(o) != "Constant"]
            zeros = [ast.copy_location(lib.Constant(0.0, None), value) for _ in (0, 1)]
            call = lib.Call(_name(lib, DECIDED, value), [value, there, *[*known, *zeros][:2]], [])
            value = ast.copy_location(call, hit.statement)
        hit.body.insert(0, _assigned(lib, name, value))


def _sum(lib: Any, op: Any, left: Any, right: Any) -> Any:
    return ast.copy_location(lib.BinOp(left, op(), right), left)


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
    if update.mask is not None:
        value, there = (_taken(lib, x, update.mask) for x in (value, there))
    marked = value
    for operands in asked:
        first = [o for o in operands if _kind(o) != "Constant"]
        first.sort(key=lambda o: _path(o) in known)
        zero = [ast.copy_location(lib.Constant(0.0, None), value) for _ in (0, 1)]
        args = [marked, there, *map(copy.deepcopy, [*first, *zero][:2])]
        if _is_where(update.holder) or update.mask is not None:  # which takes the numbers out of an array
            args.append(ast.copy_location(lib.Constant(True, None), value))
        marked = ast.copy_location(lib.Call(_name(lib, DECIDED, value), args, []), value)
    if not update.augments:
        update.put(marked)
    elif asked:
        body, k = _place(function, update.holder)
        body.insert(k + 1, _assigned(lib, update.name, marked))


def _taken(lib: Any, array: Any, mask: Any) -> Any:
    return ast.copy_location(lib.Subscript(copy.deepcopy(array), copy.deepcopy(mask), lib.Load()), array)


def _condition(statement: Any) -> Any:
    if _kind(statement) == "If":
        return statement.test
    if _kind(statement.value) == "Subscript" or _is_marked(statement.value):  # of a mask
        mask = statement.targets[0].slice
        return mask.operand if _kind(mask) == "UnaryOp" and _kind(mask.op) == "Invert" else mask
    if _kind(statement.value) == "IfExp":
        return statement.value.test
    return next(n for n in [statement.value, *getattr(statement.value, "elts", ())] if _is_where(n)).args[0]


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
        elif _kind(node) == "Call" and len(node.args) == 1 and _called(node) in _ASKING | _SIZES:
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
    if path == DECIDED:
        return ast.copy_location(lib.Name(path, lib.Load(), *((None, None) if lib is gast else ())), place)
    node = lib.parse(path).body[0].value
    for inside in ast.walk(node):
        ast.copy_location(inside, place)
    node.ctx = context or lib.Load()
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
