"""Calls of functions that the rule table knows: they run as they are, and leave a record."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from .. import runtime
from ..autodiff.kept import APART, ASKING, DIGESTING, PLACING
from ..ir.types import module_of
from ..rules.binding import (
    OF_GENERATORS,
    bind,
    casts,
    definition_of,
    may_write_its_input,
    output_of,
    positions,
    takes,
)
from ..rules.signatures import positional
from ..rules.table import Rule
from . import memory
from .classes import FUNCTION, PLAIN, is_object, python_method
from .following import is_text, label
from .handing import Handing
from .made import is_linear_operator
from .records import Operation


class Ruled(Handing):
    """The part of `Recorder` that follows rules."""

    def ruled(self, f: Any, rule: Rule, args: tuple, kwargs: dict) -> Any:
        """A call of a function that the rule table knows."""
        if not kwargs and self.is_elementwise(f, rule, args):
            return self.elementwise(f, rule, args)
        if not kwargs and PLAIN.issuperset(map(type, args)) and _is_usual(f, rule, len(args)):
            return self.usual(f, rule, args)
        if rule.kind == "maker" or (rule.callbacks and rule.kind != "definition"):
            return self.with_functions(f, rule, args, kwargs)
        args, kwargs = self.with_named_outputs(f, rule, args, kwargs)
        if "out" in kwargs:
            return self.unknown(f, args, kwargs) if rule.effect else self.into(f, args, kwargs)
        if isinstance(kwargs.get("output"), np.ndarray) and output_of(f) == "output":
            return self.into_image(f, args, kwargs)
        if f in (np.asarray, np.array) and args and (own := python_method(type(args[0]), "__array__")) is not None:
            args = (self.call(own, args[0]), *args[1:])
        meaning = definition_of(f, rule, args, kwargs)
        if meaning is not None and self.reaches((args, kwargs)):
            return self.defined(f, meaning, args, kwargs)
        args = tuple([self.call(np.asarray, a) if rule.makes_array(a, i) else a for i, a in enumerate(args)])
        listed = [k for k, v in kwargs.items() if k in rule.arguments_by_name and rule.makes_array(v)]
        kwargs = {k: self.call(np.asarray, v) if k in listed else v for k, v in kwargs.items()}
        options = kwargs
        if len(args) > 1 and module_of(f).startswith("scipy."):
            options = {**dict(zip(positions(f, rule), args, strict=False)), **kwargs}
        if f is np.nan_to_num:
            named = {**dict(zip(("x", "copy"), args, strict=False)), **kwargs}
            if not named.pop("copy", True):
                return self.without_nan(**named)
        writing = [k for k, v in options.items() if k.startswith("overwrite") and v is not None and np.any(v)]
        spared = [k for k in writing if k in kwargs and k != "overwrite_data"]  # no result changes
        kwargs = {k: v for k, v in kwargs.items() if k not in spared}
        writing = [k for k in writing if k not in spared]
        if writing:
            raise self.refuse(f"{label(f)} with {writing[0]}=, which may write its argument, is not supported")
        if rule.kind == "zero" and rule.late and any(isinstance(x, FUNCTION) for x in args):
            return self.asked_again(f, args, kwargs)
        args = tuple([self.handed(f, x, rule.kind == "zero") if hasattr(type(x), "__next__") else x for x in args])
        if getattr(f, "__module__", None) == "math":
            own = f"__{f.__name__}__"
            args = tuple([a if hasattr(type(a), own) else self.told(a, "__float__", float) for a in args])
        kwargs = {k: self.told(v, "__index__", operator.index) for k, v in kwargs.items()}
        followed = any(map(self.follows, args)) or (bool(kwargs) and any(map(self.follows, kwargs.values())))
        if not followed:
            others = [a for a in (*args, *kwargs.values()) if type(a) not in PLAIN]
            if others and rule.kind != "zero" and any(map(self.reaches, others)):
                raise self.missing(f, f"{label(f)} of a {type(others[0]).__name__} is not supported here")
            y = self.do.call(f, *args, **kwargs)
            self.check_text(args, y)
            return y
        if f is not np.asarray and any(isinstance(a, np.ndarray) and type(a) is not np.ndarray for a in args):
            raise self.missing(f, f"{label(f)} of an array that is not a plain one is not supported: use np.asarray")
        strange = next((a for a in args if rule.own and self.is_strange(a)), None)
        if strange is not None:
            raise self.missing(
                f, f"{label(f)} of a {type(strange).__name__} is not supported: take the numbers from it"
            )
        if rule.kind == "zero" or (f is np.sign and not any(map(np.iscomplexobj, args))):
            self.decides(*args)
            y = self.do.call(f, *args, **kwargs)
            if rule.effect and isinstance(y, np.ndarray) and any(y is x for x in args):
                raise self.refuse(f"{label(f)} writes into one of its arguments: assign its result")
            y = self.left(y)
            self.shown = self.shown or is_text(y)
            if f in DIGESTING:
                self.digests.add(y)
            elif f in ASKING:
                self.told_zero(args[0])
            elif f in PLACING:
                x, others = args[:2] if f is np.isin else args[1::-1]
                self.told_place(x, others)
            return y
        if isinstance(f, np.ufunc) and kwargs.get("where", True) is not True:
            raise self.refuse("where= without out= leaves elements undefined: give out=")
        args, kwargs = self.in_dtype(f, args, kwargs)
        if rule.watched and kwargs.get("callback") is not None:
            return self.with_callback(f, rule, args, kwargs)
        if rule.late and any(map(is_linear_operator, args)):
            return self.with_operators(f, rule, args, kwargs)
        return self.operation(f, rule, args, kwargs, lambda: self.do.call(f, *args, **kwargs))

    def usual(self, f: Any, rule: Rule, args: tuple) -> Any:
        """A call of which there is nothing to be known but the rule."""
        if any(map(self.follows, args)):
            return self.operation(f, rule, args, {}, lambda: self.do.call(f, *args))
        y = self.do.call(f, *args)
        self.check_text(args, y)
        return y

    def with_named_outputs(self, f: Any, rule: Rule, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """The arguments of a call in which an array to write into, and what stands behind it, go by name."""
        if isinstance(f, np.ufunc):
            if len(args) > f.nin:
                args, kwargs = args[: f.nin], {**kwargs, "out": args[f.nin :]}
        elif f is np.ndarray.choose and len(args) > 2:
            raise self.refuse("choose() of several arguments is not supported: give it a list of arrays")
        elif len(args) > 2 and f not in OF_GENERATORS and "out" in positional(f)[: len(args)]:
            names = list(positional(f))
            at = names.index("out")
            if len(args) <= len(names):  # NumPy says so of more
                kwargs = {**kwargs, "out": args[at], **dict(zip(names[at + 1 :], args[at + 1 :], strict=False))}
                args = args[:at]
        elif output_of(f) == "output" and len(args) > 1:
            names = positions(f, rule)
            at = names.index("output") if "output" in names else len(args)
            if len(args) > at and isinstance(args[at], np.ndarray):
                args, kwargs = args[:at], {**kwargs, **dict(zip(names[at:], args[at:], strict=False))}
        return args, kwargs

    def in_dtype(self, f: Any, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """The operands of a universal function in what ``dtype=`` or ``signature=`` says, and its other options."""
        if isinstance(f, np.ufunc) and ("dtype" in kwargs or "signature" in kwargs) and len(args) == f.nin:
            dtypes = casts(f, [np.asarray(a).dtype for a in args], kwargs)
            if dtypes is not None:
                asarray = functools.partial(self.call, np.asarray)
                cast = [a if d is None else asarray(a, dtype=d) for a, d in zip(args, dtypes, strict=True)]
                return tuple(cast), {k: v for k, v in kwargs.items() if k not in ("dtype", "signature")}
        return args, kwargs

    def operation(self, f: Any, rule: Rule, args: tuple, kwargs: dict, run: Any) -> Any:
        """What ``run`` gives, recorded as the result of ``f(*args, **kwargs)``."""
        operands = [snapshot(x) for x in (*args, *kwargs.values())]
        try:
            y = run()
        except Exception:  # by which a program may go on in another way
            self.decides(*args)
            raise
        if isinstance(y, np.ndarray) and not rule.view and any(y is x for x in (*args[1:], *kwargs.values())):
            raise self.refuse(f"{label(f)} writes into one of its arguments: give it as out=")
        y, made = self.results(y, operands, isinstance(f, FUNCTION))
        if f in APART:
            self.told_apart((*args, *kwargs.values()))
        if made is None:
            if isinstance(y, np.ndarray):  # of whole numbers, or text
                self.digests.add(y)
            self.shown = self.shown or is_text(y)
            if not isinstance(y, (np.ndarray, list, tuple)) and self.may_hold(y):
                raise self.missing(f, f"{label(f)} gives a {type(y).__name__} here, which is not supported")
            return y
        try:  # whether a copy was made is plain by now
            arguments, options = bind(f, rule, args, {k: v for k, v in kwargs.items() if k != "copy"})
        except TypeError as error:
            raise self.missing(f, str(error)) from None
        if self.follows(options):
            name = next(k for k, v in options.items() if self.follows(v))
            raise self.missing(f, f"{rule.name} has no derivative rule by its argument {name!r}")
        arguments = [snapshot(x) for x in arguments]
        each = [self.follows(x) for x in arguments]
        self.happened(Operation(f, rule, snapshot(y), snapshot(made), arguments, options, each, self.here()))
        return y

    def without_nan(self, x: Any, **options: Any) -> Any:
        """``np.nan_to_num(x, copy=False)``, which writes an array."""
        y = self.call(np.nan_to_num, x, **options)
        if not isinstance(x, np.ndarray):
            return y
        self.call(operator.setitem, x, ..., y)
        return x if x.ndim else self.call(operator.getitem, x, ())

    def told(self, x: Any, name: str, ask: Any) -> Any:
        """A number, where an object of the user's says which it is: once, as the function itself would ask."""
        return x if type(x) in PLAIN or python_method(type(x), name) is None else self.call(ask, x)

    def defined(self, f: Any, rule: Rule, args: tuple, kwargs: dict) -> Any:
        """A call of a function that is said in terms of others."""
        try:
            arguments, options = bind(f, rule, args, kwargs)
        except TypeError as error:
            raise self.missing(f, str(error)) from None
        try:
            return self.instrumented(rule.pullback)(*arguments, **options)
        except NotImplementedError as error:
            raise self.missing(f, str(error)) if runtime.is_refusal(error) else error from None

    def is_strange(self, x: Any) -> bool:
        """Whether an operand is an object whose numbers a rule can't see; SciPy's constant ones, its rules know."""
        if type(x) in PLAIN or not is_object(x):
            return False
        return not module_of(type(x)).startswith("scipy.") or self.reaches(x)

    def left(self, y: Any) -> Any:
        """A result that is not to be followed, though it may be an operand itself, as of ``stop_gradient``."""
        if isinstance(y, (list, tuple)):
            return runtime.rebuild(y, [self.left(e) for e in y])
        if not self.follows(y):
            return y
        return y.copy() if isinstance(y, (np.ndarray, np.generic)) else y * 1 if type(y) is complex else y * 1.0

    def results(self, y: Any, operands: list[Any], copied: bool) -> tuple[Any, Any]:
        """The result of an operation, and what of it is new and followed from now on (None for the rest)."""
        if isinstance(y, np.ndarray):
            if y.dtype.kind not in "fcOV" or self.is_view(y, operands):
                return y, None
            overlaps = memory.overlaps_itself(y)
            if copied or type(y) is not np.ndarray or overlaps:
                writable = not overlaps and y.flags.writeable
                y = self.do.call(np.array, y)  # a place for each element
                y.flags.writeable = writable
            self.array(y)
            return y, y
        if isinstance(y, (list, tuple)):
            pairs = [self.results(e, operands, copied) for e in y]
            made = [m for _, m in pairs]
            if all(m is None for m in made):
                return y, None
            return runtime.rebuild(y, [e for e, _ in pairs]), runtime.rebuild(y, made)
        if isinstance(y, dict):  # an object of results of SciPy's
            entries = {k: self.entry(e, operands, copied) for k, e in y.items()}
            y.update({k: e for k, (e, _) in entries.items()})
            return y, {k: m for k, (_, m) in entries.items()} if any(
                m is not None for _, m in entries.values()
            ) else None
        number = self.number(y)
        return number, None if number is y else number

    def entry(self, y: Any, operands: list[Any], copied: bool) -> tuple[Any, Any]:
        """`results` of an entry of a result object; of an object, all arrays in it are followed."""
        inside = None if type(y) in PLAIN or isinstance(y, (np.ndarray, np.generic)) else getattr(y, "__dict__", None)
        if not inside or isinstance(y, dict):
            return self.results(y, operands, copied)
        arrays = [e for e in inside.values() if isinstance(e, np.ndarray) and e.dtype.kind in "fc"]
        for e in arrays:
            self.array(e)
        return y, arrays or None

    def is_view(self, y: Any, operands: Any) -> bool:
        """Whether an array lies in the memory of one of the operands."""
        if not isinstance(y, np.ndarray):
            return False
        root = memory.owner(y)
        return any(root is memory.owner(x) for x in arrays_in(operands))

    def may_hold(self, y: Any) -> bool:
        """Whether a result could carry a derivative."""
        if isinstance(y, (np.ndarray, np.generic)):
            return y.dtype.kind in "fcOV"
        if isinstance(y, (list, tuple)):
            return any(map(self.may_hold, y))
        return not isinstance(y, (int, str, bytes, type(None), np.dtype, dict))

    def into(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call with ``out=``: the result of the call without it, written there; where ``where=`` says so."""
        rest = {k: v for k, v in kwargs.items() if k != "out"}
        outs = kwargs["out"] if isinstance(kwargs["out"], tuple) else (kwargs["out"],)
        where = rest.pop("where", True) if isinstance(f, np.ufunc) else True
        if all(o is None for o in outs):
            return self.call(f, *args, **rest, **({} if where is True else {"where": where}))
        if where is not True:
            (out,) = outs
            mask = np.broadcast_to(where, out.shape)
            args = tuple([self.getitem(self.call(np.broadcast_to, a, out.shape), mask) for a in args])
            self.setitem(out, mask, self.call(f, *args, **rest))
            return out
        if not isinstance(f, np.ufunc) and "dtype" not in rest and takes(f, "dtype", len(args)):
            rest["dtype"] = outs[0].dtype  # in which NumPy computes then
        y = self.call(f, *args, **rest)
        for out, part in zip(outs, y if isinstance(y, tuple) else (y,), strict=True):
            if out is None:
                continue
            if isinstance(f, np.ufunc) and not np.can_cast(
                np.asarray(part).dtype, out.dtype, rest.get("casting", "same_kind")
            ):
                f(*args, **{**rest, "out": np.empty_like(out)})  # which raises
            if not isinstance(f, np.ufunc) and np.shape(part) != out.shape:
                apart = np.copy(out)
                f(*[apart if a is out else a for a in args], **{**rest, "out": apart})  # which raises, as a rule
                raise self.refuse("out= of another shape than the result is not supported")
            self.setitem(out, ..., part)
        kept = tuple([p if o is None else o for o, p in zip(outs, y if isinstance(y, tuple) else (y,), strict=True)])
        return kept if isinstance(y, tuple) else kept[0]

    def into_image(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a function of images with the array ``output=``, which tells the dtype, too."""
        rest = {k: v for k, v in kwargs.items() if k != "output"}
        out = kwargs["output"]
        others = args[1:] if args and args[0] is out and may_write_its_input(f) else args
        if any(np.shares_memory(out, a) for a in arrays_in((others, rest))):
            raise self.refuse(f"{label(f)} with an output= in the memory of its input is not supported")
        y = self.call(f, *args, **rest, output=out.dtype.type)
        if np.shape(y) != out.shape:
            f(*args, **rest, output=np.empty_like(out))  # which raises
        self.setitem(out, ..., y)
        return out


@functools.lru_cache(maxsize=1024)
def _is_usual(f: Any, rule: Rule, count: int) -> bool:
    """Whether a call by position, of plain numbers and arrays, is none of those that `ruled` sees to."""
    of_numpy = isinstance(f, np.ufunc) or module_of(f).partition(".")[0] in ("numpy", "_operator")
    known = of_numpy or getattr(f, "__objclass__", None) is np.ndarray
    if not known or rule.kind not in ("linear", "multilinear", "vjp") or f in _SEEN_TO or not rule.own or rule.late:
        return False
    if rule.callbacks or rule.effect or rule.watched or count > (f.nin if isinstance(f, np.ufunc) else 3):
        return False
    if rule.meanings and any(name in rule.meanings for name in positions(f, rule)[:count]):
        return False
    return count < 3 or isinstance(f, np.ufunc) or "out" not in positional(f)[:count]


_SEEN_TO = {np.nan_to_num, np.sign, np.ndarray.choose, *OF_GENERATORS}


def arrays_in(x: Any) -> list[np.ndarray]:
    if isinstance(x, np.ndarray):
        return [x]
    if isinstance(x, (list, tuple)):
        return [a for e in x for a in arrays_in(e)]
    if isinstance(x, dict):
        return arrays_in(list(x.values()))
    return []


def snapshot(x: Any) -> Any:
    """A structure that later changes of lists and dicts do not reach."""
    if isinstance(x, list):
        return [snapshot(e) for e in x]
    if isinstance(x, tuple) and type(x) is tuple:
        return tuple([snapshot(e) for e in x])
    if isinstance(x, dict):
        return {k: snapshot(e) for k, e in x.items()}
    return x
