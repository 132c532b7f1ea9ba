"""Rows of ``scipy.special``."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from s2sad.rules.scipy.special import gammas, rare

from .harness import Point, Row, normal, positive, uniform


def row(function: Any, *args: Any, last: bool = False, note: str = "", **options: Any) -> Row:
    """A row of an elementwise function; ``last``: only the last argument can be differentiated by."""
    return Row(function, args, options, (len(args) - 1,) if last else None, elementwise=True, note=note)


def analytic(function: Any, *args: Any, **options: Any) -> Row:
    """A row of an elementwise function that takes complex arguments, too."""
    made = row(function, *args, **options)
    made.complex = True
    return made


def once(made: Row, reason: str = "what the first derivative is made of has none") -> Row:
    """A row of a function that has no second derivative: it is refused by name."""
    made.second = reason
    return made


def inner(made: Row) -> Row:
    """A row of the inverse of a distribution function, whose slope is not finite where the probability is 0 or 1."""
    last = len(made.args) - 1
    made.without = (f"integers at {last}", f"booleans at {last}")
    return made


def whole(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, note=note)


unit, small = uniform(0.1, 0.9, 3), uniform(-0.4, 0.4, 3)
big = uniform(1.2, 3.0, 3)
HAVE_1_15 = hasattr(special, "legendre_p")

ELEMENTARY = [
    row(special.expit, normal(3)),
    row(special.log_expit, normal(3)),
    row(special.logit, unit),
    row(special.exp2, normal(3)),
    row(special.exp10, normal(3)),
    analytic(special.expm1, normal(3)),
    row(special.exprel, normal(3)),
    row(special.exprel, uniform(-1e-9, 1e-9, 3), note="near 0"),
    analytic(special.log1p, positive(3)),
    row(special.cbrt, positive(3)),
    row(special.cosm1, normal(3)),
    row(special.powm1, positive(3), normal(3)),
    *[row(f, uniform(20, 70, 3)) for f in (special.sindg, special.cosdg, special.tandg, special.cotdg)],
    row(special.radian, normal(3), normal(3), normal(3)),
    analytic(special.xlogy, normal(3), positive(3)),
    analytic(special.xlog1py, normal(3), positive(3)),
    row(special.entr, positive(3)),
    row(special.rel_entr, positive(3), positive(3)),
    row(special.kl_div, positive(3), positive(3)),
    *[row(f, positive(3), normal(3)) for f in (special.boxcox, special.boxcox1p)],
    *[row(f, positive(3), np.zeros(3), note="0") for f in (special.boxcox, special.boxcox1p)],
    *[row(f, small, small) for f in (special.inv_boxcox, special.inv_boxcox1p)],
    *[row(f, small, np.zeros(3), note="0") for f in (special.inv_boxcox, special.inv_boxcox1p)],
    *[row(f, positive(3), uniform(2.5, 3.0, 3), note="outside") for f in (special.huber, special.pseudo_huber)],
    *[row(f, big, uniform(-1, 1, 3), note="inside") for f in (special.huber, special.pseudo_huber)],
    *[analytic(f, normal(3)) for f in (special.erf, special.erfc, special.erfcx, special.erfi, special.dawsn)],
    row(special.erfinv, uniform(-0.9, 0.9, 3)),
    row(special.erfcinv, uniform(0.1, 1.9, 3)),
    Row(special.wofz, (normal(3),), elementwise=True, complex=True),
    analytic(special.ndtr, normal(3)),
    analytic(special.log_ndtr, normal(3)),
    row(special.log_ndtr, uniform(-30, -20, 3), note="tail"),
    row(special.ndtri, unit),
    row(special.ndtri_exp, uniform(-5, -0.1, 3)),
    row(special.ndtri_exp, uniform(-50, -40, 3), note="tail"),
    analytic(special.exp1, positive(3)),
    analytic(special.expi, positive(3)),
    *[row(special.expn, n, positive(3), note=str(n)) for n in (0, 1, 3)],
    analytic(special.sici, positive(3)),
    analytic(special.shichi, positive(3)),
    analytic(special.fresnel, normal(3)),
]  # fmt: skip
if hasattr(special, "softplus"):
    ELEMENTARY.append(row(special.softplus, normal(3)))

AXES: list[dict[str, Any]] = [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}]
SOFTMAX = [
    *[whole(f, normal(2, 3, 4), **axis) for f in (special.softmax, special.log_softmax) for axis in AXES],
    *[
        Row(special.logsumexp, (normal(2, 3, 4),), {**axis, **kept}, complex=True)
        for axis in AXES
        for kept in ({}, {"keepdims": True})
    ],
    Row(special.logsumexp, (normal(2, 3), 1, positive(2, 3)), complex=True, note="weights"),
    Row(special.logsumexp, (normal(2, 3), None, positive(3)), complex=True, note="weights of columns"),
    Row(special.logsumexp, (normal(3), 1, positive(2, 3)), {"keepdims": True}, note="more weights"),
    Row(special.logsumexp, (normal(2, 3), 1), {"return_sign": True}, complex=True),
    Row(special.logsumexp, (normal(2, 3), 1, normal(2, 3)), {"return_sign": True}, complex=True, note="signs"),
    Row(special.logsumexp, (np.array([1e3, 1e3 + 1, -np.inf]),), note="large"),
    Row(special.logsumexp, (np.array([1.0, -800.0, 2.0]), 0, np.array([1.0, 0.0, 2.0])), note="zero weight"),
]

GAMMAS = [
    *[row(f, positive(3)) for f in (special.gammaln, special.digamma)],
    *[analytic(f, positive(3)) for f in (special.gamma, special.loggamma, special.rgamma)],
    *[row(f, uniform(-1.8, -1.2, 3), note="negative") for f in (special.gamma, special.gammaln, special.rgamma)],
    row(special.rgamma, np.array([0.0, -1.0, -2.0, -5.0]), note="poles"),
    once(row(gammas.rgamma_slope, np.array([0.0, -1.0, 0.7, -1.5])), "its second derivative is the third of rgamma"),
    Row(gammas.rgamma_curvature, (positive(3),), {}, ()),
    *[row(special.polygamma, n, positive(3), note=str(n)) for n in (0, 1, 3)],
    row(special.zeta, 2.5, positive(3), last=True),
    row(special.multigammaln, big, d=3),
    *[row(f, positive(3), positive(3)) for f in (special.beta, special.betaln, special.poch)],
    row(special.poch, np.array([0.0, -1.0, -3.0, 2.0]), 2, note="polynomial"),
    row(special.poch, np.array([0.0, -1.0, -3.0, 2.0]), 4, note="polynomial with zeros"),
    row(special.factorial, positive(3)),
    row(special.binom, positive(3), positive(3)),
    row(special.binom, np.array([0.0, 1.0, 4.0, 0.5]), 2, note="polynomial"),
    row(special.binom, np.array([5.0, 5.0, 4.5]), np.array([2.0, 5.0, 1.0]), note="integers"),
    row(special.comb, uniform(3, 4, 3), positive(3)),
    row(special.comb, positive(3), positive(3), repetition=True),
    row(special.perm, uniform(3, 4, 3), positive(3)),
]

BESSEL = [
    *[row(f, normal(3)) for f in (special.j0, special.j1, special.i0, special.i1)],
    *[row(f, np.zeros(3), note="0") for f in (special.j0, special.j1, special.i0, special.i1)],
    *[row(f, uniform(low, low + 1, 3), note=str(low)) for f in (special.i0e, special.i1e) for low in (1, -2)],
    *[row(f, positive(3)) for f in (special.y0, special.y1, special.k0, special.k1, special.k0e, special.k1e)],
    *[
        analytic(f, v, positive(3), last=True, note=str(v))
        for f in (special.jv, special.yv, special.iv, special.kv, special.hankel1, special.hankel2,
                  special.kve, special.hankel1e, special.hankel2e)
        for v in (0, 2, 0.5, -1.5)
    ],
    *[row(f, v, positive(3), last=True) for f in (special.jve, special.yve, special.ive) for v in (0, 1.5)],
    row(special.ive, 1, uniform(-2, -1, 3), note="negative"),
    *[row(f, v, positive(3), note=str(v)) for f in (special.yn, special.kn) for v in (0, 1, 3)],
    *[
        row(f, 1.5, positive(3), last=True, note=str(n), **n)
        for f in (special.jvp, special.yvp, special.ivp, special.kvp, special.h1vp, special.h2vp)
        for n in ({}, {"n": 0}, {"n": 2})
    ],
    *[
        Row(f, (n, positive(3)), derivative, elementwise=True, complex=True, note=f"{n}")
        for f in (special.spherical_jn, special.spherical_in, special.spherical_yn, special.spherical_kn)
        for n in (0, 1, 3)
        for derivative in ({}, {"derivative": True})
    ],
    *[row(special.spherical_jn, n, np.zeros(3), derivative=True, note=f"0 {n}") for n in (0, 1, 2, 3)],
    analytic(special.airy, normal(3)),
]  # fmt: skip

HYPERGEOMETRIC = [
    analytic(special.hyp0f1, 1.5, normal(3), last=True),
    analytic(special.hyp1f1, 0.7, 1.5, normal(3), last=True),
    analytic(special.hyp2f1, 0.7, 1.5, 2.2, small, last=True),
    row(special.hyperu, 0.7, 1.5, positive(3), last=True),
    row(special.wright_bessel, 0.7, 1.5, positive(3), last=True),
    analytic(special.spence, positive(3)),
    row(special.spence, uniform(3, 9, 3), note="far"),
    row(special.spence, np.ones(3), note="1"),
    analytic(special.lambertw, positive(3)),
    row(special.lambertw, np.zeros(3), note="0"),
    analytic(special.lambertw, uniform(-0.3, -0.1, 3), k=-1),
    analytic(special.wrightomega, normal(3)),
    *[row(f, uniform(-3, 0.9, 3)) for f in (special.ellipk, special.ellipe)],
    *[row(f, np.zeros(3), note="0") for f in (special.ellipk, special.ellipe)],
    row(special.ellipkm1, unit),
    *[once(row(f, uniform(-1.5, 1.5, 3), uniform(-2, 0.9, 3))) for f in (special.ellipkinc, special.ellipeinc)],
    *[once(row(f, uniform(2, 12, 3), unit, note="turns")) for f in (special.ellipkinc, special.ellipeinc)],
    *[once(row(f, normal(3), np.zeros(3), note="0")) for f in (special.ellipkinc, special.ellipeinc)],
    once(row(special.elliprc, positive(3), positive(3))),
    once(analytic(special.elliprf, positive(3), positive(3), positive(3))),
    *[
        analytic(f, n, uniform(-0.9, 0.9, 3), last=True, note=str(n))
        for f in (special.eval_chebyt, special.eval_chebyu, special.eval_legendre, special.eval_laguerre)
        for n in (0, 1, 3, 4.5)
    ],
    *[row(special.eval_legendre, 3, np.array([1.0, -1.0]), note="ends")],
    *[row(f, n, normal(3), note=str(n)) for f in (special.eval_hermite, special.eval_hermitenorm) for n in (0, 1, 4)],
    *[
        analytic(f, 3, 1.5, uniform(-0.9, 0.9, 3), last=True)
        for f in (special.eval_gegenbauer, special.eval_genlaguerre)
    ],
    analytic(special.eval_jacobi, 3, 1.5, 0.5, uniform(-0.9, 0.9, 3), last=True),
]  # fmt: skip
if hasattr(special, "log_wright_bessel"):
    HYPERGEOMETRIC.append(row(special.log_wright_bessel, 0.7, 1.5, positive(3), last=True))
if HAVE_1_15:
    HYPERGEOMETRIC += [
        whole(special.legendre_p, 3, uniform(-1, 1, 3)),
        once(whole(special.legendre_p, 3, uniform(-1, 1, 3), diff_n=1)),
    ]

DISTRIBUTIONS = [
    *[row(f, uniform(0.3, 4, 3), positive(3)) for f in (special.gammainc, special.gammaincc)],
    *[row(f, uniform(200, 300, 3), uniform(200, 300, 3), note="large") for f in (special.gammainc, special.gammaincc)],
    *[row(f, uniform(0.3, 4, 3), positive(3)) for f in (special.chdtr, special.chdtrc)],
    *[inner(row(f, uniform(0.7, 4, 3), unit)) for f in (special.gammaincinv, special.gammainccinv, special.chdtri)],
    *[row(f, positive(3), big, positive(3)) for f in (special.gdtr, special.gdtrc)],
    row(special.gdtrix, positive(3), big, unit),
    row(special.gdtria, unit, big, positive(3)),
    *[row(f, 3, positive(3)) for f in (special.pdtr, special.pdtrc)],
    row(special.pdtri, 3, unit),
    row(special.betainc, positive(3), big, unit),
    inner(row(special.betaincinv, positive(3), big, unit)),
    row(special.betainc, uniform(90, 99, 3), uniform(40, 60, 3), unit, note="large"),
    *[row(f, 2, 5, unit) for f in (special.bdtr, special.bdtrc, special.bdtri)],
    *[row(f, 2, 5, unit) for f in (special.nbdtr, special.nbdtrc, special.nbdtri)],
    *[row(f, positive(3), big, positive(3)) for f in (special.fdtr, special.fdtrc)],
    row(special.fdtri, big, big, unit),
    row(special.stdtr, big, normal(3)),
    row(special.stdtrit, big, unit),
    row(special.nrdtrimn, unit, positive(3), normal(3)),
    row(special.nrdtrisd, normal(3), uniform(0.6, 0.9, 3), uniform(3, 4, 3)),
    row(special.owens_t, normal(3), normal(3)),
    row(special.voigt_profile, normal(3), positive(3), positive(3)),
]
if hasattr(special, "betaincc"):
    DISTRIBUTIONS += [row(special.betaincc, positive(3), big, unit)]
    DISTRIBUTIONS += [inner(row(special.betainccinv, positive(3), big, unit))]

RARE = [
    *[row(f, positive(3)) for f in (special.ber, special.bei, special.ker, special.kei)],
    *[row(f, positive(3)) for f in (special.berp, special.beip, special.kerp, special.keip)],
    *[row(f, v, positive(3), last=True, note=f"{v}") for f in (special.struve, special.modstruve) for v in (0, 1.5)],
    *[row(f, positive(3)) for f in (special.itstruve0, special.itmodstruve0, special.it2struve0)],
    *[row(f, positive(3)) for f in (special.itj0y0, special.iti0k0, special.it2j0y0, special.it2i0k0)],
    row(special.itairy, normal(3)),
    row(special.eval_sh_jacobi, 3, 2.5, 1.5, unit, last=True),
    *[Row(special.lpmv, (m, 3, uniform(-0.9, 0.9, 3)), {}, (2,), elementwise=True, note=str(m)) for m in (0, 1, 2)],
    *[Row(special.diric, (uniform(-9, 9, 3), n), {}, (0,), elementwise=True, note=str(n)) for n in (1, 4, 5)],
    row(special.agm, positive(3), big),
    row(special.agm, np.array([1.0, 2.0]), np.array([1.0, 2.0]), note="equal"),
    Row(special.ellipj, (normal(3), unit), {}, (0,), elementwise=True),
    *[row(f, 0.7, normal(3), last=True) for f in (special.pbdv, special.pbvv, special.pbwa)],
    *[
        analytic(f, n, unit, last=True, note=str(n))
        for f in (special.eval_sh_legendre, special.eval_sh_chebyt, special.eval_sh_chebyu, special.eval_chebyc,
                  special.eval_chebys)
        for n in (0, 3, 2.5)
    ],
]  # fmt: skip
if HAVE_1_15:
    RARE += [
        Row(special.sph_harm_y, (3, m, uniform(0.5, 2, 3), normal(3)), float32=False, note=str(m)) for m in (-2, 0, 1)
    ]
    angles = (3, 1, uniform(0.5, 2, 3), normal(3))
    RARE += [once(Row(rare.harmonic_slope, angles, float32=False), "the third by an angle is not known")]
    RARE += [Row(rare.harmonic_curvature, angles, {}, (3,), float32=False)]
    RARE += [once(Row(rare.legendre_slope, (3, 1, uniform(-0.9, 0.9, 3)), float32=False), "as above")]
    RARE += [Row(rare.legendre_curvature, (3, 1, uniform(-0.9, 0.9, 3)), {}, (), float32=False)]
    RARE += [Row(special.sph_harm_y, angles, {"diff_n": 0}, float32=False)]
    RARE += [whole(special.assoc_legendre_p, 3, 1, uniform(-0.9, 0.9, 3), norm=n) for n in (False, True)]
    RARE += [whole(special.assoc_legendre_p, 3, 1, uniform(-0.9, 0.9, 3), branch_cut=2, diff_n=0)]

ROWS = [*ELEMENTARY, *SOFTMAX, *GAMMAS, *BESSEL, *HYPERGEOMETRIC, *DISTRIBUTIONS, *RARE]

zero = np.zeros(2)
POINTS = [
    Point(special.gammainc, (np.array([0.5, 2.0]), np.array([np.inf, 0.0])), (zero, zero), note="ends"),
    Point(special.betainc, (np.full(2, 2.0), np.full(2, 3.0), np.array([0.0, 1.0])), (zero, zero, zero), note="ends"),
    Point(special.stdtr, (np.full(2, 3.0), zero), (zero, None), note="0"),
    Point(special.xlogy, (zero, zero), (None, zero), note="0"),
    Point(special.xlog1py, (zero, np.full(2, -1.0)), (None, zero), note="0"),
    Point(special.rel_entr, (zero, zero), (None, zero), note="0"),
    Point(special.kl_div, (zero, zero), (None, np.ones(2)), note="0"),
    Point(special.logsumexp, (np.full(2, -np.inf),), (zero,), note="all -inf"),
    Point(special.logsumexp, (np.array([0.0, -np.inf]),), ([1.0, 0.0],), note="one -inf"),
    Point(special.logsumexp, (np.array([0.0, 2000.0]), None, np.array([1.0, 0.0])), ([1.0, 0.0], None, None)),
    Point(special.spence, (np.ones(1),), ([-1.0],)),
    Point(special.lambertw, (zero,), (np.ones(2),), note="0"),
    Point(special.pseudo_huber, (zero, zero), (zero, zero), note="0"),
    Point(special.logit, (np.array([0.5]),), ([4.0],)),
]
