"""Reverse mode: a functional program in, the program followed by its adjoint out.

    y = np.tanh(x)               y = np.tanh(x)
    return np.sum(y)      ->     y_bar = np.broadcast_to(1.0, np.shape(y))
                                 x_bar = y_bar * (1 - y**2)
                                 return x_bar

The ops of the backward part read values of the forward part directly, also across the boundary of loops; the pass
`save` mends that afterwards, when it is known what is still read.  A backward loop or branch points at the op that it
reverses (``attrs["primal"]``).
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from .. import runtime
from ..errors import MissingRuleError, UnsupportedError, said
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import FLOAT, NONE, element, present
from ..passes.algebra import algebra
from ..passes.build import Builder, type_of_operand
from ..passes.effects import all_ops
from ..passes.session import Session
from ..passes.views import Step, back, is_view
from ..rules.inference import cotangent_type
from ..rules.table import public_path, reason_against, rule_for
from .absent import Absent, define
from .activity import useful, varied
from .adjoints import ADJOINTS
from .bars import Parts, bar_name, restore, zero
from .control import CONTROL, count, is_counted
from .halves import backward_call, prepared_call
from .inline import apply_rule, bound, columns, is_missing, partials
from .invariance import invariant
from .kept import check_kept
from .powers import known_in, may_be_complex
from .scaling import scaled_by
from .sinking import Sinking
from .sizes import Sizes

BACKWARD = {**CONTROL, "call": backward_call}
UNKNOWN_OP = "what this does is known only when the program runs"


class Adjoint:
    """A function with its adjoint in one body, before it is cut in halves or given results.

    Attributes:
        function: params and forward ops, then backward ops; without results.
        results: the values of the primal's results.
        seeds: for each result that is differentiated, the Value of its cotangent (a free value of the backward part).
        bars: the cotangents of the differentiated parameters, in order.
    """

    def __init__(self, function: Function, results: list[Operand], seeds: list[Any], bars: list[Operand]):
        self.function = function
        self.results = results
        self.seeds = seeds
        self.bars = bars


def reverse(function: Function, active: list[bool], session: Session, seed: Any = None, marks: Any = None) -> Adjoint:
    """The adjoint of a functional program.

    Args:
        function: typed and functional.
        active: for each parameter, whether it is differentiated.
        session: the compilation.
        seed: makes the cotangent of the result from its operand (``grad``); None leaves it open (``vjp``).
        marks: which results have cotangents; by default those that depend on the active parameters.

    Raises:
        MissingRuleError, UnsupportedError: with every place that can't be differentiated.
    """
    check_kept(function, active)
    forward_varied = varied(function, active, frozenset(invariant(function)))
    if marks is None:
        marks = [isinstance(r, Value) and r in forward_varied for r in function.results]
    on = useful(function, forward_varied, marks)
    body = Block(list(function.params))
    builder = Builder(body)
    builder.defs.update(function.attrs.get("defs", {}))
    builder.algebra, builder.absent, builder.sizes = algebra, Absent(function), Sizes()
    walk = Reverse(builder, on, session)
    walk.tried = bool(function.attrs.get("tried"))
    walk.sinking = Sinking(function, on)
    walk.forward(function.body)
    builder.attrs = {"backward": True}
    results = list(function.results)
    seeds: list[Any] = []
    for r, mark in zip(results, marks, strict=True):
        if not mark or not isinstance(r, Value):
            seeds.append(None)
            continue
        builder.span = r.span
        bar = seed(builder, r) if seed is not None else Value(bar_name(r), cotangent_type(r.type), r.span)
        seeds.append(bar)
        if r in on:
            walk.accumulate(r, bar)
    walk.backward(function.body)
    if walk.reasons:
        # what can't be known follows from what has no rule: then that alone is the reason
        reasons = [r for r in walk.reasons if not r[1].startswith(UNKNOWN_OP)] or walk.reasons
        span, message, kind = reasons[0]
        raise kind(message, span, [(s, m) for s, m, _ in reasons])
    builder.span = None
    bars = [walk.take(p) or zero(builder, p) for p, a in zip(function.params, active, strict=True) if a]
    define(body.ops, builder.absent.read)
    result = Function(function.name, body, function.signature, function.captured, function.origin, function.span)
    result.attrs.update(function.attrs)
    result.attrs["defs"] = builder.defs
    return Adjoint(result, results, seeds, bars)


class Reverse:
    """Appends the backward ops of a block to a builder; ``bars`` has the cotangents so far."""

    def __init__(self, builder: Builder, active: set[Value], session: Session):
        self.builder = builder
        self.active = active
        self.session = session
        self.bars: dict[Value, Any] = {}
        self.reasons: list[tuple[Any, str, type[UnsupportedError]]] = []
        self.tried = False  # inside of a `try`
        self.checked_late: set[Op] = set()  # powers that may be complex, in a `try`
        self.not_negative: set[Operand] = set()  # by the conditions of the branches around
        self.sinking: Sinking
        self.around: tuple[Block, ...] = ()  # the block that is walked, and those around it that run as often
        self.waiting: set[Op] = set()  # what computes the equation of a root, until that is reached
        self.found: dict[Value, list[tuple[Op, Any]]] = {}  # unknown of an equation -> what was found, with cotangents
        self.pullbacks: dict[Op, Any] = {}  # forward op -> what its backward needs from the changed forward op

    def inner(self, builder: Builder) -> Reverse:
        other = Reverse(builder, self.active, self.session)
        other.reasons, other.pullbacks, other.tried = self.reasons, self.pullbacks, self.tried
        other.sinking, other.checked_late = self.sinking, self.checked_late
        return other

    # ------------------------------------------------------------ cotangents

    def accumulate(self, x: Operand, bar: Operand | None) -> None:
        """Add to the cotangent of ``x``."""
        if bar is None or not isinstance(x, Value) or x not in self.active:
            return
        if isinstance(bar, Const) and bar.value is None:
            return
        old = self.bars.get(x)
        if isinstance(old, Parts):
            old = self.take(x)
        if x.type.kind == "array" and type_of_operand(bar).kind in ("unknown", "numeric"):  # of a branch, or a loop
            bar = self.builder.op(runtime.match, bar, x)  # it may be a number
        made = self.builder.defs.get(bar) if isinstance(bar, Value) else None
        if isinstance(bar, Value) and bar.hint is None and (made is None or made.attrs.get("backward")):
            bar.hint = bar_name(x)
        if old is None:
            self.bars[x] = bar
            return
        prim = operator.add if present(x.type).is_number else runtime.accumulate
        total = self.builder.op(prim, old, bar)
        if x.type.kind == "array" and not x.type.rank:  # of rank 0, perhaps: whose sum is a number
            total = self.builder.op(runtime.match, total, x)
        if isinstance(total, Value):
            total.hint = bar_name(x) or total.hint
        self.bars[x] = total

    def accumulate_part(self, x: Operand, key: Any, bar: Operand) -> None:
        """Add to the cotangent of one element of a tuple, or one attribute of an object."""
        if not isinstance(x, Value) or x not in self.active:
            return
        old = self.bars.get(x)
        if old is None:
            old = self.bars[x] = Parts()
        if isinstance(old, Parts):
            old.add(self.builder, key, bar)
        else:
            self.accumulate(x, self.part_as_whole(x, key, bar))

    def accumulate_index(self, x: Operand, index: Operand, bar: Operand) -> None:
        """Add to the cotangent of ``x[index]``, in place where that is possible."""
        if not self.is_active(x) or self.accumulate_in_view(x, index, bar):
            return
        old = self.take(x) or zero(self.builder, x)
        new = self.builder.op(runtime.index_add, old, index, bar, type=cotangent_type(type_of_operand(x)))
        if isinstance(new, Value):
            new.hint = bar_name(x) or new.hint
            made, t = self.builder.defs.get(new), type_of_operand(x)
            floats = t.kind == "list" and element(t).inexact and element(t).kind != "number"
            if made is not None and made.prim is runtime.index_add and floats:
                made.attrs["certain"] = True  # no element is an integer, whose cotangent is None
        self.bars[x] = new  # type: ignore[index]

    def accumulate_in_view(self, x: Operand, index: Operand, bar: Operand) -> bool:
        """``a_bar.T[i] += bar`` where ``x`` is ``a.T``, and ``a`` has a cotangent already: no zeros of its size."""
        build = self.builder
        steps: list[Step] = []  # from x up to what has a cotangent
        while self.take(x) is None:
            made = build.defs.get(x) if isinstance(x, Value) else None
            if made is None or not made.args or not self.is_active(made.args[0]) or not is_view(made, in_order=True):
                return False
            steps.append((made.prim, tuple(made.args[1:]), tuple(made.params.items())))
            x = made.args[0]
        views = [self.take(x)]
        if not steps or not isinstance(x, Value) or type_of_operand(views[0]).kind != "array":
            return False
        for prim, args, params in reversed(steps):
            views.append(build.op(prim, views[-1], *args, **dict(params)))
        new: Operand | None = build.op(runtime.index_add, views.pop(), index, bar)
        while steps and new is not None:
            new = back(build, views.pop(), steps.pop(0), new)
        if new is None:
            return False
        if isinstance(new, Value):
            new.hint = bar_name(x) or new.hint
        self.bars[x] = new
        return True

    def part_as_whole(self, x: Value, key: Any, bar: Operand) -> Operand:
        parts = Parts()
        parts.add(self.builder, key, bar)
        return parts.whole(self.builder, x)

    def take(self, x: Operand) -> Any:
        """The cotangent of ``x``, or None for zero."""
        bar = self.bars.get(x) if isinstance(x, Value) else None
        if isinstance(bar, Parts):
            bar = bar.whole(self.builder, x)  # type: ignore[arg-type]
            self.bars[x] = bar  # type: ignore[index]
        return bar

    def is_active(self, x: Operand) -> bool:
        return isinstance(x, Value) and x in self.active

    def fail(self, op: Op, message: str, kind: type[UnsupportedError] = UnsupportedError) -> None:
        if (op.span, message, kind) not in self.reasons:
            self.reasons.append((op.span, message, kind))

    # ------------------------------------------------------------ forward

    def forward(self, block: Block) -> None:
        """Append the forward ops; loops that don't know their number of iterations get a counter."""
        for op in block.ops:
            self.builder.append(self.prepared(op))
            if may_be_complex(op, self.builder.defs, self.not_negative) and self.is_active(op.outs[0]):
                if self.tried:  # whose handlers could catch what the check raises
                    self.checked_late.add(op)
                else:
                    self.builder.append(Op(runtime.check_real, [op.outs[0]], span=op.span))

    def prepared(self, op: Op) -> Op:
        blocks = []
        for k, inner in enumerate(op.blocks):
            nested = self.inner(Builder(Block(list(inner.params)), outer=self.builder))
            nested.builder.attrs = {}
            nested.tried = self.tried or op.prim == "try"
            nested.not_negative = self.not_negative | known_in(op, k, self.builder.defs)
            nested.forward(inner)
            nested.builder.block.results = list(inner.results)
            blocks.append(nested.builder.block)
        copied = Op(op.prim, list(op.args), dict(op.params), list(op.outs), blocks, op.span, dict(op.attrs))
        copied.attrs["origin"] = op
        if op.prim in ("for", "while") and self.needs_reverse(op) and not is_counted(op):
            count(self.builder, copied)
        elif op.prim == "call" and any(map(self.is_active, op.outs)):
            if self.tried and "custom" in op.attrs:
                self.fail(op, "a function with a derivative of its own is not supported inside of a try")
            prepared_call(self, op, copied)
        elif self.is_unknown(op):
            self.fail(op, unknown(op))
        elif any(map(self.is_active, op.outs)) and must_check(op):
            if self.tried:  # whose handlers could catch what the check raises
                self.fail(op, unknown(op))
            check_operands(self.builder, op)
        self.pullbacks.setdefault(op, copied)
        return copied

    def needs_reverse(self, op: Op) -> bool:
        return any(o in self.active for o in op.outs) or any(
            out in self.active for b in op.blocks for inner in all_ops(b) for out in inner.outs
        )

    def is_unknown(self, op: Op) -> bool:
        """Whether it is only known when the program runs what an active op does."""
        if isinstance(op.prim, str) or len(op.outs) != 1 or not self.is_active(op.outs[0]) or op.attrs.get("opaque"):
            return False
        if "maker" in op.attrs:
            return False
        if op.prim is prims.call_dynamic:
            return True
        if op.prim in ADJOINTS and rule_for(op.prim) is None:
            base = type_of_operand(op.args[0]) if op.args else FLOAT
            return op.prim in (operator.getitem, getattr, runtime.setitem) and base.kind in ("unknown", "numeric")
        return rule_for(op.prim) is not None and any(
            type_of_operand(a).kind == "unknown" for a in op.args if self.is_active(a)
        )

    # ------------------------------------------------------------ backward

    def backward(self, block: Block) -> None:
        """Append the backward ops of a block, last op first."""
        self.builder.sizes.learn(block)
        self.around = (*self.around, block)
        self.backward_ops(reversed(block.ops))

    def backward_ops(self, ops: Iterable[Op]) -> None:
        for op in ops:
            if op in self.waiting:
                continue
            if op.span is not None:
                self.builder.span = op.span
            if not isinstance(op.prim, str):
                self.backward_op(op)
            elif op.prim in BACKWARD:
                BACKWARD[op.prim](self, op)

    def backward_op(self, op: Op) -> None:
        if not any(o in self.active for o in op.outs):
            return
        if op in self.checked_late:
            self.builder.effect(runtime.check_real, op.outs[0])
        if op.attrs.get("opaque"):
            self.missing(op)
            return
        if self.is_unknown(op):
            return
        if "maker" in op.attrs:
            if self.take(op.outs[0]) is not None:
                self.fail(op, used_elsewhere(op))
            return
        adjoint = ADJOINTS.get(op.prim) if hashable(op.prim) else None
        if adjoint is not None and adjoint(self, op) is not NotImplemented:
            return
        if len(op.outs) != 1:
            self.fail(op, f"{_name(op.prim)} can't be differentiated")
            return
        bar = self.bars.pop(op.outs[0], None)
        if isinstance(bar, Parts):
            rule = rule_for(op.prim)
            of_rule = bar.used if rule is not None and rule.parts else bar.whole
            bar = of_rule(self.builder, op.outs[0])
        if bar is not None:
            self.by_rule(op, bar)

    def missing(self, op: Op) -> None:
        reason = op.attrs.get("reason")
        name = op.attrs.get("path") or _name(op.prim)
        if reason is not None and isinstance(reason, UnsupportedError):
            self.reasons.extend((s, m, type(reason)) for s, m in reason.reasons)
            return
        if reason is not None:
            self.fail(op, str(reason))
            return
        if isinstance(op.prim, type):
            self.fail(op, f"making a {name} from values that are differentiated is not supported")
            return
        why = reason_against(op.prim) or "register one with s2sad.extend.defvjp, or write it with NumPy"
        self.fail(op, f"{name} has no derivative rule: {why}", MissingRuleError)

    def by_rule(self, op: Op, bar: Operand) -> None:
        """The cotangents that the rule table gives."""
        try:
            self.apply_table(op, bar)
        except MissingRuleError as refused:
            self.fail(op, refused.reasons[0][1], MissingRuleError)

    def apply_table(self, op: Op, bar: Operand) -> None:
        rule = rule_for(op.prim)
        if rule is None or rule.pullback is None:
            self.missing(op)
            return
        if rule.kind == "definition":
            self.fail(op, f"what {rule.name} is called with is not known when compiling")
            return
        try:
            arguments, options = bound(op, rule)
        except TypeError as error:
            self.fail(op, str(error), MissingRuleError)
            return
        if any(type_of_operand(x).kind == "object" for x in arguments):
            self.fail(op, f"{rule.name}() of an object is not supported")
            return
        for name, option in options.items():
            if self.is_active(option):
                self.fail(op, f"{rule.name}() can't be differentiated with respect to {name!r}", MissingRuleError)
                return
        before = set(arguments)
        for x in op.operands():
            if self.is_active(x) and x not in before:
                self.fail(op, f"{rule.name}() can't be differentiated with respect to this argument", MissingRuleError)
        build = self.builder
        y = op.outs[0]
        if rule.kind == "elementwise":
            found = partials(op, rule, arguments, options, build)
            for k, (x, partial) in enumerate(zip(arguments, found, strict=True)):
                if not self.is_active(x) or _is_none(partial):
                    continue
                if is_missing(partial):
                    self.fail(op, f"{rule.name} has no derivative by {rule.argument(k)}", MissingRuleError)
                    continue
                one = isinstance(partial, Const) and type(partial.value) is int and partial.value == 1
                self.accumulate(x, restore(build, bar if one else scaled_by(build, bar, partial), x))
            return
        result = apply_rule(rule.pullback, [bar, y, *arguments], options, build)
        bars = columns(result, rule, len(arguments), build)
        for k, (x, x_bar) in enumerate(zip(arguments, bars, strict=True)):
            if not self.is_active(x) or _is_none(x_bar):
                continue
            if is_missing(x_bar):
                self.fail(op, f"{rule.name} has no derivative by {rule.argument(k)}", MissingRuleError)
                continue
            self.accumulate(x, restore(build, x_bar, x))


def unknown(op: Op) -> str:
    """Why it is not known what an op does."""
    reason = op.attrs.get("reason")
    if reason is not None:
        return f"{UNKNOWN_OP}: {said(reason)}"
    names = [
        x.hint for x in op.args if isinstance(x, Value) and x.type.kind in ("unknown", "numeric", "optional") and x.hint
    ]
    return UNKNOWN_OP + (f": of what type {names[0]!r} is, is not known before" if names else "")


def check_operands(build: Builder, op: Op) -> None:
    """What an operator means, its operands decide: those of unknown kind must be numbers or arrays for its rule."""
    for x in op.args if must_check(op) else ():
        if type_of_operand(x).kind == "unknown":
            build.effect(runtime.check_number, x)


def must_check(op: Op) -> bool:
    """Whether an op is an operator with operands of unknown kind."""
    of_operators = getattr(op.prim, "__module__", None) == "_operator" and op.prim is not operator.getitem
    return of_operators and any(type_of_operand(x).kind == "unknown" for x in op.args)


def _is_none(x: Operand) -> bool:
    return (isinstance(x, Const) and x.value is None) or type_of_operand(x) == NONE


def used_elsewhere(op: Op) -> str:
    """Why an object that depends on what is differentiated can't be used in another way."""
    uses = op.attrs["maker"].uses
    methods = ", ".join(
        "a call of it" if m == "__call__" else f".{m}()" if isinstance(m, str) else _name(m) for m in uses
    )
    return f"{_name(op.prim)}: of this object, {methods} can be differentiated where it was made, and nothing else"


def _name(prim: Any) -> str:
    method = public_path(prim)
    if method is not None:
        return method
    module = getattr(prim, "__module__", None) or ""
    name = getattr(prim, "__name__", str(prim))
    short = {"numpy": "np.", "builtins": ""}.get(module, f"{module}." if module else "")
    return f"{short}{name}"
