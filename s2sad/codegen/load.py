"""Make a module out of generated text: ``load(text, namespace, filename)``.

The text is registered with ``linecache`` under a name of its own: tracebacks, debuggers and ``inspect`` show it.
"""

from __future__ import annotations

import collections
import linecache
import threading
from typing import Any

_lock = threading.Lock()
_taken: collections.Counter[str] = collections.Counter()


def load(text: str, namespace: dict[str, Any], filename: str) -> dict[str, Any]:
    """Run the text of a module.

    Args:
        text: Python source.
        namespace: the names that it needs besides the builtins; not modified.
        filename: what tracebacks call it; ``unique_filename`` makes one that nothing else has.

    Returns:
        The module's globals.
    """
    code = compile(text, filename, "exec", dont_inherit=True)
    with _lock:
        # No modification time: checkcache leaves such entries alone.
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    module = {"__name__": filename, "__builtins__": __builtins__, **namespace}
    exec(code, module)
    return module


def unique_filename(name: str) -> str:
    """``<s2sad loss_grad>``, ``<s2sad loss_grad 2>``, ...: a name under which nothing is registered yet."""
    with _lock:
        while True:
            _taken[name] += 1
            filename = f"<s2sad {name}>" if _taken[name] == 1 else f"<s2sad {name} {_taken[name]}>"
            if filename not in linecache.cache:
                linecache.cache[filename] = (0, None, [], filename)
                return filename
