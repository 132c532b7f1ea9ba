"""The functional IR in, Python out: ``emit(function, name=...)`` gives an `Emitted` with tree, text and namespace.

The order of the work: `tails` puts the ends of blocks where ``return`` and ``break`` stood, `inplace` decides which
updates happen in place, `fold` what stands inside expressions, `names` what variables are called; here the
statements are written.
"""

from __future__ import annotations

import dataclasses
import operator
from typing import Any

import numpy as np

from .. import runtime
from ..autodiff.absent import Absent, define
from ..ir import prims
from ..ir.core import Block, Const, Function, Iter, Op, Operand, Value
from ..ir.types import UNKNOWN, Type, element
from ..passes.build import selects_once
from ..passes.words import describe
from . import syntax as s
from .arms import join_arms
from .comments import Commenter, is_user_line
from .fold import Folding, is_named
from .inplace import clone, decide
from .memory import all_ops, among, fixed, is_array, is_update, new_version, operand_type
from .names import name_values
from .overlap import Summary, summarise
from .printer import WIDTH, to_text
from .spelling import Globals, Speller, parameter_entries
from .tails import sink_tails
from .through import views_of
from .unpacking import Unpacking, unpacking


@dataclasses.dataclass
class Emitted:
    """A module with the function and all that it calls.

    Attributes:
        name: the function's name in the module.
        tree, text: the module.
        namespace: name -> object, what must be there to run it.
        helpers: the part of the namespace that is s2sad's own.
    """

    name: str
    tree: Any
    text: str
    namespace: dict[str, Any]
    helpers: dict[str, Any]


def emit(function: Function, *, name: str, comments: bool = True) -> Emitted:
    """Write a function of the final stage, and every function that it calls, as Python.

    Args:
        function: its ops are not changed.
        name: what it is called; the functions it calls keep their names, with numbers where they are equal.
        comments: whether the user's lines stand above what they became.
    """
    functions = reachable(function)
    names = _function_names(functions, function, name)
    fixed_names = {entry for f in functions for entry, _ in parameter_entries(f)} | set(names.values())
    globals_ = Globals(fixed_names)
    summaries: dict[Function, Summary] = {}
    definitions = []
    for f in functions:
        describe(f)
        definitions.append(_Emitter(f, summaries, globals_, names, comments).definition())
        if f is not function:
            summaries[f] = summarise(clone(f, summaries))
    tree = s.module(definitions)
    return Emitted(name, tree, to_text(tree, WIDTH), globals_.namespace, globals_.helpers)


def reachable(function: Function) -> list[Function]:
    """The function and what it calls, callees first."""
    found: list[Function] = []
    seen: set[Function] = set()

    def visit(f: Function) -> None:
        if f not in seen:
            seen.add(f)
            for op in all_ops(f.body):
                if op.prim == "call":
                    visit(op.attrs["function"])
            found.append(f)

    visit(function)
    return found


def _function_names(functions: list[Function], main: Function, name: str) -> dict[Function, str]:
    """A name for each function, which no other one has, and no parameter of those that call it."""
    names, taken = {main: name}, {name}
    hidden: dict[Function, set[str]] = {f: set() for f in functions}
    for caller in functions:
        entries = {entry for entry, _ in parameter_entries(caller)}
        for op in all_ops(caller.body):
            if op.prim == "call":
                hidden[op.attrs["function"]] |= entries
    for f in functions:
        if f is not main:
            base = f.name if f.name.isidentifier() else "function"
            candidate, k = base, 0
            while candidate in taken | hidden[f]:
                k += 1
                candidate = f"{base}_{k}"
            taken.add(candidate)
            names[f] = candidate
    return names


def may_refuse(op: Op) -> bool:
    """Whether an op runs a rule, which may find that there is no derivative."""
    if op.prim == "call":
        return bool(op.attrs["function"].attrs.get("rule"))
    return op.attrs.get("rule", False) or str(getattr(op.prim, "__module__", "")).startswith("s2sad.rules.")


class _Emitter:
    """Writes one function."""

    def __init__(self, function: Function, summaries: dict, globals_: Globals, functions: dict, comments: bool):
        self.original = function
        self.comments = comments
        self.function = clone(function, summaries)
        sink_tails(self.function)
        overlap = decide(self.function)
        self.absent = Absent(self.function)
        join_arms(self.function)
        self.folding = Folding(self.function, overlap)
        self.entries = parameter_entries(function)
        self.globals = globals_
        self.functions = functions

    def _begin(self, reserved: set[str]) -> None:
        """Give names to the variables, none of them a reserved one."""
        self.names = self._named(reserved)
        self.unread = "_"  # the name of what nobody reads
        while self.unread in {*self.names.values(), *reserved}:
            self.unread += "_"
        self.handled: list[str | None] = []  # the names of the exceptions that are being handled
        self.said: set[Op] = set()  # in the statement of another op
        self.elements: dict[Value, Any] = {}  # of the loop that is written: what they are unpacked into
        self.write = Speller(self.names, self.folding, self.globals, self.functions)

    def _named(self, reserved: set[str]) -> dict[Value, str]:
        """The names of the variables; what may be without a value has None, where it has to change its name."""
        parameters = [n for n, _ in self.entries]
        while True:
            names = name_values(self.function, self.folding, parameters, reserved)
            moved = {x for to, x in self.absent.flows if to in names and names.get(x) != names[to]}
            if not define(self.function.body.ops, moved):
                return names

    # The whole

    def definition(self) -> Any:
        """The whole function: anew, where a variable turns out to have the name of what is called."""
        called = {self.functions[op.attrs["function"]] for op in all_ops(self.function.body) if op.prim == "call"}
        while True:
            reserved = self.globals.names() | called
            self._begin(reserved)
            written = self._definition()
            if not (self.globals.names() - reserved) & {*self.names.values(), self.unread}:
                return written

    def _definition(self) -> Any:
        defaults = {p.name: p.default for p in self.original.signature}
        entries = []
        for name, kind in self.entries:
            default = defaults.get(name)
            entries.append((name, kind, self.write.expression(default) if default is not None else None))
        body = self.block(self.function.body)
        return s.function(
            self.write.functions[self.original], s.parameters(entries), body, self.original.attrs.get("doc")
        )

    def block(self, block: Block, end: Any = None, owner: Op | None = None) -> list[Any]:
        """The statements of a block of an op; ``end(results)`` writes what happens at its end (by default, return)."""
        end = end or self.return_
        out = Commenter(self.comments, owner)
        tail = block.ops[-1] if block.ops and block.ops[-1].attrs.get("tail") else None
        for k, op in enumerate(block.ops):
            if op not in self.folding.inline and op not in self.said and not op.attrs.get("arm"):
                ends = tail is not None and tail in (op, op.attrs.get("arms"))
                statements = self.unpacked(op, block.ops[k:]) or self.statement(op, end if ends else None)
                out.add(self.placed(statements, [op]), op)
        if tail is None:
            made = [op for op in map(self.folding.folded, block.results) if op is not None]
            out.add(self.placed(end(block.results), made), made[0] if made else None)
        out.close()
        return out.body

    def placed(self, statements: list[Any], ops: list[Op]) -> list[Any]:
        """Statements with the user's place (``span``) of what is computed in them: of a rule, if there is one."""
        if self.original.attrs.get("rule"):  # whose lines are not the user's
            ops = []
        spans, todo = [], list(ops)
        while todo:
            op = todo.pop()
            spans.append((not may_refuse(op), op.span))
            todo += [inner for inner in map(self.folding.folded, op.operands()) if inner is not None]
        for node in statements:
            if not hasattr(node, "span"):
                node.span = min(spans, key=lambda s: s[0])[1] if spans else None
        return statements

    def return_(self, results: list[Operand]) -> list[Any]:
        if not results or any(isinstance(r, Const) and r.path == "UNDEFINED" for r in results):
            return []
        values = self.write.each(results)
        return [s.return_(values[0] if len(values) == 1 else s.tuple_(values))]

    # Statements

    def statement(self, op: Op, end: Any) -> list[Any]:
        if op in self.folding.choices:
            return self.assign(op.outs, self.write.op(op), False)
        if op.prim == "if":
            return self.if_(op, end)
        if op.prim == "for":
            return self.for_(op)
        if op.prim == "while":
            return self.while_(op)
        if op.prim == "with":
            body = self.block(op.blocks[0], lambda results: self.moves(op.outs, results), op)
            return [s.with_(self.write.expression(op.args[0]), body)]
        if op.prim == "try":
            return self.try_(op, end)
        if op.prim == "raise":
            if len(op.args) == 1 and self.handled[-1:] == [self._name(op.args[0])]:
                return [s.raise_(None, None)]
            error, *cause = self.write.each(op.args)
            return [s.raise_(error, cause[0] if cause else None)]
        if op.prim is prims.unpack:
            return self.unpack(op)
        if is_update(op) and op.attrs.get("inplace"):
            return self.update(op)
        effect = self.folding.has_effect(op) or bool(op.attrs.get("raises"))
        return self.augmented(op) or self.assign(op.outs, self.write.op(op), effect)

    def augmented(self, op: Op) -> list[Any]:
        """``x += y`` for a number: a new one under the old name.  The user's own ``x = x + y`` stays."""
        if not op.outs:
            return []
        out = op.outs[0]
        sums = op.prim is runtime.accumulate or among(op.prim, s.INPLACE)
        if len(op.args) != 2 or not (fixed(out) and fixed(op.args[0])):  # of a 0-d array ``+=`` would change its memory
            return []
        if not self._is_read(out) or self._name(op.args[0]) != self.names[out]:
            return []
        target = s.name(self.names[out])
        if op.prim is runtime.accumulate:
            if not all(operand_type(x).is_numeric for x in op.args):  # ``+=`` would put tuples behind each other
                return []
            return [s.augment(target, *self.write.added(op.args[1]))]
        if sums or (among(op.prim, s.BINARY) and op.span is not None):
            value = self.write.expression(op.args[1])
            if sums or not is_user_line(op, s.assign(target, self.write.op(op))):
                return [s.augment(target, s.INPLACE.get(op.prim, op.prim), value)]
        return []

    def assign(self, outs: list[Value], value: Any, effect: bool) -> list[Any]:
        read = [self._is_read(v) for v in outs]
        if not any(read):
            return [s.statement(value)] if effect else []
        targets = [s.name(self.names[v] if r else self.unread) for v, r in zip(outs, read, strict=True)]
        if [getattr(value, "id", None)] == [t.id for t in targets]:
            return []
        return [s.assign(targets[0] if len(targets) == 1 else s.tuple_(targets), value)]

    def _is_read(self, v: Value) -> bool:
        return v in self.names and v in self.folding.read

    def unpacked(self, op: Op, ops: list[Op]) -> list[Any]:
        """``x, y = a`` for an op that begins to read the elements of ``a``, or makes it for nothing else."""
        if op.attrs.get("raises"):  # in a `try`, each where it stands
            return []
        if op.prim in (operator.getitem, prims.check_length):
            found = unpacking(op.args[0], ops, self.folding, self.names)
            if found is not None and op in found.ops:
                return [s.assign(self.targets(found), self.write.expression(op.args[0]))]
        plain = len(op.outs) == 1 and not op.blocks and op.prim != "raise" and not is_named(op.out)
        if plain and op.outs[0].type.kind == "tuple" and not (is_update(op) and op.attrs.get("inplace")):
            found = unpacking(op.out, ops[1:], self.folding, self.names)
            if found is not None and self.folding.is_for(op.out, found.ops):
                return [s.assign(self.targets(found), self.write.op(op))]
        return []

    def targets(self, found: Unpacking) -> Any:
        """The names of what is unpacked, which needs no statements of its own any more."""
        self.said.update(found.ops)
        return s.tuple_([s.name(self.unread if v is None else self.names[v]) for v in found.targets])

    def unpack(self, op: Op) -> list[Any]:
        after = op.args[2].value if len(op.args) > 2 and isinstance(op.args[2], Const) else -1
        targets = [s.name(self.names[v] if self._is_read(v) else self.unread) for v in op.outs]
        if after >= 0:
            count = len(targets) - 1 - after
            targets[count] = s.starred(targets[count])
        return [s.assign(s.tuple_(targets), self.write.expression(op.args[0]))]

    def update(self, op: Op) -> list[Any]:
        """An update in place."""
        old, new = op.args[0], new_version(op)
        name = self.names[new]
        target = s.name(name)
        before = [] if self._name(old) == name else [s.assign(target, self.write.expression(old))]
        rest = op.args[1:]
        if among(op.prim, s.INPLACE):
            return [*before, s.augment(target, s.INPLACE[op.prim], self.write.expression(rest[0]))]
        if op.prim is runtime.accumulate:
            return [*before, s.augment(target, *self.write.added(rest[0]))]
        if op.prim is runtime.list_append:
            return [*before, s.statement(s.call(s.attribute(target, "append"), self.write.expression(rest[0])))]
        if op.prim is runtime.list_pop:
            return [*before, *self.assign(op.outs[:1], s.call(s.attribute(target, "pop")), True)]
        for index in views_of(op):
            target = s.subscript(target, self.write.index(index))
        item = s.subscript(target, self.write.index(rest[0]))
        if op.prim is runtime.clear_item:
            return [*before, s.assign(item, self.zero(old, rest[0], item))]
        if op.prim is runtime.index_add:
            return [*before, self.index_add(op, target, item)]
        return [*before, self.setitem(op, item)]

    def _name(self, x: Operand) -> str | None:
        return self.names.get(x) if isinstance(x, Value) else None

    def zero(self, old: Operand, index: Operand, item: Any) -> Any:
        if is_array(old) or _slot(old, index).kind in ("float", "number"):
            return s.constant(0.0)
        return s.call(self.write.globals.spell(runtime.zeros_like), item)

    def index_add(self, op: Op, target: Any, item: Any) -> Any:
        old, index, value, *_ = op.args
        if not is_array(old):
            kind = _kind_of_sum(op)
            if kind == "number":
                return s.augment(item, *self.write.added(value))
            if kind == "array":  # not in place: the array may be that of another cotangent
                sign, term = self.write.added(value)
                return s.assign(item, s.binary(sign, item, term))
            total = s.call(self.write.globals.spell(runtime.accumulate), item, self.write.expression(value))
            return s.assign(item, total)
        if selects_once(index, self.folding.maker):
            return s.augment(item, *self.write.added(value))
        at = s.attribute(s.name(self.write.globals.spell(np.add)), "at")
        return s.statement(s.call(at, target, self.write.expression(index), self.write.expression(value)))

    def setitem(self, op: Op, item: Any) -> Any:
        """``a[i] = v``, or ``a[i] += w`` where ``v`` is ``a[i] + w``."""
        old, _, value, *_ = op.args
        made = self.folding.folded(value)
        if made is not None and len(made.args) == 2 and not made.params:
            sign = s.INPLACE.get(made.prim) or (made.prim if made.prim in s.BINARY else None)
            read = self.folding.folded(made.args[0])
            if read is not None and read in self.folding.bare:
                read = self.folding.folded(read.args[0])
            if sign and read is not None and read.prim is operator.getitem:
                exact = made.prim in s.INPLACE or fits(old, made.args[0], made.args[1], value)
                if exact and s.same(self.write.op(read), item):
                    return s.augment(item, sign, self.write.expression(made.args[1]))
        return s.assign(item, self.write.expression(value))

    # Control flow

    def moves(self, targets: list[Value], sources: list[Operand]) -> list[Any]:
        """Assign all at once; nothing where names agree already."""
        pending: list[tuple[str, Operand]] = []
        for v, x in zip(targets, sources, strict=True):
            if v not in self.names or (isinstance(x, Const) and x.path == "UNDEFINED"):
                continue
            if self._name(x) != self.names[v] or self.folding.folded(x):
                pending.append((self.names[v], x))
        statements = []
        while pending:
            reads = [{self.names[leaf] for leaf in self.folding.leaves(x)} for _, x in pending]
            for k, (name, x) in enumerate(pending):
                if not any(name in r for j, r in enumerate(reads) if j != k):
                    statements.append(s.assign(s.name(name), self.write.expression(x)))
                    del pending[k]
                    break
            else:
                names, values = zip(*pending, strict=True)
                return [
                    *statements,
                    s.assign(s.tuple_(list(map(s.name, names))), s.tuple_(self.write.each(list(values)))),
                ]
        return statements

    def if_(self, op: Op, end: Any) -> list[Any]:
        end = end or (lambda results: self.moves(op.outs, results))
        test = self.write.expression(op.args[0])
        then, otherwise = (self.block(b, end, op) for b in op.blocks)
        if not then and not otherwise:
            return []
        if not then:
            return [s.if_(s.negate(test), otherwise, [])]
        if s.leaves_block(then) and op.attrs.get("tail"):
            return [s.if_(test, then, []), *otherwise]
        return [s.if_(test, then, otherwise)]

    def try_(self, op: Op, end: Any) -> list[Any]:
        """A ``try`` with what its handlers do, which ends as ``end`` says."""

        def ended(results: list[Operand]) -> list[Any]:
            read = [k for k, out in enumerate(op.outs) if self._is_read(out)]
            return self.moves([op.outs[k] for k in read], [results[k] for k in read])

        body, *handlers = (self.block(b, ended, op) for b in op.blocks)
        names = [next((self.names[p] for p in b.params if self._is_read(p)), None) for b in op.blocks[1:]]
        after: list[Any] = []
        if "arms" in op.attrs:
            self.handled.append(next((name for name in names if name), ""))  # all have the same
            *arms, after = self.arms(op.attrs["arms"], end, len(handlers))
            self.handled.pop()
            handlers = [first + arm for first, arm in zip(handlers, arms, strict=True)]
        classes = self.write.each(op.args)
        left = all(map(s.leaves_block, handlers))
        whole = s.try_(body, list(zip(classes, names, handlers, strict=True)), [] if left else after)
        return [whole, *(after if left else [])]

    def arms(self, choice: Op, end: Any, count: int) -> list[list[Any]]:
        """What each of ``count`` handlers does, and what happens where none runs."""
        end = end or (lambda results: self.moves(choice.outs, results))

        def each(block: Block, left: int, end: Any) -> list[list[Any]]:
            if left == 1:
                return [self.block(block, end, choice)]
            (nested,) = block.ops
            inner = end if nested.attrs.get("tail") else lambda results: [
                *self.moves(nested.outs, results), *end(block.results)]  # fmt: skip
            return [self.block(nested.blocks[0], inner, nested), *each(nested.blocks[1], left - 1, inner)]

        return [*each(choice.blocks[0], count, end), self.block(choice.blocks[1], end, choice)]

    def for_(self, op: Op) -> list[Any]:
        (body,) = op.blocks
        shape = op.attrs["iter"]
        count, leaves = shape.operands(), shape.leaves()
        self.elements = {v: self.targets(u) for v in body.params[:leaves] if (u := self.read_at_once(v, body))}
        target, iterable = self.walk(
            shape, list(op.args[:count]), list(body.params[:leaves]), op.attrs.get("reverse", False)
        )
        before, inside = self.loop(op, op.args[count:], body)
        return [*before, s.for_(target, iterable, inside or [s.pass_()])]

    def while_(self, op: Op) -> list[Any]:
        condition, body = op.blocks
        before, inside = self.loop(op, op.args, body)
        if self.folding.is_expression(condition):
            return [*before, s.while_(self.write.expression(condition.results[0]), inside or [s.pass_()])]
        head = self.block(
            condition, lambda results: [s.if_(s.negate(self.write.expression(results[0])), [s.break_()], [])]
        )
        return [*before, s.while_(s.constant(True), [*head, *inside])]

    def loop(self, op: Op, initial: list[Operand], body: Block) -> tuple[list[Any], list[Any]]:
        """What stands before the loop, and its body."""
        stops = bool(op.attrs.get("stops"))
        outs = op.outs
        flag = outs[0] if stops and self._is_read(outs[0]) else None

        def end(results: list[Operand]) -> list[Any]:
            statements = self.moves(outs[stops:], results[stops:])
            if not stops:
                return statements
            stop = results[0]
            if isinstance(stop, Const):
                if not stop.value:
                    return statements
                return [
                    *statements,
                    *([s.assign(s.name(self.names[flag]), s.constant(True))] if flag else []),
                    s.break_(),
                ]
            if flag:
                statements += self.moves([flag], [stop])
            return [*statements, s.if_(self.write.expression(stop if flag is None else flag), [s.break_()], [])]

        before = self.moves(outs[stops:], initial)
        if flag:
            before.append(s.assign(s.name(self.names[flag]), s.constant(False)))
        return before, self.block(body, end, op)

    def walk(self, shape: Iter, operands: list[Operand], leaves: list[Value], reverse: bool) -> tuple[Any, Any]:
        """Target and iterable of a ``for``; takes its operands and elements off the lists."""
        builtin = self.write.globals.builtin
        if shape.kind in ("zip", "enumerate"):
            start = operands.pop(0) if shape.kind == "enumerate" else None
            first = [self.element(leaves.pop(0))] if start is not None else []
            parts = [self.walk(p, operands, leaves, False) for p in shape.parts]
            args = [iterable for _, iterable in parts]
            if start is not None and not (isinstance(start, Const) and start.value == 0):
                args.append(self.write.expression(start))
            options = {"strict": s.constant(True)} if shape.strict else {}
            return s.tuple_([*first, *(t for t, _ in parts)]), s.call(builtin(shape.kind), *args, **options)
        element = leaves.pop(0)
        target = self.element(element)
        if shape.kind != "range":
            return target, self.write.expression(operands.pop(0))
        start, stop, step = operands.pop(0), operands.pop(0), operands.pop(0)
        unit = isinstance(step, Const) and step.value == 1
        from_zero = unit and isinstance(start, Const) and start.value == 0
        bounds = [stop] if from_zero else [start, stop] if unit else [start, stop, step]
        iterable = s.call(builtin("range"), *self.write.each(bounds))
        return target, s.call(builtin("reversed"), iterable) if reverse and element in self.names else iterable

    def read_at_once(self, v: Value, body: Block) -> Unpacking | None:
        """What a turn of a loop reads first of an element, and nothing later does."""
        found = None if is_named(v) else unpacking(v, body.ops, self.folding, self.names)
        return found if found is not None and self.folding.is_for(v, found.ops) else None

    def element(self, v: Value) -> Any:
        if v in self.elements:
            return self.elements[v]
        return s.name(self.names.get(v, self.unread))


def _slot(x: Operand, index: Operand) -> Type:
    """What is known of the element of a list at an index."""
    t = operand_type(x)
    return element(t) if t.kind == "list" and t.elems and operand_type(index).kind == "int" else UNKNOWN


def _kind_of_sum(op: Op) -> str | None:
    """What is added to an element of a list, and is there: a ``number`` or an ``array``; None where it is not known."""
    slot, added = _slot(*op.args[:2]) if op.attrs.get("certain") else UNKNOWN, operand_type(op.args[2])
    return "number" if slot.is_number and added.is_number else "array" if slot.kind == added.kind == "array" else None


def fits(old: Operand, item: Operand, value: Operand, total: Operand) -> bool:
    """Whether ``a[i] = a[i] + v`` and ``a[i] += v`` mean the same: no cast that NumPy refuses, no other shape."""
    a, item_type, v, sum_type = map(operand_type, (old, item, value, total))
    if a.kind != "array":
        return item_type.is_number and v.is_number
    if a.dtype is None or a.dtype.kind not in "fc":
        return False
    if a.dtype.kind == "f" and not (
        v.kind in ("bool", "int", "float") or (v.dtype is not None and v.dtype.kind in "biuf")
    ):
        return False
    if item_type.rank is None or v.rank is None:
        return False
    return v.rank <= item_type.rank and sum_type.rank == item_type.rank
