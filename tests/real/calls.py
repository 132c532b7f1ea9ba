"""The calls in the examples of docstrings: a package goes in, its public functions and arguments for them come out."""

from __future__ import annotations

import ast
import contextlib
import copy
import doctest
import importlib
import inspect
import io
import linecache
import pkgutil
import re
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

SPY = "__spy__"
MOST = 3  # calls of one function that are tried


class Call(NamedTuple):
    """Arguments that an example passes."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def functions(package: str, prefix: str = "") -> Iterator[tuple[str, Callable]]:
    """The public functions of a package by qualified name, each once, of modules whose name starts with a prefix."""
    root = importlib.import_module(package)
    names = [package]
    if hasattr(root, "__path__"):
        names += sorted(m.name for m in pkgutil.walk_packages(root.__path__, package + ".", onerror=lambda _: None))
    seen = set()
    for name in names:
        parts = name.split(".")
        if any(p.startswith("_") or p in ("tests", "conftest") for p in parts):
            continue
        if not (name.startswith(prefix) or prefix.startswith(name)):
            continue
        try:
            module = importlib.import_module(name)
        except Exception:  # an optional part whose own requirements are not installed
            continue
        for key, f in sorted(vars(module).items()):
            if key.startswith("_") or not isinstance(f, types.FunctionType) or id(f) in seen:
                continue
            if not (f.__module__ or "").startswith(package) or not name.startswith(prefix):
                continue
            seen.add(id(f))
            yield f"{name}.{key}", f


def calls(name: str, f: Callable) -> list[Call]:
    """The different calls of ``f`` in the examples of its docstring, in order; empty if there are none that run."""
    found: list[Call] = []
    texts: set[str] = set()

    def spy(*args: Any, **kwargs: Any) -> Any:
        text = repr((args, kwargs))
        if text not in texts and len(found) < MOST:
            texts.add(text)
            with contextlib.suppress(Exception):  # an argument that can't be copied, such as a generator or a file
                found.append(Call(*copy.deepcopy((args, kwargs))))
        return f(*args, **kwargs)

    module = importlib.import_module(f.__module__)
    namespace = {**vars(importlib.import_module(name.partition(".")[0])), **vars(module), SPY: spy}
    try:
        examples = doctest.DocTestParser().get_examples(f.__doc__ or "")
    except ValueError:  # not in the form of an example
        return []
    for number, example in enumerate(examples):
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.fix_missing_locations(_Spied(f.__name__).visit(ast.parse(example.source)))
            file, text = f"<example {number} of {name}>", ast.unparse(tree) + "\n"
            linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file  # for functions it makes
            exec(compile(text, file, "exec"), namespace)
    return [_as_documented(f, call) for call in found]


class _Spied(ast.NodeTransformer):
    """Calls of a function by its name become calls of the spy."""

    def __init__(self, name: str):
        self.name = name

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if self.name == getattr(node.func, "id", getattr(node.func, "attr", None)):
            node.func = ast.Name(SPY, ast.Load())
        return node


def _as_documented(f: Callable, call: Call) -> Call:
    """Whole numbers become floats where the docstring says so, in the way of NumPy (``x : float``)."""
    documented = set(re.findall(r"^\s*(\w+)\s*:\s*float", f.__doc__ or "", re.MULTILINE))
    try:
        bound = inspect.signature(f).bind(*call.args, **call.kwargs)
    except (TypeError, ValueError):
        return call
    for key, value in bound.arguments.items():
        if key in documented and type(value) is int:
            bound.arguments[key] = float(value)
    return Call(bound.args, bound.kwargs)
