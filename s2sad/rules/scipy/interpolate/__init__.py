"""Rules of ``scipy.interpolate``.

By the points there is a derivative, and by the values of the samples where it is known how they enter.  By the places
of the samples there is one for what is written out here: piecewise polynomials and radial basis functions.
"""

from scipy import interpolate

from ...table import no_rule
from . import grids, objects, polynomials, scattered, splines, tck  # noqa: F401
from .grids import grid  # noqa: F401
from .scattered import linear_nd  # noqa: F401
from .splines import b_spline, cubic_spline, interp1d, interp_spline, lsq_spline, smoothed, smoothing_spline  # noqa: F401
from .tck import basis_integrals, collocation, normal_solution, spline_at  # noqa: F401

no_rule(
    "its slopes are found by iteration, to six digits: use LinearNDInterpolator or RBFInterpolator",
    interpolate.CloughTocher2DInterpolator,
    interpolate.CloughTocher2DInterpolator.__call__,
)
no_rule(
    "where FITPACK puts its knots depends on all samples: use RectBivariateSpline, or RBFInterpolator",
    *(interpolate.SmoothBivariateSpline, interpolate.LSQBivariateSpline, interpolate.bisplrep),
    *(interpolate.SmoothSphereBivariateSpline, interpolate.LSQSphereBivariateSpline),
    interpolate.RectSphereBivariateSpline,
)
no_rule(
    "its parameter and its knots depend on all samples: use make_interp_spline(u, samples), with u of your own",
    interpolate.splprep,
)
