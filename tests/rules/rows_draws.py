"""Random draws: each program begins its random numbers anew, so that it is a function of the parameters."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from .harness import Row, normal, positive, uniform


def of_generator(name: str, *args: Any, argnums: Any = None, note: str = "", **options: Any) -> Row:
    method = getattr(np.random.Generator, name)

    def drawn(*parameters, **options):
        return method(np.random.default_rng(5), *parameters, **options)

    function, left_out = getattr(np.random, name), ("size 0", "size 3 -> 0")
    return Row(function, args, options, argnums, program=drawn, float32=False, without=left_out, note=note)


def of_numpy(function: Callable, *args: Any, **options: Any) -> Row:
    def drawn(*parameters, **options):
        np.random.seed(5)
        return function(*parameters, **options)

    return Row(function, args, options, program=drawn, float32=False, without=("size 0", "size 3 -> 0"))


def of_random(function: Callable, *args: float, argnums: Any = None) -> Row:
    def drawn(*parameters):
        random.seed(5)
        return function(*parameters)

    return Row(function, args, argnums=argnums, program=drawn)


ROWS = [
    of_generator("normal", normal(3), positive(3)),
    of_generator("normal", normal(3), positive(1), size=(2, 3), note="of a size"),
    *(of_generator(name, normal(2, 3), positive(3)) for name in ("laplace", "logistic", "gumbel")),
    of_generator("uniform", normal(3), uniform(3.0, 4.0, 2, 3)),
    *(of_generator(name, positive(3)) for name in ("exponential", "rayleigh", "weibull", "power")),
    of_generator("lognormal", normal(3), positive(3)),
    of_generator("pareto", uniform(3.0, 4.0, 3)),
    of_generator("gamma", 2.5, positive(3), argnums=(1,)),
    *(of_generator(name, 0.7, 1.5, size=(2, 3)) for name in ("uniform", "lognormal")),
    *(of_generator(name, 3.5, size=4) for name in ("weibull", "pareto")),
    of_generator("gamma", 2.5, 1.5, argnums=(1,), size=4),
    of_generator("multivariate_normal", normal(3), np.eye(3), argnums=(0,), size=4, check_valid="raise", tol=1e-6),
    of_numpy(np.random.normal, normal(3), positive(3)),
    of_numpy(np.random.exponential, 1.5, size=4),
    of_random(random.gauss, 0.3, 1.2),
    of_random(random.uniform, 0.3, 1.2),
    of_random(random.expovariate, 1.2),
    of_random(random.lognormvariate, 0.3, 0.5),
    of_random(random.paretovariate, 3.5),
    of_random(random.weibullvariate, 1.2, 1.7),
    of_random(random.gammavariate, 1.2, 1.7, argnums=(1,)),
]
