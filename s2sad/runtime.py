"""The few helpers that generated code calls.  NumPy only: ahead-of-time output carries copies of them.

Cotangents have the structure of what they belong to: a float for a float, an array for an array, a list for a
list, ``None`` where there is none (integers, strings, functions).
"""

import numpy as np


def no_derivative(why):
    """The error of a rule that knows no derivative of what it was given; the user sees it at the place of the call.

    Args:
        why: what is the matter, and what to do about it.

    Example:
        >>> no_derivative("eigh has no derivative with type=2: only with type=1")
        NotImplementedError('eigh has no derivative with type=2: only with type=1')
    """
    error = NotImplementedError(why)
    error.of_a_rule = True  # type: ignore[attr-defined]
    return error


def is_refusal(error):
    """Whether an error is one of `no_derivative`, and not the user's own."""
    return getattr(error, "of_a_rule", False)


def check_real(z):
    """Refuse the derivative of a power of real numbers that turned out to be a complex number.

    Raises:
        NotImplementedError: what was computed from the power was taken to be real.

    Example:
        >>> check_real(4.0**0.5)
    """
    if isinstance(z, complex):
        raise no_derivative(f"this power is complex, {z}: write complex(x) ** y where x may be negative and y broken")


def unbroadcast(g, x):
    """Sum the cotangent ``g`` of a broadcast result down to the shape and kind of the operand ``x``.

    Args:
        g: cotangent, of a shape that ``x`` broadcasts to; None where it is zero.
        x: the operand: a number or an array.

    Returns:
        The cotangent of ``x``: its shape, its dtype, its real part where ``x`` is real.

    Example:
        >>> unbroadcast(np.ones((2, 3)), np.zeros((2, 1)))
        array([[3.],
               [3.]])
    """
    if g is NotImplemented:
        raise no_derivative("a function is called here that has no derivative by this argument")
    if isinstance(x, (list, tuple)) and isinstance(g, np.ndarray):  # a list that served as an array
        g = sum_to(g, np.shape(x))
    if isinstance(x, (list, tuple)):
        parts = [None] * len(x) if g is None else g
        return rebuild(x, [unbroadcast(b, e) for b, e in zip(parts, x, strict=True)])
    if g is None:
        inexact = isinstance(x, (float, complex, dict)) or getattr(x, "dtype", np.dtype(int)).kind in "fc"
        return zeros_like(x) if inexact else None
    return match(sum_to(g, np.shape(x)), x)


def sum_to(g, shape):
    """Sum the cotangent ``g`` of a broadcast result down to ``shape``.

    Example:
        >>> sum_to(np.ones((2, 3)), (3,))
        array([2., 2., 2.])
    """
    if np.shape(g) != shape:
        extra = np.ndim(g) - len(shape)
        if extra > 0:
            g = np.sum(g, axis=tuple(range(extra)))
        elif extra < 0:  # of a value with leading sizes of 1 that an assignment left out
            g = np.reshape(g, (1,) * -extra + np.shape(g))
        axes = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(g)[i] != 1)
        if axes:
            g = np.sum(g, axis=axes, keepdims=True)
        if np.shape(g) != shape:
            g = np.broadcast_to(g, shape)
    return g


def match(g, x):
    """The cotangent ``g`` in the dtype and kind of ``x``: float32 stays, a real ``x`` gets the real part."""
    if isinstance(x, (list, tuple)):
        return rebuild(x, [match(b, e) for b, e in zip(g, x, strict=True)])
    if isinstance(x, dict):
        return {k: match(g[k], e) for k, e in x.items()}
    if g is None:
        return None
    if is_object(x):
        return rebuild_object(x, {k: match(getattr(g, k), e) for k, e in attributes(x).items()})
    if np.iscomplexobj(g) and not np.iscomplexobj(x):
        g = np.real(g)
    if isinstance(x, (np.ndarray, np.generic)):
        dtype = x.dtype
        if dtype.kind in "fc" and (not hasattr(g, "dtype") or g.dtype != dtype):
            g = np.asarray(g).astype(dtype)
        if isinstance(x, np.generic):
            return g[()] if isinstance(g, np.ndarray) else g
        return np.asarray(g)  # operators give a number for an array of rank 0
    if isinstance(x, float):
        return float(g)
    if isinstance(x, complex):
        return complex(g)
    return g


def as_gradient(g, x):
    """The cotangent ``g`` as the gradient by an argument ``x``: its kinds, and ``None`` at what has no derivative."""
    if isinstance(x, (list, tuple)):
        return rebuild(x, [as_gradient(b, e) for b, e in zip(g, x, strict=True)])
    if isinstance(x, dict):
        return {k: as_gradient(g[k], e) if k in g else unknown_tangent(e) for k, e in x.items()}
    if isinstance(x, (int, str)) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind not in "fc"):
        return None
    if is_object(x):
        return rebuild_object(x, {k: as_gradient(getattr(g, k), e) for k, e in attributes(x).items()})
    return match(g, x)


def as_tangent(dot, y):
    """The tangent ``dot`` in the structure, shape, dtype and kind of the result ``y``; ``None`` stands for zero.

    Example:
        >>> as_tangent((1, None), (0.5, np.zeros(2)))
        (1.0, array([0., 0.]))
    """
    if dot is None:
        return zeros_like(y)
    if dot is NotImplemented:
        raise no_derivative("this is a part of a result that has no derivative")
    if isinstance(y, (list, tuple)):
        return rebuild(y, [as_tangent(d, e) for d, e in zip(dot, y, strict=True)])
    if isinstance(y, dict):  # a rule leaves out the entries whose tangents it does not know
        return {k: as_tangent(dot[k], e) if k in dot else unknown_tangent(e) for k, e in y.items()}
    if is_object(y):
        return rebuild_object(y, {k: as_tangent(getattr(dot, k), e) for k, e in attributes(y).items()})
    return match(np.broadcast_to(dot, np.shape(y)) if np.shape(dot) != np.shape(y) else dot, y)


def unknown_tangent(x):
    """The tangent of a part of a result that a rule does not know: ``NotImplemented``, but zero of what has none."""
    if isinstance(x, (list, tuple)):
        return NotImplemented if any(unknown_tangent(e) is NotImplemented for e in x) else zeros_like(x)
    holds_floats = isinstance(x, (float, complex)) or getattr(x, "dtype", np.dtype(int)).kind in "fc"
    return NotImplemented if holds_floats or is_object(x) else zeros_like(x)


def zeros_like(x):
    """The cotangent zero of ``x``: its structure, with zeros at the numbers and ``None`` where there is no derivative.

    An integer gets a zero, too: it may stand in a list beside floats, where a cotangent is one for every element.

    Example:
        >>> zeros_like([1.5, (2.5, "a")])
        [0.0, (0.0, None)]
    """
    if isinstance(x, np.ndarray):
        return np.zeros_like(x) if x.dtype.kind in "fc" else np.zeros(x.shape) if x.dtype.kind in "biu" else None
    if isinstance(x, np.generic):
        return x.dtype.type(0) if x.dtype.kind in "fc" else 0.0 if x.dtype.kind in "biu" else None
    if isinstance(x, (float, int)):
        return 0.0
    if isinstance(x, complex):
        return 0j
    if isinstance(x, list):
        return [zeros_like(e) for e in x]
    if isinstance(x, tuple):
        return rebuild(x, [zeros_like(e) for e in x])
    if isinstance(x, dict):
        return {k: zeros_like(e) for k, e in x.items()}
    if is_object(x):
        return rebuild_object(x, {k: zeros_like(e) for k, e in attributes(x).items()})
    return None


def detached(x):
    """``x`` with copies of the arrays in it, so that no later write reaches it.

    Example:
        >>> a = np.zeros(1)
        >>> kept = detached([a, (a, 1.5)])
        >>> a[0] = 2.0
        >>> kept
        [array([0.]), (array([0.]), 1.5)]
    """
    if isinstance(x, np.ndarray):
        return x.copy()
    if isinstance(x, (list, tuple)):
        return rebuild(x, [detached(e) for e in x])
    if isinstance(x, dict):
        return {k: detached(e) for k, e in x.items()}
    if is_object(x) and "__wrapped__" not in attributes(x):
        return rebuild_object(x, {k: detached(e) for k, e in attributes(x).items()})
    return x


def stop_gradient(x):
    """``x`` itself, which counts as a constant where it is differentiated.

    Args:
        x: anything.

    Example:
        >>> import s2sad
        >>> s2sad.grad(lambda x: x * s2sad.stop_gradient(x))(3.0)
        3.0
    """
    return x


def decided(x, other, a, b):
    """The end ``x`` of an interval, which moved there as ``a`` and ``b`` compare; ``other``: the other end."""
    return x


def decided_places(x, other, a, b):
    """`decided`, of arrays, in an array of its own."""
    return np.copy(x)


def as_root(x):
    """A root that decisions have found, as the unknown of the equation that it solves."""
    return x


def found(x, low, high, root, residual, anew=False):
    """What a loop that narrows the interval between ``low`` and ``high`` onto ``root`` found: it, or an end.

    The residual is that of the equation, at the root, as a function of it; ``anew``: it was asked for that alone.
    """
    return x


def is_found(x, low, high, root, residual, slope):
    """Whether ``x`` is a root: the interval is narrow, or Newton's step is short.  Otherwise the search ended early.

    Of arrays, each number is a search of its own.

    Raises:
        MissingRuleError: the interval is narrow, and the equation is not solved: it has a jump there, or no slope.
    """
    size = np.maximum(1.0, np.maximum(np.abs(low), np.abs(high)))
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.abs(np.divide(residual, slope))
    narrow = np.abs(high - low) <= 1e-3 * size
    rounding = np.finfo((np.asarray(residual) + 0.0).dtype).eps ** 0.5 * size
    if np.any(narrow & ~(step <= 10 * np.abs(high - low) + rounding)):
        raise no_derivative("what is found by decisions here is no root with a slope, and has no derivative")
    return narrow | ((x == root) & (step <= 1e-3 * size))


def by_root(bar, x, low, high, root, residual, slope):
    """The cotangent of a residual, from that of its root ``x``, by the implicit function theorem.

    The same factor takes a tangent of the residual, for a fixed root, to that of the root.
    """
    found_here = is_found(x, low, high, root, residual, slope)
    if np.ndim(found_here):
        return np.where(found_here, -bar / np.where(found_here, slope, 1.0), 0.0)
    return -bar / slope if found_here else 0.0 * bar


def unless_found(bar, x, low, high, root, residual, slope):
    """The cotangent of ``x`` as what the program computed, which counts where it is no root."""
    found_here = is_found(x, low, high, root, residual, slope)
    return np.where(found_here, 0.0, bar) if np.ndim(found_here) else 0.0 * bar if found_here else bar


def check_each(slope, weights, weighted):
    """Refuse an equation in several unknowns: each number of the residual must depend on its own number alone.

    Args:
        slope: what a cotangent of ones pulls back to.  weights: another one.  weighted: what that one pulls back to.
    """
    if np.shape(slope) != np.shape(weights) or not np.allclose(weighted, weights * slope, rtol=1e-6, equal_nan=True):
        raise no_derivative("what is found by decisions here solves equations that depend on each other, "
                            "and has no derivative")  # fmt: skip


def width(x, other):
    """The width of an interval beside its ends, or beside 1; no less than rounding."""
    size = np.maximum(1.0, np.maximum(np.abs(x), np.abs(other)))
    return (np.abs(x - other) + np.spacing(size)) / size


def check_found(bar, x, other):
    """Refuse the cotangent of the end ``x`` of an interval that bisection narrows, if the result depends on it.

    A Newton step from there, or a chord of a wide interval, does not, but for terms of the size of the interval.  In
    forward mode it is not known whether such a step follows: ``bar`` is 1 there.
    """
    if np.any(np.abs(bar) > 1e5 * width(x, other)):
        raise no_derivative("what bisection finds is found by decisions, which have no derivative: take a Newton step "
                            "from there, x - f(x) / slope, or find it by scipy.optimize.brentq")  # fmt: skip


def numbers_in(x):
    """The floating-point numbers of a value, and its arrays of such; none of what has a class of its own."""
    if type(x) in (list, dict) or isinstance(x, tuple):
        return [y for element in (x.values() if isinstance(x, dict) else x) for y in numbers_in(element)]
    if type(x) is np.ndarray:
        return [x] if x.dtype.kind in "fc" else []
    return [x] if type(x) in (float, complex) or isinstance(x, np.inexact) else []


def moved(moves, *values):
    """How the values that a loop carries move.

    Args:
        moves: what the iterations before have left; None before the first one.
        values: numbers, arrays, containers of these; what else there is has no part in it.

    Returns:
        For each value a list with, for each number in it, where it is, its largest move, and the last two of all.  Of
        lists that grow, or are long, the last number counts, and of large arrays some: a search in one is one in all.

    Example:
        >>> moved(moved(None, 1.0), 1.5)
        [[(1.5, 0.5, 0.0, 0.5)]]
    """
    found = []
    for x, known in zip(values, moves or [[]] * len(values), strict=True):
        now = [some_of(y) for y in numbers_in(x[-1:] if isinstance(x, list) and len(x) > 8 else x)]
        if known and len(known) != len(now):
            now, known = now[-1:], known[-1:] if now else []
        found.append([move(number, *entry) for number, entry in zip(now, known or [()] * len(now), strict=True)])
    return found


def some_of(x):
    """Some numbers of an array, by a copy, at the same places each time; a number as it is."""
    if np.ndim(x) == 0:
        return x
    return x.flat[:: x.size // 16] if x.size > 16 else np.copy(x)


def move(x, place=None, largest=0.0, before=0.0, last=0.0):
    """Where a number is, or an array, its largest move, and the last two of all, from what they were.

    What is no more than rounding is no move.
    """
    if place is None or np.shape(x) != np.shape(place):  # the first one, or of another value
        none = np.zeros(np.shape(x)) if np.ndim(x) else 0.0
        return x, none, none, none
    rounding = 64 * np.finfo(getattr(x, "dtype", float)).eps
    if np.ndim(x) == 0:
        step = abs(x - place) if x != place else 0.0
        does = rounding * max(abs(x), largest) < step < np.inf
        return (x, max(largest, step), last, step) if does else (x, largest, before, last)
    if (x == place).all():
        return place, largest, before, last
    with np.errstate(invalid="ignore"):
        step = np.abs(x - place)
        does = (rounding * np.maximum(np.abs(x), largest) < step) & (step < np.inf)
    largest = np.maximum(largest, np.where(does, step, 0.0))
    return x, largest, np.where(does, last, before), np.where(does, step, last)


def last_move(moves):
    """The last move of what has come near a limit by decisions, 1 being the largest one that counts; inf if none has.

    It has, where two moves one after the other are small (1e-5 in double precision), beside where they lead, and beside
    the largest one.
    """
    found = [np.inf]
    for place, largest, before, last in (entry for entries in moves for entry in entries):
        if type(place) is type(largest) is float:  # the same without NumPy
            size = 1e-5 * max(abs(place), largest)
            most = min(size, 1e-3 * largest)
            if 0 < before <= most and 0 < last <= most:
                found.append(last / size)
            continue
        small = 1e-5 if np.finfo(getattr(place, "dtype", float)).eps < 1e-10 else 1e-3
        size = small * (np.maximum(np.abs(place), largest) + (largest == 0))
        step = np.maximum(before, last)
        steady = (np.minimum(before, last) > 0) & (step <= size) & (step <= 100 * small * largest)
        found.append(np.min(np.where(steady, last / size, np.inf), initial=np.inf))
    return min(found)


def settled(x, moves, decider=None):
    """What a loop leaves whose values move by decisions alone.

    Args:
        moves: how they did (`moved`).
        decider: something that was compared, which is differentiated (in a run that is recorded).
    """
    return x


def settled_places(x, moves, decider=None):
    """`settled`, of arrays, in an array of its own."""
    return np.copy(x)


def check_settled(bar, moves):
    """Refuse the cotangent of what is found by decisions, if it has settled.

    A Newton step from there does not depend on it, but for terms of the size of the last move.
    """
    least = last_move(moves) + 1e-10
    if any(np.any(np.abs(b) > least) for b in numbers_in(bar)):
        raise no_derivative("what this loop finds is found by decisions, which have no derivative: take a Newton "
                            "step from there, x - f(x) / slope, or find it by scipy.optimize.brentq")  # fmt: skip


def rebuild(x, elements):
    """A list or tuple of the type of ``x`` (a named tuple, say) with other elements."""
    if hasattr(x, "_extra_fields"):  # a tuple of SciPy's with further attributes
        made = tuple.__new__(type(x), elements)
        vars(made).update(vars(x))
        return made
    return list(elements) if isinstance(x, list) else type(x)(*elements) if hasattr(x, "_fields") else tuple(elements)


def accumulate(a, b):
    """The sum of two cotangents of one value, ``None`` being zero; element by element in containers."""
    if a is None:
        return b
    if b is None:
        return a
    if isinstance(a, list):
        return [accumulate(x, y) for x, y in zip(a, b, strict=True)]
    if isinstance(a, tuple):
        return rebuild(a, [accumulate(x, y) for x, y in zip(a, b, strict=True)])
    if isinstance(a, dict):
        return {k: accumulate(a.get(k), b.get(k)) for k in {**a, **b}}  # of a result of SciPy's, one may have a part
    if is_object(a):
        return rebuild_object(a, {k: accumulate(v, getattr(b, k)) for k, v in attributes(a).items()})
    return a + b


def setitem(a, i, v):
    """``a`` with ``a[i] = v``, as a new object."""
    a = a.copy()
    a[i] = v
    return a


def index_add(a, i, v):
    """``a`` with ``v`` added at ``a[i]``, as a new object; repeated integer indices accumulate."""
    if v is None:
        return a
    if isinstance(a, (float, complex, np.generic)):  # a NumPy number has elements too: ``x[..., None]``
        return index_add(np.array(a), i, v)[()]
    a = list(a) if isinstance(a, (tuple, list)) else a.copy()
    if isinstance(a, np.ndarray):
        np.add.at(a, i, v)
    else:
        a[i] = accumulate(a[i], v)
    return a


def clear_item(a, i):
    """``a`` with the cotangent at ``a[i]`` set to zero, as a new object."""
    a = a.copy()
    a[i] = 0.0 if isinstance(a, np.ndarray) else zeros_like(a[i])
    return a


def list_append(items, v):
    """``items`` with ``v`` at its end, as a new list."""
    return [*items, v]


def list_pop(items):
    """The last element of ``items``, and the list without it."""
    return items[-1], items[:-1]


def is_object(x):
    """Whether ``x`` is a plain object of a user's class."""
    if isinstance(x, (type, np.ufunc, type(np), float, complex, np.ndarray)) or hasattr(type(x), "__code__"):
        return False
    if callable(x) and type(type(x).__call__) is type(type.__call__):  # a function that is written in C: np.dot
        return False
    if any(type(vars(c).get("__new__")) is type(len) and c.__flags__ & 1 << 9 for c in type(x).__mro__):
        return False  # of a class that an extension makes: an index of pandas'
    return isinstance(getattr(x, "__dict__", None), dict) or bool(slots(x))


def attributes(x):
    """What an object holds, by the names of its attributes, those in its ``__slots__`` first."""
    return {**slots(x), **getattr(x, "__dict__", {})}


def slots(x):
    """What an object holds in the ``__slots__`` of its class."""
    found = {}
    for c in reversed(type(x).__mro__):
        for name, slot in vars(c).items() if "__slots__" in vars(c) else ():
            if type(slot).__name__ == "member_descriptor" and hasattr(x, name):  # without: not assigned yet
                found[name] = getattr(x, name)
    return found


def make_object(cls, /, **attributes):
    """An object of a user's class with its attributes, without a call of its ``__init__``."""
    result = object.__new__(cls)
    for name, value in attributes.items():
        object.__setattr__(result, name, value)
    return result


def rebuild_object(x, attributes):
    """An object of the type of ``x`` with other attributes."""
    made_in_c = next(c for c in type(x).__mro__ if not c.__flags__ & 1 << 9)
    result = made_in_c.__new__(type(x))  # type: ignore[call-overload]
    own = getattr(x, "__dict__", {})
    for name, value in attributes.items():
        if name in own:  # a descriptor of that name in the class is not asked
            result.__dict__[name] = value
        else:
            object.__setattr__(result, name, value)
    return result


def last_written(g, i):
    """The cotangent of ``v`` in ``a[i] = v``: where ``i`` names a place twice, the last value written receives.

    Args:
        g: cotangent of ``a`` after the assignment.
        i: an index with integer arrays.
    """
    order = np.full(np.shape(g), -1)
    numbers = np.arange(order[i].size).reshape(order[i].shape)
    for number, place in zip(numbers.ravel(), np.arange(order.size).reshape(order.shape)[i].ravel(), strict=True):
        order.flat[place] = number
    return np.where(order[i] == numbers, g[i], 0.0).astype(g.dtype)


def triangle_weights(a, lower):
    """How often each element of a matrix counts in the Hermitian one that is read of it: once, if it is that itself.

    Otherwise (up to rounding) one triangle is read: its elements count twice, those of the diagonal once, others not.
    """
    mirrored = np.conj(np.swapaxes(a, -1, -2))
    if np.array_equal(a, mirrored):
        return np.broadcast_to(np.ones((), np.abs(a[..., :0, :0]).dtype), np.shape(a))
    largest = np.max(np.abs(a), axis=(-2, -1), keepdims=True, initial=0.0)
    rounding = 100 * np.spacing(largest)
    half = np.tri(np.shape(a)[-1]) + np.tri(np.shape(a)[-1], k=-1)
    hermitian = np.max(np.abs(a - mirrored), axis=(-2, -1), keepdims=True, initial=0.0) <= rounding
    return np.where(hermitian, 1, half if lower else half.T).astype(rounding.dtype)


def unless_parting(v, w, a, right=None):
    """The vectors ``v`` of the values ``w`` of a matrix: they have no derivative where equal values part with ``a``.

    ``right``: the vectors of the other side, where the matrix is Hermitian or the values are singular values.
    """
    return np.copy(v)


def stack_rows(rows, x):
    """The cotangent of an array from those of its rows."""
    return np.reshape(np.array(rows), np.shape(x)).astype(x.dtype)


def sum_repeats(g, items):
    """The cotangent of ``items`` in ``items * n``."""
    total = zeros_like(items)
    for k in range(0, len(g), len(items) or 1):
        total = accumulate(total, g[k : k + len(items)])
    return total


def apply(function, /, *args, **kwargs):
    """The call of a function that is not written in Python."""
    return function(*args, **kwargs)


def dynamic_vjp(function, *args, **kwargs):
    """The value and the pullback of a function that is known only now."""
    from . import api

    return api.reader_vjp(function, *args, **kwargs)


def dynamic_jvp(function, args, tangents):
    """The tangent of the result of a function that is known only now; ``None`` for tangents that are zero.

    Integers among the arguments have none, whatever stands for it in the tangent of the tuple that held them.
    """
    from . import api

    def is_fixed(x):
        return isinstance(x, (int, str, type(None))) or getattr(x, "dtype", np.dtype(float)).kind not in "fc"

    moving = [None if is_fixed(x) else dot for x, dot in zip(args, tangents, strict=True)]
    return api.jvp(function, args, moving)[1]


def dynamic_gradient(function):
    """The gradient of a function that is known only now, by its first argument."""
    from . import api

    return api.grad(function)


def check_number(x):
    """Refuse an operand whose kind was not known when compiling, and which is no number or array."""
    if type(x) is np.ndarray or isinstance(x, (np.number, np.bool_)):
        return
    if not issubclass(type(x), (int, float, complex)) or not computes_plainly(type(x)):  # a proxy says that it is one
        raise no_derivative(f"an operand is a {type(x).__name__}, and no number or array, which was not known before")


def check_index(i):
    """Refuse an index that is None here, and a number elsewhere."""
    if i is None:
        raise no_derivative("an index is None here, which makes an axis: elsewhere it is a number")


def computes_plainly(cls):
    """Whether a class of numbers has the arithmetic of Python's."""
    base = next(b for b in (int, float, complex) if issubclass(cls, b))
    names = ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "rpow", "neg", "abs")
    return all(getattr(cls, f"__{name}__") is getattr(base, f"__{name}__") for name in names)


def seed(y):
    """The cotangent of the result of a function whose gradient is taken: one, if the result is a real scalar."""
    number = isinstance(y, (float, int, complex, np.number, np.ndarray))
    if not number or np.iscomplexobj(y) or np.size(y) != 1:
        shape = f" of shape {np.shape(y)}" if number else ""
        raise TypeError(
            f"the function must return a real scalar (a float, a 0-d or one-element array) to have a gradient, not "
            f"{type(y).__name__}{shape}: use s2sad.vjp or s2sad.jacobian"
        )
    return np.ones_like(y) if isinstance(y, np.ndarray) else 1.0


def ones_like(y):
    """One for a number, an array of ones for an array."""
    return np.ones_like(y) if isinstance(y, (np.ndarray, np.generic)) else type(y)(1)


def weights_like(y):
    """Powers of two, most of them different: multiplying by one rounds nothing."""
    weights = 2.0 ** np.random.default_rng(20).integers(-6, 7, np.shape(y))
    return weights.astype(y.dtype) if isinstance(y, (np.ndarray, np.generic)) else type(y)(weights)


def check_elementwise(y, weights, x, bar, weighted):
    """Refuse a function that is not elementwise: each output must depend on its own input only.

    Args:
        y: the result.  x: the argument.
        weights: a cotangent of powers of two.
        bar: what the cotangent of ones pulls back to.  weighted: what ``weights`` pull back to.
    """
    tolerance = 1e-9 if np.asarray(bar).dtype.char in "dD" else 1e-3
    same = np.shape(y) == np.shape(x)
    if not same or not np.allclose(weighted, weights * bar, rtol=tolerance, atol=1e-300, equal_nan=True):
        raise TypeError(
            f"elementwise_grad needs a function whose outputs depend on one input each, its own (the result has shape "
            f"{np.shape(y)}, the argument {np.shape(x)}): use s2sad.vjp or s2sad.jacobian"
        )
