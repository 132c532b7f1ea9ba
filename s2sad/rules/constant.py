"""Functions whose derivative is zero wherever it exists, and functions that act on the world.

Piecewise constant functions, comparisons, questions about shapes and types, creation, text; printing and random draws.
Functions that merely look like these are elsewhere or have no rule: ``np.sign`` of a complex number, ``np.unique`` and
the set functions (they return elements of their arguments), and functions that call functions or write to their
arguments.
"""

import bisect
import builtins
import cmath
import math
import operator
import random
import time
import warnings

import numpy as np

from .table import present, zero_derivative

# Piecewise constant, integer-valued, truth

zero_derivative(
    *present(
        np,
        """
        all allclose any argmax argmin argpartition argsort argwhere around array_equal array_equiv ceil
        count_nonzero digitize equal fix flatnonzero floor floor_divide greater greater_equal isclose iscomplex
        isfinite isin isinf isnan isneginf isposinf isreal less less_equal lexsort logical_and logical_not
        logical_or logical_xor nanargmax nanargmin nonzero not_equal rint round searchsorted signbit spacing trunc
        bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
        bitwise_xor gcd invert lcm left_shift right_shift packbits unpackbits isnat is_busday busday_count
        busday_offset in1d
        """,
    ),
    np.linalg.matrix_rank,
    *present(
        np.ndarray,
        """
        all any argmax argmin argpartition argsort nonzero round searchsorted __bool__ __contains__ __eq__
        __ge__ __gt__ __index__ __int__ __le__ __lt__ __ne__ __floordiv__ __rfloordiv__ __ifloordiv__ __and__
        __rand__ __iand__ __or__ __ror__ __ior__ __xor__ __rxor__ __ixor__ __invert__ __lshift__ __rlshift__
        __ilshift__ __rshift__ __rrshift__ __irshift__
        """,
    ),
    *present(math, "ceil comb factorial floor gcd isclose isfinite isinf isnan isqrt lcm perm trunc ulp"),
    *present(cmath, "isclose isfinite isinf isnan"),
    *present(
        operator,
        """
        eq ge gt is_ is_not le lt ne not_ truth contains countOf indexOf index inv invert length_hint floordiv
        ifloordiv and_ iand or_ ior xor ixor lshift ilshift rshift irshift
        """,
    ),
    *present(builtins, "all any bool int round"),
    bisect.bisect_left,
    bisect.bisect_right,
)

# Shapes, types, indices, creation

zero_derivative(
    *present(
        np,
        """
        iscomplexobj isrealobj isscalar ndim result_type shape size isdtype isfortran issubdtype iterable
        broadcast_shapes can_cast common_type dtype finfo iinfo may_share_memory min_scalar_type mintypecode
        promote_types shares_memory einsum_path bool bool_ int8 int16 int32 int64 intp uint8 uint16 uint32
        uint64 uintp diag_indices diag_indices_from indices mask_indices ndindex ravel_multi_index
        tril_indices tril_indices_from triu_indices triu_indices_from unravel_index bartlett blackman empty
        empty_like eye hamming hanning identity ones ones_like tri zeros zeros_like
        """,
    ),
    np.ndarray.__len__,
    np.polynomial.chebyshev.chebgauss,
    np.polynomial.hermite.hermgauss,
    np.polynomial.hermite_e.hermegauss,
    np.polynomial.laguerre.laggauss,
    np.polynomial.legendre.leggauss,
    *present(
        builtins, "callable hash id isinstance issubclass len range type ascii bin chr format hex oct ord repr str"
    ),
)

# Effects: once, and in order.  Draws of whole numbers are steps, and those without parameters constants; other draws
# are in `draws`.  What picks or reorders the elements of an argument (choice, permutation, shuffle) has no rule.

DRAWS = """
    binomial bytes geometric hypergeometric integers logseries multinomial multivariate_hypergeometric
    negative_binomial poisson rand randint randn random random_integers random_sample ranf sample seed spawn
    standard_cauchy standard_exponential standard_normal zipf get_state set_state
"""

zero_derivative(
    *(print, input, warnings.warn),
    *present(time, "time time_ns perf_counter perf_counter_ns monotonic process_time sleep"),
    *present(np.random, DRAWS),
    *present(np.random, "default_rng RandomState SeedSequence"),
    *present(np.random.Generator, DRAWS),
    *present(np.random.RandomState, DRAWS),
    *present(random, "binomialvariate getrandbits getstate randbytes randint random randrange seed setstate"),
    effect=True,
)
