"""The text of a Python function, as a syntax tree.

In: a function, lambda, bound method, staticmethod or classmethod; wrappers (``functools.partial``, C functions,
callable objects) are for the caller to open.  Out: a ``Source``.

``inspect.getsource`` guesses; here the code object decides.  The text is looked for where ``fun.__code__`` says
that it stands (through ``linecache``, so notebooks work), and what is found must compile to that very code
object.  Otherwise the file was edited after it was imported, and its gradient would be one of another program.

Decorators and default values are not part of a code object: take defaults from ``fun.__defaults__``.
"""

from __future__ import annotations

import ast
import collections
import copy
import dataclasses
import hashlib
import io
import linecache
import os
import threading
import time
import types
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gast

from .errors import SourceNotFoundError
from .ir.core import Span
from .samecode import Node, first_line, parse, twin

_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FUNCTIONS = (*_DEFS, ast.Lambda)
_GAST_SCOPES = (gast.FunctionDef, gast.AsyncFunctionDef, gast.ClassDef)


@dataclasses.dataclass(eq=False)
class Source:
    """Where a function stands, and what stands there.

    Attributes:
        file: a name that ``linecache`` knows.
        name, qualname: the function's ``__name__``, and the qualified name of its code.
        cls: the class around it, as private names (``__x``) need it.
        flags: ``co_flags`` of its code.
        text: the lines of the file.
        node: the function's node, of ``ast`` or ``gast``; lines and columns as in the file.
    """

    file: str
    name: str
    qualname: str
    cls: str | None
    flags: int
    text: Sequence[str] = dataclasses.field(repr=False)
    node: Any = dataclasses.field(repr=False)
    _memo: dict[str, Any] = dataclasses.field(default_factory=dict, init=False, repr=False)

    @classmethod
    def from_node(cls, node: Any, outer: Source) -> Source:
        """The source of a ``gast`` function node inside ``outer``."""
        name = getattr(node, "name", "<lambda>")
        return cls(outer.file, name, f"{outer.qualname}.<locals>.{name}", outer.cls, outer.flags, outer.text, node)

    @property
    def tree(self) -> Any:
        """The ``gast`` node: FunctionDef, AsyncFunctionDef or Lambda.  Always the same object."""
        if "tree" not in self._memo:  # setdefault, so that two threads get one tree
            node = self.node
            if isinstance(node, _DEFS) and node.decorator_list:  # which are not of the function
                node = copy.copy(node)
                node.decorator_list = []
            self._memo.setdefault("tree", gast.ast_to_gast(node) if isinstance(node, _FUNCTIONS) else node)
        return self._memo["tree"]

    @property
    def digest(self) -> str:
        """SHA-256 of what the function does: no positions, comments, docstrings, annotations, own decorators.

        The same on every version of Python.
        """
        if "digest" not in self._memo:
            self._memo["digest"] = hashlib.sha256(_dump_function(self.tree, self.cls).encode()).hexdigest()
        return self._memo["digest"]

    def lines(self, first: int, last: int) -> list[str]:
        """Lines ``first`` to ``last`` (both included, from 1) of the user's text, without line ends."""
        return [line.rstrip("\r\n") for line in self.text[max(first, 1) - 1 : last]]

    def line(self, n: int) -> str:
        """Line ``n`` (from 1) of the user's text, empty where there is none."""
        return "".join(self.lines(n, n)) if n > 0 else ""


_GIVEN: weakref.WeakKeyDictionary[types.CodeType, str] = weakref.WeakKeyDictionary()


def give(fun: Callable, source: str) -> None:
    """Say what the text of a function is, where Python doesn't have it.

    Raises:
        SourceNotFoundError: it is another text.
    """
    find(fun, source)
    while isinstance(fun, (types.MethodType, staticmethod, classmethod)):
        fun = fun.__func__
    _GIVEN[fun.__code__] = source


def find(fun: Callable, source: str | None = None) -> Source:
    """Find the text of ``fun``.

    Args:
        fun: a function, lambda, method, staticmethod or classmethod written in Python.
        source: the function's text (or a text that contains it), where Python doesn't have it.

    Raises:
        SourceNotFoundError: there is no text, or it is not the text of this function.
    """
    while isinstance(fun, (types.MethodType, staticmethod, classmethod)):
        fun = fun.__func__
    code = getattr(fun, "__code__", None)
    if not isinstance(code, types.CodeType):
        raise SourceNotFoundError(
            f"{_label(fun)} is a {type(fun).__name__}, not a function written in Python: it has no text. "
            "Write it in Python, or register a derivative rule for it"
        )
    source = source if source is not None else _GIVEN.get(code)
    found = _in_text(code, source) if source is not None else _in_file(code, getattr(fun, "__globals__", {}))
    if isinstance(found, str):
        raise SourceNotFoundError(
            f"no text of {_label(fun)} (file {code.co_filename!r}, line {code.co_firstlineno}): {found}. "
            "Pass the text that it was made from as source=..."
        )
    file, text, node, cls = found
    return Source(file, getattr(fun, "__name__", code.co_name), code.co_qualname, cls, code.co_flags, text, node)


def node_of(code: types.CodeType, scope: dict[str, Any]) -> Node | None:
    """The node of a code object whose function has the globals ``scope``; None where there is no text of it."""
    given = _GIVEN.get(code)
    found = _in_file(code, scope) if given is None else _in_text(code, given)
    return None if isinstance(found, str) else found[2]


def span(node: Any, source: Source, statement: int = 0) -> Span:
    """The place of a syntax tree node, its columns in characters (those of the tree count UTF-8 bytes).

    Nodes without a position (operators, ``arguments``) have that of their first part that has one.
    """
    placed: Any = node
    if getattr(node, "lineno", None) is None:
        placed = next((n for n in ast.walk(node) if getattr(n, "lineno", None) is not None), source.tree)
    first, last = placed.lineno, placed.end_lineno or placed.lineno
    start, end = placed.col_offset, placed.end_col_offset or placed.col_offset
    return Span(source.file, first, _characters(source, first, start), last, _characters(source, last, end), statement)


def _characters(source: Source, number: int, offset: int) -> int:
    """A column of a line in characters."""
    line = source.text[number - 1] if 0 < number <= len(source.text) else ""
    if line.isascii() and offset < len(line):
        return offset
    line = line.rstrip("\r\n")
    return min(offset, len(line)) if line.isascii() else len(line.encode()[:offset].decode(errors="replace"))


def _label(fun: Any) -> str:
    return repr(getattr(fun, "__qualname__", None) or getattr(fun, "__name__", None) or fun)


# Looking for the text: each gives (file, lines, node, class), or says why not.

_Found = tuple[str, Sequence[str], Node, str | None]


_SEEN: weakref.WeakKeyDictionary[types.CodeType, tuple[str, _Found]] = weakref.WeakKeyDictionary()


def _in_file(code: types.CodeType, scope: dict[str, Any]) -> _Found | str:
    """Look where the code object says; once for each, as equal code of another file is not the same."""
    seen = _SEEN.get(code)
    if seen is not None and seen[0] == code.co_filename:
        return seen[1]
    found = _look(code, scope)
    if not isinstance(found, str):
        _SEEN[code] = code.co_filename, found
    return found


def _look(code: types.CodeType, scope: dict[str, Any]) -> _Found | str:
    # the second: a module that was compiled under another name (moved, or relative to another folder)
    for file in dict.fromkeys([code.co_filename, scope.get("__file__") or ""]):
        lines = linecache.getlines(file, scope)
        found = _in_lines(code, file, lines) if lines else None
        if isinstance(found, str):
            linecache.checkcache(file)  # the text in the cache may be older than the code
            again = linecache.getlines(file, scope)
            found = _in_lines(code, file, again) if again and again != lines else found
        if isinstance(found, str):
            return f"{found}: it was edited after it was imported, or an import hook rewrote the code"
        if found is not None:
            return found
    return "there is no text for that file (made by exec, typed in, or the file is gone)"


def _in_lines(code: types.CodeType, file: str, lines: list[str]) -> _Found | str:
    cls = _class_of(code.co_qualname)
    node = _block_at(code, lines)
    if node is not None and (_is_ours_untouched(file) or not isinstance(twin(code, node, cls), str)):
        return file, lines, node, cls
    try:
        functions = _functions_in(file, lines, code)
    except (SyntaxError, ValueError, RecursionError) as error:
        return f"the file is not valid Python now ({error})"
    here = [(n, c) for n, c in functions.get(code.co_firstlineno, ()) if _name(n) == code.co_name]
    found, why = _choose(here, code, "what stands there now")
    return (file, lines, *found) if found else why


PACKAGE = os.path.dirname(__file__) + os.sep  # of s2sad
_STARTED = time.time()


def _is_ours_untouched(file: str) -> bool:
    """Whether a file of this package is as it was when this process began: its text need not be compared."""
    try:
        return file.startswith(PACKAGE) and os.stat(file).st_mtime < _STARTED - 2.0
    except OSError:
        return False


def _in_text(code: types.CodeType, text: str) -> _Found | str:
    """Look in a text that the user gave; it may be indented, and begin anywhere."""
    flags = code.co_flags
    try:
        if text.lstrip("\r\n")[:1] in (" ", "\t"):
            tree = ast.increment_lineno(parse("if 1:\n" + text, flags), -1)
        else:
            tree = parse(text, flags)
    except (SyntaxError, ValueError, RecursionError) as error:
        return f"the text given as source= is not valid Python ({error})"
    outside = _class_of(code.co_qualname)
    named = [(n, c or outside) for n, c in _functions(tree) if _name(n) == code.co_name]
    found, why = _choose(named, code, "what source= says")
    if found is None:
        return why
    file = f"<source of {code.co_qualname} {hashlib.sha256(text.encode(errors='replace')).hexdigest()[:8]}>"
    lines = io.StringIO(text, newline=None).readlines()  # str.splitlines also ends lines where Python doesn't
    linecache.cache[file] = (len(text), None, lines, file)  # error messages show the user's line from there
    return (file, lines, *found)


def _choose(functions: list[tuple[Node, str | None]], code: types.CodeType, where: str) -> tuple[Any, str]:
    """The function that compiles to ``code``; or None, and why."""
    why, same = f"{where} is no function of this name", []
    for node, cls in functions:
        made = twin(code, node, cls)
        if isinstance(made, str):
            why = f"{where} is another program, with other {made}"
        else:
            same.append((node, cls, made))
    # equal code is equal text for our purposes, but errors should point at the right lambda of a line
    places = list(code.co_positions())
    exact = (f for f in same if len(same) > 1 and list(f[2].co_positions()) == places)
    found = next(exact, same[0] if same else None)
    return found and found[:2], why


def _block_at(code: types.CodeType, lines: list[str]) -> Node | None:
    """The ``def`` at the code's first line, without parsing the rest of the file."""
    first = code.co_firstlineno - 1
    if first >= len(lines) or code.co_name == "<lambda>":
        return None
    indent = _indentation(lines[first]) or 0
    last = max(_last_line(code), first + 1)
    while last < len(lines):
        width = _indentation(lines[last])
        if width is not None and width <= indent:
            break
        last += 1
    # No dedent: that would change columns and strings.  Empty lines, so that line numbers are those of the file.
    head = "\n" * first if indent == 0 else "\n" * (first - 1) + "if 1:\n"
    try:
        tree = parse(head + "".join(lines[first:last]), code.co_flags)
    except (SyntaxError, ValueError, RecursionError):
        return None
    top = tree.body[0] if tree.body else None
    body = top.body if indent and isinstance(top, ast.If) else tree.body
    if len(body) != 1 or not isinstance(body[0], _DEFS) or body[0].name != code.co_name:
        return None
    return body[0] if first_line(body[0]) == code.co_firstlineno else None


def _indentation(line: str) -> int | None:
    """Width of the line's indentation; None for a line that is empty or a comment."""
    content = line.lstrip()
    if not content or content[0] == "#":
        return None
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


def _last_line(code: types.CodeType) -> int:
    last = max((line for _, _, line in code.co_lines() if line), default=0)
    return max([last, *(_last_line(c) for c in code.co_consts if isinstance(c, types.CodeType))])


# Files are parsed once.

_Index = dict[int, list[tuple[Node, str | None]]]  # first line -> functions and the class around each
_files: collections.OrderedDict[str, tuple[list[str], _Index]] = collections.OrderedDict()
_files_kept = 32
_files_lock = threading.Lock()
if hasattr(os, "register_at_fork"):  # another thread may hold it while this one forks
    os.register_at_fork(after_in_child=lambda: globals().update(_files_lock=threading.Lock()))


def _functions_in(file: str, lines: list[str], code: types.CodeType) -> _Index:
    """All functions of a file.  The trees are shared between callers: nobody changes them."""
    with _files_lock:
        if file in _files and _files[file][0] == lines:
            _files.move_to_end(file)
            return _files[file][1]
    index: _Index = {}
    for node, cls in _functions(parse("".join(lines), code.co_flags)):
        index.setdefault(first_line(node), []).append((node, cls))
    with _files_lock:
        _files[file] = (lines, index)
        while len(_files) > _files_kept:
            _files.popitem(last=False)
    return index


def _functions(tree: ast.AST) -> Iterator[tuple[Node, str | None]]:
    """Every function of a tree, in the order of the text, with the name of the class around it."""
    stack: list[tuple[ast.AST, str | None]] = [(tree, None)]
    while stack:
        node, cls = stack.pop()
        if isinstance(node, _FUNCTIONS):
            yield node, cls
        if isinstance(node, ast.ClassDef):
            outside = [*node.bases, *node.keywords, *node.decorator_list]
            children = [(child, cls if child in outside else node.name) for child in ast.iter_child_nodes(node)]
        else:
            children = [(child, cls) for child in ast.iter_child_nodes(node)]
        stack.extend(reversed(children))


def _name(node: Node) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name


def _class_of(qualname: str) -> str | None:
    """The innermost class of a qualified name: ``f.<locals>.C.method.<locals>.g`` gives ``C``."""
    parts = qualname.split(".")[:-1]
    while parts:
        part = parts.pop()
        if part == "<locals>":
            parts.pop()  # a function
        elif not part.startswith("<"):  # such as <listcomp>
            return part
    return None


# A text of the tree that is the same on every version of Python.

_UNWRITTEN = {"annotation", "returns", "type_comment", "type_params", "ctx"}


def _dump_function(node: Any, cls: str | None) -> str:
    fields = {"args": node.args, "body": node.body if isinstance(node, gast.Lambda) else _without_docstring(node.body)}
    name, cls = getattr(node, "name", ""), cls and cls.lstrip("_")
    return f"{type(node).__name__}({name}, {', '.join(_dump(value, cls) for value in fields.values())})"


def _dump(value: Any, cls: str | None) -> str:
    if isinstance(value, gast.Constant):
        return f"Constant({_dump_constant(value.value)})"
    if isinstance(value, gast.AST):
        fields = []
        for field in value._fields:
            part: Any = getattr(value, field, None)
            if field == "body" and isinstance(value, _GAST_SCOPES):
                part = _without_docstring(part)
            if isinstance(value, gast.JoinedStr):  # Python 3.12 adds empty strings
                part = [v for v in part if not (isinstance(v, gast.Constant) and v.value == "")]
            if field not in _UNWRITTEN and part is not None and part != []:
                fields.append(f"{field}={_dump(part, cls)}")
        return f"{type(value).__name__}({', '.join(fields)})"
    if isinstance(value, list):
        return f"[{', '.join(_dump(part, cls) for part in value)}]"
    if cls and isinstance(value, str) and value.startswith("__") and not value.endswith("__"):
        value = f"_{cls}{value}"  # a private name
    return ascii(value)


def _dump_constant(value: Any) -> str:
    return hex(value) if type(value) is int else ascii(value)  # Python refuses to print huge integers in decimal


def _without_docstring(body: list[Any]) -> list[Any]:
    first: Any = body[0] if body else None
    is_text = isinstance(first, gast.Expr) and isinstance(first.value, gast.Constant)
    return body[1:] if is_text and isinstance(first.value.value, str) else body
