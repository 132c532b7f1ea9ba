"""Generated code on disk, so that the next process need not generate it again.

``program(function, values, options, make)`` gives what ``make()`` gives: from the disk, where it was made before from
the same text, for the same types of arguments, with the same options and versions.

An entry is a file of Python text in a folder of the user's own.  Its header, in comments, says where everything that
the text needs is found now, and what must still be the same: the functions that went in, and the guards.  `recipes`
writes and reads that.  What can't be described that way is not kept.  An entry that is damaged, foreign or stale is
ignored and written again, never run.  No failure here is an error: it only costs the time to compile.

`disk` says where the folder is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import disk
from . import rules as _rules  # noqa: F401  (so that the table below is complete)
from .autodiff import shelf
from .codegen.emit import Emitted
from .codegen.load import load, unique_filename
from .ir.signature import signature
from .passes.session import Bound, Session
from .pipeline import Program
from .recipes import Indescribable, Reader, Stale, Writer, describe, digest
from .rules.table import LATE, RULES

_MAGIC = "# s2sad cache 1 "
_SUFFIX = ".s2sad.py"
_KEPT = 4096


def program(
    function: types.FunctionType,
    values: Sequence[Any],
    options: Sequence[Any],
    make: Callable[[], Program],
    bound: Bound | None = None,
) -> Program:
    """The program that ``make()`` makes, which depends on nothing but a function, its arguments' types and options.

    Args:
        function: the function.
        values: its arguments, one for each parameter.
        options: literals, nested in tuples and lists.
        make: compiles.
        bound: its first argument, where of that only what is read counts.
    """
    signs = [signature(v) for v in values] if bound is None else [type(bound.object), *map(signature, values[1:])]
    key = _key(function, signs, options)
    if key is None:
        return make()
    found = _read(key, function, bound)
    if found is None:
        found = make()
        _write(key, function, found)
    return found


# What an entry depends on


def _key(function: types.FunctionType, signs: Sequence[Any], options: Sequence[Any]) -> str | None:
    if not disk.is_on():
        return None
    try:
        parts = [
            disk.environment(),
            [str(getattr(sys.modules[name], "__version__", "")) for name in LATE if name in sys.modules],
            _registered(),
            [_module(function), function.__name__, digest(function, defaults=False)],
            list(map(describe, signs)),
            options,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    except (Indescribable, disk.Unknown, OSError, UnicodeError, ValueError, TypeError, RecursionError):
        return None


def _module(function: types.FunctionType) -> str | None:
    """The name of its module; None for generated code, which gets a new one in each process."""
    return function.__module__ if function.__module__ in sys.modules else None


_BUILT_IN = frozenset(RULES.values())


def _registered() -> list[Any]:
    """The rules that users have added, or put in the place of ours."""
    found = []
    for function, rule in list(RULES.items()):
        if not (rule.own and (rule.late or rule in _BUILT_IN)):
            texts = [digest(p) for p in (rule.pullback, *rule.pushforwards.values(), rule.infer) if p is not None]
            found.append([describe(function), rule.kind, sorted(rule.pushforwards), list(rule.arguments), rule.view,
                          rule.effect, texts])  # fmt: skip
    return found


# Files


def entries() -> list[Path]:
    """The files of the cache."""
    return disk.files(_SUFFIX)


def clear() -> int:
    """Delete the entries, and the formulas of rules beside them; the result is how many entries."""
    for path in disk.files(shelf.SUFFIX):
        with contextlib.suppress(OSError):
            path.unlink()
    count = 0
    for path in entries():
        with contextlib.suppress(OSError):
            path.unlink()
            count += 1
    return count


def _read(key: str, function: types.FunctionType, bound: Bound | None) -> Program | None:
    """The program of an entry; None where there is none that can be trusted."""
    try:
        content = disk.read(key + _SUFFIX)
        if content is None:
            return None
        header, body = _open(content.decode())
        return _program(header, body, Reader(function, bound)) if header["key"] == key else None
    except (OSError, Stale, Indescribable, ValueError, LookupError, TypeError, AttributeError, SyntaxError):
        return None


def _open(content: str) -> tuple[dict[str, Any], str]:
    """Header and body of an entry whose checksum is right."""
    first, _, rest = content.partition("\n")
    if first != _MAGIC + hashlib.sha256(rest.encode()).hexdigest():
        raise Stale("damaged")
    comment, _, body = rest.partition("\n\n")
    return json.loads("".join(line.removeprefix("#") for line in comment.splitlines())), body


def _program(header: dict[str, Any], body: str, reader: Reader) -> Program:
    session = Session()
    session.guards = dict(enumerate(map(reader.guard, header["guards"])))
    parts, at = {}, 0
    for part in header["parts"]:
        text = body[at : at + part["length"]]
        at += part["length"]
        namespace = {name: reader.find(recipe) for name, recipe in part["namespace"].items()}
        parts[part["role"]] = Emitted(part["name"], None, text, namespace, {})
    functions = {role: load(p.text, p.namespace, unique_filename(p.name))[p.name] for role, p in parts.items()}
    text = "\n\n".join(p.text for p in parts.values())
    return Program(text, functions, session, header["written"], parts, header["seeded"])


def _write(key: str, function: types.FunctionType, made: Program) -> None:
    """Keep a program, where all that it needs can be described."""
    try:
        content = _content(key, function, made)
    except (Indescribable, disk.Unknown, OSError, UnicodeError, ValueError, TypeError, RecursionError):
        return
    disk.write(key + _SUFFIX, content, _KEPT)


def _content(key: str, function: types.FunctionType, made: Program) -> bytes:
    writer = Writer(function)
    guards = [g for g in map(writer.guard, made.session.guards.values()) if g is not None]
    parts = [
        {
            "role": role,
            "name": p.name,
            "length": len(p.text),
            "namespace": {name: writer.recipe(obj, name) for name, obj in p.namespace.items()},
        }
        for role, p in made.parts.items()
    ]
    header = {
        "key": key,
        "function": [function.__module__, function.__qualname__],
        "environment": disk.environment(),
        "guards": guards,
        "parts": parts,
        "written": list(made.written),
        "seeded": made.seeded,
    }
    comment = "".join(f"#{line}\n" for line in json.dumps(header, indent=1).splitlines())
    rest = comment + "\n" + "".join(p.text for p in made.parts.values())
    return f"{_MAGIC}{hashlib.sha256(rest.encode()).hexdigest()}\n{rest}".encode()
