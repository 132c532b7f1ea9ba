"""The rule of ``scipy.integrate.solve_bvp``: the implicit function theorem on the equations that it solves.

The values at the nodes, and unknown parameters, are a root of the collocation equations (J. Kierzenka, L. F. Shampine,
"A BVP solver based on residual control and the Matlab PSE", 2001, equation 3) and of the boundary conditions.  Which
nodes are added changes by steps; where they lie between those that are given does not.
"""

import numpy as np
from scipy import integrate, interpolate
from scipy.integrate._bvp import BVPResult

from ...runtime import dynamic_jvp, dynamic_vjp, no_derivative
from ..inference import result_of, unknown
from ..reductions import or_zeros
from ..table import calls_back, definition, infer, jvp, vjp
from .callbacks import NOTHING
from .optimize import jacobian


@definition(integrate.solve_bvp)
def solve_bvp(fun, bc, x, y, p=None, *, fun_jac=None, bc_jac=None, tol=1e-3, max_nodes=1000, verbose=0, bc_tol=None):
    options = {"tol": tol, "max_nodes": max_nodes, "verbose": verbose, "bc_tol": bc_tol}
    found = boundary_values(fun, bc, x, y, p, fun_jac, bc_jac, options)
    nodes, values = found["x"], found["y"]
    slopes = np.array(fun(nodes, values) if p is None else fun(nodes, values, found["p"]))
    found["yp"] = slopes
    found["sol"] = interpolate.CubicHermiteSpline(nodes, values, slopes, axis=1)
    return found


def boundary_values(fun, bc, x, y, p, fun_jac, bc_jac, options, args=()):
    """`integrate.solve_bvp` of functions that take further arguments."""

    def with_args(f):
        return None if f is None else lambda *given: f(*given, *args)

    given = (x, y, p, None, with_args(fun_jac), with_args(bc_jac))
    return integrate.solve_bvp(with_args(fun), with_args(bc), *given, **options)


def equations(fun, bc, shape):
    """What is zero of the values at the nodes and the parameters, together a vector; a function of it and the nodes."""
    size = shape[0] * shape[1]

    def residual(z, x, *args):
        y = np.reshape(z[:size], shape)
        p = (z[size:],) if np.size(z) > size else ()
        h = np.diff(x)
        f = np.array(fun(x, y, *p, *args))
        middle = (y[:, 1:] + y[:, :-1]) / 2 - h / 8 * (f[:, 1:] - f[:, :-1])
        between = np.array(fun(x[:-1] + h / 2, middle, *p, *args))
        inside = y[:, 1:] - y[:, :-1] - h / 6 * (f[:, :-1] + f[:, 1:] + 4 * between)
        return np.concatenate([np.ravel(inside), np.ravel(np.array(bc(y[:, 0], y[:, -1], *p, *args)))])

    return residual


def unknowns(result):
    if not result["success"]:
        raise no_derivative("solve_bvp has a derivative rule where it converges")
    if np.iscomplexobj(result["y"]):
        raise no_derivative("solve_bvp has a derivative rule for real values")
    return np.ravel(result["y"]) if result["p"] is None else np.concatenate([np.ravel(result["y"]), result["p"]])


def linearised(fun, bc, result, args):
    """The Jacobian of the equations by the unknowns, and their pullback by unknowns, nodes and further arguments.

    The equations of an interval are about its two ends.  So one pullback has what every second of them is about, if the
    right side goes from node to node, as it is meant to; where it does not, each equation has a pullback of its own.
    """
    residual, z, (n, m) = equations(fun, bc, np.shape(result["y"])), unknowns(result), np.shape(result["y"])
    pull = dynamic_vjp(residual, z, result["x"], *args)[1]
    size, inside, interval = np.size(z), n * (m - 1), np.arange(m - 1)
    ends = (np.arange(m) == interval[:, None]) | (np.arange(m) == interval[:, None] + 1)
    rows = []
    for state in range(n):
        found = []
        for first in (0, 1):
            seed = np.zeros((n, m - 1))
            seed[state, first::2] = 1.0
            found.append(pull(np.concatenate([np.ravel(seed), np.zeros(size - inside)]))[0][: n * m])
        own = np.reshape(np.stack(found), (2, n, m))[interval % 2]
        rows.append(np.reshape(own * ends[:, None, :], (m - 1, n * m)))
    rows.append(np.stack([pull(row)[0][: n * m] for row in np.eye(size)[inside:]]))
    columns = [along(residual, z, column, result["x"], args) for column in np.eye(size)[n * m :]]
    by_values = np.concatenate(rows)
    matrix = np.concatenate([by_values, np.stack(columns, axis=1)], axis=1) if columns else by_values
    probe = np.cos(np.arange(size))
    if not np.allclose(matrix @ probe, along(residual, z, probe, result["x"], args), rtol=1e-7, atol=1e-9):
        matrix = jacobian(pull, size)
    return matrix, pull


def along(residual, z, direction, x, args):
    return dynamic_jvp(residual, (z, x, *args), (direction, *(None,) * (1 + len(args))))


def shares(nodes, x):
    """Of each of the given nodes in each of those of the result."""
    return np.stack([np.interp(nodes, x, row) for row in np.eye(len(x))])


@calls_back("fun", "bc", "fun_jac", "bc_jac")
@vjp(boundary_values)
def boundary_values_vjp(result_bar, result, fun, bc, x, y, p, fun_jac, bc_jac, options, args=()):
    matrix, pull = linearised(fun, bc, result, args)
    bar = np.ravel(or_zeros(result_bar["y"], result["y"]))
    if result["p"] is not None:
        bar = np.concatenate([bar, or_zeros(result_bar["p"], result["p"])])
    u = np.linalg.solve(matrix.T, bar)
    _, nodes_bar, *args_bar = pull(-u)
    nodes_bar = nodes_bar + or_zeros(result_bar["x"], result["x"])
    return NOTHING, NOTHING, shares(result["x"], x) @ nodes_bar, None, None, NOTHING, NOTHING, None, tuple(args_bar)


@jvp(boundary_values, 2)
def boundary_values_x(x_dot, result, fun, bc, x, y, p, fun_jac, bc_jac, options, args=()):
    return tangents(np.asarray(x_dot) @ shares(result["x"], x), (None,) * len(args), result, fun, bc, args)


@jvp(boundary_values, 3)
@jvp(boundary_values, 4)
def boundary_values_start(start_dot, result, fun, bc, x, y, p, fun_jac, bc_jac, options, args=()):
    return named(np.zeros_like(result["x"]), np.zeros(np.size(unknowns(result))), result)


@jvp(boundary_values, 8)
def boundary_values_args(args_dot, result, fun, bc, x, y, p, fun_jac, bc_jac, options, args=()):
    return tangents(np.zeros_like(result["x"]), args_dot, result, fun, bc, args)


def tangents(nodes_dot, args_dot, result, fun, bc, args):
    z, residual = unknowns(result), equations(fun, bc, np.shape(result["y"]))
    moved = dynamic_jvp(residual, (z, result["x"], *args), (None, nodes_dot, *args_dot))
    return named(nodes_dot, -np.linalg.solve(linearised(fun, bc, result, args)[0], moved), result)


def named(nodes_dot, z_dot, result):
    size = np.size(result["y"])
    known = {"x": nodes_dot, "y": np.reshape(z_dot[:size], np.shape(result["y"]))}
    return known if result["p"] is None else {**known, "p": z_dot[size:]}


infer(boundary_values)(lambda *args, **options: result_of(BVPResult, x=unknown(), y=unknown(), p=unknown()))
