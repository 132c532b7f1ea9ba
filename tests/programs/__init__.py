"""Programs as users write them, one corner of Python and NumPy each, that s2sad must differentiate.

`FAMILIES` maps the name of a family to its list of `Program`; `programs()` gives all, with their full names.
"""

from . import (
    attempts,
    brackets,
    branches,
    by_name,
    calls,
    choices,
    compiled,
    containers,
    corners,
    doubts,
    earlier,
    kinds,
    loops,
    maps,
    memory,
    numpy_functions,
    objects,
    order,
    packages,
    patterns,
    published,
    random_draws,
    real,
    recorded,
    recorded_arrays,
    recorded_corners,
    recorded_unasked,
    roots,
    science,
    science_algebra,
    science_data,
    science_fields,
    science_machines,
    science_signals,
    settling,
    settling_calls,
    straight,
    syntax,
    unpacking,
    views,
)
from .harness import Program

_MODULES = (
    straight,
    brackets,
    branches,
    by_name,
    loops,
    maps,
    unpacking,
    calls,
    memory,
    views,
    earlier,
    numpy_functions,
    objects,
    choices,
    containers,
    syntax,
    patterns,
    real,
    packages,
    published,
    random_draws,
    science,
    science_algebra,
    science_data,
    science_fields,
    science_machines,
    science_signals,
    compiled,
    attempts,
    corners,
    doubts,
    kinds,
    recorded,
    recorded_arrays,
    recorded_corners,
    recorded_unasked,
    roots,
    settling,
    settling_calls,
    order,
)
FAMILIES: dict[str, list[Program]] = {module.__name__.rpartition(".")[2]: module.PROGRAMS for module in _MODULES}


def programs() -> dict[str, Program]:
    """Every program by ``family.name``."""
    named = [(f"{family}.{program.title}", program) for family, members in FAMILIES.items() for program in members]
    assert len(dict(named)) == len(named), "two programs have the same name"
    return dict(named)
