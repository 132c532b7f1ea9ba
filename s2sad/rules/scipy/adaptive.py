"""Rules of ``tanhsinh`` and ``nsum``, whose functions are elementwise in the variable and in the parameters.

So each integral depends on its own parameters alone: by one of them its derivative is the integral of the derivative,
of all integrals at once.  (H. Takahasi, M. Mori, "Double exponential formulas for numerical integration", 1974.)
"""

import numpy as np
from scipy import integrate

from ...runtime import dynamic_jvp, no_derivative
from ..inference import number, result_of, some_floats, typed, unknown
from ..table import calls_back, infer, jvp, vjp
from .callbacks import as_tuple, holds_floats, pack


def by_parameter(f, k):
    """The derivative of a function by one of its parameters, elementwise."""

    def slope(x, *given):
        dots = [np.ones_like(p) if j == k else None for j, p in enumerate(given)]
        return np.zeros_like(x) + dynamic_jvp(f, (x, *given), (None, *dots))

    return slope


def edge(f, x, given):
    """The values of an integrand at bounds; there is none at infinity."""
    finite = np.isfinite(x)
    return np.where(finite, f(np.where(finite, x, 0.0), *given), 0.0)


def weighted(f, k, log):
    """What is integrated for the derivative by a parameter; of a logarithm, with the integral as a last parameter."""
    slope = by_parameter(f, k)

    def of_logarithm(x, *given):
        return np.exp(f(x, *given[:-1]) - given[-1]) * slope(x, *given[:-1])

    return of_logarithm if log else slope


def found_with(value, given, log):
    """The parameters of `weighted`."""
    if log and np.iscomplexobj(value):
        raise no_derivative("a logarithm of what changes its sign has no derivative rule")
    return (*given, value) if log else given


def at_bound(f, x, given, value, log):
    """How an integral grows with a bound."""
    return edge(lambda t, *p: np.exp(f(t, *p) - value), x, given) if log else edge(f, x, given)


def tolerances_of(atol, rtol, log):
    """For a derivative, which is no logarithm itself."""
    return {} if log else {"atol": atol, "rtol": rtol}


def tanhsinh(result_bar, result, f, a, b, args=(), *, maxlevel=None, minlevel=2, atol=None, rtol=None, log=False,
             callback=None):  # fmt: skip
    bar, given, value = result_bar["integral"], as_tuple(args), result["integral"]
    options = {"maxlevel": maxlevel, "minlevel": minlevel, **tolerances_of(atol, rtol, log)}
    moves, taken = list(map(holds_floats, given)), found_with(value, given, log)
    bars = [
        bar * integrate.tanhsinh(weighted(f, k, log), a, b, args=taken, **options)["integral"] if moves[k] else None
        for k in range(len(given))
    ]
    ends = -bar * at_bound(f, a, given, value, log), bar * at_bound(f, b, given, value, log)
    return NotImplemented, *ends, pack(tuple(bars), args)


def tanhsinh_a(a_dot, result, f, a, b, args=(), *, log=False, **options):
    moved = -a_dot * at_bound(f, a, as_tuple(args), result["integral"], log)
    return {"integral": moved, "error": np.zeros_like(result["error"])}


def tanhsinh_b(b_dot, result, f, a, b, args=(), *, log=False, **options):
    moved = b_dot * at_bound(f, b, as_tuple(args), result["integral"], log)
    return {"integral": moved, "error": np.zeros_like(result["error"])}


def tanhsinh_args(args_dot, result, f, a, b, args=(), *, maxlevel=None, minlevel=2, atol=None, rtol=None, log=False,
                  callback=None):  # fmt: skip
    given, value = as_tuple(args), result["integral"]
    options = {"maxlevel": maxlevel, "minlevel": minlevel, **tolerances_of(atol, rtol, log)}
    total, taken = np.zeros_like(value), found_with(value, given, log)
    for k, dot in enumerate(as_tuple(args_dot)):
        if dot is not None:
            total = total + dot * integrate.tanhsinh(weighted(f, k, log), a, b, args=taken, **options)["integral"]
    return {"integral": total, "error": np.zeros_like(total)}


def nsum(result_bar, result, f, a, b, args=(), *, step=1, log=False, maxterms=1048576, tolerances=None):
    bar, given, value = result_bar["sum"], as_tuple(args), result["sum"]
    options = {"step": step, "maxterms": maxterms, "tolerances": None if log else tolerances}
    taken = found_with(value, given, log)
    bars = [
        bar * integrate.nsum(weighted(f, k, log), a, b, args=taken, **options)["sum"] if holds_floats(p) else None
        for k, p in enumerate(given)
    ]
    return NotImplemented, NotImplemented, NotImplemented, pack(tuple(bars), args)


def nsum_args(args_dot, result, f, a, b, args=(), *, step=1, log=False, maxterms=1048576, tolerances=None):
    given, value = as_tuple(args), result["sum"]
    options = {"step": step, "maxterms": maxterms, "tolerances": None if log else tolerances}
    total, taken = np.zeros_like(value), found_with(value, given, log)
    for k, dot in enumerate(as_tuple(args_dot)):
        if dot is not None:
            total = total + dot * integrate.nsum(weighted(f, k, log), a, b, args=taken, **options)["sum"]
    return {"sum": total, "error": np.zeros_like(total)}


def kind_of(*args):
    """A number of numbers alone."""
    types = [part for x in args for part in (typed(x).elems if typed(x).kind == "tuple" else (typed(x),))]
    if all(t.is_number for t in types):
        return number()
    return some_floats() if any(t.kind == "array" and t.rank for t in types) else unknown()


if hasattr(integrate, "tanhsinh"):  # since SciPy 1.15
    from scipy._lib._util import _RichResult

    calls_back("f", broadcasts=True)(vjp(integrate.tanhsinh)(tanhsinh))
    calls_back("f", broadcasts=True)(vjp(integrate.nsum)(nsum))
    jvp(integrate.tanhsinh, 1)(tanhsinh_a)
    jvp(integrate.tanhsinh, 2)(tanhsinh_b)
    jvp(integrate.tanhsinh, 3)(tanhsinh_args)
    jvp(integrate.nsum, 3)(nsum_args)

    @infer(integrate.tanhsinh)
    def tanhsinh_type(f=None, *bounds, args=(), **options):
        kind = kind_of(*bounds, args)
        return result_of(_RichResult, integral=kind, error=kind)

    @infer(integrate.nsum)
    def nsum_type(f=None, *bounds, args=(), **options):
        kind = kind_of(*bounds, args)
        return result_of(_RichResult, sum=kind, error=kind)
