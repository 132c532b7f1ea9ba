"""Functions that a recorded program hands to SciPy: what they reach of what is followed is handed over as arguments.

    quad(lambda x: np.exp(-p * x), 0, 1)   is recorded as   quad(inner, 0, 1, args=(p,))

SciPy itself calls the function as the user wrote it.  The rule calls ``inner``, a copy that takes the followed numbers
and arrays as its last arguments, wherever it finds them: in captured variables, other functions, attributes, lists.
"""

from __future__ import annotations

import copy
import dis
import functools
import inspect
import types
from typing import Any

import numpy as np

from ..errors import SourceNotFoundError, UnsupportedError
from ..frontend.lift import function_of
from ..source import find, span
from .again import followed_by, with_arguments
from .classes import FUNCTION
from .copying import COUNTED, reached, substituted
from .following import content, label, parts
from .instrument import uninstrumented
from .made import Made, Making, is_linear_operator


class Handing(Making):
    """The part of `Recorder` that hands functions over."""

    def with_functions(self, f: Any, rule: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a function of SciPy's that calls functions of the user's."""
        if rule.kind == "maker":
            if any(map(self.reaches, (*args, *kwargs.values()))):
                return self.made_by_rule(f, rule, args, kwargs)
            return self.do.call(f, *args, **kwargs)
        args = tuple([uninstrumented(x) if isinstance(x, FUNCTION) else x for x in args])
        kwargs = {k: uninstrumented(x) if isinstance(x, FUNCTION) else x for k, x in kwargs.items()}
        given = {**dict(zip(inspect.signature(f).parameters, args, strict=False)), **kwargs}
        place = rule.callbacks[-1]
        if rule.spreads and given.get(place) is not None:
            given[place] = tuple(self.iterate(given[place]))
            args, kwargs = placed(given, len(args))
        if self.hides(given.get(place)) and not rule.broadcasts:  # they are captured, as far as the rule can see
            extra = given[place] if isinstance(given[place], tuple) else (given[place],)
            own = [k for k in rule.callbacks[:-1] if callable(given.get(k))]
            given.update({k: followed_by(given[k], extra) for k in own})
            given[place] = ()
        strange = next((x for x in given.values() if not callable(x) and self.hides(x)), None)
        if strange is not None:
            raise self.unseen(f)
        functions = {k: x for k, x in given.items() if callable(x)}
        reaching = [k for k, x in functions.items() if self.reaches(x)]
        if any(k not in rule.callbacks[:-1] for k in reaching):
            raise self.unseen(f)
        leaves = {k: self.leaves(f, x) for k, x in functions.items() if k in rule.callbacks}
        y, apart = self.called_back(f, lambda: self.do.call(f, *args, **kwargs), list(functions.values()))
        if rule.broadcasts and any(np.ndim(x) for found in leaves.values() for x in found):
            raise self.missing(
                f, f"{label(f)} broadcasts its args: hand over arrays that the function captures as args"
            )
        if reaching or apart:
            stored = set().union(*map(stores, self.texts))
            args, kwargs = handed_over(given, len(args), leaves, place, apart, stored)
        followed = any(map(self.follows, (*args, *kwargs.values())))
        return self.operation(f, rule, args, kwargs, lambda: y) if followed else y

    def with_callback(self, f: Any, rule: Any, args: tuple, kwargs: dict) -> Any:
        """A call with ``callback=``, which is told of iterates: it may count them, and keeps none."""
        told = kwargs["callback"]
        if self.reaches(told):
            raise self.unseen(f)
        told = uninstrumented(told) if isinstance(told, FUNCTION) else told
        y, _ = self.called_back(f, lambda: self.do.call(f, *args, **{**kwargs, "callback": told}), [told])
        return self.operation(f, rule, args, {k: x for k, x in kwargs.items() if k != "callback"}, lambda: y)

    def with_operators(self, f: Any, rule: Any, args: tuple, kwargs: dict) -> Any:
        """A call with linear operators that were made elsewhere: their functions may not keep what they are given."""
        functions = [x for x in reached([x for x in args if is_linear_operator(x)]) if isinstance(x, FUNCTION)]
        y, _ = self.called_back(f, lambda: self.do.call(f, *args, **kwargs), functions)
        return self.operation(f, rule, args, kwargs, lambda: y)

    def preconditioned(self, kwargs: dict) -> dict:
        """The options of an iterative solver, with preconditioners of constants: no result depends on them."""
        return {k: self.constant(x) if k in ("M", "M1", "M2") and type(x) is Made else x for k, x in kwargs.items()}

    def constant(self, x: Any) -> Any:
        """What does the same with numbers that are not followed."""
        if type(x) is Made:
            _, _, f, args, kwargs = x._of
            return f(*map(self.constant, args), **{k: self.constant(e) for k, e in kwargs.items()})
        if not callable(x):
            return self.left(x)
        function = uninstrumented(x) if isinstance(x, FUNCTION) else x
        leaves = self.leaves(x, function)
        return substituted(function, leaves, tuple(map(self.left, leaves)), False)

    def asked_again(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """What a rule wants to know of functions that run in the program besides: they must not change anything."""
        args = tuple([uninstrumented(x) if isinstance(x, FUNCTION) else x for x in args])
        y, changed = self.called_back(f, lambda: self.do.call(f, *args, **kwargs), [x for x in args if callable(x)])
        if changed:
            raise self.refuse("a function that SciPy calls changes something outside, which is not supported here")
        return y

    def hides(self, x: Any) -> bool:
        """Whether an argument holds what is followed where no rule sees it: in objects, or functions in a list."""
        if isinstance(x, (list, tuple)):
            return any(map(self.hides, x))
        if isinstance(x, dict):
            return any(map(self.hides, x.values()))
        return not isinstance(x, (float, complex, np.generic, np.ndarray)) and self.reaches(x)

    def unseen(self, f: Any) -> Exception:
        return self.missing(f, f"{label(f)} depends on what is differentiated in a way that can't be recorded: "
                               "call it where functions and types are known when compiling")  # fmt: skip

    def leaves(self, f: Any, function: Any) -> list[Any]:
        """The followed numbers and arrays that a function reaches."""
        found: list[Any] = []
        for x in reached(function):
            if isinstance(x, (float, complex, np.generic, np.ndarray)):
                if self.follows(x):
                    found.append(x)
            elif parts(x) is None and self.reaches(x):
                raise self.unseen(f)
        return found

    def called_back(self, f: Any, run: Any, functions: list[Any]) -> tuple[Any, bool]:
        """The result of a call, and whether a function has counted or noted something outside.

        It may not store numbers there, as nobody would follow them.
        """
        owners = [x.__self__ for x in functions if isinstance(x, types.BuiltinFunctionType)]  # of ``found.append``
        owners = [x for x in owners if isinstance(x, (list, dict, set, np.ndarray))]
        around = reached([functions, owners])
        before = [(x, parts(x) or [], np.array(x) if isinstance(x, np.ndarray) else None) for x in around]
        y, changed = run(), False
        for x, inside, values in before:
            if values is not None:
                stored = not np.array_equal(np.asarray(x), values, equal_nan=x.dtype.kind in "fc")
            else:
                known, now = set(map(id, inside)), parts(x) or []
                new = [e for e in now if id(e) not in known]
                stored = any(not isinstance(e, COUNTED) for e in new)
                changed = changed or bool(new) or len(now) != len(inside)
            if stored:
                raise self.refuse(f"a function that {label(f)} calls stores numbers outside, which is not supported")
        return y, changed


def handed_over(
    given: dict[str, Any], count: int, leaves: dict[str, list[Any]], place: str, apart: bool, stored: set[str]
) -> tuple[tuple, dict[str, Any]]:
    """The arguments of a call, ``count`` of them positional, in which functions take their ``leaves`` as arguments."""
    together = [x for found in leaves.values() for x in found]
    recorded, before = dict(given), 0
    for k, found in leaves.items():
        recorded[k] = taking(given[k], found, before, len(together) - before - len(found), apart, stored)
        before += len(found)
    extra = given.get(place)
    recorded[place] = (*(() if extra is None else extra if isinstance(extra, tuple) else (extra,)), *together)
    return placed(recorded, count)


def placed(given: dict[str, Any], count: int) -> tuple[tuple, dict[str, Any]]:
    """Arguments by name as they are passed, ``count`` of them by position."""
    return tuple(given.values())[:count], dict(list(given.items())[count:])


def taking(function: Any, leaves: list[Any], before: int, after: int, apart: bool, stored: set[str]) -> Any:
    """A function that takes the values of ``leaves`` as arguments, with further ones before and after that it ignores.

    ``apart``: what it changes outside is a copy.  Otherwise it is made from its text where it captures them directly,
    so that it can be compiled.  ``stored``: the global variables that the program assigns.
    """
    known = {id(x) for x in leaves}
    if _may_change(function, known, stored):  # behind the call; the way back needs what it was
        function = substituted(function, [], (), True)
    if not apart and isinstance(function, FUNCTION) and not function.__defaults__ and not function.__kwdefaults__:
        names = function.__code__.co_freevars
        captured = dict(zip(names, map(content, function.__closure__ or ()), strict=True))
        direct = [n for n in names if id(captured[n]) in known]
        if {id(captured[n]) for n in direct} == known and not _others(captured, direct, known):
            by_id = {id(x): k for k, x in enumerate(leaves)}
            if [by_id[id(captured[n])] for n in direct] == list(range(len(leaves))):
                try:
                    return _from_text(function, tuple(direct), before, after)
                except (UnsupportedError, SourceNotFoundError):
                    pass
    return with_arguments(function, leaves, before, after, apart)


def _may_change(function: Any, known: set[int], stored: set[str]) -> bool:
    """Whether a function reads what the program may change, besides arrays, whose values the way back restores.

    Args:
        known: the identities of what it gets as arguments.
        stored: the global variables that the program assigns.
    """
    for x in reached(function):
        if isinstance(x, FUNCTION):
            captured = map(content, x.__closure__ or ())
            if any(id(e) not in known for e in captured) or not stored.isdisjoint(x.__code__.co_names):
                return True
        elif not isinstance(x, (np.ndarray, np.generic, float, complex, tuple)):
            return True
    return False


@functools.cache
def stores(code: types.CodeType) -> frozenset[str]:
    """The global variables that a function assigns."""
    return frozenset(x.argval for x in dis.get_instructions(code) if x.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"))


def _others(captured: dict[str, Any], direct: list[str], known: set[int]) -> bool:
    """Whether leaves are also reached by another way."""
    rest = [x for n, x in captured.items() if n not in direct]
    return any(id(x) in known for x in reached(rest))


_MADE: dict[Any, Any] = {}


def _from_text(function: types.FunctionType, captured: tuple[str, ...], before: int, after: int) -> Any:
    rest = [c for n, c in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
            if n not in captured]  # fmt: skip
    key = (function.__code__, id(function.__globals__), captured, before, after)
    if rest:
        return _text(function, captured, before, after)
    made = _MADE.get(key)
    if made is None or made.__globals__ is not function.__globals__:
        made = _MADE[key] = _text(function, captured, before, after)
    return made


def _text(function: types.FunctionType, captured: tuple[str, ...], before: int, after: int) -> Any:
    source = find(function)
    return function_of(copy.deepcopy(source.node), captured, function, before, after, span(source.node, source))
