"""One module out of pieces: generated functions, the helpers that they call, imports.

In: `Piece`s of text, each with the objects that its global names mean.  Out: the text of a module in which every
name means the same object everywhere, and nothing of s2sad is imported: its helpers are copied in.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import functools
import inspect
import keyword
import symtable
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from . import entry
from .ir.types import module_of
from .passes.session import Globals, Keywords

_OWN = __name__.partition(".")[0]
_SHORT = {"numpy": "np"}


@dataclasses.dataclass(eq=False)
class Piece:
    """A function or an assignment at the top level of a module.

    Attributes:
        name: what it defines.
        text: without blank lines around it.
        meaning: of its global names: a `Piece`, or an object to import or copy; builtins are left out.
        fixed: it keeps its name.
        order: pieces stand in the module by this, and before those that they call: assignments (0), generated
            functions (1), what they call (2), checks of arguments (3).
    """

    name: str
    text: str
    meaning: dict[str, Any]
    fixed: bool = False
    order: int = 1


def pieces(text: str, namespace: dict[str, Any], fixed: set[str]) -> list[Piece]:
    """The functions of a generated module, callees first."""
    made = {p.name: p for p in _split(text)}
    for p in made.values():
        p.fixed = p.name in fixed
        for name in _global_names(p.text):
            if name in made:
                p.meaning[name] = made[name]
            elif name in namespace:
                p.meaning[name] = namespace[name]
    return list(made.values())


def _split(text: str) -> list[Piece]:
    lines = text.splitlines()
    functions = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
    return [Piece(n.name, "\n".join(lines[n.lineno - 1 : n.end_lineno]), {}) for n in functions]


def link(public: list[Piece], refuse: Callable[[str, Any], Exception]) -> str:
    """The text of a module.

    Args:
        public: the pieces that the module is for; what they call is found through their meanings.
        refuse: makes the error for an object that can't be written: of a message and the object.
    """
    linker = _Linker(refuse)
    for piece in public:
        linker.add(piece)
    return linker.text()


class _Linker:
    def __init__(self, refuse: Callable[[str, Any], Exception]):
        self.refuse = refuse
        self.pieces: list[Piece] = []  # callees first
        self.done: dict[int, Piece] = {}  # id -> the piece that stands for it (equal ones are one)
        self.equal: dict[Any, Piece] = {}
        self.objects: dict[int, tuple[str, Any]] = {}  # id -> the first name it was given, object
        self.copied: dict[int, Piece] = {}

    # What goes in

    def add(self, piece: Piece) -> None:
        """A piece, after what it uses."""
        if id(piece) in self.done:
            return
        self.done[id(piece)] = piece  # a function that calls itself
        for name, meant in piece.meaning.items():
            if isinstance(meant, Piece):
                self.add(meant)
            elif self.is_own(meant):
                piece.meaning[name] = self.copy(meant, name)
            elif not isinstance(meant, Globals) and (member := _member(meant, name)) is not None:
                piece.meaning[name] = self.copied.setdefault(id(meant), member)
                self.add(self.copied[id(meant)])
            else:
                self.objects.setdefault(_identity(meant), (name, meant))
        if not piece.fixed:
            parts = [(k, self.identity(m, piece)) for k, m in sorted(piece.meaning.items())]
            same = self.equal.setdefault((piece.text, tuple(parts)), piece)
            self.done[id(piece)] = same
            if same is not piece:
                return
        self.pieces.append(piece)

    def identity(self, meant: Any, piece: Piece) -> Any:
        if meant is piece:
            return "itself"
        return id(self.done[id(meant)]) if isinstance(meant, Piece) else _identity(meant)

    def is_own(self, x: Any) -> bool:
        return isinstance(x, types.FunctionType) and (x.__module__ or "").startswith(_OWN + ".")

    def copy(self, helper: types.FunctionType, name: str) -> Piece:
        """The piece of a function of s2sad itself."""
        if id(helper) not in self.copied:
            node, text = _definition(helper.__module__, helper.__name__)
            known = vars(sys.modules[helper.__module__]).get(helper.__name__) is helper
            if node is None or helper.__closure__ or not known:
                raise self.refuse(f"the helper {name} can't be copied into a module", helper)
            order = 3 if helper.__module__ == entry.__name__ else 2
            piece = self.copied[id(helper)] = Piece(helper.__name__, text, {}, order=order)
            self.resolve(piece, helper.__module__)
            if any(map(_imports_us, ast.walk(node))):
                raise self.refuse(f"the helper {name} needs s2sad", helper)
            self.add(piece)
        return self.copied[id(helper)]

    def resolve(self, piece: Piece, module: str) -> None:
        """Find what the global names of a copied helper mean."""
        scope = vars(sys.modules[module])
        for name in _global_names(piece.text):
            if name == piece.name:
                piece.meaning[name] = piece
            elif name in scope and not (hasattr(builtins, name) and scope[name] is getattr(builtins, name)):
                meant = scope[name]
                if self.is_own(meant) or _is_foreign_module(meant):
                    piece.meaning[name] = meant
                    continue
                node, text = _definition(module, name)
                if node is None:
                    raise self.refuse(f"the helper {piece.name} needs {name}, which can't be copied", meant)
                constant = self.copied.setdefault(id(meant), Piece(name, text, {}, order=0))
                piece.meaning[name] = constant
                self.resolve(constant, module)

    # What comes out

    def text(self) -> str:
        names = self.names()
        lines = {line for i, (_, x) in self.objects.items() for line in self.imports(names[i], x)}
        imports = sorted(lines, key=_import_order)
        blocks = []
        for piece in self.ordered():
            mapping = {k: names[self.number(m)] for k, m in piece.meaning.items()}
            mapping[piece.name] = names[id(piece)]
            blocks.append(_rename(piece.text, mapping))
        return "\n".join(imports) + "\n\n\n" + "\n\n\n".join(blocks) + "\n"

    def ordered(self) -> list[Piece]:
        """The pieces for a reader: what the module is for comes first, what it needs below."""
        found = [p for p in self.pieces if p.fixed]
        for piece in found:  # grows while it is walked
            called = [self.done[id(m)] for m in piece.meaning.values() if isinstance(m, Piece)]
            found += [p for p in dict.fromkeys(called) if p not in found]
        found.sort(key=lambda p: p.order)
        late = [p for p in found if p.order == 0 and any(isinstance(m, Piece) and m.order for m in p.meaning.values())]
        return [p for p in found if p not in late] + late  # an assignment that calls a function follows it

    def number(self, meant: Any) -> int:
        return id(self.done[id(meant)]) if isinstance(meant, Piece) else _identity(meant)

    def names(self) -> dict[int, str]:
        """The name of each piece and object: unique, and no local name anywhere."""
        taken = {n for p in self.pieces for n in local_names(p.text)} | {p.name for p in self.pieces if p.fixed}
        names = {id(p): p.name for p in self.pieces if p.fixed}
        wanted = [(i, _preferred(x) or name) for i, (name, x) in self.objects.items()]
        wanted += [(id(p), p.name) for p in self.pieces if not p.fixed]
        for i, name in wanted:
            base, k = name, 0
            while name in taken or keyword.iskeyword(name) or hasattr(builtins, name):
                k += 1
                name = f"{base}_{k}"
            taken.add(name)
            names[i] = name
        return names

    def imports(self, name: str, x: Any) -> list[str]:
        """The lines that bind ``name`` to an object."""
        if isinstance(x, Globals):
            x = self.module_of(x)
        if isinstance(x, types.ModuleType):
            path = x.__name__
            lines = [f"import {path}" if path == name else f"import {path} as {name}"]
            return lines if path in ("numpy", "math") else lines + [f"import {s}" for s in self.submodules(x)]
        module, qualname = getattr(x, "__module__", None), getattr(x, "__qualname__", None)
        if isinstance(x, np.ufunc):
            module, qualname = "scipy.special", x.__name__
        known = module != "__main__" and vars(sys.modules.get(str(module), builtins)).get(str(qualname)) is x
        if known:
            return [f"from {module} import {qualname}" + (f" as {name}" if name != qualname else "")]
        kind = f"an object of the class {type(x).__name__}"
        if "<locals>" in str(qualname):
            kind = "a local function or class"
        if isinstance(x, Keywords):
            raise self.refuse(
                "a default value of a function that is called is no literal, which a module can't have", x
            )
        raise self.refuse(f"{name} is {kind}, which a module can't import", x)

    def module_of(self, view: Globals) -> types.ModuleType:
        """The module whose globals a view shows."""
        namespace = object.__getattribute__(view, "_namespace")
        module = sys.modules.get(namespace.get("__name__", ""))
        if module is None or vars(module) is not namespace or module.__name__ == "__main__":
            raise self.refuse("it reads a variable of a module that can't be imported by its name", view)
        return module

    def submodules(self, module: types.ModuleType) -> list[str]:
        """Submodules that the text goes through: ``scipy.special`` of ``scipy.special.expit``."""
        found = set()
        for p in self.pieces:
            roots = {k for k, m in p.meaning.items() if m is module}
            for node in ast.walk(ast.parse(p.text)):
                path = ast.unparse(node).split(".") if isinstance(node, ast.Attribute) else [""]
                dotted = ".".join([module.__name__, *path[1:]])
                if path[0] in roots and isinstance(sys.modules.get(dotted), types.ModuleType):
                    found.add(dotted)
        return sorted(found)


def _is_foreign_module(x: Any) -> bool:
    return isinstance(x, types.ModuleType) and x.__name__.partition(".")[0] != _OWN


def _imports_us(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").partition(".")[0] == _OWN
    return isinstance(node, ast.Import) and any(n.name.partition(".")[0] == _OWN for n in node.names)


def _member(x: Any, name: str) -> Piece | None:
    """``normal = Generator.normal``, for what stands in a class that can be imported."""
    qualname = getattr(x, "__qualname__", None) or ""
    path, _, last = qualname.rpartition(".")
    found = sys.modules.get(module_of(x))
    for part in path.split("."):
        found = getattr(found, part, None)
    if not isinstance(found, type) or "." in path or getattr(found, last, None) is not x:
        return None
    return Piece(name, f"{name} = {path}.{last}", {path: found}, order=0)


def _identity(x: Any) -> int:
    """The same for all views of one module's globals."""
    return id(object.__getattribute__(x, "_namespace")) if isinstance(x, Globals) else id(x)


def _preferred(x: Any) -> str | None:
    if isinstance(x, types.ModuleType):
        return _SHORT.get(x.__name__) or x.__name__.rpartition(".")[2]
    return None


def _import_order(line: str) -> tuple[bool, bool, str]:
    """The standard library, then NumPy and SciPy, then the user's modules."""
    root = line.split()[1].partition(".")[0]
    return root not in sys.stdlib_module_names, root not in ("numpy", "scipy"), line


# Names and places in a text


def _tables(table: symtable.SymbolTable) -> list[symtable.SymbolTable]:
    return [table, *(t for child in table.get_children() for t in _tables(child))]


def _global_names(text: str) -> list[str]:
    """The names that a piece reads from its module or the builtins."""
    found: dict[str, None] = {}
    for table in _tables(symtable.symtable(text, "<piece>", "exec")):
        for s in table.get_symbols():
            if s.is_referenced() and (s.is_global() or table.get_type() == "module"):
                found[s.get_name()] = None
    return sorted(found)


def local_names(text: str) -> set[str]:
    """The names of parameters and variables in the functions of a piece."""
    tables = _tables(symtable.symtable(text, "<piece>", "exec"))[1:]
    return {s.get_name() for t in tables for s in t.get_symbols() if s.is_local() or s.is_parameter()}


def _definition(module: str, name: str) -> tuple[Any, str]:
    """The node and the text of a function or an assignment of one of our modules; its docstring cut to a line."""
    source = inspect.getsource(sys.modules[module])
    lines = source.splitlines()
    for node in _parsed(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node, _without_annotations("\n".join(_with_short_docstring(lines, node)))
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return node, "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return None, ""


@functools.lru_cache(maxsize=16)
def _parsed(source: str) -> ast.Module:
    """The tree of one of our modules, which nobody changes."""
    return ast.parse(source)


def _without_annotations(text: str) -> str:
    """A function without the types of its parameters and result, whose names a module would have to import."""
    tree = ast.parse(text)
    found = [n for n in ast.walk(tree) if getattr(n, "annotation", None) is not None or getattr(n, "returns", None)]
    for node in found:
        if isinstance(node, ast.AnnAssign):
            return text
        setattr(node, "returns" if isinstance(node, ast.FunctionDef) else "annotation", None)
    return ast.unparse(tree) if found else text


def _with_short_docstring(lines: list[str], node: ast.FunctionDef) -> list[str]:
    first: Any = node.body[0]
    doc = ast.get_docstring(node)
    if doc is None:
        return lines[node.lineno - 1 : node.end_lineno]
    head = f'{" " * first.col_offset}"""{doc.partition(chr(10))[0]}"""'
    return [*lines[node.lineno - 1 : first.lineno - 1], head, *lines[first.end_lineno : node.end_lineno]]


def _rename(text: str, mapping: dict[str, str]) -> str:
    """A piece with other global names."""
    mapping = {k: v for k, v in mapping.items() if k != v}
    if not mapping:
        return text
    lines = [line.encode() for line in text.splitlines()]
    places = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id in mapping:
            places.append((node.lineno - 1, node.col_offset, node.id))
        elif isinstance(node, ast.FunctionDef) and node.name in mapping and node.col_offset == 0:
            places.append((node.lineno - 1, len("def "), node.name))
    for line, column, name in sorted(places, reverse=True):
        before, after = lines[line][:column], lines[line][column + len(name.encode()) :]
        lines[line] = before + mapping[name].encode() + after
    return b"\n".join(lines).decode()
