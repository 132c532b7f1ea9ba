"""Which assignments of a function narrow an interval: bisection, golden sections.

In: a function, of ``ast`` or ``gast``.  Out: for each loop (or for the function, if it calls itself, or is a step of a
search) the assignments that move the ends of an interval inwards, by what a condition decides, and where the loop ends
as it meets a root.

Names are those of variables, of attributes (``self.low``), and of elements (``ends[0]``).
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

_SCOPES = {"FunctionDef", "AsyncFunctionDef", "ClassDef"}
SIZES = {"abs", "fabs", "absolute"}
ASKING = {"sign", "signbit", "bool", "any", "all"}  # what comes out of these tells no more than a decision does


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
        return kind(self.holder) == "AugAssign"

    def put(self, value: Any) -> None:
        if self.element is None:
            setattr(self.holder, self.field, value)
        else:
            getattr(self.holder, self.field)[self.element] = value


def functions(tree: Any) -> list[Any]:
    """A function, and those that it defines, in it or in those."""
    inner = [s for s in statements_in(tree, True) if kind(s) == "FunctionDef"]
    return ([tree] if kind(tree) == "FunctionDef" else []) + inner


def kind(node: Any) -> str:
    return type(node).__name__


def statements_in(node: Any, deep: bool = False) -> Iterator[Any]:
    """The statements in a function or a loop; ``deep``: those of functions and classes inside, too."""
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):
        inside = getattr(node, field, None)
        for s in inside if isinstance(inside, list) else []:
            yield s
            if deep or kind(s) not in _SCOPES:
                yield from statements_in(s, deep)


def scopes(function: Any) -> list[Any]:
    """What runs again and again: loops, a function that calls itself, and one that returns several values, a step."""
    found = [s for s in statements_in(function) if kind(s) in ("For", "While")]
    given = [s.value for s in statements_in(function) if kind(s) == "Return"]
    given += [side for v in given if kind(v) == "IfExp" for side in (v.body, v.orelse)]
    return [function, *found] if any(_is_recursive(v, function) or kind(v) == "Tuple" for v in given) else found


def _is_recursive(node: Any, function: Any) -> bool:
    return kind(node) == "Call" and called(node) == function.name


def _arms(node: Any) -> Iterator[tuple[Any, int, list[Any]]]:
    """The ``if`` statements in a node, and the two lists of statements of each, the second one behind it if need be."""
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(node, field, None)
        for k, s in enumerate(statements if isinstance(statements, list) else []):
            if kind(s) == "If":
                yield s, 0, s.body
                leaves = not s.orelse and kind(s.body[-1]) in ("Continue", "Return")
                yield s, 1, statements[k + 1 :] if leaves else s.orelse  # type: ignore[index]


def _chosen(statements: list[Any]) -> Iterator[Any]:
    """Statements, and those of further choices among them."""
    for s in statements:
        yield s
        if kind(s) == "If":
            yield from _chosen(s.body)
            yield from _chosen(s.orelse)


def bindings(statement: Any, holder: Any, field: str) -> Iterator[tuple[str, Any, str, int | None]]:
    """The names that an assignment binds, and where their values stand: ``holder.field``, or elements of it."""
    if kind(statement) not in ("Assign", "AnnAssign", "AugAssign"):
        return
    targets, value = getattr(statement, "targets", None) or [statement.target], getattr(holder, field)
    target = targets[0]
    if len(targets) > 1 or value is None:
        return
    if path_of(target) and kind(value) in ("Tuple", "List"):  # an interval as a whole
        yield from ((f"{path_of(target)}[{k}]", value, "elts", k) for k in range(len(value.elts)))
    elif path_of(target):
        yield str(path_of(target)), holder, field, None
    elif kind(target) == kind(value) == "Tuple" and len(target.elts) == len(value.elts):
        for k, t in enumerate(target.elts):
            if path_of(t):
                yield str(path_of(t)), value, "elts", k


def _given(statement: Any, holder: Any, field: str, function: Any) -> Iterator[tuple[str, Any, str, int | None]]:
    """What a statement binds, as by `bindings`, or gives to the parameters of its own function, which it returns."""
    yield from bindings(statement, holder, field)
    call: Any = getattr(holder, field) if kind(statement) == "Return" else None
    if _is_recursive(call, function) and not any(kind(a) == "Starred" for a in call.args):
        parameters = [getattr(a, "arg", getattr(a, "id", "")) for a in function.args.args]
        bound = kind(call.func) == "Attribute"  # a method, which has its object
        for k, name in enumerate(parameters[bound : bound + len(call.args)]):
            yield name, call, "args", k


def _updates(scope: Any, function: Any) -> Iterator[Update]:
    """What the choices in a loop give to names, be they of statements, expressions, or ``np.where``."""
    for node in [scope, *statements_in(scope)]:
        for owner, arm, statements in _arms(node):
            for s in _chosen(statements):
                for name, *place in _given(s, s, "value", function):
                    yield Update(name, arm, ast.dump(owner.test), owner, *place)
        if kind(node) in ("Assign", "Return") and kind(node.value) == "IfExp":
            for arm, field in enumerate(("body", "orelse")):
                for name, *place in _given(node, node.value, field, function):
                    yield Update(name, arm, ast.dump(node.value.test), node, *place)
        elif kind(node) == "Assign":
            for name, holder, field, element in bindings(node, node, "value"):
                value = getattr(holder, field) if element is None else getattr(holder, field)[element]
                for arm in (0, 1) if is_where(value) else ():
                    yield Update(name, arm, ast.dump(value.args[0]), node, value, "args", arm + 1)
    yield from _masked(scope)


def _masked(scope: Any) -> Iterator[Update]:
    """What masks put into arrays: all masks but the first are taken for its opposite."""
    first: dict[str, str] = {}
    for node in statements_in(scope):
        target = node.targets[0] if kind(node) == "Assign" and len(node.targets) == 1 else None
        if kind(target) != kind(getattr(node, "value", None)) or kind(target) != "Subscript":
            continue
        source, mask, name = path_of(node.value.value), ast.dump(node.value.slice), path_of(target.value)  # type: ignore[union-attr]
        if source and name and mask == ast.dump(target.slice) and _index(target.slice) in (None, path_of(target.slice)):  # type: ignore[union-attr]
            arm = int(first.setdefault(source, mask) != mask)
            yield Update(name, arm, f"mask of {source}", node, node, "value", None, target.slice)  # type: ignore[union-attr]


def is_where(value: Any) -> bool:
    return kind(value) == "Call" and len(value.args) == 3 and getattr(value.func, "attr", None) == "where"


def path_of(node: Any) -> str | None:
    """``self.low``, ``ends[0]``: the name of a variable, of an attribute or element of one; None of anything else."""
    if kind(node) == "Name":
        return str(node.id)
    if kind(node) == "Subscript":
        inside, index = path_of(node.value), _index(node.slice)
        return inside and index and f"{inside}[{index}]"
    inside = path_of(node.value) if kind(node) == "Attribute" else None
    return inside and f"{inside}.{node.attr}"


def _index(node: Any) -> str | None:
    """An index as text, if it is simple."""
    if kind(node) == "Constant":
        return repr(node.value)
    if kind(node) == "UnaryOp" and kind(node.op) == "USub":
        inside = _index(node.operand)
        return inside and f"-{inside}"
    if kind(node) == "Tuple":
        parts = [_index(e) for e in node.elts]
        return ", ".join(map(str, parts)) if all(parts) else None
    return path_of(node)


def names_in(node: Any) -> set[str]:
    inside: Iterator[Any] = ast.walk(node)
    return {path for path in map(path_of, inside) if path}


def moves_in(scope: Any, function: Any) -> list[tuple[Update, str]]:
    """The updates that move the ends of an interval inwards, each with the name of the other end."""
    choices: dict[str, list[Update]] = {}
    for u in _updates(scope, function):
        if path_of(u.value) != u.name:
            choices.setdefault(u.test, []).append(u)
    returned = _returned(function) if scope is function else {}
    if not choices and not returned:
        return []
    values = _values(function)
    pairs = [
        (a, b) for same in choices.values() for a, b in itertools.permutations(same, 2)
        if a.name != b.name and a.arm != b.arm
        and not any((u.name, u.arm) in ((a.name, b.arm), (b.name, a.arm)) for u in same)
    ]  # fmt: skip
    made = {name: set().union(*map(names_in, found)) for name, found in values.items()} if pairs or returned else {}
    ends = [(a, b.name) for a, b in pairs if all(_is_between(u.value, {a.name, b.name}, made) for u in (a, b))]
    ends += [end for arms in returned.values() for end in _kept_apart(arms, made)]
    return ends


def _returned(function: Any) -> dict[str, dict[int, tuple[Any, Any]]]:
    """The tuples that the arms of choices return, with the statements that choose, by condition and arm."""
    found: dict[str, dict[int, tuple[Any, Any]]] = {}
    for node in [function, *statements_in(function)]:
        arms = [(owner, arm, body[-1].value, owner.test) for owner, arm, body in _arms(node)
                if body and kind(body[-1]) == "Return"]  # fmt: skip
        if kind(node) == "Return" and kind(node.value) == "IfExp":
            arms += [(node, 0, node.value.body, node.value.test), (node, 1, node.value.orelse, node.value.test)]
        for owner, arm, value, test in arms:
            if kind(value) == "Tuple":
                found.setdefault(ast.dump(test), {})[arm] = (owner, value)
    return {test: arms for test, arms in found.items() if len(arms) == 2}


def _kept_apart(arms: dict[int, tuple[Any, Any]], made: dict[str, set[str]]) -> Iterator[tuple[Update, str]]:
    """The ends of an interval that a step returns: ``(middle, high)`` or ``(low, middle)``."""
    (owner, first), (_, second) = arms[0], arms[1]
    for i, j in itertools.permutations(range(min(len(first.elts), len(second.elts))), 2):
        middle, low, high = (path_of(x) for x in (first.elts[i], second.elts[i], first.elts[j]))
        if not (middle and low and high) or low == high or middle != path_of(second.elts[j]):
            continue
        if _is_between(first.elts[i], {low, high}, made):
            yield Update(low, 0, "", owner, first, "elts", i), high
            yield Update(high, 1, "", owner, second, "elts", j), low


def _values(function: Any) -> dict[str, list[Any]]:
    """The expressions that give names their values."""
    found: dict[str, list[Any]] = {}
    for s in statements_in(function):
        if kind(s) != "AugAssign":
            for name, holder, field, index in bindings(s, s, "value"):
                value = getattr(holder, field)
                found.setdefault(name, []).append(value if index is None else value[index])
    return found


class Hit(NamedTuple):
    """Where a loop ends as a root is met, whatever the interval is: what ``statement`` does then, and the names of it.

    ``near``: the comparisons that say how near, by their positions in the condition; none where nothing else is left.
    """

    statement: Any
    body: list[Any]
    names: list[str]
    near: list[int]


def hits_in(scope: Any, ends: list[tuple[Update, str]], function: Any) -> Iterator[Hit]:
    both = {name for u, other in ends for name in (u.name, other)}
    values = _values(function)
    middles = {str(path_of(u.value)) for u, _ in ends if path_of(u.value)}
    middles = {m for m in middles if all(names_in(v) <= both | {m} for v in values.get(m, ()))}
    deciding = [s for u, _ in ends for s in _chosen([u.statement])]
    for node in [scope, *statements_in(scope)] if middles else ():
        for owner, arm, body in _arms(node):
            beside = arm == 1 and any(owner is s for s in deciding)
            near = [k for k, test in enumerate(atoms(owner.test)) if arm == 0 and how_near(test) is not None]
            closes = body and kind(body[-1]) == "Assign" and len(both.intersection(map(path_of, body[-1].targets))) > 1
            if not (beside or near) or not body or not (closes or kind(body[-1]) in ("Return", "Break")):
                continue
            bound = {n for s in statements_in(scope) if s.lineno < owner.lineno for n, *_ in bindings(s, s, "value")}
            read = both | bound if kind(body[-1]) == "Break" else names_in(body[-1])
            if (middles | both) & read:
                yield Hit(owner, body, sorted((middles | both) & read), near)


def how_near(test: Any) -> int | None:
    """Which operand of a comparison says how near a root is; 2 for ``value == 0``, where it is met."""
    if kind(test) != "Compare" or len(test.ops) != 1:
        return None
    sides, op = [test.left, *test.comparators], kind(test.ops[0])
    if op == "Eq":
        constants = [n.value for n in sides if kind(n) == "Constant"]
        return 2 if not constants or any(c == 0 for c in constants) else None
    place = {"Lt": 0, "LtE": 0, "Gt": 1, "GtE": 1}.get(op)
    return place if place is not None and kind(sides[place]) == "Call" and called(sides[place]) in SIZES else None


def _is_between(value: Any, ends: set[str], made: dict[str, set[str]]) -> bool:
    """Whether an expression, or what its name is made of, has both ends in it."""
    names = made.get(value.id, set()) if kind(value) == "Name" else names_in(value)
    return ends <= names


def atoms(test: Any) -> Iterator[Any]:
    """The comparisons and questions that a condition is made of, in order."""
    if kind(test) == "UnaryOp" and kind(test.op) == "Not":
        yield from atoms(test.operand)
    elif kind(test) == "BoolOp":
        for value in test.values:
            yield from atoms(value)
    elif kind(test) == "Call" and len(test.args) == 1 and called(test) in ASKING:
        yield from atoms(test.args[0])
    else:
        yield test


def called(call: Any) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def place_of(function: Any, statement: Any) -> tuple[list[Any], int]:
    """The list that a statement stands in, and where."""
    for node in [function, *statements_in(function)]:
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            for k, s in enumerate(body if isinstance(body, list) else []):
                if s is statement:
                    return body, k  # type: ignore[return-value]
    raise AssertionError("a statement of another function")
