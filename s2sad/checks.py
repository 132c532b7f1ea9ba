"""From the type of an argument to the lines that check it when an ahead-of-time function is called."""

from __future__ import annotations

import dataclasses
from typing import Any

from . import entry
from .argtypes import LITERALS, dim_text
from .autodiff.activity import may_vary
from .errors import UnsupportedError
from .ir.core import Const
from .ir.types import Type

_PLAIN = {"float": float, "int": int, "complex": complex, "bool": bool, "str": str}
_EACH = 16  # longest list whose elements are checked one by one


@dataclasses.dataclass
class Checks:
    """Lines of code, and what their names mean.

    Attributes:
        lines: without indentation.
        meaning: name -> object.
        sizes: for each named size, where it is found.
    """

    lines: list[str] = dataclasses.field(default_factory=list)
    meaning: dict[str, Any] = dataclasses.field(default_factory=dict)
    sizes: dict[str, list[str]] = dataclasses.field(default_factory=dict)

    def call(self, check: Any, *arguments: str) -> None:
        self.meaning[check.__name__] = check
        self.lines.append(f"{check.__name__}({', '.join(arguments)})")

    def argument(self, t: Type | Const, x: str, path: str | None = None, active: bool = False) -> None:
        """Check that the expression ``x`` has a type.

        Args:
            t: the type.
            x: how the generated code reads it.
            path: what error messages call it.
            active: it is differentiated by, so it can't be an integer.

        Raises:
            UnsupportedError: for a type of which nothing can be written.
        """
        path = path or x
        name = f'"{path}"'
        if isinstance(t, Const) or t.kind in ("none", "member"):
            value = t.value
            if not isinstance(value, LITERALS):
                what = "a function" if callable(value) else f"an object of the class {type(value).__name__}"
                raise UnsupportedError(f"{path!r} is {what}: no module can be generated for it")
            self.call(entry._check_value, name, x, repr(value))
        elif t.kind == "numeric":
            self.call(entry._check_number, name, x, '"fc"' if active else '"fci"')
        elif t.kind in ("bool", "str") and t.value is not None:
            self.call(entry._check_value, name, x, repr(t.value))
        elif t.kind in _PLAIN:
            self.call(entry._check, name, x, t.kind)
        elif t.kind == "scalar":
            self.call(entry._check_scalar, name, x, f'"{t.dtype}"')
        elif t.kind == "array":
            self.array(t, x, name)
        elif t.kind == "object":
            self.meaning[t.cls.__name__] = t.cls
            self.call(entry._check, name, x, t.cls.__name__)
            if active:
                self.call(
                    entry._check_value, f'"the attributes of {path}"', f"list(vars({x}))", repr(list(t.keys or ()))
                )
            for key, elem in zip(t.keys or (), t.elems, strict=True):
                self.argument(elem, f"{x}.{key}", f"{path}.{key}", active and may_vary(elem))
        else:
            self.container(t, x, path, active)

    def array(self, t: Type, x: str, name: str) -> None:
        dims = ["..."] if t.dims is None else [dim_text(d) for d in t.dims]
        for axis, dim in enumerate(dims):
            if dim.isidentifier():
                self.sizes.setdefault(dim, []).append(f"{x}.shape[{axis}]")
        self.call(entry._check_array, name, x, f'"{"?" if t.dtype is None else t.dtype.str[1:]}[{", ".join(dims)}]"')

    def container(self, t: Type, x: str, path: str, active: bool) -> None:
        """A tuple, list or dict: what it is, then its elements."""
        known = t.length is not None if t.kind == "list" else t.keys is not None if t.kind == "dict" else t.cls is None
        if t.kind not in ("tuple", "list", "dict") or not known:
            raise UnsupportedError(f"{path!r} ({t!r}) is of a kind for which no module can be generated")
        self.call(entry._check, f'"{path}"', x, t.kind)
        if t.kind == "dict":
            assert t.keys is not None
            if not all(isinstance(k, LITERALS) for k in t.keys):
                raise UnsupportedError(f"the keys of {path!r} are no literals: no module can be generated for it")
            self.call(entry._check_value, f'"list({path})"', f"list({x})", repr(list(t.keys)))
            keys, elems = list(t.keys), t.elems
        else:
            length = len(t.elems) if t.kind == "tuple" else t.length
            assert length is not None
            self.call(entry._check_value, f'"len({path})"', f"len({x})", repr(length))
            keys, elems = list(range(length)), t.elems if len(t.elems) == length else t.elems * length
        if len(keys) > _EACH and len(t.elems) == 1:
            inner = Checks()
            inner.argument(t.elems[0], "_x", f"{path}[...]", active)
            self.meaning.update(inner.meaning)
            self.lines += [f"for _x in {x}:", *(f"    {line}" for line in inner.lines)]
            return
        for key, elem in zip(keys, elems, strict=True):
            written = repr(key).replace('"', "'")
            self.argument(elem, f"{x}[{key!r}]", f"{path}[{written}]", active and may_vary(elem))

    def equal_sizes(self) -> None:
        """Check that sizes of one name are equal; after the arguments."""
        for name, places in self.sizes.items():
            if len(places) > 1:
                self.call(entry._check_sizes, f'"{name}"', *places)
