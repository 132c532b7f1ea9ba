"""The guard at entry: one generated function that checks what a compilation took for granted, and calls it.

    def call(x, y):
        if (type(x) is float and type(y) is ndarray and y.dtype is t1 and y.ndim == 2 and 1 not in y.shape
                and g0.get("np") is e0):
            return run(x, y)
        return slow(x, y)

It only has to be fast: whatever it does not recognise takes the slow way, which looks the compilation up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .ir.signature import signature
from .passes.session import Globals, Guard


def dispatcher(run: Callable, slow: Callable, args: tuple[Any, ...], guards: Iterable[Guard]) -> Callable:
    """A function of ``len(args)`` positional arguments that calls ``run`` where arguments and guards are as they were.

    Args:
        run: the compiled function.
        slow: takes the arguments of any other call.
        args: the arguments that ``run`` was compiled for.
        guards: what else it depends on.
    """
    namespace: dict[str, Any] = {"ndarray": np.ndarray, "signature": signature, "run": run, "slow": slow}
    names = [f"x{i}" for i in range(len(args))]
    tests = [_argument(name, value, i, namespace) for i, (name, value) in enumerate(zip(names, args, strict=True))]
    tests += [_guard(g, i, namespace) for i, g in enumerate(guards)]
    given = ", ".join(names)
    condition = " and ".join(tests) or "True"
    text = f"def call({given}):\n    if {condition}:\n        return run({given})\n    return slow({given})\n"
    exec(compile(text, "<s2sad dispatch>", "exec"), namespace)
    return namespace["call"]


def _argument(name: str, value: Any, i: int, namespace: dict[str, Any]) -> str:
    if type(value) in (float, int, complex):
        return f"type({name}) is {type(value).__name__}"
    if value is None or value is True or value is False:
        return f"{name} is {value}"
    if type(value) is np.ndarray and 1 not in value.shape:
        namespace[f"t{i}"] = value.dtype
        sizes = f" and 1 not in {name}.shape" if value.ndim else ""
        return f"type({name}) is ndarray and {name}.dtype is t{i} and {name}.ndim == {value.ndim}{sizes}"
    namespace[f"k{i}"] = signature(value)
    return f"signature({name}) == k{i}"


def _guard(guard: Guard, i: int, namespace: dict[str, Any]) -> str:
    if guard.signature is None and isinstance(guard.holder, Globals):
        scope = object.__getattribute__(guard.holder, "_namespace")
        namespace[f"g{i}"], namespace[f"e{i}"] = scope, guard.expected
        if guard.name in scope:
            return f"g{i}.get({guard.name!r}) is e{i}"
        return f"{guard.name!r} not in g{i}"  # a builtin
    if guard.signature is None and guard.name in ("__code__", "__defaults__"):
        namespace[f"g{i}"], namespace[f"e{i}"] = guard.holder, guard.expected
        return f"g{i}.{guard.name} is e{i}"
    namespace[f"h{i}"] = guard.holds
    return f"h{i}()"
