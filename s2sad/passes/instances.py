"""Objects of users' classes that stand outside: told by what is read of them, and by nothing else.

An object may lead to thousands of others, and change in ways that the function never sees:

    def loss(x): return model.rate * np.sum(x)        # guards: what model is an object of, and the kind of its rate
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..ir.types import Type


class Missing:
    """What an object has in the place of an attribute that it does not have."""

    def __repr__(self) -> str:
        return "missing"


MISSING = Missing()


class Instance:
    """The attributes of the object that ``holder.name`` is, read late; without those of its class."""

    def __init__(self, holder: Any, name: str):
        self.place = holder, name

    def __getattribute__(self, name: str) -> Any:
        if is_special(name):  # somebody asks what this object is
            return object.__getattribute__(self, name)
        holder, own = place(self)
        return getattr(holder, own).__dict__.get(name, MISSING)


def place(view: Instance) -> tuple[Any, str]:
    """Where the object of a view stands: its holder, and its name there."""
    return object.__getattribute__(view, "place")


def is_special(name: str) -> bool:
    """Whether Python itself gives a meaning to the name of an attribute."""
    return name.startswith("__")


class InstanceType(Type):
    """The type of an object, made as it is read: what asks for all of it gets that, and takes it for granted."""

    parts = ()

    def __new__(_, *args: Any, **fields: Any) -> Any:
        """A changed copy has everything: it is a plain `Type`."""
        return Type(*args, **fields)

    @staticmethod
    def of(x: Any, read: Callable[[str], Type | None], whole: Callable[[], Type]) -> InstanceType:
        """``read``: of what type an attribute is, or None where there is none; ``whole``: everything."""
        made: InstanceType = object.__new__(InstanceType)
        made.__dict__.update(kind="object", dtype=None, dims=None, length=None, cls=type(x), value=None)
        made.__dict__.update(_read=functools.cache(read), _whole=functools.cache(whole))
        return made

    def attribute(self, name: str) -> Type | None:
        """The type of an attribute, which is taken for granted now, as is that there is none."""
        return self.whole.attribute(name) if is_special(name) else self.__dict__["_read"](name)

    @property
    def whole(self) -> Type:
        """The type with all attributes, and all that they lead to."""
        return self.__dict__["_whole"]()

    @property
    def elems(self) -> tuple[Type, ...]:  # type: ignore[override]
        return self.whole.elems

    @property
    def keys(self) -> tuple[Any, ...] | None:  # type: ignore[override]
        return self.whole.keys

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return object.__hash__(self)
