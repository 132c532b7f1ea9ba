"""Rules of Bessel functions and their relatives (DLMF 9, 10).

The derivative of a Bessel function of any kind is made of its neighbours (DLMF 10.6.1, 10.29.1), which, unlike formulas
that divide by the argument, hold at 0.  There is none by the order.
"""

import numpy as np
from scipy import special

from ...table import elementwise, jvp, vjp

# Orders 0 and 1


@elementwise(special.j0)
def j0(y, x):
    return -special.j1(x)


@elementwise(special.j1)
def j1(y, x):
    return (special.j0(x) - special.jv(2, x)) / 2


@elementwise(special.y0)
def y0(y, x):
    return -special.y1(x)


@elementwise(special.y1)
def y1(y, x):
    return special.y0(x) - y / x


@elementwise(special.i0)
def i0(y, x):
    return special.i1(x)


@elementwise(special.i1)
def i1(y, x):
    return (special.i0(x) + special.iv(2, x)) / 2


@elementwise(special.i0e)
def i0e(y, x):
    return special.i1e(x) - np.sign(x) * y


@elementwise(special.i1e)
def i1e(y, x):
    return (special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * y


@elementwise(special.k0)
def k0(y, x):
    return -special.k1(x)


@elementwise(special.k1)
def k1(y, x):
    return -special.k0(x) - y / x


@elementwise(special.k0e)
def k0e(y, x):
    return y - special.k1e(x)


@elementwise(special.k1e)
def k1e(y, x):
    return y * (1 - 1 / x) - special.k0e(x)


# Any order


@elementwise(special.jv)
def jv(y, v, z):
    return NotImplemented, (special.jv(v - 1, z) - special.jv(v + 1, z)) / 2


@elementwise(special.yv)
def yv(y, v, z):
    return NotImplemented, (special.yv(v - 1, z) - special.yv(v + 1, z)) / 2


@elementwise(special.yn)
def yn(y, n, x):
    return NotImplemented, (special.yn(n - 1, x) - special.yn(n + 1, x)) / 2


@elementwise(special.iv)
def iv(y, v, z):
    return NotImplemented, (special.iv(v - 1, z) + special.iv(v + 1, z)) / 2


@elementwise(special.kv)
def kv(y, v, z):
    return NotImplemented, -(special.kv(v - 1, z) + special.kv(v + 1, z)) / 2


@elementwise(special.kn)
def kn(y, n, x):
    return NotImplemented, -(special.kn(n - 1, x) + special.kn(n + 1, x)) / 2


@elementwise(special.hankel1)
def hankel1(y, v, z):
    return NotImplemented, (special.hankel1(v - 1, z) - special.hankel1(v + 1, z)) / 2


@elementwise(special.hankel2)
def hankel2(y, v, z):
    return NotImplemented, (special.hankel2(v - 1, z) - special.hankel2(v + 1, z)) / 2


# Scaled by exponentials.  Those of the absolute value of a part of z are no analytic functions: of real numbers only


@elementwise(special.jve)
def jve(y, v, z):
    if np.iscomplexobj(z):
        return NotImplemented, NotImplemented
    return NotImplemented, (special.jve(v - 1, z) - special.jve(v + 1, z)) / 2


@elementwise(special.yve)
def yve(y, v, z):
    if np.iscomplexobj(z):
        return NotImplemented, NotImplemented
    return NotImplemented, (special.yve(v - 1, z) - special.yve(v + 1, z)) / 2


@elementwise(special.ive)
def ive(y, v, z):
    if np.iscomplexobj(z):
        return NotImplemented, NotImplemented
    return NotImplemented, (special.ive(v - 1, z) + special.ive(v + 1, z)) / 2 - np.sign(z) * y


@elementwise(special.kve)
def kve(y, v, z):
    return NotImplemented, y - (special.kve(v - 1, z) + special.kve(v + 1, z)) / 2


@elementwise(special.hankel1e)
def hankel1e(y, v, z):
    return NotImplemented, (special.hankel1e(v - 1, z) - special.hankel1e(v + 1, z)) / 2 - 1j * y


@elementwise(special.hankel2e)
def hankel2e(y, v, z):
    return NotImplemented, (special.hankel2e(v - 1, z) - special.hankel2e(v + 1, z)) / 2 + 1j * y


# Derivatives of order n


@elementwise(special.jvp)
def jvp_(y, v, z, *, n=1):
    return NotImplemented, special.jvp(v, z, n + 1)


@elementwise(special.yvp)
def yvp(y, v, z, *, n=1):
    return NotImplemented, special.yvp(v, z, n + 1)


@elementwise(special.ivp)
def ivp(y, v, z, *, n=1):
    return NotImplemented, special.ivp(v, z, n + 1)


@elementwise(special.kvp)
def kvp(y, v, z, *, n=1):
    return NotImplemented, special.kvp(v, z, n + 1)


@elementwise(special.h1vp)
def h1vp(y, v, z, *, n=1):
    return NotImplemented, special.h1vp(v, z, n + 1)


@elementwise(special.h2vp)
def h2vp(y, v, z, *, n=1):
    return NotImplemented, special.h2vp(v, z, n + 1)


# Spherical ones: (2n + 1) j_n' = n j_{n-1} - (n + 1) j_{n+1} (DLMF 10.51.2), with + for i_n, and - before both for k_n


@elementwise(special.spherical_jn)
def spherical_jn(y, n, z, *, derivative=False):
    if not derivative:
        return None, special.spherical_jn(n, z, True)
    below, above = special.spherical_jn(np.maximum(n - 1, 0), z, True), special.spherical_jn(n + 1, z, True)
    return None, (n * below - (n + 1) * above) / (2 * n + 1)


@elementwise(special.spherical_in)
def spherical_in(y, n, z, *, derivative=False):
    if not derivative:
        return None, special.spherical_in(n, z, True)
    below, above = special.spherical_in(np.maximum(n - 1, 0), z, True), special.spherical_in(n + 1, z, True)
    return None, (n * below + (n + 1) * above) / (2 * n + 1)


@elementwise(special.spherical_yn)
def spherical_yn(y, n, z, *, derivative=False):
    if not derivative:
        return None, special.spherical_yn(n, z, True)
    below, above = special.spherical_yn(np.maximum(n - 1, 0), z, True), special.spherical_yn(n + 1, z, True)
    return None, (n * below - (n + 1) * above) / (2 * n + 1)


@elementwise(special.spherical_kn)
def spherical_kn(y, n, z, *, derivative=False):
    if not derivative:
        return None, special.spherical_kn(n, z, True)
    below, above = special.spherical_kn(np.maximum(n - 1, 0), z, True), special.spherical_kn(n + 1, z, True)
    return None, -(n * below + (n + 1) * above) / (2 * n + 1)


# Airy functions: Ai, Ai', Bi, Bi', of which Ai'' = z Ai


@vjp(special.airy)
def airy(y_bar, y, z):
    ai, aip, bi, bip = y
    ai_bar, aip_bar, bi_bar, bip_bar = [0 if g is None else g for g in y_bar]
    return ai_bar * aip + aip_bar * z * ai + bi_bar * bip + bip_bar * z * bi


@jvp(special.airy)
def airy_jvp(z_dot, y, z):
    return z_dot * y[1], z_dot * z * y[0], z_dot * y[3], z_dot * z * y[2]
