"""Has everything recorded: the compiler refuses, and what it made before, in memory or on disk, is not used."""

from __future__ import annotations

import weakref
from typing import Any

import pytest

import s2sad
from s2sad.compiled import Transformed


def refuse_all(patch: pytest.MonkeyPatch) -> None:
    """Until the patches are undone, the compiler refuses everything."""

    def refuse(self: Transformed, *args: Any, **kwargs: Any) -> Any:
        raise s2sad.UnsupportedError("everything is refused here")

    patch.setattr(Transformed, "generate", refuse)
    patch.setattr("s2sad.compiled._TABLES", weakref.WeakKeyDictionary())
    patch.setenv("S2SAD_CACHE", "0")
