"""Rewrite a function so that its operations go through a recorder.

In: a Python function.  Out: the same function in which ``a + b`` is ``tape.call(operator.add, a, b)``, ``f(x)`` is
``tape.call(f, x)``, ``for e in x`` is ``for e in tape.iterate(x)``, and so on; control flow, containers and names
stay Python's own.  It keeps the globals and the closure cells of the original, its file, lines and columns: names are
looked up as late as ever, and tracebacks show the user's text.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import operator
import threading
import types
from typing import Any

from ..errors import UnsupportedError
from ..ir.core import Span
from ..source import Source, find, span

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


@dataclasses.dataclass
class Instrumented:
    """A function's rewritten code.

    Attributes:
        code: takes the free variables of the original, and two more: the recorder and the module ``operator``.
        tree: the syntax tree of the rewritten function.
        tape, operator: the names of these two.
    """

    code: types.CodeType
    tree: Any
    tape: str
    operator: str

    def function(self, original: types.FunctionType, tape: Any) -> types.FunctionType:
        """The rewritten function for one recorder, with the cells, globals and defaults of the original."""
        cells = dict(zip(original.__code__.co_freevars, original.__closure__ or (), strict=True))
        cells.update({self.tape: types.CellType(tape), self.operator: types.CellType(operator)})
        closure = tuple([cells[name] for name in self.code.co_freevars])
        made = types.FunctionType(self.code, original.__globals__, original.__name__, original.__defaults__, closure)
        made.__kwdefaults__ = original.__kwdefaults__
        made.__qualname__ = original.__qualname__
        return made


_MADE: dict[tuple[str, types.CodeType], Instrumented] = {}  # equal code may stand in two files
_CODES: set[types.CodeType] = set()
_OWN: dict[types.CodeType, types.CodeType] = {}  # what rewritten code was made from
_LOCK = threading.Lock()


def instrument(function: types.FunctionType) -> Instrumented:
    """The rewritten code of a function; made once for each code object.

    Raises:
        UnsupportedError: for syntax that can't be followed, every place at once.
        SourceNotFoundError: the function has no text.
    """
    code = function.__code__
    made = _MADE.get((code.co_filename, code))
    if made is None:
        made = _instrument(function)
        with _LOCK:
            _MADE[code.co_filename, code] = made
            _CODES.update(_codes(made.code))
            _OWN.update(_pairs(made.code, code))
    return made


def is_instrumented(code: types.CodeType) -> bool:
    """Whether code is what this module made, or nested in it."""
    return code in _CODES


def uninstrumented(function: types.FunctionType) -> types.FunctionType:
    """The function that a rewritten one was made from, with the same cells; itself, where that is not known."""
    own = _OWN.get(function.__code__)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    if own is None or not cells.keys() >= set(own.co_freevars):
        return function
    closure = tuple([cells[name] for name in own.co_freevars])
    made = types.FunctionType(own, function.__globals__, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__, made.__qualname__ = function.__kwdefaults__, function.__qualname__
    return made


def _pairs(made: types.CodeType, own: types.CodeType) -> dict[types.CodeType, types.CodeType]:
    """Rewritten code of the functions inside, and what it was made from, where names and lines tell them apart."""
    mine, theirs = _codes(made)[1:], _codes(own)[1:]
    found = {made: own}
    for c in mine:
        same = [o for o in theirs if _tag(o) == _tag(c)]
        if len(same) == 1 and sum(_tag(m) == _tag(c) for m in mine) == 1:
            found[c] = same[0]
    return found


def _tag(code: types.CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def place(here: tuple[types.CodeType, int] | None) -> Span | None:
    """The user's text of an instruction of rewritten code."""
    if here is None:
        return None
    code, instruction = here
    line, end_line, col, end_col = list(code.co_positions())[instruction // 2]
    line = line or code.co_firstlineno
    return Span(code.co_filename, line, col or 0, end_line or line, end_col or 0)


def _codes(code: types.CodeType) -> list[types.CodeType]:
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return [code, *[deeper for c in inner for deeper in _codes(c)]]


def _instrument(function: types.FunctionType) -> Instrumented:
    source = find(function)
    node = copy.deepcopy(source.node)
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | set(function.__code__.co_freevars)
    names |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    tape, module = _unused("tape", names), _unused("operator", names)
    rewriter = _Rewriter(source, tape, module, names, function.__globals__)
    rewriter.check(node)
    args = node.args
    args.defaults, args.kw_defaults = [], [None] * len(args.kwonlyargs)
    for a in (*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))):
        a.annotation = None
    rewriter.parameters(args)
    if isinstance(node, ast.Lambda):
        node.body = rewriter.visit(node.body)
        inner: Any = ast.Return(value=node)
    else:
        node.decorator_list, node.returns = [], None
        node.body = rewriter.statements(node.body)
        # under a name of its own: the function's may be that of a global, which a recursive call looks up
        inner = ast.copy_location(copy.copy(node), node)
        inner.name = _unused("recorded", names)
    free = [*function.__code__.co_freevars, tape, module]
    if "__class__" not in free and _asks_for_class(node):
        raise UnsupportedError("super() needs the class around the function", span(source.node, source))
    parameters = [ast.arg(arg=name) for name in free]
    arguments = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[])
    factory = ast.FunctionDef(name="factory", args=arguments, body=[inner], decorator_list=[], type_params=[])
    ast.copy_location(factory, source.node)
    ast.copy_location(inner, source.node)
    name = getattr(inner, "name", "<lambda>")
    tree = ast.fix_missing_locations(ast.Module(body=[factory], type_ignores=[]))
    future = source.flags & 0x1FE0000  # the bits of `from __future__ import ...`
    module_code = compile(tree, source.file, "exec", flags=future, dont_inherit=True)
    factory_code = next(c for c in module_code.co_consts if isinstance(c, types.CodeType))
    made = next(c for c in factory_code.co_consts if isinstance(c, types.CodeType) and c.co_name == name)
    made = _renamed(made, made.co_qualname, function.__code__.co_qualname)
    made = made.replace(co_name=function.__code__.co_name)
    return Instrumented(made, node, tape, module)


def _asks_for_class(node: Any) -> bool:
    """Whether ``__class__`` stands in a function outside of the classes in it, whose methods have their own."""
    inner = [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.ClassDef)]
    return (isinstance(node, ast.Name) and node.id == "__class__") or any(map(_asks_for_class, inner))


def _renamed(code: types.CodeType, old: str, new: str) -> types.CodeType:
    """Code, and the code in it, under the qualified names that the user's functions have."""
    inner = [_renamed(c, old, new) if isinstance(c, types.CodeType) else c for c in code.co_consts]
    return code.replace(co_consts=tuple(inner), co_qualname=new + code.co_qualname.removeprefix(old))


def _unused(name: str, names: set[str]) -> str:
    while name in names:
        name += "_"
    names.add(name)
    return name


class _Rewriter(ast.NodeTransformer):
    """Rewrites the nodes of one function, those inside it included."""

    def __init__(self, source: Source, tape: str, module: str, names: set[str], scope: dict[str, Any]):
        self.source = source
        self.tape = tape
        self.module = module
        self.names = names
        self.cls = source.cls
        self.scope = scope  # the globals, to tell modules
        self.local: set[str] = set()
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
                if name in SCOPE_READERS and not (name in ("vars", "dir") and n.args):
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
        return _unused("value", self.names)

    def mangled(self, name: str) -> str:
        if self.cls and name.startswith("__") and not name.endswith("__") and "." not in name:
            return f"_{self.cls.lstrip('_')}{name}" if self.cls.strip("_") else name
        return name

    def statements(self, body: list[Any]) -> list[Any]:
        out: list[Any] = []
        for s in body:
            made = self.visit(s)
            for new in made if isinstance(made, list) else [made]:
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
        return ast.copy_location(ast.Compare(left=a, ops=[op], comparators=[b]), place)

    def visit_IfExp(self, node: Any) -> Any:
        node.test, node.body, node.orelse = self.test(node.test), self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_Call(self, node: Any) -> Any:
        function = node.func
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

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

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
        node.body = self.statements(node.body)
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
        outside, self.cls = self.cls, node.name
        node.body = self.statements(node.body)
        self.cls = outside
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
        if len(node.targets) == 1 and (isinstance(first, (ast.Tuple, ast.List)) or reads_only):
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
        names, later = [], []
        for element in target.elts:
            star = isinstance(element, ast.Starred)
            inner = element.value if star else element
            if isinstance(inner, ast.Name):
                new: Any = self.visit(inner)
            else:
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
        target = node.target
        if isinstance(target, ast.Name):
            name = self.mangled(target.id)
            value = self.hook(node, "update", operation, self.name(name), self.visit(node.value))
            return ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value)
        made: list[Any] = []

        def once(expression: Any) -> Any:
            if isinstance(expression, (ast.Name, ast.Constant)):
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

    visit_If = visit_While

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
    """How an element is taken apart: ``(0, (0, 0))`` for ``i, (a, b)``; None for a name, a star is a 0 too."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        return None
    if _is_involved(target):
        return None
    inner = [_shape(e) or ast.Constant(0) for e in target.elts]
    return ast.Tuple(elts=inner, ctx=ast.Load())


def _is_involved(target: Any) -> bool:
    """Whether a loop's target stores into something, or has both a star and targets in targets."""
    nested = [n for n in ast.walk(target) if isinstance(n, (ast.Tuple, ast.List))]
    starred = any(isinstance(n, ast.Starred) for n in ast.walk(target))
    return any(isinstance(n, (ast.Attribute, ast.Subscript)) for n in ast.walk(target)) or (starred and len(nested) > 1)
