"""Linear systems: their responses, and the forms that they are written in."""

import numpy as np
from scipy import linalg, signal

from ....runtime import no_derivative
from ...inference import number, some_floats, tuple_of, unknown
from ...table import definition, infer, jvp, vjp, zero_derivative

# From a fraction to matrices: the controller canonical form (T. Kailath, "Linear systems", 1980, section 2.1)


def canonical(num, den):
    den, top = np.atleast_1d(den), np.atleast_2d(num)
    if den[0] == 0:
        raise no_derivative("a denominator with a leading 0 has no derivative rule")
    order = np.size(den) - 1
    top = np.concatenate(
        [np.zeros_like(top, shape=(np.shape(top)[0], order + 1 - np.shape(top)[1])), top / den[0]], axis=1
    )
    den = den / den[0]
    direct = top[:, :1]
    if order == 0:
        return np.zeros((1, 1)), np.zeros((1, 1)), np.zeros_like(direct), direct
    matrix = np.concatenate([np.reshape(-den[1:], (1, order)), np.eye(order - 1, order)])
    return matrix, np.eye(order, 1), top[:, 1:] - direct * den[1:], direct


@definition(signal.tf2ss)
def tf2ss(num, den):
    return canonical(num, den)


def four_of(system):
    """The matrices of a system that is given as a tuple, without its step."""
    if len(system) == 2:
        return canonical(system[0], system[1])
    if len(system) != 4:
        raise no_derivative("a system of zeros, poles and a gain has no derivative rule: pass its polynomials")
    return np.atleast_2d(system[0]), np.atleast_2d(system[1]), np.atleast_2d(system[2]), np.atleast_2d(system[3])


def matrices_of(system):
    """Those of a system that was made elsewhere."""
    found = system.to_ss()
    return found.A, found.B, found.C, found.D


def step_of(system):
    return float(system.dt)


zero_derivative(matrices_of, step_of)
infer(matrices_of)(lambda system: tuple_of((some_floats(2),) * 4))
infer(step_of)(lambda system: number())


def columns(u):
    """Inputs, a row for each time."""
    u = np.atleast_1d(u)
    return np.reshape(u, (-1, 1)) if np.ndim(u) == 1 else u


@definition(signal.lsim)
def lsim(system, U, T, X0=None, interp=True):
    a, b, c, d = four_of(system) if isinstance(system, (tuple, list)) else matrices_of(system)
    times = np.atleast_1d(T)
    n, size, inputs = np.size(times), np.shape(a)[0], np.shape(b)[1]
    u = np.zeros((n, inputs)) if U is None or np.ndim(U) == 0 else columns(U)
    if not np.allclose(np.diff(times), times[1] - times[0] if n > 1 else 0.0):
        raise ValueError("Time steps are not equally spaced.")
    start = np.zeros(size) if X0 is None else np.reshape(X0, size)
    if times[0] != 0:
        start = linalg.expm(a * times[0]) @ start
    states = np.zeros((n, size)) + start
    if n > 1:
        one, now, then = of_step(a, b, times[1] - times[0], interp)
        for k in range(1, n):
            states[k] = one @ states[k - 1] + now @ u[k - 1] + then @ u[k]
    return T, np.squeeze(states @ c.T + u @ d.T), np.squeeze(states)


def of_step(a, b, step, interp):
    """What a state, and the inputs at the beginning and at the end of a step, give at its end.

    (C. F. Van Loan, "Computing integrals involving the matrix exponential", IEEE Trans. Autom. Control 1978.)
    """
    size, inputs = np.shape(b)
    rest = inputs * 2 if interp else inputs
    top = np.concatenate([a * step, b * step, np.zeros((size, rest - inputs))], axis=1)
    power = linalg.expm(np.concatenate([top, np.eye(rest, size + rest, size + inputs)]))
    held = power[:size, size : size + inputs]
    if not interp:
        return power[:size, :size], held, np.zeros_like(held)
    ramp = power[:size, size + inputs :]
    return power[:size, :size], held - ramp, ramp


def between(times, t, u):
    """Rows at times between, or beyond, those that are given."""
    k = np.clip(np.searchsorted(t, times, side="right") - 1, 0, np.size(t) - 2)
    part = np.reshape((times - t[k]) / (t[k + 1] - t[k]), (-1, 1))
    return u[k] * (1 - part) + u[k + 1] * part


@definition(signal.dlsim)
def dlsim(system, u, t=None, x0=None):
    given = isinstance(system, (tuple, list))
    a, b, c, d = four_of(system[:-1]) if given else matrices_of(system)
    step = system[-1] if given else step_of(system)
    u = columns(u)
    end = (np.shape(u)[0] - 1) * step if t is None else t[-1]
    n = np.shape(u)[0] if t is None else int(np.floor(end / step)) + 1
    times = np.linspace(0.0, end, n)
    if t is not None:
        u = between(times, np.asarray(t), u)
    states = np.zeros((n, np.shape(a)[0])) + (0.0 if x0 is None else x0)
    for k in range(1, n):
        states[k] = a @ states[k - 1] + b @ u[k - 1]
    found = times, states @ c.T + u @ d.T, states
    return found if (len(system) == 5 if given else isinstance(system, signal.StateSpace)) else found[:2]


# Roots: each moves so that its polynomial stays 0 there.  Leading zeros are no coefficients to SciPy.


def leading(b):
    """The place of the first coefficient that counts."""
    return int(np.argmax(np.abs(b) > 1e-14))


zero_derivative(leading)


def vector_of(b, name):
    if np.ndim(b) != 1:
        raise no_derivative(f"{name} has a derivative rule for vectors of coefficients only")
    return np.asarray(b)


def root_bar(z_bar, z, b):
    if z_bar is None or np.size(z) == 0:
        return np.zeros(np.size(b))
    return -(z_bar / np.polyval(np.polyder(b), z)) @ np.vander(z, np.size(b))


@vjp(signal.tf2zpk)
def tf2zpk(bars, y, b, a):
    (z_bar, p_bar, k_bar), (z, p, k) = bars, y
    b, a = vector_of(b, "tf2zpk"), vector_of(a, "tf2zpk")
    k_bar = 0.0 if k_bar is None else k_bar
    first, last = leading(b / np.max(np.abs(a))), leading(a)
    b_bar = root_bar(z_bar, z, b) + k_bar / a[last] * (np.arange(np.size(b)) == first)
    return b_bar, root_bar(p_bar, p, a) - k_bar * k / a[last] * (np.arange(np.size(a)) == last)


@jvp(signal.tf2zpk, 0)
def tf2zpk_b(b_dot, y, b, a):
    b, a = vector_of(b, "tf2zpk"), vector_of(a, "tf2zpk")
    first, last = leading(b / np.max(np.abs(a))), leading(a)
    return -np.polyval(b_dot, y[0]) / np.polyval(np.polyder(b), y[0]), None, b_dot[first] / a[last]


@jvp(signal.tf2zpk, 1)
def tf2zpk_a(a_dot, y, b, a):
    a, last = vector_of(a, "tf2zpk"), leading(np.asarray(a))
    return None, -np.polyval(a_dot, y[1]) / np.polyval(np.polyder(a), y[1]), -y[2] * a_dot[last] / a[last]


infer(signal.tf2zpk)(lambda *args: unknown())


# Sections: their products are the polynomials, and so a change of these is a sum of changes of one section times all
# others.  That is a system of linear equations for the coefficients, whatever pairs of roots the sections have; a
# section that is shorter than the others stays so.


def changes(factors, n):
    """The matrix that takes changes of the coefficients of factors, [1, ., .] each, to the ``n`` of their product.

    Returns:
        The matrix, and the places of the coefficients that change.
    """
    count = np.shape(factors)[0]
    moving = np.stack([(factors[:, 1] != 0) | (factors[:, 2] != 0), factors[:, 2] != 0], axis=1)
    found = []
    for k in range(count):
        others = np.ones(1)
        for other in range(count):
            if other != k:
                others = np.convolve(others, factors[other])
        found.append(np.concatenate([others, np.zeros(1)]))
        found.append(np.concatenate([np.zeros(1), others]))
    chosen = np.flatnonzero(moving)
    if np.size(chosen) != n:
        raise no_derivative("tf2sos has no derivative rule where a root is 0")
    return np.stack(found, axis=1)[:n, chosen], chosen


def factor_bar(bar, factors, n):
    """The cotangent of the coefficients behind the first one, ``n`` of them, of the product."""
    matrix, chosen = changes(factors, n)
    return np.linalg.solve(matrix.T, np.ravel(bar[:, 1:])[chosen])


def factor_dot(dot, factors):
    matrix, chosen = changes(factors, np.size(dot))
    whole = np.zeros(2 * np.shape(factors)[0])
    whole[chosen] = np.linalg.solve(matrix, dot)
    return np.concatenate([np.zeros((np.shape(factors)[0], 1)), np.reshape(whole, (-1, 2))], axis=1)


def sections_of(y, b, a):
    """The gain, and the factors above and below, with a leading 1."""
    if np.ndim(b) != 1 or np.ndim(a) != 1 or np.asarray(b)[0] == 0 or np.asarray(a)[0] == 0:
        raise no_derivative("tf2sos has a derivative rule for vectors of coefficients without leading zeros only")
    gain, top = y[0, 0], y[:, :3]
    return gain, np.concatenate([top[:1] / gain, top[1:]]), y[:, 3:]


@vjp(signal.tf2sos)
def tf2sos(y_bar, y, b, a, pairing=None):
    gain, top, bottom = sections_of(y, b, a)
    b, a = np.asarray(b), np.asarray(a)
    gain_bar = np.sum(y_bar[0, :3] * top[0])
    top_bar = np.concatenate([y_bar[:1, :3] * gain, y_bar[1:, :3]])
    above, below = factor_bar(top_bar, top, np.size(b) - 1), factor_bar(y_bar[:, 3:], bottom, np.size(a) - 1)
    b_bar = np.concatenate([np.reshape(gain_bar / a[0] - np.sum(above * b[1:]) / b[0] ** 2, 1), above / b[0]])
    a_first = -gain_bar * gain / a[0] - np.sum(below * a[1:]) / a[0] ** 2
    return b_bar, np.concatenate([np.reshape(a_first, 1), below / a[0]]), None


@jvp(signal.tf2sos, 0)
def tf2sos_b(b_dot, y, b, a, pairing=None):
    gain, top, bottom = sections_of(y, b, a)
    b, a = np.asarray(b), np.asarray(a)
    top_dot = factor_dot((b_dot[1:] - b[1:] * (b_dot[0] / b[0])) / b[0], top)
    first = gain * top_dot[:1] + b_dot[0] / a[0] * top[:1]
    return np.concatenate([np.concatenate([first, top_dot[1:]]), np.zeros_like(bottom)], axis=1)


@jvp(signal.tf2sos, 1)
def tf2sos_a(a_dot, y, b, a, pairing=None):
    gain, top, bottom = sections_of(y, b, a)
    a = np.asarray(a)
    bottom_dot = factor_dot((a_dot[1:] - a[1:] * (a_dot[0] / a[0])) / a[0], bottom)
    first = -gain * a_dot[0] / a[0] * top[:1]
    return np.concatenate([np.concatenate([first, np.zeros_like(top[1:])]), bottom_dot], axis=1)


infer(signal.tf2sos)(lambda *args, **options: some_floats(2))
