"""Rules of equations for matrices: Sylvester's, Lyapunov's and Riccati's.

Each is solved once more, transposed, for the cotangent of its right side; the others follow by the product rule
(Giles 2008, 2.2).  The solution of a Riccati equation moves by the Lyapunov equation of the closed loop
(T.-C. Kao & G. Hennequin, "Automatic differentiation of Sylvester, Lyapunov, and algebraic Riccati equations", 2020).
"""

from scipy import linalg

from ....runtime import no_derivative
from ...linalg import adjoint, symmetrised, transposed
from ...reductions import conjugate
from ...table import jvp, vjp
from .stacks import check_matrices

# a x + x b = q


@vjp(linalg.solve_sylvester)
def solve_sylvester(y_bar, y, a, b, q):
    q_bar = linalg.solve_sylvester(transposed(a), transposed(b), y_bar)
    return -q_bar @ transposed(y), -transposed(y) @ q_bar, q_bar


@jvp(linalg.solve_sylvester)
def solve_sylvester_a(a_dot, y, a, b, q):
    return linalg.solve_sylvester(a, b, -a_dot @ y)


@jvp(linalg.solve_sylvester, 1)
def solve_sylvester_b(b_dot, y, a, b, q):
    return linalg.solve_sylvester(a, b, -y @ b_dot)


@jvp(linalg.solve_sylvester, 2)
def solve_sylvester_q(q_dot, y, a, b, q):
    return linalg.solve_sylvester(a, b, q_dot)


# a x + x a^H = q


@vjp(linalg.solve_continuous_lyapunov)
def solve_continuous_lyapunov(y_bar, y, a, q):
    check_matrices("solve_continuous_lyapunov", a, q)
    q_bar = linalg.solve_continuous_lyapunov(transposed(a), y_bar)
    return -q_bar @ transposed(y) - adjoint(q_bar) @ conjugate(y), q_bar


@jvp(linalg.solve_continuous_lyapunov)
def solve_continuous_lyapunov_a(a_dot, y, a, q):
    check_matrices("solve_continuous_lyapunov", a, q)
    return linalg.solve_continuous_lyapunov(a, -a_dot @ y - y @ adjoint(a_dot))


@jvp(linalg.solve_continuous_lyapunov, 1)
def solve_continuous_lyapunov_q(q_dot, y, a, q):
    check_matrices("solve_continuous_lyapunov", a, q)
    return linalg.solve_continuous_lyapunov(a, q_dot)


# a x a^H - x + q = 0


@vjp(linalg.solve_discrete_lyapunov)
def solve_discrete_lyapunov(y_bar, y, a, q, *, method=None):
    check_matrices("solve_discrete_lyapunov", a, q)
    q_bar = linalg.solve_discrete_lyapunov(transposed(a), y_bar, method)
    return q_bar @ conjugate(a) @ transposed(y) + adjoint(q_bar) @ conjugate(a @ y), q_bar


@jvp(linalg.solve_discrete_lyapunov)
def solve_discrete_lyapunov_a(a_dot, y, a, q, *, method=None):
    check_matrices("solve_discrete_lyapunov", a, q)
    return linalg.solve_discrete_lyapunov(a, a_dot @ y @ adjoint(a) + a @ y @ adjoint(a_dot), method)


@jvp(linalg.solve_discrete_lyapunov, 1)
def solve_discrete_lyapunov_q(q_dot, y, a, q, *, method=None):
    check_matrices("solve_discrete_lyapunov", a, q)
    return linalg.solve_discrete_lyapunov(a, q_dot, method)


# a^H x + x a - x b r^-1 b^H x + q = 0.  With the gain k = r^-1 b^H x, the closed loop is a - b k


@vjp(linalg.solve_continuous_are)
def solve_continuous_are(y_bar, y, a, b, q, r, *, e=None, s=None, balanced=True):
    refuse_general(e, s)
    k = linalg.solve(r, adjoint(b) @ y)
    g = symmetrised(linalg.solve_continuous_lyapunov(conjugate(a - b @ k), -y_bar))
    a_bar = 2 * transposed(y) @ g
    return a_bar, -a_bar @ transposed(k), g, conjugate(k) @ g @ transposed(k)


@jvp(linalg.solve_continuous_are)
def solve_continuous_are_a(a_dot, y, a, b, q, r, *, e=None, s=None, balanced=True):
    return continuous_dot(2 * symmetrised(y @ a_dot), y, a, b, r, e, s)


@jvp(linalg.solve_continuous_are, 1)
def solve_continuous_are_b(b_dot, y, a, b, q, r, *, e=None, s=None, balanced=True):
    k = linalg.solve(r, adjoint(b) @ y)
    return continuous_dot(-2 * symmetrised(y @ b_dot @ k), y, a, b, r, e, s)


@jvp(linalg.solve_continuous_are, 2)
def solve_continuous_are_q(q_dot, y, a, b, q, r, *, e=None, s=None, balanced=True):
    return continuous_dot(symmetrised(q_dot), y, a, b, r, e, s)


@jvp(linalg.solve_continuous_are, 3)
def solve_continuous_are_r(r_dot, y, a, b, q, r, *, e=None, s=None, balanced=True):
    k = linalg.solve(r, adjoint(b) @ y)
    return continuous_dot(adjoint(k) @ symmetrised(r_dot) @ k, y, a, b, r, e, s)


def continuous_dot(change, y, a, b, r, e, s):
    refuse_general(e, s)
    loop = a - b @ linalg.solve(r, adjoint(b) @ y)
    return linalg.solve_continuous_lyapunov(adjoint(loop), -change)


def refuse_general(e, s):
    if e is not None or s is not None:
        raise no_derivative("Riccati equations have no derivative rule with e or s: write them with a, b, q and r")


# x = a^H x a - (a^H x b) (r + b^H x b)^-1 (b^H x a) + q.  With the gain k = (r + b^H x b)^-1 b^H x a, the same loop


@vjp(linalg.solve_discrete_are)
def solve_discrete_are(y_bar, y, a, b, q, r, *, e=None, s=None, balanced=True):
    refuse_general(e, s)
    k = discrete_gain(y, a, b, r)
    loop = a - b @ k
    g = symmetrised(linalg.solve_discrete_lyapunov(conjugate(loop), y_bar))
    a_bar = 2 * conjugate(y @ loop) @ g
    return a_bar, -a_bar @ transposed(k), g, conjugate(k) @ g @ transposed(k)


@jvp(linalg.solve_discrete_are)
def solve_discrete_are_a(a_dot, y, a, b, q, r, *, e=None, s=None, balanced=True):
    k = discrete_gain(y, a, b, r)
    return discrete_dot(2 * symmetrised(adjoint(a_dot) @ y @ (a - b @ k)), y, a, b, r, e, s)


@jvp(linalg.solve_discrete_are, 1)
def solve_discrete_are_b(b_dot, y, a, b, q, r, *, e=None, s=None, balanced=True):
    k = discrete_gain(y, a, b, r)
    return discrete_dot(-2 * symmetrised(adjoint(b_dot @ k) @ y @ (a - b @ k)), y, a, b, r, e, s)


@jvp(linalg.solve_discrete_are, 2)
def solve_discrete_are_q(q_dot, y, a, b, q, r, *, e=None, s=None, balanced=True):
    return discrete_dot(symmetrised(q_dot), y, a, b, r, e, s)


@jvp(linalg.solve_discrete_are, 3)
def solve_discrete_are_r(r_dot, y, a, b, q, r, *, e=None, s=None, balanced=True):
    k = discrete_gain(y, a, b, r)
    return discrete_dot(adjoint(k) @ symmetrised(r_dot) @ k, y, a, b, r, e, s)


def discrete_gain(y, a, b, r):
    return linalg.solve(r + adjoint(b) @ y @ b, adjoint(b) @ y @ a)


def discrete_dot(change, y, a, b, r, e, s):
    refuse_general(e, s)
    loop = a - b @ discrete_gain(y, a, b, r)
    return linalg.solve_discrete_lyapunov(adjoint(loop), change)
