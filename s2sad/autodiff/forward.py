"""Forward mode: a functional program in, the program that also computes its tangent out.

    y = np.tanh(x)               y = np.tanh(x)
    return np.sum(y)      ->     y_dot = x_dot * (1 - y**2)
                                 return np.sum(y), np.sum(y_dot)

The same rule table serves: a partial derivative multiplies the tangent, a linear function applies to it.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .. import runtime
from ..errors import MissingRuleError, UnsupportedError, said
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value, copied, hashable
from ..ir.types import UNKNOWN, Type, element, settled
from ..passes.algebra import algebra
from ..passes.build import Builder, type_of_operand
from ..passes.effects import all_ops
from ..passes.session import Session
from ..passes.simplify import once_only
from ..rules.inference import cotangent_type
from ..rules.table import Rule, reason_against, rule_for
from .absent import Nothing
from .activity import may_vary, useful, varied, varied_results
from .bars import restore, zero
from .inline import apply_rule, bound, columns, is_missing, partials
from .kept import check_kept
from .powers import may_be_complex
from .reverse import check_operands, used_elsewhere
from .roots import Equation, is_asked
from .still import Still, of_branches, of_where, scaled

# Ops that do to the tangent of their first argument what they do to it.
_ALONG = {operator.getitem, prims.copy, list, tuple, runtime.clear_item, getattr}


def forward(function: Function, active: list[bool], session: Session) -> Function:
    """The function with tangents: parameters, then a tangent for each active one; results, then a tangent for each.

    Raises:
        MissingRuleError, UnsupportedError: with every place that can't be differentiated.
    """
    check_kept(function, active)
    on = useful(function, varied(function, active), [True] * len(function.results))
    body = Block(list(function.params))
    builder = Builder(body)
    builder.defs.update(function.attrs.get("defs", {}))
    builder.algebra, builder.absent = algebra, Nothing(function)
    walk = Forward(builder, on, session)
    for p, a in zip(function.params, active, strict=True):
        if a:
            walk.dots[p] = Value(_name(p), cotangent_type(p.type), p.span)
            body.params = [*body.params, walk.dots[p]]  # type: ignore[list-item]
    walk.block(function.body)
    if walk.reasons:
        span, message, kind = walk.reasons[0]
        raise kind(message, span, [(s, m) for s, m, _ in walk.reasons])
    body.results = [*function.results, *[walk.dot(r) for r in function.results]]
    result = Function(f"{function.name}_jvp", body, [], (), function.origin, function.span)
    result.attrs.update(defs=builder.defs)
    return result


def _name(x: Operand) -> str | None:
    return f"{x.hint}_dot" if isinstance(x, Value) and x.hint else None


class Forward:
    """Appends the ops of a block, each followed by its tangent; ``dots`` has the tangents of varied values."""

    def __init__(self, builder: Builder, on: set[Value], session: Session):
        self.builder = builder
        self.on = on
        self.session = session
        self.dots: dict[Value, Operand] = {}
        self.still: dict[Value, Still] = {}  # varied values -> where their tangents are zero for certain
        self.made: dict[Value, Op] = {}  # objects that are made of what varies, which only some uses may read
        self.paired: set[Value] = set()  # parameters and results of blocks, which have a tangent beside them
        self.reasons: list[tuple[Any, str, type[UnsupportedError]]] = []

    def inner(self, builder: Builder) -> Forward:
        other = Forward(builder, self.on, self.session)
        other.dots, other.reasons, other.made, other.paired = self.dots, self.reasons, self.made, self.paired
        other.still = self.still
        return other

    def moves(self, x: Operand) -> bool:
        if isinstance(x, Value) and x in self.made:
            self.fail(self.made[x], used_elsewhere(self.made[x]))
        return isinstance(x, Value) and x in self.dots

    def dot(self, x: Operand) -> Operand:
        """The tangent of ``x``, zero where it does not vary."""
        return self.dots[x] if self.moves(x) else zero(self.builder, x, hint=_name(x))  # type: ignore[index]

    def part(self, x: Operand, t: Type = UNKNOWN) -> Operand:
        """The tangent of ``x`` where it is one of several values of a type ``t``: a zero also of an integer."""
        if self.moves(x):
            return self.dots[x]  # type: ignore[index]
        own = type_of_operand(x)
        if own.kind == "array" and own.inexact is False and may_vary(t):
            return self.builder.op(runtime.zeros_like, x, type=t)
        return zero(self.builder, x, inside=True, hint=_name(x))

    def put(self, x: Operand, t: Type) -> Operand:
        """The tangent of ``x`` where it is put into an array, list or dict of type ``t``: a zero also of integers."""
        if t.kind == "array":
            return self.linear_dot(x) if self.moves(x) else Const(0.0)
        return self.part(x, element(t) if t.elems else UNKNOWN)

    def fail(self, op: Op, message: str, kind: type[UnsupportedError] = UnsupportedError) -> None:
        self.reasons.append((op.span, message, kind))

    def block(self, block: Block) -> None:
        equations: dict[Operand, Equation] = {}  # by their unknowns
        for op in block.ops:
            self.builder.span = op.span or self.builder.span
            self.builder.attrs = {"backward": True} if op.attrs.get("backward") else {}  # of a gradient
            if op.prim in (runtime.as_root, runtime.found):
                self.builder.append(copied(op, {}))
                if op.prim is runtime.as_root and op.out in self.on and is_asked(block.ops, op.out):
                    equations[op.out] = Equation(self, block, op)
                equation = equations.get(op.out if op.prim is runtime.as_root else op.args[3])
                if op.out in self.on and equation is not None:
                    self.dots[op.out] = equation.moved(self, op.args[0])
                elif op.out in self.on and self.moves(op.args[0]):
                    self.dots[op.out] = self.dot(op.args[0])
            elif op.prim == "call":
                self.call(op)
            elif op.prim == "try":
                self.attempt(op)
            elif op.blocks:
                self.structure(op)
            else:
                self.builder.append(
                    Op(op.prim, list(op.args), dict(op.params), list(op.outs), [], op.span, dict(op.attrs))
                )
                if any(o in self.on for o in op.outs) and any(map(self.moves, op.operands())):
                    self.tangent(op)
                elif op.prim is runtime.settled and op.out in self.on:
                    self.builder.effect(runtime.check_settled, Const(1.0), op.args[1])

    # ------------------------------------------------------------ control

    def structure(self, op: Op) -> None:
        """``if``, ``for``, ``while``, ``with``: tangents are further results and carried values."""
        op = Op(op.prim, list(op.args), op.params, op.outs, op.blocks, op.span, dict(op.attrs))  # `leaves` changes it
        stops = bool(op.attrs.get("stops"))
        loop = op.prim in ("for", "while")
        count = len(op.outs) - stops if loop else len(op.outs)
        inits = op.args[len(op.args) - count :] if loop else []
        moving = [k for k in range(count) if op.outs[k + stops] in self.on or (
            loop and op.blocks[-1].params[len(op.blocks[-1].params) - count + k] in self.on)]  # fmt: skip
        extra = [
            UNDEFINED if inits[k] is UNDEFINED else self.part(inits[k], op.outs[k + stops].type) for k in moving
        ] if loop else []  # fmt: skip
        builders = []
        for b in op.blocks:
            builder = self.builder.nested(list(b.params))
            builders.append(builder)
            inner = self.inner(builder)
            if loop:
                params = b.params[len(b.params) - count :]
                for k in moving:
                    tangent = Value(_name(params[k]), cotangent_type(settled(params[k].type)), params[k].span)
                    inner.dots[params[k]] = tangent
                    self.paired.add(params[k])
                    builder.block.params = [*builder.block.params, tangent]
                if b is op.blocks[-1] and op.prim == "for":
                    inner.leaves(op, b.params[: len(b.params) - count])
            inner.block(b)
            condition = op.prim == "while" and b is not op.blocks[-1]
            tail = [] if condition else [
                UNDEFINED if r is UNDEFINED else inner.end(r, op.outs[k + stops].type)
                for k in moving for r in [b.results[k + stops]]
            ]  # fmt: skip
            builder.block.results = [*b.results, *tail]
        tangents = []
        for k in moving:
            out = op.outs[k + stops]
            self.dots[out] = Value(_name(out), cotangent_type(settled(out.type)), out.span)
            self.paired.add(out)
            tangents.append(self.dots[out])
        if op.prim == "if":
            for k in moving:
                tangents += self.branches(op, k, builders)
        outs = [*op.outs, *tangents]
        blocks = [builder.block for builder in builders]
        self.builder.append(Op(op.prim, [*op.args, *extra], dict(op.params), outs, blocks, op.span, dict(op.attrs)))  # type: ignore[arg-type]

    def branches(self, op: Op, k: int, builders: list[Builder]) -> list[Value]:
        """Note where the tangent of a result of an ``if`` is zero for certain: what the ``if`` has to give for that."""
        ends: list[Any] = [b.results[k] for b in op.blocks]
        results = [(r in self.dots or r is UNDEFINED, self.still.get(r)) for r in ends]
        still, flags = of_branches(builders, op, results)
        for builder, flag in zip(builders, flags, strict=False):
            builder.block.results = [*builder.block.results, flag]
        if still is not None:
            self.still[op.outs[k]] = still
        return [still.condition] if still is not None and flags else []  # type: ignore[list-item]

    def attempt(self, op: Op) -> None:
        """A ``try``: first it is tried without tangents, then its body, if that ended, runs again with them.

        So nothing that a tangent raises is caught for good.
        """
        if op.attrs.get("reraises"):
            return self.structure(op)
        flag, body = op.outs[0], op.blocks[0]
        moves = any(o in self.on for inner in [op, *all_ops(body)] for o in inner.outs)
        if not moves or not (self.varies(body) or any(self.moves(r) for h in op.blocks[1:] for r in h.results)):
            self.builder.append(copied(op, {}))
            return None
        again = once_only(Function("body", body))
        if again:
            self.fail(op, f"{again[0][1]}() would happen twice: this try has no forward derivative")
            return None
        own = {v for o in all_ops(body) for v in (*o.outs, *(p for b in o.blocks for p in b.params))}
        outside = [x for o in all_ops(body) for x in o.operands() if isinstance(x, Value) and x not in own]
        if any(x.type.kind == "unknown" for x in outside):
            self.fail(
                op, "this try uses an object that is not known, which may be used up: it has no forward derivative"
            )
            return None
        params = {p for handler in op.blocks[1:] for p in handler.params}
        kept = [k for k in range(len(op.outs)) if k == 0 or any(h.results[k] in params for h in op.blocks[1:])]
        env: dict[Value, Operand] = {}
        tried = copied(op, env)
        tried.outs = [op.outs[k] for k in kept]
        for block in tried.blocks:
            block.results = [block.results[k] for k in kept]
        self.builder.append(tried)
        rest = [k for k in range(len(op.outs)) if k not in kept]
        caught = Block([], [], [op.blocks[1].results[k] for k in rest])
        ended = Block([], unmarked(body).ops, [body.results[k] for k in rest])
        self.structure(Op("if", [flag], {}, [op.outs[k] for k in rest], [caught, ended], op.span, dict(op.attrs)))
        return None

    def varies(self, block: Block) -> bool:
        """Whether anything in a block depends on what varies."""
        reads = [x for o in all_ops(block) for x in (*o.operands(), *(r for b in o.blocks for r in b.results))]
        return any(map(self.moves, [*reads, *block.results]))

    def end(self, r: Operand, t: Type) -> Operand:
        """The tangent of a result of a block, which is of type ``t`` whatever block runs."""
        if not self.moves(r):
            return self.part(r, t)
        if r in self.paired:  # it has the form of the value, which may have none yet
            return self.dots[r]  # type: ignore[index]
        return restore(self.builder, self.dots[r], r)  # type: ignore[index]

    def leaves(self, op: Op, leaves: list[Value]) -> None:
        """The tangents of a loop's elements."""
        operands = op.args[: op.attrs["iter"].operands()]
        walked = op.attrs["iter"].leaf_operands(operands)
        if not any(self.moves(mine[0]) for kind, mine in walked if kind in ("seq", "any")):
            return
        index = Value("i", Type("int"))
        raise_any = [kind for kind, mine in walked if kind == "any" and self.moves(mine[0])]
        if raise_any:
            self.fail(op, "the elements of this loop depend on what is differentiated, and its kind is not known")
            return
        from ..ir.core import Iter

        op.attrs["iter"] = Iter("enumerate", (op.attrs["iter"],))
        op.args.insert(0, Const(0))
        self.builder.block.params.insert(0, index)
        for leaf, (kind, mine) in zip(leaves, walked, strict=True):
            if kind == "seq" and self.moves(mine[0]):
                self.dots[leaf] = self.builder.op(operator.getitem, self.dots[mine[0]], index,  # type: ignore[index]
                                                  type=cotangent_type(leaf.type), hint=_name(leaf))  # fmt: skip

    def call(self, op: Op) -> None:
        """A call to a user's function becomes one that also pushes tangents."""
        function: Function = op.attrs["function"]
        active = tuple(map(self.moves, op.args))
        if "custom" in op.attrs and any(active):
            self.fail(op, f"{function.name}() has a derivative by custom_vjp, which is for reverse mode only")
            return
        if not any(active) or not any(varied_results(function, active)):
            self.builder.append(Op(op.prim, list(op.args), {}, list(op.outs), [], op.span, dict(op.attrs)))
            return
        made = pushed(function, active, self.session)
        tangents = [Value(_name(o), cotangent_type(settled(o.type)), o.span) for o in op.outs]
        args = [*op.args, *[self.dots[a] for a, m in zip(op.args, active, strict=True) if m]]  # type: ignore[index]
        self.builder.append(Op("call", args, {}, [*op.outs, *tangents], [], op.span, {"function": made}))
        for o, t in zip(op.outs, tangents, strict=True):
            if o in self.on:
                self.dots[o] = t

    # ------------------------------------------------------------ plain ops

    def tangent(self, op: Op) -> None:
        """The tangents of the results of an op."""
        if "maker" in op.attrs:
            self.made[op.outs[0]] = op
            return
        if op.attrs.get("opaque") or op.prim is prims.call_dynamic:
            name = op.attrs.get("path") or getattr(op.prim, "__name__", str(op.prim))
            reason = op.attrs.get("reason")
            why = reason_against(op.prim)
            missing = f"{name} has no derivative rule" + (f": {why}" if why else "")
            self.fail(op, said(reason) if reason else missing, MissingRuleError)
            return
        if op.prim in (runtime.list_pop, prims.unpack):
            tangents = [Value(_name(o), cotangent_type(o.type)) for o in op.outs]
            self.builder.append(Op(op.prim, [self.dot(op.args[0]), *op.args[1:]], {}, tangents))  # type: ignore[arg-type]
            self.dots.update({o: t for o, t in zip(op.outs, tangents, strict=True) if o in self.on})
            return
        check_operands(self.builder, op)
        if may_be_complex(op, self.builder.defs):
            self.builder.effect(runtime.check_real, op.outs[0])
        special = self.structural(op)
        result = special if special is not None else self.by_rule(op)
        if result is None:
            return
        if isinstance(result, Value) and result.hint is None:
            result.hint = _name(op.outs[0])
        self.dots[op.outs[0]] = result
        still = self.stillness(op)
        if still is not None:
            self.still[op.outs[0]] = still

    def stillness(self, op: Op) -> Still | None:
        """Where the tangent of the result of an op is zero for certain: where those of all that it is made of are."""
        known = {self.still.get(x) for x in op.operands() if x in self.dots}  # type: ignore[arg-type]
        still = known.pop() if len(known) == 1 else None
        rule = rule_for(op.prim)
        if still is not None and (not still.each or (rule is not None and rule.kind == "elementwise")):
            return still
        return of_where(op, [x in self.dots for x in op.args])

    def structural(self, op: Op) -> Operand | None:
        """The tangent of making, reading and updating tuples, lists and arrays."""
        build, prim, args = self.builder, op.prim, op.args
        t = cotangent_type(op.outs[0].type)
        if prim is prims.present:
            return self.dot(args[0])
        if prim in (prims.make_tuple, prims.make_list):
            whole = op.outs[0].type
            return build.op(prim, *[self.part(a, element(whole, i)) for i, a in enumerate(args)], type=t)
        if prim is prims.make_dict:
            flat = [x for k, v in zip(args[::2], args[1::2], strict=True) for x in (k, self.part(v))]
            return build.op(prim, *flat, type=t)
        if prim is runtime.make_object:
            return build.make(prim, tuple(args), {k: self.part(v) for k, v in op.params.items()}, type=t)
        if prim in (runtime.setitem, runtime.index_add):
            return build.op(prim, self.dot(args[0]), args[1], self.put(args[2], op.outs[0].type), type=t)
        if prim is runtime.accumulate or (prim is operator.add and op.outs[0].type.kind in ("list", "tuple")):
            return build.op(prim, self.dot(args[0]), self.dot(args[1]), type=t)
        if prim in (runtime.rebuild, runtime.rebuild_object):
            return build.op(prim, args[0], self.dot(args[1]), type=t)
        if prim is runtime.list_append:
            return build.op(prim, self.dot(args[0]), self.part(args[1], element(op.outs[0].type)), type=t)
        if prim is operator.mul and op.outs[0].type.kind == "list":
            return build.op(prim, *[self.dot(a) if type_of_operand(a).kind == "list" else a for a in args], type=t)
        if prim is getattr and type_of_operand(args[0]).kind == "object":
            name = args[1].value if isinstance(args[1], Const) else None
            if name not in (type_of_operand(args[0]).keys or ()):
                self.fail(op, f"{name} is not among the attributes of the object when compiling")
                return Const(None)
        if prim is operator.getitem and is_entry_left_out(*args):
            self.fail(op, f"{args[1].value!r} of the result has no derivative")  # type: ignore[union-attr]
            return Const(None)
        if prim in _ALONG and (prim is not getattr or type_of_operand(args[0]).kind == "object"):
            return build.op(prim, self.dot(args[0]), *args[1:], type=t)
        return None

    def by_rule(self, op: Op) -> Operand | None:
        rule = rule_for(op.prim)
        if rule is None or rule.pullback is None:
            name = getattr(op.prim, "__name__", str(op.prim))
            why = reason_against(op.prim)
            self.fail(op, f"{name} has no derivative rule" + (f": {why}" if why else ""), MissingRuleError)
            return None
        if rule.kind == "definition":
            self.fail(op, f"what {rule.name} is called with is not known when compiling")
            return None
        try:
            arguments, options = bound(op, rule)
        except TypeError as error:
            self.fail(op, str(error), MissingRuleError)
            return None
        if any(type_of_operand(x).kind == "object" for x in arguments):
            self.fail(op, f"{rule.name}() of an object is not supported")
            return None
        for name, option in options.items():
            if self.moves(option):
                self.fail(op, f"{rule.name}() can't be differentiated with respect to {name!r}", MissingRuleError)
                return None
        try:
            terms = [
                t for t in self.terms(op, rule, arguments, options) if not (isinstance(t, Const) and t.value is None)
            ]
        except MissingRuleError as refused:
            self.fail(op, refused.reasons[0][1], MissingRuleError)
            return None
        if not terms:
            return None
        total = terms[0]
        numeric = op.outs[0].type.is_numeric or op.outs[0].type.kind == "number"
        plus = operator.add if numeric else runtime.accumulate
        for term in terms[1:]:
            total = self.builder.op(plus, total, term)
        return self.as_result(total, op.outs[0])

    def terms(self, op: Op, rule: Rule, arguments: list[Operand], options: dict[str, Operand]) -> list[Operand]:
        """What each varying argument contributes."""
        build, y = self.builder, op.outs[0]
        if rule.kind == "elementwise":
            if any(type_of_operand(x).kind in ("list", "tuple") for x in arguments):
                self.fail(op, f"{rule.name} of a list is not supported: use np.array")
                return []
            found = partials(op, rule, arguments, options, build)
            for k, (x, p) in enumerate(zip(arguments, found, strict=True)):
                if self.moves(x) and is_missing(p):
                    self.fail(op, f"{rule.name} has no derivative by {rule.argument(k)}", MissingRuleError)
                    return []
            return [
                scaled(build, self.dot(x), p, self.still.get(x), [x, y])  # type: ignore[arg-type]
                for x, p in zip(arguments, found, strict=True)
                if self.moves(x) and not (isinstance(p, Const) and p.value is None)
            ]  # fmt: skip
        given = list(arguments)
        while given and not any(given[-1] is x for x in op.operands()):
            given.pop()  # a default of the rule, which the function need not have
        if rule.kind == "linear":
            held = [k for k in range(len(given)) if not rule.is_linear_in(k)]
            full = [x if k in held else self.linear_dot(x) for k, x in enumerate(given)]
            others = self.beside_linear(op, rule, [k for k in held if self.moves(given[k])], arguments, options)
            if all(k in held or not self.moves(x) for k, x in enumerate(given)):
                return others
            return [build.op(_plain(op.prim), *full, **options), *others]
        if rule.signature()[1] and rule.pushforwards:  # a rule with *args takes all tangents at once
            dots = build.op(prims.make_list, *[self.dot(x) if self.moves(x) else Const(None) for x in arguments])
            return [apply_rule(rule.pushforwards[0], [dots, y, *arguments], options, build)]
        terms = []
        for k, x in enumerate(arguments):
            if not self.moves(x):
                continue
            if rule.kind == "multilinear":
                terms.append(build.op(_plain(op.prim), *given[:k], self.dot(x), *given[k + 1 :], **options))
            elif k in rule.pushforwards:
                terms.append(apply_rule(rule.pushforwards[k], [self.dot(x), y, *arguments], options, build))
            else:
                self.fail(op, f"{rule.name} has no forward rule for argument {k}: add one with s2sad.extend.defjvp",
                          MissingRuleError)  # fmt: skip
                return []
        return terms

    def beside_linear(
        self, op: Op, rule: Rule, moving: list[int], arguments: list[Operand], options: dict[str, Operand]
    ) -> list[Operand]:
        """What the arguments contribute in which a linear function is not linear.

        Raises:
            MissingRuleError: the rule has no pushforward by one of them, and its pullback does not say it is zero.
        """
        build, y, terms = self.builder, op.outs[0], []
        if any(k not in rule.pushforwards for k in moving):
            assert rule.pullback is not None
            bars = columns(apply_rule(rule.pullback, [y, y, *arguments], options, build), rule, len(arguments), build)
        for k in moving:
            if k in rule.pushforwards:
                dot = self.dot(arguments[k])
                terms.append(apply_rule(rule.pushforwards[k], [dot, y, *arguments], options, build))
                continue
            bar = bars[k]
            if not (isinstance(bar, Const) and bar.value is None):
                raise MissingRuleError(f"{rule.name} has no derivative by {rule.argument(k)}", op.span)
        return terms

    def linear_dot(self, x: Operand) -> Operand:
        """The tangent of an argument of a linear function: zero for what does not vary, be it of integers.

        Raises:
            MissingRuleError: of a list of unknown length that holds integers, which have no tangent.
        """
        t = type_of_operand(x)
        if self.moves(x):
            made = self.builder.defs.get(x)  # type: ignore[arg-type]
            if holds_integers(t) and made is not None and made.prim in (prims.make_list, prims.make_tuple):
                return self.builder.op(made.prim, *map(self.linear_dot, made.args))
            return self.linear_part(x, self.dot(x))
        if t.kind == "range" or (t.kind in ("array", "scalar") and not t.inexact):
            return self.builder.op(np.zeros_like, x)
        return Const(0.0) if t.kind in ("int", "float", "bool", "number") else x if t.kind == "none" else self.dot(x)

    def linear_part(self, x: Operand, dot: Operand) -> Operand:
        """The tangent ``dot`` of a value, with zeros where a list or tuple holds integers."""
        t, build = type_of_operand(x), self.builder
        if t.kind not in ("list", "tuple") or not holds_integers(t):
            return dot
        if t.kind == "list" and t.length is None:
            raise MissingRuleError("a list with integers among numbers that vary is not supported here")
        parts: list[Operand] = []
        for k in range(t.length or len(t.elems)):
            e = element(t, k)
            part = build.op(operator.getitem, x, Const(k), type=e)
            moving = build.op(operator.getitem, dot, Const(k), type=cotangent_type(e)) if may_vary(e) else None
            parts.append(self.linear_dot(part) if moving is None else self.linear_part(part, moving))
        return build.op(prims.make_list if t.kind == "list" else prims.make_tuple, *parts)

    def as_result(self, tangent: Operand, y: Value) -> Operand:
        """The tangent in the shape and dtype of the result."""
        t, b = y.type, type_of_operand(tangent)
        parts = self.builder.elements(tangent) if t.kind == "tuple" else None
        if parts is not None and len(parts) == len(t.elems):
            whole = [self.builder.op(operator.getitem, y, Const(i)) for i in range(len(parts))]
            made = [self.as_result(p, e) for p, e in zip(parts, whole, strict=True)]
            return self.builder.op(prims.make_tuple, *made, type=cotangent_type(t))
        if b.kind == "none":
            return zero(self.builder, y)
        if t.kind == "unknown" or (t.kind in ("tuple", "list") and b != cotangent_type(t)):
            return self.builder.op(runtime.as_tangent, tangent, y, type=cotangent_type(t))
        if t.kind == "scalar" and b != t:
            return self.builder.op(runtime.match, tangent, y, type=t)
        if t.kind == "array" and b.kind in ("array", "scalar", "float", "number", "numeric"):
            if (
                b.dims is None
                or t.dims is None
                or len(b.dims) != len(t.dims)
                or any(x != d and not (d.one is False and x.one is False) for x, d in zip(b.dims, t.dims, strict=True))
            ):
                tangent = self.builder.op(
                    np.broadcast_to, tangent, self.builder.op(np.shape, y), type=Type("array", b.dtype, t.dims)
                )
            return restore(self.builder, tangent, y)
        return restore(self.builder, tangent, y) if t.is_numeric else tangent


def holds_integers(t: Type) -> bool:
    """Whether a list or tuple holds something that has no tangent, at any depth."""
    return t.kind in ("list", "tuple") and any(not may_vary(e) or holds_integers(e) for e in t.elems)


def is_entry_left_out(base: Operand, key: Operand) -> bool:
    """Whether a constant key is of an entry of one of SciPy's results that a rule says nothing of."""
    t = type_of_operand(base)
    result = t.kind == "dict" and t.cls is not None
    return result and isinstance(key, Const) and key.value not in (t.keys or ())


def unmarked(block: Block) -> Block:
    """A block whose ops may be dropped and moved, as what they might raise they have not raised before."""
    ops = []
    for op in block.ops:
        if op.prim == "try":  # is tried again
            ops.append(op)
            continue
        attrs = {key: value for key, value in op.attrs.items() if key != "raises"}
        ops.append(Op(op.prim, op.args, op.params, op.outs, list(map(unmarked, op.blocks)), op.span, attrs))
    return Block(block.params, ops, block.results)


def _plain(prim: Any) -> Any:
    """The operator without assignment."""
    return prims.AUGMENTED.get(prim, prim) if hashable(prim) else prim


def pushed(function: Function, active: tuple[bool, ...], session: Session) -> Function:
    """The function with tangents of a callee; a recursive one finds itself under way."""
    cache = function.attrs.setdefault("pushed", {})
    if active not in cache:
        made = cache[active] = Function(f"{function.name}_jvp", Block())
        try:
            found = forward(function, list(active), session)
        except BaseException:  # what is half done must not be found by the next call
            del cache[active]
            raise
        made.body, made.span, made.origin = found.body, function.span, function.origin
        made.attrs.update(found.attrs)
    return cache[active]
