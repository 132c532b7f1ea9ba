"""Syntax trees in, Python text out: ``to_text(tree)``.

The tree is of gast or of ast: a module, a statement, a list of statements, or an expression.  `Comment` is one
statement more, which Python's grammar does not have.

The text has the parentheses that it needs and no others, and the spaces that PEP 8 and black would give it.
"""

from __future__ import annotations

import ast
import io
import math
from typing import Any

import gast
from astunparse import Unparser


class Comment(gast.Pass):  # a ``pass`` to whoever does not know it
    """``# text``, on a line of its own."""

    _fields = ("text",)

    def __init__(self, text: str):
        self.text = text


WIDTH = 110  # of generated lines


def to_text(tree: Any, width: int | None = None) -> str:
    """The text of a tree; statements end with a newline, an expression does not.

    Statements longer than ``width`` stand on several lines.
    """
    out = io.StringIO()
    _Printer(tree, out, width)
    text = out.getvalue().strip("\n")
    return text if isinstance(tree, ast.expr) else text + "\n" if text else ""


def places(tree: Any, width: int | None = None) -> list[tuple[int, Any]]:
    """Where statements begin in the text of a tree (see `to_text`), and the attribute ``span`` of each that has one."""
    out = io.StringIO()
    found: list[tuple[int, Any]] = []

    class Placing(_Printer):
        def dispatch(self, tree: Any, binding: int = ANY) -> None:
            if hasattr(tree, "span"):
                text = out.getvalue()
                found.append((text.count("\n") + 2 - (len(text) - len(text.lstrip("\n"))), tree.span))
            super().dispatch(tree, binding)

    Placing(tree, out, width)
    return found


# How tightly an expression binds: a part that binds less than its place asks for gets parentheses.
ANY, TERNARY, OR, AND, NOT, COMPARE, BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM, PRODUCT, UNARY, POWER, AWAIT, ATOM = range(
    16
)

_BINARY = {
    "BitOr": BIT_OR, "BitXor": BIT_XOR, "BitAnd": BIT_AND, "LShift": SHIFT, "RShift": SHIFT, "Add": SUM, "Sub": SUM,
    "Mult": PRODUCT, "MatMult": PRODUCT, "Div": PRODUCT, "FloorDiv": PRODUCT, "Mod": PRODUCT, "Pow": POWER,
}  # fmt: skip
_SELF_ENCLOSED = ("NamedExpr", "Yield", "YieldFrom", "Await", "GeneratorExp")  # always printed with parentheses


def _kind(node: Any) -> str:
    return type(node).__name__


def _binding(node: Any) -> int:
    """How tightly the text of an expression binds."""
    kind = _kind(node)
    if kind == "BinOp":
        return _BINARY[_kind(node.op)]
    if kind == "UnaryOp":
        return NOT if _kind(node.op) == "Not" else UNARY
    if kind == "BoolOp":
        return AND if _kind(node.op) == "And" else OR
    if kind == "Constant" and isinstance(node.value, (int, float)) and str(node.value).startswith("-"):
        return UNARY
    return {"IfExp": TERNARY, "Lambda": TERNARY, "Compare": COMPARE}.get(kind, ATOM)


def _is_dotted_name(node: Any) -> bool:
    while _kind(node) == "Attribute":
        node = node.value
    return _kind(node) == "Name"


def _is_simple_exponent(node: Any) -> bool:
    """``x.a``, ``2``, ``-2``: no spaces around ``**``."""
    if _kind(node) == "UnaryOp" and _kind(node.op) == "USub":
        return _kind(node.operand) == "Constant"
    return _kind(node) == "Constant" or _is_dotted_name(node)


def _is_simple_bound(node: Any) -> bool:
    """``i``, ``-1``: no spaces around ``:``."""
    if _kind(node) == "UnaryOp" and _kind(node.op) != "Not":
        node = node.operand
    return _kind(node) in ("Name", "Constant")


def _parts(node: Any) -> tuple[str, list[tuple[str, Any, int]], str, str] | None:
    """How an expression stands on several lines: what opens it, its parts, what ends each, what closes it.

    Each part has what stands before it, and how tightly it must bind.  None for what stays on one line.
    """
    kind = _kind(node)
    if kind == "BinOp" and _kind(node.op) != "Pow":
        binding = _BINARY[_kind(node.op)]
        parts: list[tuple[str, Any, int]] = []
        while _kind(node) == "BinOp" and _BINARY[_kind(node.op)] == binding:
            parts.insert(0, (f"{Unparser.binop[_kind(node.op)]} ", node.right, binding + 1))
            node = node.left
        return "(", [("", node, binding), *parts], "", ")"
    if kind == "BoolOp":
        word, binding = ("and ", AND) if _kind(node.op) == "And" else ("or ", OR)
        return "(", [(word if k else "", value, binding + 1) for k, value in enumerate(node.values)], "", ")"
    if kind == "Call" and (node.args or node.keywords) and not any(_kind(a) == "GeneratorExp" for a in node.args):
        return "(", [("", a, ANY) for a in [*node.args, *node.keywords]], ",", ")"
    if kind in ("Tuple", "List") and len(node.elts) > 1:
        return "[("[kind == "Tuple"], [("", e, ANY) for e in node.elts], ",", "])"[kind == "Tuple"]
    return None


def quote(text: str) -> str:
    """A string literal, in double quotes where that needs no more backslashes."""
    plain = repr(text)
    if plain[0] == "'" and '"' not in text:
        return '"' + plain[1:-1].replace("\\'", "'") + '"'
    return plain


class _Printer(Unparser):
    def __init__(self, tree: Any, out: io.StringIO, width: int | None = None):
        self._width = width
        self._start = 0  # of the line
        super().__init__(tree, out)

    def fill(self, text: str = "") -> None:
        self._start = self.f.tell() + 1
        super().fill(text)

    def dispatch(self, tree: Any, binding: int = ANY) -> None:
        if isinstance(tree, ast.expr) and _binding(tree) < binding:
            self.write("(")
            super().dispatch(tree)
            self.write(")")
        else:
            super().dispatch(tree)

    def _list(self, nodes: Any, binding: int = ANY) -> None:
        for k, node in enumerate(nodes):
            if k:
                self.write(", ")
            self.dispatch(node, binding)

    def _bare(self, node: Any) -> None:
        """An expression where a tuple needs no parentheses."""
        if _kind(node) == "Tuple" and len(node.elts) > 1:
            self._list(node.elts)
        else:
            self.dispatch(node)

    # Lines that are too long

    def _fitted(self, node: Any, binding: int | None = None) -> None:
        """An expression at the end of a line, without ``binding`` of a statement: on several where it does not fit."""
        begin = self.f.tell()
        if binding is None:
            self._bare(node)
        else:
            self.dispatch(node, binding)
        if self.f.tell() - self._start <= self._limit():
            return
        parts = _parts(node)
        if parts is not None:
            self.f.seek(begin)
            self.f.truncate()
            self._broken(node, *parts)

    def _limit(self) -> float:
        """The columns of a line; deep inside of loops and branches something must still fit on one."""
        return math.inf if self._width is None else max(self._width, 4 * self._indent + 60)

    def _broken(self, node: Any, opening: str, parts: list[tuple[str, Any, int]], mark: str, closing: str) -> None:
        if _kind(node) == "Call":
            self.dispatch(node.func, ATOM)
        self.write(opening)
        self._indent += 1
        self.fill()
        begin = self.f.tell()
        for k, (_, part, binding) in enumerate(parts if mark else []):  # all in one line, if that will do
            self.write(", " if k else "")
            self.dispatch(part, binding)
        if not mark or self.f.tell() - self._start > self._limit():
            self.f.seek(begin)
            self.f.truncate()
            for k, (before, part, binding) in enumerate(parts):
                if k:
                    self.fill()
                self.write(before)
                self._fitted(part, binding)
                self.write(mark)
        self._indent -= 1
        self.fill(closing)

    # Statements

    def _Comment(self, t: Any) -> None:  # of a line of the user's, which should stay one
        line = "#"
        for word in t.text.split(" "):
            if 4 * self._indent + len(line) + 1 + len(word) > self._limit() + 10 and line != "#":
                self.fill(line)
                line = "#    "
            line += f" {word}"
        self.fill(line)

    def _AugAssign(self, t: Any) -> None:
        self.fill()
        self.dispatch(t.target)
        self.write(f" {self.binop[_kind(t.op)]}= ")
        self._fitted(t.value)

    def _Expr(self, t: Any) -> None:
        self.fill()
        self._fitted(t.value)

    def _Module(self, t: Any) -> None:
        self._body(t.body)

    def _body(self, body: list[Any]) -> None:
        """Statements, the first of which may be a docstring."""
        if body and _kind(body[0]) == "Expr" and _kind(body[0].value) == "Constant":
            value = body[0].value.value
            if isinstance(value, str):
                self.fill(_docstring(value))
                body = body[1:]
        self.dispatch(body)

    def _block(self, body: list[Any]) -> None:
        self.enter()
        self.dispatch(body)
        if all(_kind(s) == "Comment" for s in body):
            self.fill("pass")
        self.leave()

    def _Assign(self, t: Any) -> None:
        self.fill()
        for target in t.targets:
            self._bare(target)
            self.write(" = ")
        self._fitted(t.value)

    def _Return(self, t: Any) -> None:
        self.fill("return")
        if t.value is not None:
            self.write(" ")
            self._fitted(t.value)

    def _For(self, t: Any, word: str = "for ") -> None:
        self.fill(word)
        self._bare(t.target)
        self.write(" in ")
        self.dispatch(t.iter)
        self._block(t.body)
        self._else(t.orelse)

    def _AsyncFor(self, t: Any) -> None:
        self._For(t, "async for ")

    def _While(self, t: Any) -> None:
        self.fill("while ")
        self.dispatch(t.test)
        self._block(t.body)
        self._else(t.orelse)

    def _If(self, t: Any) -> None:
        self.fill("if ")
        self.dispatch(t.test)
        self._block(t.body)
        while len(t.orelse) == 1 and _kind(t.orelse[0]) == "If":
            t = t.orelse[0]
            self.fill("elif ")
            self.dispatch(t.test)
            self._block(t.body)
        self._else(t.orelse)

    def _else(self, body: list[Any]) -> None:
        if body:
            self.fill("else")
            self._block(body)

    def _withitem(self, t: Any) -> None:
        alone = _kind(t.context_expr) == "Tuple" and t.optional_vars is None  # else it would be two managers
        self.write("(" if alone else "")
        self.dispatch(t.context_expr)
        self.write(")" if alone else "")
        if t.optional_vars is not None:
            self.write(" as ")
            self.dispatch(t.optional_vars)

    def _Match(self, t: Any) -> None:  # of ``ast``, as what a recorder runs
        self.fill("match ")
        self.dispatch(t.subject)
        self.enter()
        for case in t.cases:
            self.fill(f"case {ast.unparse(case.pattern)}")
            if case.guard is not None:
                self.write(" if ")
                self.dispatch(case.guard)
            self._block(case.body)
        self.leave()

    def _TryStar(self, t: Any) -> None:
        self.fill("try")
        self._block(t.body)
        for handler in t.handlers:
            self._ExceptHandler(handler, "except*")
        self._else(t.orelse)
        if t.finalbody:
            self.fill("finally")
            self._block(t.finalbody)

    def _ExceptHandler(self, t: Any, word: str = "except") -> None:
        self.fill(word)
        if t.type is not None:
            self.write(" ")
            self.dispatch(t.type)
        if t.name is not None:
            self.write(f" as {t.name if isinstance(t.name, str) else t.name.id}")
        self._block(t.body)

    def _FunctionDef(self, t: Any, word: str = "def") -> None:
        self._blank_lines()
        for decorator in t.decorator_list:
            self.fill("@")
            self.dispatch(decorator)
        self.fill(f"{word} {t.name}(")
        self._arguments(t.args)
        self.write(")")
        if t.returns is not None:
            self.write(" -> ")
            self.dispatch(t.returns)
        self.enter()
        self._body(t.body)
        self.leave()

    def _AsyncFunctionDef(self, t: Any) -> None:
        self._FunctionDef(t, "async def")

    def _ClassDef(self, t: Any) -> None:
        self._blank_lines()
        for decorator in t.decorator_list:
            self.fill("@")
            self.dispatch(decorator)
        self.fill(f"class {t.name}")
        if t.bases or t.keywords:
            self.write("(")
            self._list([*t.bases, *t.keywords])
            self.write(")")
        self.enter()
        self._body(t.body)
        self.leave()

    def _blank_lines(self) -> None:
        if self.f.tell():
            self.write("\n" if self._indent else "\n\n")

    # Parameters

    def _arguments(self, t: Any) -> None:
        """A parameter is ``ast.arg(arg, annotation)`` or ``gast.Name(id, annotation)``."""
        plain = [*t.posonlyargs, *t.args]
        defaults = [None] * (len(plain) - len(t.defaults)) + list(t.defaults)
        parts: list[Any] = []
        for k, (parameter, default) in enumerate(zip(plain, defaults, strict=True), 1):
            parts.append(("", parameter, default))
            if t.posonlyargs and k == len(t.posonlyargs):
                parts.append(("/", None, None))
        if t.vararg is not None or t.kwonlyargs:
            parts.append(("*", t.vararg, None))
        parts += [("", p, d) for p, d in zip(t.kwonlyargs, t.kw_defaults, strict=True)]
        if t.kwarg is not None:
            parts.append(("**", t.kwarg, None))
        for k, (mark, parameter, default) in enumerate(parts):
            self.write((", " if k else "") + mark)
            if parameter is not None:
                self._parameter(parameter, default)

    def _parameter(self, parameter: Any, default: Any) -> None:
        self.write(parameter.id if _kind(parameter) == "Name" else parameter.arg)
        if parameter.annotation is not None:
            self.write(": ")
            self.dispatch(parameter.annotation)
        if default is not None:
            self.write(" = " if parameter.annotation is not None else "=")
            self.dispatch(default)

    def _Lambda(self, t: Any) -> None:
        parameters = t.args
        empty = not (parameters.args or parameters.posonlyargs or parameters.kwonlyargs)
        self.write("lambda" if empty and not parameters.vararg and not parameters.kwarg else "lambda ")
        self._arguments(parameters)
        self.write(": ")
        self.dispatch(t.body, TERNARY)

    # Expressions

    def _BinOp(self, t: Any) -> None:
        op = _kind(t.op)
        binding = _BINARY[op]
        if op == "Pow":
            tight = _is_simple_exponent(t.left) and _is_simple_exponent(t.right) and _binding(t.left) == ATOM
            self.dispatch(t.left, AWAIT)
            self.write("**" if tight else " ** ")
            self.dispatch(t.right, UNARY)
        else:
            self.dispatch(t.left, binding)
            self.write(f" {self.binop[op]} ")
            self.dispatch(t.right, binding + 1)

    def _UnaryOp(self, t: Any) -> None:
        op = _kind(t.op)
        self.write("not " if op == "Not" else self.unop[op])
        self.dispatch(t.operand, _binding(t))

    def _BoolOp(self, t: Any) -> None:
        word, binding = (" and ", AND) if _kind(t.op) == "And" else (" or ", OR)
        for k, value in enumerate(t.values):
            self.write(word if k else "")
            self.dispatch(value, binding + 1)

    def _Compare(self, t: Any) -> None:
        self.dispatch(t.left, COMPARE + 1)
        for op, right in zip(t.ops, t.comparators, strict=True):
            self.write(f" {self.cmpops[_kind(op)]} ")
            self.dispatch(right, COMPARE + 1)

    def _IfExp(self, t: Any) -> None:
        self.dispatch(t.body, OR)
        self.write(" if ")
        self.dispatch(t.test, OR)
        self.write(" else ")
        self.dispatch(t.orelse, TERNARY)

    def _comprehension(self, t: Any) -> None:
        self.write(" async for " if t.is_async else " for ")
        self._bare(t.target)
        self.write(" in ")
        self.dispatch(t.iter, OR)
        for condition in t.ifs:
            self.write(" if ")
            self.dispatch(condition, OR)

    def _Starred(self, t: Any) -> None:
        self.write("*")
        self.dispatch(t.value, BIT_OR)

    def _Dict(self, t: Any) -> None:
        self.write("{")
        for k, (key, value) in enumerate(zip(t.keys, t.values, strict=True)):
            self.write(", " if k else "")
            if key is None:
                self.write("**")
                self.dispatch(value, BIT_OR)
            else:
                self.dispatch(key)
                self.write(": ")
                self.dispatch(value)
        self.write("}")

    def _Attribute(self, t: Any) -> None:
        if _kind(t.value) == "Constant" and isinstance(t.value.value, int):
            self.write("(")
            self.dispatch(t.value)
            self.write(")")
        else:
            self.dispatch(t.value, ATOM)
        self.write(f".{t.attr}")

    def _Call(self, t: Any) -> None:
        self.dispatch(t.func, ATOM)
        if len(t.args) == 1 and not t.keywords and _kind(t.args[0]) == "GeneratorExp":
            self.dispatch(t.args[0])  # brings its own parentheses
            return
        self.write("(")
        self._list([*t.args, *t.keywords])
        self.write(")")

    def _Subscript(self, t: Any) -> None:
        self.dispatch(t.value, ATOM)
        self.write("[")
        if _kind(t.slice) == "Tuple" and len(t.slice.elts) == 1:
            self.dispatch(t.slice.elts[0])
            self.write(",")
        else:
            self._bare(t.slice)
        self.write("]")

    def _Slice(self, t: Any) -> None:
        bounds = [b for b in (t.lower, t.upper, t.step) if b is not None]
        space = "" if all(map(_is_simple_bound, bounds)) else " "
        if t.lower is not None:
            self.dispatch(t.lower)
            self.write(space)
        self.write(":")
        if t.upper is not None:
            self.write(space)
            self.dispatch(t.upper)
        if t.step is not None:
            self.write(space + ":" + space)
            self.dispatch(t.step)

    # Literals

    def _Constant(self, t: Any) -> None:
        self.write(("u" if getattr(t, "kind", None) == "u" else "") + _literal(t.value))

    def _JoinedStr(self, t: Any) -> None:
        parts: list[tuple[str, bool]] = []
        _fstring_parts(t, parts)
        code = "".join(text for text, is_code in parts if is_code)
        mark = next((q for q in ('"', "'", '"""', "'''") if q not in code), '"')
        if "\n" in code and len(mark) == 1:
            mark = next((q for q in ('"""', "'''") if q not in code), mark)
        literal = "".join(text if is_code else text.replace(mark[0], "\\" + mark[0]) for text, is_code in parts)
        self.write(f"f{mark}{literal}{mark}")


def _fstring_parts(t: Any, parts: list[tuple[str, bool]]) -> None:
    """The text of an f-string in pieces, each with whether it is code (where quotes can't be escaped)."""
    for value in t.values:
        if _kind(value) == "Constant":
            escaped = _escaped(value.value).replace("{", "{{").replace("}", "}}")
            parts.append((escaped, False))
            continue
        out = io.StringIO()
        _Printer([], out).dispatch(value.value, OR)
        code = out.getvalue().lstrip("\n")
        parts.append(("{" + (" " if code.startswith("{") else "") + code, True))
        if value.conversion != -1:
            parts.append((f"!{chr(value.conversion)}", True))
        if value.format_spec is not None:
            parts.append((":", True))
            _fstring_parts(value.format_spec, parts)
        parts.append(("}", True))


def _literal(value: Any) -> str:
    if value is Ellipsis:
        return "..."
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_literal, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, (float, complex)):
        if value != value:
            raise ValueError("nan has no literal")
        return repr(value).replace("inf", "1e309")
    return repr(value)


def _escaped(text: str) -> str:
    """What stands between the quotes of a literal, quotes not being escaped."""
    return repr(text + '"')[1:-2].replace("\\'", "'")  # repr puts a text with a double quote in single ones


def _docstring(text: str) -> str:
    """A literal in triple quotes, on several lines, with exactly this value."""
    escaped = "\n".join(map(_escaped, text.split("\n"))).replace('"""', '\\"\\"\\"')
    if escaped.endswith('"'):
        escaped = escaped[:-1] + '\\"'
    return f'"""{escaped}"""'
