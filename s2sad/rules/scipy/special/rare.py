"""Rules of functions that are met less often: Kelvin, Struve, parabolic cylinder and Jacobi's elliptic functions,
integrals of Bessel functions, shifted polynomials, spherical harmonics; and the functions that are left without a rule.
"""

import functools
import math

import numpy as np
from scipy import special

from ....runtime import no_derivative
from ...table import definition, elementwise, jvp, no_rule, present, vjp, zero_derivative

# Kelvin functions, of which ber + i bei and ker + i kei solve x w'' + w' = i x w (DLMF 10.61)


@elementwise(special.ber)
def ber(y, x):
    return special.berp(x)


@elementwise(special.bei)
def bei(y, x):
    return special.beip(x)


@elementwise(special.ker)
def ker(y, x):
    return special.kerp(x)


@elementwise(special.kei)
def kei(y, x):
    return special.keip(x)


@elementwise(special.berp)
def berp(y, x):
    return -special.bei(x) - y / x


@elementwise(special.beip)
def beip(y, x):
    return special.ber(x) - y / x


@elementwise(special.kerp)
def kerp(y, x):
    return -special.kei(x) - y / x


@elementwise(special.keip)
def keip(y, x):
    return special.ker(x) - y / x


# Struve functions (DLMF 11.4.27, 11.4.30)


@elementwise(special.struve)
def struve(y, v, x):
    return NotImplemented, (special.struve(v - 1, x) - special.struve(v + 1, x) + struve_term(v, x)) / 2


@elementwise(special.modstruve)
def modstruve(y, v, x):
    return NotImplemented, (special.modstruve(v - 1, x) + special.modstruve(v + 1, x) + struve_term(v, x)) / 2


def struve_term(v, x):
    return (x / 2) ** v * special.rgamma(v + 1.5) / math.sqrt(math.pi)


# Integrals


@elementwise(special.itstruve0)
def itstruve0(y, x):
    return special.struve(0, x)


@elementwise(special.itmodstruve0)
def itmodstruve0(y, x):
    return special.modstruve(0, x)


@elementwise(special.it2struve0)
def it2struve0(y, x):
    return -special.struve(0, x) / x


@vjp(special.itj0y0)
def itj0y0(y_bar, y, x):
    return y_bar[0] * special.j0(x) + y_bar[1] * special.y0(x)


@jvp(special.itj0y0)
def itj0y0_jvp(x_dot, y, x):
    return x_dot * special.j0(x), x_dot * special.y0(x)


@vjp(special.iti0k0)
def iti0k0(y_bar, y, x):
    return y_bar[0] * special.i0(x) + y_bar[1] * special.k0(x)


@jvp(special.iti0k0)
def iti0k0_jvp(x_dot, y, x):
    return x_dot * special.i0(x), x_dot * special.k0(x)


@vjp(special.it2j0y0)
def it2j0y0(y_bar, y, x):
    return y_bar[0] * (1 - special.j0(x)) / x - y_bar[1] * special.y0(x) / x


@jvp(special.it2j0y0)
def it2j0y0_jvp(x_dot, y, x):
    return x_dot * (1 - special.j0(x)) / x, -x_dot * special.y0(x) / x


@vjp(special.it2i0k0)
def it2i0k0(y_bar, y, x):
    return y_bar[0] * (special.i0(x) - 1) / x - y_bar[1] * special.k0(x) / x


@jvp(special.it2i0k0)
def it2i0k0_jvp(x_dot, y, x):
    return x_dot * (special.i0(x) - 1) / x, -x_dot * special.k0(x) / x


@vjp(special.itairy)
def itairy(y_bar, y, x):
    (ai, _, bi, _), (ai_back, _, bi_back, _) = special.airy(x), special.airy(-x)
    of = [0 if g is None else g for g in y_bar]
    return of[0] * ai + of[1] * bi + of[2] * ai_back + of[3] * bi_back


@jvp(special.itairy)
def itairy_jvp(x_dot, y, x):
    (ai, _, bi, _), (ai_back, _, bi_back, _) = special.airy(x), special.airy(-x)
    return x_dot * ai, x_dot * bi, x_dot * ai_back, x_dot * bi_back


# Jacobi's elliptic functions sn, cn, dn and the amplitude (DLMF 22.13)


@vjp(special.ellipj)
def ellipj(y_bar, y, u, m):
    sn, cn, dn, _ = y
    sn_bar, cn_bar, dn_bar, ph_bar = [0 if g is None else g for g in y_bar]
    return sn_bar * cn * dn - cn_bar * sn * dn - m * dn_bar * sn * cn + ph_bar * dn, NotImplemented


@jvp(special.ellipj)
def ellipj_jvp(u_dot, y, u, m):
    sn, cn, dn, _ = y
    return u_dot * cn * dn, -u_dot * sn * dn, -(m * u_dot * sn * cn), u_dot * dn


# Parabolic cylinder functions with their derivatives (DLMF 12.2)


@vjp(special.pbdv, special.pbvv)
def pbdv(y_bar, y, v, x):
    first, second = [0 if g is None else g for g in y_bar]
    return NotImplemented, first * y[1] + second * (x**2 / 4 - v - 0.5) * y[0]


@jvp(special.pbdv, 1)
def pbdv_jvp(x_dot, y, v, x):
    return x_dot * y[1], x_dot * (x**2 / 4 - v - 0.5) * y[0]


@vjp(special.pbwa)
def pbwa(y_bar, y, a, x):
    first, second = [0 if g is None else g for g in y_bar]
    return NotImplemented, first * y[1] + second * (a - x**2 / 4) * y[0]


@jvp(special.pbwa, 1)
def pbwa_jvp(x_dot, y, a, x):
    return x_dot * y[1], x_dot * (a - x**2 / 4) * y[0]


# Polynomials of shifted and scaled arguments


@elementwise(special.eval_sh_legendre)
def eval_sh_legendre(y, n, x):
    return NotImplemented, 2 * special.eval_gegenbauer(n - 1, 1.5, 2 * x - 1)


@elementwise(special.eval_sh_chebyt)
def eval_sh_chebyt(y, n, x):
    return NotImplemented, 2 * n * special.eval_chebyu(n - 1, 2 * x - 1)


@elementwise(special.eval_sh_chebyu)
def eval_sh_chebyu(y, n, x):
    return NotImplemented, 4 * special.eval_gegenbauer(n - 1, 2, 2 * x - 1)


@elementwise(special.eval_chebyc)
def eval_chebyc(y, n, x):
    return NotImplemented, n * special.eval_chebyu(n - 1, x / 2)


@elementwise(special.eval_chebys)
def eval_chebys(y, n, x):
    return NotImplemented, special.eval_gegenbauer(n - 1, 2, x / 2)


# G_n^(p, q)(x) is P_n^(p - q, q - 1)(2 x - 1) over a constant (DLMF 18.1.3)
@elementwise(special.eval_sh_jacobi)
def eval_sh_jacobi(y, n, p, q, x):
    slope = (n + p) * special.eval_jacobi(n - 1, p - q + 1, q, 2 * x - 1) / special.binom(2 * n + p - 1, n)
    return NotImplemented, NotImplemented, NotImplemented, slope


# Ferrers functions (DLMF 14.10.5)
@elementwise(special.lpmv)
def lpmv(y, m, v, x):
    slope = ((m - v - 1) * special.lpmv(m, v + 1, x) + (v + 1) * x * y) / (1 - x**2)
    return None, NotImplemented, slope


# The Dirichlet kernel is the mean of cos(k x), k from -(n - 1) / 2 to (n - 1) / 2
@elementwise(special.diric)
def diric(y, x, n):
    if np.ndim(n) > 0:
        return NotImplemented, None
    k = np.arange(n) - (n - 1) / 2
    return -np.mean(k * np.sin(np.expand_dims(x, -1) * k), axis=-1), None


# Gauss's formula, with a complete elliptic integral (DLMF 19.8.5)
@definition(special.agm)
def agm(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return np.pi / 4 * (a + b) / special.ellipkm1(4 * a * b / (a + b) ** 2)


# Associated Legendre functions and spherical harmonics know their own derivatives


if hasattr(special, "sph_harm_y"):

    def harmonic_slope(n, m, theta, phi):
        """The derivative of a spherical harmonic by the polar angle; that by the azimuth is ``1j * m * y``."""
        return special.sph_harm_y(n, m, theta, phi, diff_n=1)[1][..., 0]

    @elementwise(special.sph_harm_y)
    def sph_harm_y(y, n, m, theta, phi, *, diff_n=0):
        if diff_n > 0:
            return None, None, NotImplemented, NotImplemented
        return None, None, harmonic_slope(n, m, theta, phi), 1j * m * y

    @elementwise(harmonic_slope)
    def harmonic_slope_(y, n, m, theta, phi):
        return None, None, harmonic_curvature(n, m, theta, phi), 1j * m * y

    def harmonic_curvature(n, m, theta, phi):
        return special.sph_harm_y(n, m, theta, phi, diff_n=2)[2][..., 0, 0]

    @elementwise(harmonic_curvature)
    def harmonic_curvature_(y, n, m, theta, phi):
        return None, None, NotImplemented, 1j * m * y

    def legendre_slope(n, m, z, *, branch_cut=2, norm=False):
        return special.assoc_legendre_p(n, m, z, branch_cut=branch_cut, norm=norm, diff_n=1)[1]

    # Its result has an axis more than its arguments, in some versions of SciPy
    @vjp(special.assoc_legendre_p)
    def assoc_legendre_p(y_bar, y, n, m, z, *, branch_cut=2, norm=False, diff_n=0):
        check_value(diff_n)
        slope = legendre_slope(n, m, z, branch_cut=branch_cut, norm=norm)
        return None, None, np.reshape(y_bar, np.shape(slope)) * slope

    @jvp(special.assoc_legendre_p, 2)
    def assoc_legendre_p_z(z_dot, y, n, m, z, *, branch_cut=2, norm=False, diff_n=0):
        check_value(diff_n)
        return np.reshape(z_dot * legendre_slope(n, m, z, branch_cut=branch_cut, norm=norm), np.shape(y))

    def check_value(diff_n):
        if diff_n > 0:
            raise no_derivative("assoc_legendre_p has a derivative rule with diff_n=0 only")

    @elementwise(legendre_slope)
    def legendre_slope_(y, n, m, z, *, branch_cut=2, norm=False):
        return None, None, legendre_curvature(n, m, z, branch_cut=branch_cut, norm=norm)

    def legendre_curvature(n, m, z, *, branch_cut=2, norm=False):
        return special.assoc_legendre_p(n, m, z, branch_cut=branch_cut, norm=norm, diff_n=2)[2]

    @elementwise(legendre_curvature)
    def legendre_curvature_(y, n, m, z, *, branch_cut=2, norm=False):
        return None, None, NotImplemented

    no_rule(
        "its result has another shape from one SciPy to the next; use scipy.special.assoc_legendre_p",
        special.sph_legendre_p,
    )


# What depends on integers only

there = functools.partial(present, special)  # those that this SciPy has


zero_derivative(
    *there(
        "bernoulli", "euler", "ai_zeros", "bi_zeros", "ber_zeros", "bei_zeros", "berp_zeros", "beip_zeros", "ker_zeros",
        "kei_zeros", "kerp_zeros", "keip_zeros", "kelvin_zeros", "erf_zeros", "fresnel_zeros", "fresnelc_zeros",
        "fresnels_zeros", "jn_zeros", "jnp_zeros", "yn_zeros", "ynp_zeros", "jnjnp_zeros", "jnyn_zeros", "y0_zeros",
        "y1_zeros", "y1p_zeros", "roots_legendre", "roots_chebyt", "roots_chebyu", "roots_chebyc", "roots_chebys",
        "roots_hermite", "roots_hermitenorm", "roots_laguerre", "roots_sh_legendre", "roots_sh_chebyt",
        "roots_sh_chebyu", "p_roots", "t_roots", "u_roots", "c_roots", "s_roots", "h_roots", "he_roots", "l_roots",
        "ps_roots", "ts_roots", "us_roots", "diff_eq",
    )
)  # fmt: skip

# What has none

no_rule(
    "the nodes and weights of its parameters have no rule; compute them before, as constants",
    *there("roots_jacobi", "roots_gegenbauer", "roots_genlaguerre", "roots_sh_jacobi", "j_roots", "cg_roots",
             "la_roots", "js_roots"),
)  # fmt: skip
no_rule(
    "it makes a polynomial object: evaluate scipy.special.eval_legendre and its like",
    *there("legendre", "chebyt", "chebyu", "chebyc", "chebys", "jacobi", "gegenbauer", "laguerre", "genlaguerre",
             "hermite", "hermitenorm", "sh_legendre", "sh_chebyt", "sh_chebyu", "sh_jacobi", "assoc_laguerre"),
)  # fmt: skip
no_rule(
    "it is defined for integers; scipy.special.gamma is its analytic continuation",
    *there("factorial2", "factorialk"),
)
no_rule(
    "it solves for a parameter, and its rule is not written: solve for it with a function that has one",
    *there("bdtrik", "bdtrin", "btdtria", "btdtrib", "chdtriv", "fdtridfd", "gdtrib", "nbdtrik", "nbdtrin", "pdtrik",
             "stdtridf", "chndtridf", "chndtrinc", "chndtrix", "ncfdtri", "ncfdtridfd", "ncfdtridfn", "ncfdtrinc",
             "nctdtridf", "nctdtrinc", "nctdtrit"),
)  # fmt: skip
no_rule(
    "SciPy has no function for its derivative",
    *there("chndtr", "ncfdtr", "nctdtr", "kolmogorov", "kolmogi", "smirnov", "smirnovi", "tklmbda", "besselpoly",
             "zetac", "airye", "kelvin", "modfresnelm", "modfresnelp", "ellip_harm",
             "ellip_harm_2", "ellip_normal", "lmbda", "lqn", "lqmn", "pbdv_seq", "pbdn_seq",
             "pbvv_seq", "riccati_jn", "riccati_yn", "mathieu_a", "mathieu_b", "mathieu_cem", "mathieu_sem",
             "mathieu_modcem1", "mathieu_modcem2", "mathieu_modsem1", "mathieu_modsem2", "mathieu_even_coef",
             "mathieu_odd_coef", "obl_ang1", "obl_ang1_cv", "obl_cv", "obl_cv_seq", "obl_rad1", "obl_rad1_cv",
             "obl_rad2", "obl_rad2_cv", "pro_ang1", "pro_ang1_cv", "pro_cv", "pro_cv_seq", "pro_rad1", "pro_rad1_cv",
             "pro_rad2", "pro_rad2_cv"),
)  # fmt: skip
no_rule(
    "it computes all orders at once; use scipy.special.legendre_p, assoc_legendre_p or sph_harm_y",
    *present(
        special,
        "legendre_p_all",
        "assoc_legendre_p_all",
        "sph_legendre_p_all",
        "sph_harm_y_all",
        "lpn",
        "lpmn",
        "clpmn",
    ),
)
