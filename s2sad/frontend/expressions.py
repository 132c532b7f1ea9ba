"""Expressions -> ops.

In: gast expressions, and the variables' present operands (``env``).  Out: operands; the ops that compute them are
appended to the present block.  What is decided while the program runs (``and``, ``or``, ``a if c else b``, chained
comparisons) becomes an ``if`` op, through ``Expressions.branch``, which statements use too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable
from typing import Any

import gast

from .. import runtime
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Iter, Op, Operand, Span, Value
from ..source import Source, span
from .brackets import DECIDED
from .intervals import kind
from .refuse import is_keyed, is_quantified
from .roots import FOUND, ROOT

# What stands in a tree for functions of ours, and how many arguments count
_MARKS: dict[str, tuple[Callable, int]] = {
    DECIDED: (runtime.decided, 4), ROOT: (runtime.as_root, 1), FOUND: (runtime.found, 6),
}  # fmt: skip

BINARY = {
    "Add": "add", "Sub": "sub", "Mult": "mul", "Div": "truediv", "FloorDiv": "floordiv", "Mod": "mod", "Pow": "pow",
    "MatMult": "matmul", "BitAnd": "and_", "BitOr": "or_", "BitXor": "xor", "LShift": "lshift", "RShift": "rshift",
}  # fmt: skip
UNARY = {"USub": operator.neg, "UAdd": operator.pos, "Invert": operator.invert, "Not": operator.not_}
COMPARE = {
    "Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt, "GtE": operator.ge, "Eq": operator.eq,
    "NotEq": operator.ne, "Is": operator.is_, "IsNot": operator.is_not,
}  # fmt: skip


def binary(node: Any) -> Callable[..., Any]:
    return getattr(operator, BINARY[type(node).__name__])


def in_place(node: Any) -> Callable[..., Any]:
    """``operator.iadd`` for ``+``."""
    return getattr(operator, f"i{BINARY[type(node).__name__].rstrip('_')}")


class Expressions:
    """The state of lowering one function, and its expressions.

    Attributes:
        env: the operand of each variable that has one; ``UNDEFINED`` for one that surely has no value.
        block: where ops are appended.
        dead: control never reaches this point: nothing is appended any more.
        cells: free variables of the outermost function.
    """

    def __init__(self, source: Source, cells: Collection[str], local: Collection[str], free: Collection[str] = ()):
        self.source = source
        self.cells = cells
        self.local = local
        self.free = free
        self.env: dict[str, Operand] = {}
        self.block = Block()
        self.dead = False
        self.statement = 0
        self.itself: Callable[[Any], Operand] | None = None  # how to refer to this nested function
        self.name = ""
        self.first_parameter = ""

    # Blocks and ops

    def span(self, node: Any) -> Span:
        return span(node, self.source, self.statement)

    def emit(self, prim: Any, args: Iterable[Operand], node: Any, **attrs: Any) -> Operand:
        """An op with one result."""
        if self.dead:
            return UNDEFINED
        place = self.span(node)
        out = Value(span=place)
        self.block.ops.append(Op(prim, list(args), outs=[out], span=place, attrs=attrs))
        return out

    def effect(self, prim: Any, args: Iterable[Operand], node: Any) -> None:
        """An op without results."""
        if not self.dead:
            self.block.ops.append(Op(prim, list(args), span=self.span(node)))
            self.dead = prim == "raise"  # what follows it is never reached

    def call(self, callee: Operand, args: Iterable[Operand], node: Any) -> Operand:
        return self.emit("call", [callee, *args], node, stars=())

    def raise_new(self, error: type[Exception], args: Iterable[Operand], node: Any) -> None:
        self.effect("raise", [self.call(Const(error, error.__name__), args, node)], node)

    def inside(self, block: Block, lower: Callable[[], Any]) -> tuple[Any, dict[str, Operand], bool]:
        """Lower into ``block``: what ``lower`` returned, the variables at its end, whether that is never reached."""
        outside = self.env, self.block, self.dead
        self.env, self.block = dict(self.env), block
        result = lower()
        found = result, self.env, self.dead
        self.env, self.block, self.dead = outside
        return found

    def branch(
        self,
        test: Operand,
        then: Callable[[], Operand | None],
        orelse: Callable[[], Operand | None],
        node: Any,
        live: Collection[str] | None = None,
    ) -> Operand:
        """An ``if`` op; its value, where the branches have one.

        Variables that a branch assigns become results, those of ``live`` only (all, where it is None).
        """
        if self.dead:
            return UNDEFINED
        blocks = [Block(), Block()]
        sides = [self.inside(b, lower) for b, lower in zip(blocks, (then, orelse), strict=True)]
        place = self.span(node)
        op = Op("if", [test], blocks=blocks, span=place)
        self.block.ops.append(op)
        self.dead = all(dead for _, _, dead in sides)

        def merge(hint: str | None, operands: list[Operand]) -> Operand:
            if operands[0] is operands[1]:
                return operands[0]
            out = Value(hint, span=place)
            op.outs.append(out)
            for block, (_, _, dead), operand in zip(blocks, sides, operands, strict=True):
                block.results.append(UNDEFINED if dead else operand)
            return out

        value: Operand = UNDEFINED
        if sides[0][0] is not None:
            value = merge(None, [v for v, _, _ in sides])
        for name in {n: None for env in (self.env, *(env for _, env, _ in sides)) for n in env}:
            before = self.env.get(name)
            if any(env.get(name) is not before for _, env, dead in sides if not dead):
                if live is None or name in live:
                    self.env[name] = merge(hint(name), [env.get(name, UNDEFINED) for _, env, _ in sides])
                else:
                    self.env.pop(name, None)
        return value

    # Variables

    def assign_name(self, name: str, value: Operand) -> None:
        if isinstance(value, Value) and value.hint is None:
            value.hint = hint(name)
        self.env[name] = value

    def read(self, name: str, node: Any) -> Operand:
        found = self.env.get(name, UNDEFINED)
        if found is not UNDEFINED:
            return found
        if name in self.local:
            text = f"cannot access local variable {name!r} where it is not associated with a value"
            self.raise_new(UnboundLocalError, [Const(text)], node)
            return UNDEFINED
        if name in self.free:
            text = f"cannot access free variable {name!r} where it is not associated with a value in enclosing scope"
            self.raise_new(NameError, [Const(text)], node)
            return UNDEFINED
        if self.itself is not None and name == self.name:
            return self.itself(node)
        return self.emit("cell" if name in self.cells else "global", [], node, name=name)

    # Expressions: a method per node type

    def expression(self, node: Any) -> Operand:
        return getattr(self, f"expr_{type(node).__name__}")(node)

    def expressions(self, nodes: Iterable[Any]) -> list[Operand]:
        return [self.expression(n) for n in nodes]

    def expr_Constant(self, node: Any) -> Operand:
        return Const(node.value)

    def expr_Name(self, node: Any) -> Operand:
        found = self.read(node.id, node)
        if isinstance(found, Value) and found.hint is None:
            found.hint = node.id
        return found

    def expr_Attribute(self, node: Any) -> Operand:
        return self.emit(getattr, [self.expression(node.value), Const(node.attr)], node)

    def expr_Subscript(self, node: Any) -> Operand:
        return self.emit(operator.getitem, self.subscript(node), node)

    def subscript(self, node: Any) -> list[Operand]:
        """What is indexed, and the index; ``a.flat`` is an array only there."""
        base = self.expression(node.value)
        if isinstance(node.value, gast.Attribute) and not self.dead:
            self.block.ops[-1].attrs["indexed"] = True
        return [base, self.expression(node.slice)]

    def expr_Slice(self, node: Any) -> Operand:
        parts = [Const(None) if n is None else self.expression(n) for n in (node.lower, node.upper, node.step)]
        return self.emit(slice, parts, node)

    def expr_BinOp(self, node: Any) -> Operand:
        return self.emit(binary(node.op), self.expressions([node.left, node.right]), node)

    def expr_UnaryOp(self, node: Any) -> Operand:
        number: Any = node.operand.value if kind(node.operand) == "Constant" else None
        if kind(node.op) == "USub" and type(number) in (int, float):  # of a complex one the zero would be negative, too
            return Const(-number)
        return self.emit(UNARY[type(node.op).__name__], [self.expression(node.operand)], node)

    def expr_NamedExpr(self, node: Any) -> Operand:
        value = self.expression(node.value)
        self.assign_name(node.target.id, value)
        return value

    def expr_IfExp(self, node: Any) -> Operand:
        test = self.expression(node.test)
        return self.branch(test, lambda: self.expression(node.body), lambda: self.expression(node.orelse), node)

    def expr_BoolOp(self, node: Any) -> Operand:
        conjunction = isinstance(node.op, gast.And)

        def chain(operands: list[Any]) -> Operand:
            first, rest = self.expression(operands[0]), operands[1:]
            if not rest:
                return first
            if conjunction:
                return self.branch(first, lambda: chain(rest), lambda: first, node)
            return self.branch(first, lambda: first, lambda: chain(rest), node)

        return chain(node.values)

    def expr_Compare(self, node: Any) -> Operand:
        def chain(left: Operand, ops: list[Any], rights: list[Any]) -> Operand:
            right = self.expression(rights[0])
            found = self.compare(ops[0], left, right, node)
            if not ops[1:]:
                return found
            return self.branch(found, lambda: chain(right, ops[1:], rights[1:]), lambda: found, node)

        return chain(self.expression(node.left), node.ops, node.comparators)

    def compare(self, op: Any, left: Operand, right: Operand, node: Any) -> Operand:
        if isinstance(op, (gast.In, gast.NotIn)):
            found = self.emit(operator.contains, [right, left], node)
            return self.emit(operator.not_, [found], node) if isinstance(op, gast.NotIn) else found
        return self.emit(COMPARE[type(op).__name__], [left, right], node)

    # Containers

    def expr_Tuple(self, node: Any) -> Operand:
        return self.sequence(node, prims.make_tuple, tuple)

    def expr_List(self, node: Any) -> Operand:
        return self.sequence(node, prims.make_list, None)

    def expr_Set(self, node: Any) -> Operand:
        return self.sequence(node, prims.make_set, set)

    def sequence(self, node: Any, make: Any, convert: Any) -> Operand:
        if not any(isinstance(e, gast.Starred) for e in node.elts):
            return self.emit(make, self.expressions(node.elts), node)
        parts: list[Operand] = []
        for e in node.elts:
            if isinstance(e, gast.Starred):
                parts.append(self.expression(e.value))
            else:
                parts.append(self.emit(prims.make_tuple, [self.expression(e)], e))
        joined = self.emit(prims.concat_sequences, parts, node)
        return self.emit(convert, [joined], node) if convert else joined

    def expr_Dict(self, node: Any) -> Operand:
        if all(k is not None for k in node.keys):
            pairs = zip(node.keys, node.values, strict=True)
            return self.emit(prims.make_dict, self.expressions(n for pair in pairs for n in pair), node)
        parts = []
        for k, v in zip(node.keys, node.values, strict=True):
            parts.append(self.expression(v) if k is None else self.emit(prims.make_dict, self.expressions([k, v]), v))
        return self.emit(prims.merge_dicts, parts, node)

    def expr_JoinedStr(self, node: Any) -> Operand:
        template: list[Any] = []
        values = []
        for part in node.values:
            if isinstance(part, gast.FormattedValue):
                values.append(self.expression(part.value))
                written = part.format_spec.values if part.format_spec else []
                template.append((part.conversion, "".join(s.value for s in written)))
            else:
                template.append(part.value)
        return self.emit(prims.format_string, [Const(tuple(template)), *values], node)

    # Calls

    def expr_Call(self, node: Any) -> Operand:
        if isinstance(node.func, gast.Name) and node.func.id in _MARKS:
            function, count = _MARKS[node.func.id]
            return self.emit(function, [self.expression(a) for a in node.args[:count]], node)
        callee = self.expression(node.func)
        if not node.args and isinstance(node.func, gast.Name) and node.func.id == "super":
            cls = self.emit("cell", [], node, name="__class__")
            return self.call(callee, [cls, self.read(self.first_parameter, node)], node)
        if is_quantified(node) and node.func.id not in self.local:
            return self.quantified(callee, node)
        args = [callee]
        stars = []
        for k, a in enumerate(node.args):
            if isinstance(a, gast.Starred):
                stars.append(k + 1)
                a = a.value
            args.append(self.expression(a))
        params = {k.arg or "**": self.expression(k.value) for k in node.keywords}
        out = self.emit("call", args, node, stars=tuple(stars))
        if not self.dead:
            self.block.ops[-1].params = params
            if is_keyed(node):
                self.block.ops[-1].attrs["builtin"] = node.func.id
        return out

    # Comprehensions: a loop that fills a list, set or dict

    def expr_ListComp(self, node: Any) -> Operand:
        return self.comprehension(node, prims.make_list, "append")

    expr_GeneratorExp = expr_ListComp

    def expr_SetComp(self, node: Any) -> Operand:
        return self.comprehension(node, prims.make_set, "add")

    def expr_DictComp(self, node: Any) -> Operand:
        return self.comprehension(node, prims.make_dict, None)

    def comprehension(self, node: Any, make: Any, method: str | None) -> Operand:
        first = self.expression(node.generators[0].iter)
        filled = self.emit(make, [], node, filled=True)

        def element() -> None:
            if method is None:
                self.effect(operator.setitem, [filled, *self.expressions([node.key, node.value])], node)
            else:
                bound = self.emit(getattr, [filled, Const(method)], node.elt)
                self.call(bound, [self.expression(node.elt)], node.elt)

        self.generate(node.generators, first, element)
        return filled

    def quantified(self, callee: Operand, node: Any) -> Operand:
        """``any(f(x) for x in xs)``: a loop that stops at the first true element; for ``all``, the first false one."""
        whole, generators = node.func.id == "all", node.args[0].generators

        def element() -> Operand:
            found = self.expression(node.args[0].elt)
            return self.emit(operator.not_ if whole else operator.truth, [found], node)

        stopped = self.generate(generators, self.expression(generators[0].iter), element, stops=True)
        result = self.emit(operator.not_, [stopped], node) if whole else stopped
        return self.emit(prims.quantified, [callee, result, Const(whole)], node)

    def generate(
        self, generators: list[Any], first: Operand, element: Callable[[], Any], stops: bool = False
    ) -> Operand:
        """The loops and conditions of a comprehension around ``element``; with ``stops``, whether it stopped them."""

        def filtered(conditions: list[Any], inner: Callable[[], Any]) -> Any:
            if not conditions:
                return inner()
            test = self.expression(conditions[0])
            missing = Const(False) if stops else None
            found = self.branch(test, lambda: filtered(conditions[1:], inner), lambda: missing, conditions[0])
            return found if stops else None

        def loop(k: int, iterable: Operand | None = None) -> Any:
            if k == len(generators):
                return element()
            generator = generators[k]
            place = self.span(generator.iter)
            each = Value(span=self.span(generator.target))
            block = Block([each])

            def body() -> Any:
                self.assign(generator.target, each)
                return filtered(generator.ifs, lambda: loop(k + 1))

            walked = self.expression(generator.iter) if iterable is None else iterable
            if self.dead:
                return UNDEFINED if stops else None
            found, _, dead = self.inside(block, body)
            op = Op("for", [walked], blocks=[block], span=place, attrs={"iter": Iter("any"), "stops": stops})
            self.block.ops.append(op)
            if not stops:
                return None
            block.results = [UNDEFINED if dead else found]
            op.outs.append(Value("stop", span=place))
            return op.outs[0]

        return loop(0, first)

    def assign(self, target: Any, value: Operand) -> None:
        raise NotImplementedError  # by the statements

    def nested(self, node: Any) -> Operand:
        raise NotImplementedError

    def expr_Lambda(self, node: Any) -> Operand:
        return self.nested(node)


def hint(name: str) -> str:
    """The hint of a variable; flags are named ``<stop 1>``."""
    return name.strip("<>").split(" ")[0]
