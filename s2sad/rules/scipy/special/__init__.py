"""Rules of ``scipy.special``.

- `elementary`: exponentials, logarithms, statistics' everyday functions, softmax and its like
- `gammas`: gamma, beta and what is made of them
- `distributions`: distribution functions and incomplete integrals; `shapes`: their derivatives by parameters
- `bessel`: Bessel functions
- `hypergeometric`: elliptic integrals, hypergeometric functions, orthogonal polynomials
- `rare`: what is met less often, and what is left without a rule

Formulas are those of the NIST Digital Library of Mathematical Functions (DLMF), by section, where none else is named.
A derivative by an order or a parameter that SciPy has no function for is refused.
"""

from . import bessel, distributions, elementary, gammas, hypergeometric, rare  # noqa: F401
