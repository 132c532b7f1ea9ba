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
from typing import Any, cast

from ..errors import UnsupportedError
from ..frontend.brackets import marked
from ..ir.core import Span
from ..source import find, span
from .classes import positional
from .loops import unused
from .rewriting import Rewriter


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
_CODES: dict[int, types.CodeType] = {}  # by identity: code tells its equals by all that is in it, which takes long
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
            _CODES.update((id(c), c) for c in _codes(made.code))
            _OWN.update(_pairs(made.code, code))
    return made


def is_instrumented(code: types.CodeType) -> bool:
    """Whether code is what this module made, or nested in it."""
    return id(code) in _CODES


def written(code: types.CodeType) -> types.CodeType:
    """The code that rewritten code was made from; itself, where that is not known."""
    return _OWN.get(code, code)


def uninstrumented(function: types.FunctionType) -> types.FunctionType:
    """The function that a rewritten one was made from, with the same cells; itself, where that is not known.

    The rewritten functions that it captures, be it in a tuple, are those that they were made from, too.
    """
    return cast(types.FunctionType, _uninstrumented(function, {}))


def _uninstrumented(x: Any, made: dict[int, Any]) -> Any:
    if id(x) in made:
        return made[id(x)]
    if type(x) is tuple:
        return tuple([_uninstrumented(e, made) for e in x])
    own = _OWN.get(x.__code__) if isinstance(x, types.FunctionType) else None
    cells = {} if own is None else dict(zip(x.__code__.co_freevars, x.__closure__ or (), strict=True))
    if own is None or not cells.keys() >= set(own.co_freevars):
        return x
    changed = {n: types.CellType() for n in own.co_freevars if _holds_rewritten(cells[n])}
    closure = tuple([changed.get(n, cells[n]) for n in own.co_freevars])
    plain = made[id(x)] = types.FunctionType(own, x.__globals__, x.__name__, x.__defaults__, closure)
    plain.__kwdefaults__, plain.__qualname__ = x.__kwdefaults__, x.__qualname__
    for name, cell in changed.items():
        cell.cell_contents = _uninstrumented(cells[name].cell_contents, made)
    return plain


def _holds_rewritten(cell: types.CellType) -> bool:
    """Whether a cell holds a rewritten function, or a tuple with one."""
    try:
        found = cell.cell_contents
    except ValueError:  # not assigned yet
        return False
    return any(isinstance(e, types.FunctionType) and e.__code__ in _OWN
               for e in (found if type(found) is tuple else (found,)))  # fmt: skip


def _pairs(made: types.CodeType, own: types.CodeType) -> dict[types.CodeType, types.CodeType]:
    """Rewritten code of the functions inside, and what it was made from: by names, lines and, of lambdas, in order."""
    mine, theirs = _codes(made)[1:], _codes(own)[1:]
    found = {made: own}
    for tag in set(map(_tag, mine)):
        ours, same = [c for c in mine if _tag(c) == tag], [o for o in theirs if _tag(o) == tag]
        if len(ours) == len(same):
            found.update(zip(ours, same, strict=True))
    return found


def _tag(code: types.CodeType) -> tuple[str, int, tuple[str, ...]]:
    return code.co_qualname, code.co_firstlineno, positional(code)


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
    node = marked(copy.deepcopy(source.node))
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | set(function.__code__.co_freevars)
    names |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    tape, module = unused("tape", names), unused("operator", names)
    rewriter = Rewriter(source, tape, module, names, function.__globals__)
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
        node.body = rewriter.entered(node)
        # under a name of its own: the function's may be that of a global, which a recursive call looks up
        inner = ast.copy_location(copy.copy(node), node)
        inner.name = unused("recorded", names)
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
