"""Generated code on disk, so that the next process need not generate it again.

``program(function, values, options, make)`` gives what ``make()`` gives: from the disk, where it was made before from
the same text, for the same types of arguments, with the same options and versions.

An entry is a file of Python text in a folder of the user's own.  Its header, in comments, says where everything that
the text needs is found now, and what must still be the same: the functions that went in, and the guards.  `recipes`
writes and reads that.  What can't be described that way is not kept.  An entry that is damaged, foreign or stale is
ignored and written again, never run.  No failure here is an error: it only costs the time to compile.

``S2SAD_CACHE_DIR`` moves the folder, ``S2SAD_CACHE=0`` switches the cache off.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import stat
import sys
import tempfile
import time
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import astunparse
import gast
import numpy as np

from . import rules as _rules  # noqa: F401  (so that the table below is complete)
from .codegen.emit import Emitted
from .codegen.load import load, unique_filename
from .ir.signature import signature
from .passes.session import Session
from .pipeline import Program
from .recipes import Indescribable, Reader, Stale, Writer, describe, digest
from .rules.table import LATE, RULES

_MAGIC = "# s2sad cache 1 "
_SUFFIX = ".s2sad.py"
_STARTED = time.time()
_LARGEST = 1 << 24
_KEPT = 4096


def program(
    function: types.FunctionType, values: Sequence[Any], options: Sequence[Any], make: Callable[[], Program]
) -> Program:
    """The program that ``make()`` makes, which depends on nothing but a function, its arguments' types and options.

    Args:
        function: the function.
        values: its arguments, one for each parameter.
        options: literals, nested in tuples and lists.
        make: compiles.
    """
    key = _key(function, values, options)
    if key is None:
        return make()
    found = _read(key, function)
    if found is None:
        found = make()
        _write(key, function, found)
    return found


# What an entry depends on


def _key(function: types.FunctionType, values: Sequence[Any], options: Sequence[Any]) -> str | None:
    if os.environ.get("S2SAD_CACHE") == "0":
        return None
    try:
        parts = [
            _environment(),
            [str(getattr(sys.modules[name], "__version__", "")) for name in LATE if name in sys.modules],
            _registered(),
            [_module(function), function.__name__, digest(function, defaults=False)],
            [describe(signature(v)) for v in values],
            options,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    except (Indescribable, OSError, UnicodeError, ValueError, TypeError, RecursionError):
        return None


def _module(function: types.FunctionType) -> str | None:
    """The name of its module; None for generated code, which gets a new one in each process."""
    return function.__module__ if function.__module__ in sys.modules else None


@functools.cache
def _environment() -> list[Any]:
    """The versions of everything that takes part in compiling.

    Raises:
        Indescribable: our own files changed while this process imported them: who knows what it runs.
    """
    folders = [os.path.dirname(str(m.__file__)) for m in (sys.modules[__package__], gast, astunparse)]
    walked = [(place, name) for folder in folders for place, _, names in os.walk(folder) for name in names]
    state = hashlib.sha256()
    for file in sorted(os.path.join(place, name) for place, name in walked if name.endswith(".py")):
        found = os.stat(file)
        if found.st_mtime > _STARTED - 2.0:
            raise Indescribable(file)
        state.update(f"{file} {found.st_mtime_ns} {found.st_size}\n".encode())
    return [sys.implementation.cache_tag, sys.flags.optimize, np.__version__, state.hexdigest()]


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


def folder() -> Path | None:
    """Where entries are kept: the user's cache folder of the platform; None where there is none."""
    given = os.environ.get("S2SAD_CACHE_DIR")
    if given:
        return Path(given)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "s2sad" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "s2sad"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "s2sad"


def entries() -> list[Path]:
    """The files of the cache."""
    place = folder()
    return sorted(place.glob("*" + _SUFFIX)) if place is not None and place.is_dir() else []


def clear() -> int:
    """Delete the entries; the result is how many."""
    count = 0
    for path in entries():
        with contextlib.suppress(OSError):
            path.unlink()
            count += 1
    return count


def _is_private(found: os.stat_result) -> bool:
    """Whether nobody else can have written it."""
    if not hasattr(os, "geteuid"):
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(key: str, function: types.FunctionType) -> Program | None:
    """The program of an entry; None where there is none that can be trusted."""
    place = folder()
    try:
        if place is None or not _is_private(os.stat(place)):
            return None
        with open(place / (key + _SUFFIX), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not _is_private(found) or found.st_size > _LARGEST:
                return None
            content = file.read().decode()
        header, body = _open(content)
        return _program(header, body, function) if header["key"] == key else None
    except (OSError, Stale, Indescribable, ValueError, LookupError, TypeError, AttributeError, SyntaxError):
        return None


def _open(content: str) -> tuple[dict[str, Any], str]:
    """Header and body of an entry whose checksum is right."""
    first, _, rest = content.partition("\n")
    if first != _MAGIC + hashlib.sha256(rest.encode()).hexdigest():
        raise Stale("damaged")
    comment, _, body = rest.partition("\n\n")
    return json.loads("".join(line.removeprefix("#") for line in comment.splitlines())), body


def _program(header: dict[str, Any], body: str, function: types.FunctionType) -> Program:
    reader = Reader(function)
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
    except (Indescribable, OSError, UnicodeError, ValueError, TypeError, RecursionError):
        return
    place = folder()
    if place is None:
        return
    temporary = None
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(os.stat(place)):
            return
        handle, temporary = tempfile.mkstemp(dir=place, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, place / (key + _SUFFIX))
        temporary = None
        _prune()
    except OSError:
        pass  # read-only, full, gone
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


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
        "environment": _environment(),
        "guards": guards,
        "parts": parts,
        "written": list(made.written),
        "seeded": made.seeded,
    }
    comment = "".join(f"#{line}\n" for line in json.dumps(header, indent=1).splitlines())
    rest = comment + "\n" + "".join(p.text for p in made.parts.values())
    return f"{_MAGIC}{hashlib.sha256(rest.encode()).hexdigest()}\n{rest}".encode()


def _prune() -> None:
    """Delete the oldest entries where there are too many."""
    found = entries()
    if len(found) > _KEPT:
        oldest = sorted(found, key=lambda p: p.stat().st_mtime)
        for path in oldest[: _KEPT // 4]:
            path.unlink(missing_ok=True)
