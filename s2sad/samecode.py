"""Whether a syntax tree is the text of a code object.

In: a function's node (with the lines of its file), the class around it, and the code object that Python made.
Out: the code object that the node compiles to; or, where that is another program, what differs, in words.

The node is compiled in surroundings like its own, and the two code objects are compared: what they do, and not
where they stand.  Two things can only be compared in part: docstrings, as they don't count, and functions whose
asserts pytest rewrote.
"""

from __future__ import annotations
import __future__

import ast
import copy
import dis
import functools
import inspect
import operator
import os
import sys
import threading
import types
import warnings
from collections.abc import Iterator
from typing import Any

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_compile_lock = threading.Lock()
if hasattr(os, "register_at_fork"):  # another thread may hold it while this one forks
    os.register_at_fork(after_in_child=lambda: globals().update(_compile_lock=threading.Lock()))

_FUTURES = functools.reduce(operator.or_, (getattr(__future__, n).compiler_flag for n in __future__.all_feature_names))
_FUTURES &= ~inspect.CO_NESTED  # one bit, two meanings
_KIND = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)
_HAS_DOCSTRING = 0x4000000 if sys.version_info >= (3, 13) else inspect.CO_OPTIMIZED
_SIGNATURE = {
    "co_argcount": "arguments",
    "co_posonlyargcount": "arguments",
    "co_kwonlyargcount": "arguments",
    "co_freevars": "variables of the functions around it",
}
_BODY = {
    "co_varnames": "local variables",
    "co_cellvars": "local variables",
    "co_names": "names",
    "co_code": "operations",
    "co_exceptiontable": "operations",
}


def _compile(what: Any, code_flags: int, more_flags: int = 0) -> Any:
    # Python has said its warnings about this text when it was imported; as errors they would stop us here.
    with _compile_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(what, "<source>", "exec", flags=code_flags & _FUTURES | more_flags, dont_inherit=True)


def parse(text: str, code_flags: int) -> ast.Module:
    return _compile(text, code_flags, ast.PyCF_ONLY_AST)


def twin(code: types.CodeType, node: Node, cls: str | None) -> types.CodeType | str:
    """The code object that ``node`` compiles to, if it does what ``code`` does; else what differs."""
    moved = code.co_firstlineno - first_line(node)
    if moved:  # a text of the user's; Python 3.13 puts line numbers into the code of classes
        node = ast.increment_lineno(copy.deepcopy(node), moved)
    found = ""
    for imported in (_globals_of, _not_method_called):
        try:
            ours = _compiled(node, cls, code, imported(code))
        except (SyntaxError, ValueError, RecursionError):  # say, a nonlocal variable that it hasn't
            return _SIGNATURE["co_freevars"]
        found = _code_difference(ours, code) or ""
        if found and _has_rewritten_asserts(code):
            asserts = [n for n in ast.walk(node) if isinstance(n, ast.Assert)]
            skip = {line for n in asserts for line in range(n.lineno, (n.end_lineno or n.lineno) + 1)}
            found = _difference_beside(ours, code, skip) or ""
        if not found:
            return ours
    return found


def first_line(node: Node) -> int:
    """The line of the first decorator, as in ``co_firstlineno``."""
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])


def _compiled(node: Node, cls: str | None, code: types.CodeType, imported: set[str]) -> types.CodeType:
    """The code object of ``node``, as Python makes it in the surroundings that ``code`` was made in.

    Its free variables become parameters of a function around it, ``__class__`` for ``super()`` too, and that
    function stands in a class of the right name.  What isn't part of the code (decorators, defaults, annotations)
    is left out.
    """
    outer = f"def _({', '.join(code.co_freevars)}):\n pass"
    module: Any = ast.parse(f"class {cls}:\n " + outer.replace("\n", "\n ") if cls else outer)
    around = module.body[0].body[0] if cls else module.body[0]
    if imported:
        names = [ast.alias(name, lineno=1, col_offset=0) for name in sorted(imported)]
        module.body.insert(0, ast.Import(names, lineno=1, col_offset=0))
    inner: Any = copy.copy(node)
    inner.args = copy.copy(node.args)
    inner.args.defaults = []
    inner.args.kw_defaults = [None for _ in node.args.kw_defaults]
    if isinstance(inner, ast.Lambda):
        around.body = [ast.copy_location(ast.Expr(inner), node)]
    else:
        inner.name = "def"  # its own name would be a variable of the function around it
        inner.decorator_list, inner.returns, inner.type_params = [], None, []
        _strip_annotations(inner.args)
        around.body = [inner]
    made = _compile(module, code.co_flags)
    for _ in range(3 if cls else 2):
        made = next(const for const in made.co_consts if isinstance(const, types.CodeType))
    return made


def _strip_annotations(args: ast.arguments) -> None:
    for field in ("posonlyargs", "args", "kwonlyargs"):
        setattr(args, field, [_plain_arg(arg) for arg in getattr(args, field)])
    args.vararg = args.vararg and _plain_arg(args.vararg)
    args.kwarg = args.kwarg and _plain_arg(args.kwarg)


def _plain_arg(arg: ast.arg) -> ast.arg:
    return ast.copy_location(ast.arg(arg.arg), arg)


# Python compiles `np.sin(x)` in another way where the module imports `np` (it is no method then), and `super()` where
# the module has a `super` of its own.  What the module imports is not known without parsing all of it: first the guess
# that it is every global name; then what the instructions tell.


def _globals_of(code: types.CodeType) -> set[str]:
    names: set[str] = set()
    variables: set[str] = set()
    for each in _all_codes(code):
        names.update(each.co_names)
        variables.update(each.co_varnames + each.co_cellvars + each.co_freevars)
    return names - variables - {"super"}


def _not_method_called(code: types.CodeType) -> set[str]:
    """All names but those that a method is called of in the way of names that are not imported."""
    names: set[str] = set()
    called: set[str] = set()
    for each in _all_codes(code):
        names.update(each.co_names + each.co_varnames + each.co_cellvars + each.co_freevars)
        before: Any = None
        for instruction in dis.get_instructions(each):
            name = instruction.opname
            if name.startswith("LOAD_SUPER"):
                called.add("super")
            elif name == "LOAD_METHOD" or (name == "LOAD_ATTR" and _METHOD_FLAG & (instruction.arg or 0)):
                called.add(before[-1] if isinstance(before, tuple) else before)
            if name != "EXTENDED_ARG":
                before = instruction.argval if name.startswith(_LOADS) else None
    return {name for name in names - called if name.isidentifier()}


_METHOD_FLAG = 1 if sys.version_info >= (3, 12) else 0  # before, LOAD_METHOD
_LOADS = ("LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "STORE_FAST_LOAD_FAST")


def _all_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from _all_codes(const)


def _code_difference(a: types.CodeType, b: types.CodeType) -> str | None:
    for field, what in (_SIGNATURE | _BODY).items():
        if getattr(a, field) != getattr(b, field):
            return what
    if (a.co_flags ^ b.co_flags) & _KIND:
        return "arguments"
    if len(a.co_consts) != len(b.co_consts):
        return "constants"
    for i, (x, y) in enumerate(zip(a.co_consts, b.co_consts, strict=True)):
        docstrings = i == 0 and _is_docstring(a, x) and _is_docstring(b, y)
        own_names = x == a.co_qualname and y == b.co_qualname  # in the code of a class; ours stands elsewhere
        if not (_same_constant(x, y) or docstrings or own_names):
            return "constants"
    return None


def _same_constant(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, types.CodeType):
        return a.co_name == b.co_name and _code_difference(a, b) is None
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_same_constant, a, b))
    if isinstance(a, frozenset):
        return sorted(map(repr, a)) == sorted(map(repr, b))
    if isinstance(a, (float, complex)):
        return repr(a) == repr(b)  # 0.0 isn't -0.0, and a nan is a nan
    return a == b


def _is_docstring(code: types.CodeType, first: Any) -> bool:
    """Is this first constant the docstring?  A text given by the user may be indented in another way."""
    return isinstance(first, str) and bool(code.co_flags & _HAS_DOCSTRING) and not code.co_name.startswith("<")


# pytest rewrites the asserts of test files.  Then the code beside the asserts is compared, line by line.


def _has_rewritten_asserts(code: types.CodeType) -> bool:
    return any(name.startswith("@py") for each in _all_codes(code) for name in each.co_names + each.co_varnames)


def _difference_beside(a: types.CodeType, b: types.CodeType, skip: set[int]) -> str | None:
    for field, what in _SIGNATURE.items():
        if getattr(a, field) != getattr(b, field):
            return what
    stars = (bool(a.co_flags & inspect.CO_VARARGS), bool(a.co_flags & inspect.CO_VARKEYWORDS))
    count = a.co_argcount + a.co_kwonlyargcount + sum(stars)
    if a.co_varnames[:count] != b.co_varnames[:count] or (a.co_flags ^ b.co_flags) & _KIND:
        return "arguments"
    if _operations(a, skip) != _operations(b, skip):
        return "operations"
    inner = [[c for c in x.co_consts if isinstance(c, types.CodeType) and c.co_firstlineno not in skip] for x in (a, b)]
    if [c.co_name for c in inner[0]] != [c.co_name for c in inner[1]]:
        return "functions inside"
    return next(filter(None, (_difference_beside(x, y, skip) for x, y in zip(*inner, strict=True))), None)


_JUMPS = {*dis.hasjrel, *dis.hasjabs}  # where they go depends on the asserts between
_NAMED = {*dis.hasconst, *dis.hasname, *dis.hasfree, *dis.hascompare}
_NOISE = {"NOP", "RESUME", "CACHE", "EXTENDED_ARG", "COPY_FREE_VARS", "MAKE_CELL", "PUSH_NULL"}
_NOISE |= {"RETURN_GENERATOR", "POP_TOP"}  # stand on the line of the first decorator


def _operations(code: types.CodeType, skip: set[int]) -> dict[int, list[tuple[str, str]]]:
    """What each line does, in order.  Each thing once, as Python may copy the end of a function to several places."""
    lines: dict[int, dict[tuple[str, str], None]] = {}
    for instruction in dis.get_instructions(code):
        line = instruction.positions and instruction.positions.lineno
        if line is None or line in skip or instruction.opcode in _JUMPS or instruction.opname in _NOISE:
            continue
        lines.setdefault(line, {}).update(dict.fromkeys(_parts(instruction, code)))
    return {line: list(operations) for line, operations in lines.items()}


def _parts(instruction: dis.Instruction, code: types.CodeType) -> list[tuple[str, str]]:
    """The instruction without what depends on its surroundings: indices, checks, two of them made one."""
    value = instruction.argval
    if instruction.opcode in dis.haslocal:
        verbs = [word for word in instruction.opname.split("_") if word in ("LOAD", "STORE", "DELETE")]
        return list(zip(verbs, value if isinstance(value, tuple) else [value], strict=True))
    if isinstance(value, types.CodeType):
        value = value.co_name
    elif value == code.co_qualname:  # in the code of a class; ours stands elsewhere
        value = code.co_name
    return [(instruction.opname, ascii(value) if instruction.opcode in _NAMED else instruction.argrepr or ascii(value))]
