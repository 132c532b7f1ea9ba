"""Rules of ``solve_ivp`` and ``odeint``: the adjoint differential equation.

For ``dy/dt = f(t, y, *args)`` the cotangent ``u`` of ``y`` runs backwards in time, ``du/dt = -(df/dy)^T u``, and on its
way collects the cotangent of the parameters, the integral of ``(df/dargs)^T u``; at each time whose state is a result
its cotangent is added.  (L. S. Pontryagin et al., 1962; Y. Cao, S. Li, L. Petzold, R. Serban, "Adjoint sensitivity
analysis for differential-algebraic equations", SIAM J. Sci. Comput. 2003.)  Tangents run forwards with the states.

These are the derivatives of the exact solution: they agree with differences of the computed one within its tolerance.
"""

import numpy as np
from scipy import integrate
from scipy.integrate._ivp.ivp import OdeResult

from ...runtime import dynamic_jvp, dynamic_vjp, no_derivative
from ..inference import matrix_of_floats, result_of, tuple_of, unknown
from ..table import calls_back, definition, infer, jvp, vjp
from .callbacks import as_tuple, check_unread, flat, pack, unflat

TOLERANCES = {"rtol": 1e-10, "atol": 1e-12}


def solved(f, times, y0, method):
    """The states at ``times``, and the state as a function of time."""
    if len(times) < 2 or times[0] == times[-1]:
        return np.reshape(y0, (-1, 1)) + np.zeros(len(times)), lambda t: np.ravel(y0)
    found = integrate.solve_ivp(f, (times[0], times[-1]), y0, precise(method), times, True, **TOLERANCES)
    if not found.success:
        raise ArithmeticError(f"the differential equation can't be solved again for its derivative: {found.message}")
    return found.y, found.sol


def precise(method):
    """A method of high order, where the user's is one for problems that are not stiff."""
    return "DOP853" if method in ("RK45", "RK23") else method


def pulled_back(f, times, states_bar, y0, args, method):
    """Cotangents of ``y0``, of the parameters as a vector, and of the times.

    Args:
        f: of ``(t, y, *args)``.
        times: where states are results; the first one is that of ``y0``.
        states_bar: a row for each time.
    """
    _, state = solved(lambda t, y: f(t, y, *args), times, np.ravel(y0), method)
    u, total = np.array(states_bar[-1], float), np.zeros(np.size(flat(args)))
    times_bar = np.array([bar @ f(t, state(t), *args) for t, bar in zip(times, states_bar, strict=True)])

    def backwards(t, joined):
        bars = dynamic_vjp(f, t, state(t), *args)[1](joined[: np.size(y0)])
        return -np.concatenate([np.ravel(bars[1]), flat(bars[2:], args)])

    for k in range(len(times) - 1, 0, -1):
        joined, _ = solved(backwards, (times[k], times[k - 1]), np.concatenate([u, total]), method)
        u, total = joined[: np.size(y0), -1], joined[np.size(y0) :, -1]
        if k > 1:
            u = u + states_bar[k - 1]
    times_bar[0] = -(u @ f(times[0], np.ravel(y0), *args)) if len(times) > 1 else 0.0
    return u + states_bar[0] if len(times) > 1 else u, total, times_bar


# Differentiated again, the way back would need the derivative of a state at any time.  Sensitivities need it at the
# times alone: the derivatives of the states by each of the initial values and parameters run forwards with them.
@definition(pulled_back)
def by_sensitivities(f, times, states_bar, y0, args, method):
    n, count, start = np.size(y0), np.size(flat(args)), np.ravel(y0)
    if len(times) < 2:
        return states_bar[0], np.zeros(count), np.zeros(1)

    def together(t, joined, *args):
        y, moved = joined[:n], np.reshape(joined[n:], (n, n + count))
        value, pull = dynamic_vjp(f, t, y, *args)
        bars = [pull(row) for row in np.eye(n)]
        by_state = np.stack([np.ravel(bar[1]) for bar in bars])
        by_args = np.stack([np.concatenate([np.zeros(n), flat(bar[2:], args)]) for bar in bars])
        return np.concatenate([value, np.ravel(by_state @ moved + by_args)])

    both = np.concatenate([start, np.ravel(np.eye(n, n + count))])
    found = integrate.solve_ivp(
        together, (times[0], times[-1]), both, precise(method), times, args=args, **TOLERANCES
    ).y
    states, moved = found[:n].T, np.reshape(found[n:].T, (len(times), n, n + count))
    bars = np.einsum("ti,tij->j", states_bar, moved)
    slopes = np.stack([f(t, y, *args) for t, y in zip(times, states, strict=True)])
    ends = np.sum(states_bar * slopes, axis=1)
    times_bar = np.concatenate([[states_bar[0] @ slopes[0] - bars[:n] @ slopes[0]], ends[1:]])
    return bars[:n], bars[n:], times_bar


def pushed_forward(f, times, y0, y0_dot, args, args_dot, method):
    """The tangents of the states, a column for each time."""

    def both(t, joined):
        y, y_dot = joined[: np.size(y0)], joined[np.size(y0) :]
        return np.concatenate([f(t, y, *args), dynamic_jvp(f, (t, y, *args), (None, y_dot, *args_dot))])

    return solved(both, times, np.concatenate([np.ravel(y0), y0_dot]), method)[0][np.size(y0) :]


def arrays(f):
    """A right side whose result may be a list, or a number for one state, as one that returns an array."""

    def right(t, y, *args):
        return np.ravel(np.array(f(t, y, *args)))

    return right


def swapped(func):
    """A right side of ``(y, t)`` as one of ``(t, y)``."""

    def right(t, y, *args):
        return np.ravel(np.array(func(y, t, *args)))

    return right


@calls_back("fun", spreads=True)
@vjp(integrate.solve_ivp)
def solve_ivp(result_bar, result, fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None,
              vectorized=False, args=None, *, rtol=1e-3, atol=1e-6, max_step=np.inf, first_step=None):  # fmt: skip
    given, f = as_tuple(args), arrays(fun)
    check_plain(result, dense_output, events)
    times, bars = with_start(result["t"], result_bar["y"].T, t_span[0])
    y0_bar, total, times_bar = pulled_back(f, times, bars, y0, given, method)
    args_bar = None if args is None else unflat(total, given)
    t_bar, first = result_bar["t"], bars[0] @ f(times[0], np.ravel(y0), *given)
    if t_eval is None:  # the first and the last time are the bounds, those between are constants
        span_bar, eval_bar = (times_bar[0] + t_bar[0], times_bar[-1] + t_bar[-1]), None
    else:
        later = times_bar[1:]
        own = np.concatenate([[first], later]) if len(times) == len(result["t"]) else later
        span_bar, eval_bar = (times_bar[0] - first, 0.0), own + t_bar
    return (NotImplemented, span_bar, np.reshape(y0_bar, np.shape(y0)), NotImplemented, eval_bar,
            *(NotImplemented,) * 3, args_bar)  # fmt: skip


@infer(integrate.solve_ivp)
def solve_ivp_type(*args, **options):
    return result_of(OdeResult, "t", "y")


def check_plain(result, dense_output, events):
    if not result["success"]:
        raise no_derivative("solve_ivp has a derivative rule where it reaches the last time")
    if dense_output or events is not None:
        raise no_derivative("solve_ivp with dense_output or events has no derivative rule: use t_eval")


def with_start(times, bars, start):
    """The times of results, the start before them, and a cotangent for each, zero for a start that is no result."""
    if len(times) and times[0] == start:
        return times, bars
    return np.concatenate([[start], times]), np.concatenate([np.zeros_like(bars[:1]), bars])


@jvp(integrate.solve_ivp, 1)
def solve_ivp_t_span(span_dot, result, fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None,
                     vectorized=False, args=None, **options):  # fmt: skip
    given, f = as_tuple(args), arrays(fun)
    check_plain(result, dense_output, events)
    t_dot = np.zeros_like(result["t"])
    if t_eval is None:
        t_dot[0], t_dot[-1] = span_dot
    start = -f(t_span[0], np.ravel(y0), *given) * span_dot[0]
    states_dot = ivp_tangent(result, fun, t_span, y0, start, given, (None,) * len(given), method)
    return {"t": t_dot, "y": states_dot["y"] + slopes(f, result, given) * t_dot}


@jvp(integrate.solve_ivp, 2)
def solve_ivp_y0(y0_dot, result, fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None,
                 vectorized=False, args=None, **options):  # fmt: skip
    given = as_tuple(args)
    check_plain(result, dense_output, events)
    return ivp_tangent(result, fun, t_span, y0, np.ravel(y0_dot), given, (None,) * len(given), method)


@jvp(integrate.solve_ivp, 4)
def solve_ivp_t_eval(t_dot, result, fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None,
                     vectorized=False, args=None, **options):  # fmt: skip
    check_plain(result, dense_output, events)
    return {"t": t_dot, "y": slopes(arrays(fun), result, as_tuple(args)) * t_dot}


@jvp(integrate.solve_ivp, 8)
def solve_ivp_args(args_dot, result, fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None,
                   vectorized=False, args=None, **options):  # fmt: skip
    check_plain(result, dense_output, events)
    return ivp_tangent(result, fun, t_span, y0, np.zeros(np.size(y0)), as_tuple(args), args_dot, method)


def slopes(f, result, args):
    """How the states change with time, a column for each time."""
    return np.stack([f(t, y, *args) for t, y in zip(result["t"], result["y"].T, strict=True)], axis=1)


def ivp_tangent(result, fun, t_span, y0, y0_dot, args, args_dot, method):
    started = len(result["t"]) and result["t"][0] == t_span[0]
    times = result["t"] if started else np.concatenate([[t_span[0]], result["t"]])
    states_dot = pushed_forward(arrays(fun), times, y0, y0_dot, args, args_dot, method)
    return {"t": np.zeros_like(result["t"]), "y": states_dot if started else states_dot[:, 1:]}


ODEINT_METHOD = "LSODA"


@calls_back("func", "Dfun")
@vjp(integrate.odeint)
def odeint(result_bar, result, func, y0, t, args=(), Dfun=None, *, col_deriv=0, full_output=0, ml=None, mu=None,
           rtol=None, atol=None, tcrit=None, h0=0.0, hmax=0.0, hmin=0.0, ixpr=0, mxstep=0, mxhnil=0, mxordn=12,
           mxords=5, printmessg=0, tfirst=False):  # fmt: skip
    given, y_bar = as_tuple(args), result_bar
    if full_output:
        check_unread(result_bar[1:], "odeint tells the states")
        y_bar = result_bar[0]
    right = arrays(func) if tfirst else swapped(func)
    y0_bar, total, t_bar = pulled_back(right, np.asarray(t), y_bar, y0, given, ODEINT_METHOD)
    return NotImplemented, np.reshape(y0_bar, np.shape(y0)), t_bar, pack(unflat(total, given), args), NotImplemented


def with_the_rest(states_dot, full_output):
    """The tangent of what ``odeint`` gives; what it tells of its way has none that is known."""
    return (states_dot, {}) if full_output else states_dot


@infer(integrate.odeint)
def odeint_type(*args, **options):
    told = options.get("full_output", args[6] if len(args) > 6 else 0)
    if told is True or told == 1:
        return tuple_of((matrix_of_floats(), unknown()))
    return matrix_of_floats() if told is False or told == 0 else unknown()


@jvp(integrate.odeint, 1)
def odeint_y0(y0_dot, result, func, y0, t, args=(), Dfun=None, *, full_output=0, tfirst=False, **options):
    given, none = as_tuple(args), (None,) * len(as_tuple(args))
    right = arrays(func) if tfirst else swapped(func)
    moved = pushed_forward(right, np.asarray(t), y0, np.ravel(y0_dot), given, none, ODEINT_METHOD).T
    return with_the_rest(moved, full_output)


@jvp(integrate.odeint, 2)
def odeint_t(t_dot, result, func, y0, t, args=(), Dfun=None, *, full_output=0, tfirst=False, **options):
    given, none, states = as_tuple(args), (None,) * len(as_tuple(args)), result[0] if full_output else result
    right = arrays(func) if tfirst else swapped(func)
    moved = np.stack([right(time, state, *given) * dot for time, state, dot in zip(t, states, t_dot, strict=True)])
    start = -right(t[0], np.ravel(y0), *given) * t_dot[0]
    moved[0] = 0.0
    later = pushed_forward(right, np.asarray(t), y0, start, given, none, ODEINT_METHOD).T
    return with_the_rest(moved + later * (np.arange(len(t)) > 0)[:, None], full_output)


@jvp(integrate.odeint, 3)
def odeint_args(args_dot, result, func, y0, t, args=(), Dfun=None, *, full_output=0, tfirst=False, **options):
    right = arrays(func) if tfirst else swapped(func)
    given, dots, none = as_tuple(args), as_tuple(args_dot), np.zeros(np.size(y0))
    moved = pushed_forward(right, np.asarray(t), y0, none, given, dots, ODEINT_METHOD).T
    return with_the_rest(moved, full_output)
