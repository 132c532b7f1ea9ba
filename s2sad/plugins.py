"""Rules that other packages bring along: modules that they name by entry points of the group ``s2sad.rules``."""

from __future__ import annotations

import functools
import importlib.metadata
import warnings


@functools.cache
def load_plugins() -> None:
    """Import the modules that other packages name as theirs; once."""
    for found in importlib.metadata.entry_points(group="s2sad.rules"):
        try:
            found.load()
        except Exception as error:  # a package that fails must not take all derivatives with it
            warnings.warn(f"the rules of {found.value} can't be imported: {error!r}", stacklevel=2)
