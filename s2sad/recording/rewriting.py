"""The rewritten nodes of a function: what `instrument` makes of its text.

In: nodes of ``ast`` as the user wrote them.  Out: the same, with calls of the recorder's methods (`hook`) in place of
operations.
"""

from __future__ import annotations

import ast
import collections
import copy
import types
from typing import Any

from ..errors import UnsupportedError
from ..frontend.brackets import DECIDED
from ..ir.core import Span
from ..source import Source, span
from .loops import Around, Loops, Nearing, asked, unused

BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.MatMult: "matmul", ast.BitAnd: "and_", ast.BitOr: "or_", ast.BitXor: "xor",
    ast.LShift: "lshift", ast.RShift: "rshift",
}  # fmt: skip
INPLACE = {kind: "i" + name.rstrip("_") for kind, name in BINARY.items()}
UNARY = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}
COMPARE = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"}

REFUSED = {
    "AsyncFunctionDef": "async functions are not supported: move what is asynchronous out of the function",
    "AsyncFor": "async for is not supported: collect the elements first and loop over them with a plain for",
    "AsyncWith": "async with is not supported: move it out of the function",
    "Await": "await is not supported: wait for the value first and pass it as an argument",
}
SCOPE_READERS = ("locals", "vars", "globals", "eval", "exec", "dir")


class Rewriter(Loops):
    """Rewrites the nodes of one function, those inside it included."""

    def __init__(self, source: Source, tape: str, module: str, names: set[str], scope: dict[str, Any]):
        self.source = source
        self.tape = tape
        self.module = module
        self.names = names
        self.cls = source.cls
        self.scope = scope  # the globals, to tell modules
        self.local: set[str] = set()
        self.around: list[Around] | None = []  # the loops around; None in a class
        self.shared: set[str] = set()  # the variables of the function that functions in it assign
        self.loads: collections.Counter[str] = collections.Counter()  # how often it reads which name
        self.first: list[str | None] = []  # the first parameter of each function around, for super()

    # What can't be followed.

    def check(self, node: Any) -> None:
        found: list[tuple[Span | None, str]] = []
        self.local = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        self.local |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
        self.local |= {n.name for n in ast.walk(node) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        for n in ast.walk(node):
            if type(n).__name__ in REFUSED:
                found.append((span(n, self.source), REFUSED[type(n).__name__]))
            if isinstance(n, ast.comprehension) and n.is_async:
                found.append((span(n.iter, self.source), REFUSED["AsyncFor"]))
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id not in self.local:
                name = n.func.id
                if name in SCOPE_READERS and not (name in ("vars", "dir") and n.args) and not self.reads_globals(n):
                    reason = f"{name}() is not supported: it depends on how the function's variables are kept"
                    found.append((span(n, self.source), reason))
        if found:
            raise UnsupportedError(found[0][1], found[0][0], found)

    # Small things to build with.

    def name(self, name: str) -> ast.Name:
        return ast.Name(id=name, ctx=ast.Load())

    def hook(self, place: Any, method: str, *args: Any, keywords: Any = ()) -> Any:
        """``tape.method(*args)`` at the place of a node."""
        function = ast.Attribute(value=self.name(self.tape), attr=method, ctx=ast.Load())
        made = ast.Call(func=function, args=list(args), keywords=list(keywords))
        ast.copy_location(made, place)
        ast.copy_location(function, place)
        return made

    def operator(self, name: str) -> Any:
        return ast.Attribute(value=self.name(self.module), attr=name, ctx=ast.Load())

    def temporary(self) -> str:
        return unused("value", self.names)

    def mangled(self, name: str) -> str:
        if self.cls and name.startswith("__") and not name.endswith("__") and "." not in name:
            return f"_{self.cls.lstrip('_')}{name}" if self.cls.strip("_") else name
        return name

    def statements(self, body: list[Any]) -> list[Any]:
        out: list[Any] = self.leaving(body)
        for s in body:
            reading = self.reading(s)
            made = self.loop(s) if isinstance(s, (ast.For, ast.While)) else self.visit(s)
            for new in made if isinstance(made, list) else [made]:
                for loop in reading:
                    new = Nearing(loop).visit(new)
                out.append(ast.copy_location(new, s))
        return out

    def test(self, node: Any) -> Any:
        """An expression whose truth alone is asked."""
        if isinstance(node, ast.BoolOp):
            node.values = [self.test(v) for v in node.values]
            return node
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self.test(node.operand)
            return node
        made = self.visit(node)
        return made if isinstance(node, (ast.Compare, ast.Constant)) else self.hook(node, "truth", made)

    # Expressions.

    def visit_Name(self, node: Any) -> Any:
        node.id = self.mangled(node.id)
        return node

    def visit_BinOp(self, node: Any) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        return self.hook(node, "call", self.operator(BINARY[type(node.op)]), left, right)

    def visit_UnaryOp(self, node: Any) -> Any:
        if isinstance(node.op, ast.Not):
            node.operand = self.test(node.operand)
            return node
        if isinstance(node.operand, ast.Constant):
            return node
        return self.hook(node, "call", self.operator(UNARY[type(node.op)]), self.visit(node.operand))

    def visit_Compare(self, node: Any) -> Any:
        operands = [self.visit(n) for n in (node.left, *node.comparators)]
        if len(node.ops) == 1:
            return self.compared(node, node.ops[0], *operands)
        simple = all(isinstance(n, (ast.Name, ast.Constant)) for n in node.comparators[:-1])
        pairs = zip(node.ops, operands, operands[1:], strict=False)
        if simple:
            parts = [self.compared(node, op, a, copy.deepcopy(b)) for op, a, b in pairs]
            return ast.copy_location(ast.BoolOp(op=ast.And(), values=parts), node)
        inside = [n for c in node.comparators for n in ast.walk(c)]
        if any(isinstance(n, (ast.NamedExpr, ast.Yield, ast.YieldFrom)) for n in inside):
            raise UnsupportedError("this inside a chained comparison is not supported", span(node, self.source))
        rest: list[Any] = []
        for op, operand in zip(node.ops, operands[1:], strict=True):
            a, b = ast.arg(arg="a"), ast.arg(arg="b")
            body = self.compared(node, op, self.name("a"), self.name("b"))
            rest += [_lambda([a, b], body), _lambda([], operand)]
        return self.hook(node, "chained", operands[0], *rest)

    def compared(self, place: Any, op: Any, a: Any, b: Any) -> Any:
        if type(op) in COMPARE:
            return self.hook(place, "call", self.operator(COMPARE[type(op)]), a, b)
        if isinstance(op, ast.In):
            return self.hook(place, "within", a, b)
        if isinstance(op, ast.NotIn):
            inside = self.hook(place, "within", a, b)
            return ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=inside), place)
        if any(isinstance(x, ast.Constant) for x in (a, b)):
            return ast.copy_location(ast.Compare(left=a, ops=[op], comparators=[b]), place)
        same = self.hook(place, "same", a, b)
        return same if isinstance(op, ast.Is) else ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=same), place)

    def visit_IfExp(self, node: Any) -> Any:
        node.test, node.body, node.orelse = self.test(node.test), self.visit(node.body), self.visit(node.orelse)
        return node

    def reads_globals(self, node: Any) -> bool:
        """Whether a call is that of the builtin ``globals``: the rewritten function has the globals of the original."""
        named = isinstance(node.func, ast.Name) and node.func.id == "globals" and "globals" not in self.local
        return named and "globals" not in self.scope and not node.args

    def visit_Call(self, node: Any) -> Any:
        if self.reads_globals(node):
            return node
        function = node.func
        if isinstance(function, ast.Name) and function.id == DECIDED:
            return self.hook(node, "decided", *[self.visit(a) for a in node.args])
        if isinstance(function, ast.Name) and function.id == "super" and not node.args and "super" not in self.local:
            if not self.first or self.first[-1] is None:
                raise UnsupportedError("super() needs a method with parameters", span(node, self.source))
            return self.hook(node, "call", function, self.name("__class__"), self.name(self.first[-1]))
        args = [self.visit(a) for a in node.args]
        keywords = [ast.keyword(arg=k.arg, value=self.visit(k.value)) for k in node.keywords]
        return self.hook(node, "call", self.visit(function), *args, keywords=keywords)

    def visit_Starred(self, node: Any) -> Any:
        if isinstance(node.ctx, ast.Load):
            node.value = self.hook(node, "iterate", self.visit(node.value))
        return node

    def visit_Attribute(self, node: Any) -> Any:
        if self.is_module(node.value):
            return node
        return self.hook(node, "attribute", self.visit(node.value), ast.Constant(self.mangled(node.attr)))

    def is_module(self, node: Any) -> bool:
        """Whether an expression is the name of a module (or a module in it, by dots) among the globals."""
        if isinstance(node, ast.Attribute):
            return self.is_module(node.value) and isinstance(self.value(node), types.ModuleType)
        return isinstance(node, ast.Name) and node.id not in self.local and isinstance(
            self.scope.get(node.id), types.ModuleType
        )  # fmt: skip

    def value(self, node: Any) -> Any:
        if isinstance(node, ast.Name):
            return self.scope.get(node.id)
        return vars(self.value(node.value)).get(node.attr)

    def visit_Subscript(self, node: Any) -> Any:
        return self.hook(node, "call", self.operator("getitem"), self.visit(node.value), self.index(node.slice))

    def index(self, node: Any) -> Any:
        if isinstance(node, ast.Slice):
            parts = [ast.Constant(None) if p is None else self.visit(p) for p in (node.lower, node.upper, node.step)]
            return self.hook(node, "slice", *parts)
        if isinstance(node, ast.Tuple):
            node.elts = [self.index(e) for e in node.elts]
            return node
        return self.visit(node)

    def visit_FormattedValue(self, node: Any) -> Any:
        node.value = self.hook(node.value, "shows", self.visit(node.value))
        node.format_spec = node.format_spec and self.visit(node.format_spec)
        return node

    def visit_YieldFrom(self, node: Any) -> Any:
        node.value = self.hook(node, "iterate", self.visit(node.value))
        return node

    def visit_NamedExpr(self, node: Any) -> Any:
        node.target = self.visit(node.target)
        node.value = self.visit(node.value)
        return node

    # Comprehensions and functions inside.

    def visit_comprehension(self, node: Any) -> Any:
        node.iter = self.elements(node.iter, node.target)
        if _is_involved(node.target):
            reason = "this target of a comprehension is not supported: write a loop"
            raise UnsupportedError(reason, span(node.target, self.source))
        node.ifs = [self.test(c) for c in node.ifs]
        return node

    def elements(self, iterable: Any, target: Any) -> Any:
        """What a loop runs over; with the shape of a nested target, its elements are taken apart."""
        shape = _shape(target)
        made = self.visit(iterable)
        return self.hook(iterable, "iterate", made, *([] if shape is None else [shape]))

    def _comprehension(self, node: Any) -> Any:
        node.generators = [self.visit(g) for g in node.generators]
        for field in ("elt", "key", "value"):
            if hasattr(node, field):
                setattr(node, field, self.visit(getattr(node, field)))
        return node

    visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_ListComp(self, node: Any) -> Any:
        made = self._comprehension(node)
        return made if self.is_generated() else self.listed(made)

    def parameters(self, args: ast.arguments) -> None:
        everything = [*args.posonlyargs, *args.args]
        self.first.append(everything[0].arg if everything else None)
        for a in (*everything, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))):
            a.arg = self.mangled(a.arg)

    def visit_Lambda(self, node: Any) -> Any:
        self.defaults(node.args)
        self.parameters(node.args)
        node.body = self.visit(node.body)
        self.first.pop()
        return node

    def defaults(self, args: ast.arguments) -> None:
        args.defaults = [self.visit(d) for d in args.defaults]
        args.kw_defaults = [d and self.visit(d) for d in args.kw_defaults]

    def visit_FunctionDef(self, node: Any) -> Any:
        node.decorator_list = [self.hook(d, "decorator", self.visit(d)) for d in node.decorator_list]
        self.defaults(node.args)
        self.annotations(node)
        self.parameters(node.args)
        node.body = self.entered(node)
        self.first.pop()
        node.name = self.mangled(node.name)
        return node

    def annotations(self, node: Any) -> None:
        """Those of a function inside: they are evaluated where it is defined."""
        for a in ast.walk(node.args):
            if isinstance(a, ast.arg) and a.annotation is not None:
                a.annotation = self.visit(a.annotation)
        node.returns = node.returns and self.visit(node.returns)

    def visit_ClassDef(self, node: Any) -> Any:
        node.decorator_list = [self.hook(d, "decorator", self.visit(d)) for d in node.decorator_list]
        node.bases = [self.visit(b) for b in node.bases]
        node.keywords = [ast.keyword(arg=k.arg, value=self.visit(k.value)) for k in node.keywords]
        outside, around = self.cls, self.around
        self.cls, self.around = node.name, None
        node.body = self.statements(node.body)
        self.cls, self.around = outside, around
        return node

    # Statements.

    def visit_Assign(self, node: Any) -> Any:
        reads_only = _reads_only(node.value)
        value = self.visit(node.value)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            node.targets[0] = self.visit(node.targets[0])
            node.value = value
            return node
        first = node.targets[0]
        if len(node.targets) == 1 and (isinstance(first, (ast.Tuple, ast.List)) or (reads_only and _reads_only(first))):
            return self.assigned(first, value, node)
        temporary = self.temporary()
        made = [ast.Assign(targets=[ast.Name(id=temporary, ctx=ast.Store())], value=value, lineno=node.lineno)]
        for target in node.targets:
            made += self.assigned(target, self.name(temporary), node)
        return made

    def assigned(self, target: Any, value: Any, place: Any) -> list[Any]:
        """The statements of one assignment of a value without effects."""
        if isinstance(target, ast.Name):
            return [ast.Assign(targets=[self.visit(target)], value=value)]
        if isinstance(target, ast.Subscript):
            container, index = self.visit(target.value), self.index(target.slice)
            return [ast.Expr(self.hook(place, "setitem", container, index, value))]
        if isinstance(target, ast.Attribute):
            name = ast.Constant(self.mangled(target.attr))
            return [ast.Expr(self.hook(place, "setattribute", self.visit(target.value), name, value))]
        names: list[Any] = []
        later: list[Any] = []
        for element in target.elts:
            star = isinstance(element, ast.Starred)
            inner = element.value if star else element
            if isinstance(inner, ast.Name) and not later:
                new: Any = self.visit(inner)
            else:  # stored in its turn, with what stands behind it: a target sees the names before it, and no others
                temporary = self.temporary()
                new = ast.Name(id=temporary, ctx=ast.Store())
                later += self.assigned(inner, self.name(temporary), place)
            names.append(ast.Starred(value=new, ctx=ast.Store()) if star else new)
        if not (isinstance(value, ast.Tuple) and not any(isinstance(e, ast.Starred) for e in value.elts)):
            value = self.hook(place, "iterate", value)
        return [ast.Assign(targets=[ast.Tuple(elts=names, ctx=ast.Store())], value=value), *later]

    def visit_AnnAssign(self, node: Any) -> Any:
        if node.value is None:
            return node if isinstance(node.target, ast.Name) else ast.Pass()
        if isinstance(node.target, ast.Name):
            node.target, node.value = self.visit(node.target), self.visit(node.value)
            return node
        return self.visit_Assign(
            ast.copy_location(ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno), node)
        )

    def visit_AugAssign(self, node: Any) -> Any:
        operation = self.operator(INPLACE[type(node.op)])
        target, reads_only = node.target, _reads_only(node.value)
        if isinstance(target, ast.Name):
            name = self.mangled(target.id)
            value = self.hook(node, "update", operation, self.name(name), self.visit(node.value))
            return ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value)
        made: list[Any] = []

        def once(expression: Any) -> Any:
            if isinstance(expression, ast.Constant) or (isinstance(expression, ast.Name) and reads_only):
                return expression
            temporary = self.temporary()
            made.append(ast.Assign(targets=[ast.Name(id=temporary, ctx=ast.Store())], value=expression))
            return self.name(temporary)

        container = once(self.visit(target.value))
        if isinstance(target, ast.Attribute):
            attribute = ast.Constant(self.mangled(target.attr))
            old = self.hook(node, "attribute", container, attribute)
            new = self.hook(node, "update", operation, old, self.visit(node.value))
            return [*made, ast.Expr(self.hook(node, "setattribute", copy.deepcopy(container), attribute, new))]
        index = once(self.index(target.slice))
        old = self.hook(node, "call", self.operator("getitem"), container, index)
        new = self.hook(node, "update", operation, old, self.visit(node.value))
        return [*made, ast.Expr(self.hook(node, "setitem", copy.deepcopy(container), copy.deepcopy(index), new))]

    def visit_For(self, node: Any) -> Any:
        iterable = self.elements(node.iter, node.target)
        body = self.statements(node.body)
        if _is_involved(node.target):
            temporary = self.temporary()
            body = [*self.assigned(node.target, self.name(temporary), node), *body]
            target: Any = ast.Name(id=temporary, ctx=ast.Store())
        else:
            target = (
                self.generic_visit(node.target) if not isinstance(node.target, ast.Name) else self.visit(node.target)
            )
        node.target, node.iter, node.body, node.orelse = target, iterable, body, self.statements(node.orelse)
        return node

    def visit_While(self, node: Any) -> Any:
        node.test, node.body, node.orelse = (
            self.test(node.test),
            self.statements(node.body),
            self.statements(node.orelse),
        )
        return node

    def visit_If(self, node: Any) -> Any:
        innermost = self.around[-1] if self.around else None
        ends = innermost is not None and (innermost.is_left_by(node.body) or innermost.is_left_by(node.orelse))
        node = self.visit_While(node)
        if innermost is not None and ends:  # by which it goes on is all the same there
            node.test = asked(node, innermost.turns, node.test)
        return node

    def visit_Assert(self, node: Any) -> Any:
        node.test, node.msg = self.test(node.test), node.msg and self.visit(node.msg)
        return node

    def visit_With(self, node: Any) -> Any:
        targets = [item.optional_vars for item in node.items[:-1]]
        if any(t is not None and not isinstance(t, ast.Name) for t in targets):  # what follows may read them
            inner = ast.copy_location(ast.With(items=node.items[1:], body=node.body), node)
            node.items, node.body = node.items[:1], [inner]
        body = self.statements(node.body)
        for item in reversed(node.items):
            item.context_expr = self.hook(item.context_expr, "manager", self.visit(item.context_expr))
            target = item.optional_vars
            if target is not None and not isinstance(target, ast.Name):
                temporary = self.temporary()
                item.optional_vars = ast.Name(id=temporary, ctx=ast.Store())
                body = [*self.assigned(target, self.name(temporary), node), *body]
        node.body = body
        return node

    def visit_Try(self, node: Any) -> Any:
        node.body, node.orelse = self.statements(node.body), self.statements(node.orelse)
        node.finalbody = self.statements(node.finalbody)
        for handler in node.handlers:
            handler.type = handler.type and self.visit(handler.type)
            handler.body = self.statements(handler.body)
            if handler.name is not None:
                handler.body.insert(0, ast.Expr(self.hook(handler, "caught", self.name(handler.name))))
        return node

    visit_TryStar = visit_Try

    def visit_Match(self, node: Any) -> Any:
        inside = [n for case in node.cases for n in ast.walk(case.pattern)]
        names = sorted({name for n in inside if isinstance(n, ast.MatchClass) for name in n.kwd_attrs})
        asks = ast.Tuple(elts=[ast.Constant(name) for name in names], ctx=ast.Load())
        node.subject = self.hook(node.subject, "matched", self.visit(node.subject), asks)
        for case in node.cases:
            case.guard = case.guard and self.test(case.guard)
            case.body = self.statements(case.body)
        return node

    def visit_Delete(self, node: Any) -> Any:
        made: list[Any] = []
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                made.append(ast.Expr(self.hook(target, "delitem", self.visit(target.value), self.index(target.slice))))
            elif isinstance(target, ast.Attribute):
                name = ast.Constant(self.mangled(target.attr))
                made.append(ast.Expr(self.hook(target, "delattribute", self.visit(target.value), name)))
            elif isinstance(target, (ast.Tuple, ast.List)):
                made += self.visit_Delete(ast.Delete(targets=target.elts))
            else:
                made.append(ast.Delete(targets=[self.visit(target)]))
        return made

    def visit_Global(self, node: Any) -> Any:
        node.names = [self.mangled(n) for n in node.names]
        return node

    visit_Nonlocal = visit_Global


def _lambda(args: list[Any], body: Any) -> Any:
    arguments = ast.arguments(posonlyargs=[], args=args, kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(args=arguments, body=body)


def _reads_only(node: Any) -> bool:
    """Whether evaluating an expression later in the statement gives the same."""
    return not any(isinstance(n, (ast.Call, ast.NamedExpr, ast.Yield, ast.YieldFrom)) for n in ast.walk(node))


def _shape(target: Any) -> Any:
    """How an element is taken apart: ``(0, (0, 0))`` for ``i, (a, b)``; None for a name, a star is -1."""
    if not isinstance(target, (ast.Tuple, ast.List)) or _is_involved(target):
        return None
    inner = [ast.Constant(-1) if isinstance(e, ast.Starred) else _shape(e) or ast.Constant(0) for e in target.elts]
    return ast.Tuple(elts=inner, ctx=ast.Load())


def _is_involved(target: Any) -> bool:
    """Whether a loop's target stores into something, or has a star before several targets."""
    return any(
        isinstance(n, (ast.Attribute, ast.Subscript))
        or (isinstance(n, ast.Starred) and isinstance(n.value, (ast.Tuple, ast.List)))
        for n in ast.walk(target)
    )
