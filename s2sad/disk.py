"""The folder on disk where generated code and the like are kept: private files, written whole or not at all.

``S2SAD_CACHE_DIR`` moves the folder, ``S2SAD_CACHE=0`` switches it off.  No failure here is an error.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import astunparse
import gast
import numpy as np

_STARTED = time.time()
_LARGEST = 1 << 24


class Unknown(Exception):
    """Something that kept files depend on can't be described."""


def is_on() -> bool:
    return os.environ.get("S2SAD_CACHE") != "0"


@functools.cache
def environment() -> list[Any]:
    """The versions of everything that takes part in compiling.

    Raises:
        Unknown: our own files changed while this process imported them: who knows what it runs.
    """
    folders = [os.path.dirname(str(m.__file__)) for m in (sys.modules[__package__], gast, astunparse)]
    walked = [(place, name) for folder in folders for place, _, names in os.walk(folder) for name in names]
    state = hashlib.sha256()
    for file in sorted(os.path.join(place, name) for place, name in walked if name.endswith(".py")):
        found = os.stat(file)
        if found.st_mtime > _STARTED - 2.0:
            raise Unknown(file)
        state.update(f"{file} {found.st_mtime_ns} {found.st_size}\n".encode())
    return [sys.implementation.cache_tag, sys.flags.optimize, np.__version__, state.hexdigest()]


def folder() -> Path | None:
    """The user's cache folder of the platform; None where there is none."""
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


def files(suffix: str) -> list[Path]:
    """The files in the folder whose names end so."""
    place = folder()
    return sorted(place.glob("*" + suffix)) if place is not None and place.is_dir() else []


def _is_private(found: os.stat_result) -> bool:
    """Whether nobody else can have written it."""
    if not hasattr(os, "geteuid"):
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def read(name: str) -> bytes | None:
    """What a file holds; None where there is none that can be trusted."""
    place = folder()
    try:
        if place is None or not _is_private(os.stat(place)):
            return None
        with open(place / name, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not _is_private(found) or found.st_size > _LARGEST:
                return None
            return file.read()
    except OSError:
        return None


def write(name: str, content: bytes, most: int) -> None:
    """Write a file, and delete the oldest of more than ``most`` with its suffix (all behind the first dot)."""
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
        os.replace(temporary, place / name)
        temporary = None
        found = files(name[name.index(".") :])
        if len(found) > most:
            for path in sorted(found, key=lambda p: p.stat().st_mtime)[: most // 4]:
                path.unlink(missing_ok=True)
    except OSError:
        pass  # read-only, full, gone
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
