"""One workload, measured in this process: correctness first, then times, then (where asked) memory.

In: the name of a workload, the names of peers. Out: a plain dictionary (it goes through JSON). The unit of every figure
that is printed is the ratio to the NumPy primal; seconds are kept beside it, in the JSON only.

The rules of a fair figure: every gradient is compared with the hand-written one before any is timed, and one that
differs has no figure; the candidates take turns, so that a slow moment of the machine meets all of them, and a ratio is
formed within a turn, then the median over the turns is taken; a turn repeats its call until the clock's resolution does
not matter.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
import timeit
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.peers import PEERS, NoProgram
from benchmarks.workloads import load

TURN_SECONDS = 0.01
TOLERANCE = 1e-8


@dataclass
class Candidate:
    """A call to be timed, or the reason why it is not."""

    name: str
    call: Callable[..., Any] | None = None
    arguments: tuple = ()
    status: str = "ok"  # ok, absent (library or program), failed, wrong
    note: str = ""
    first_call: float = 0.0
    seconds: list[float] = field(default_factory=list)


def measure(name: str, peers: list[str], repeat: int) -> dict[str, Any]:
    """Everything about one workload."""
    workload = load(name)
    arguments = workload.arguments()
    reference = workload.hand(*arguments)
    candidates = [prepare(peer, workload, arguments, reference) for peer in peers]
    primal = Candidate("primal", workload.primal, arguments)
    runnable = [primal] + [c for c in candidates if c.status == "ok"]
    take_turns(runnable, repeat)
    result = {
        "name": name,
        "title": workload.title,
        "primal_seconds": statistics.median(primal.seconds),
        "peers": {c.name: report(c, primal) for c in candidates},
    }
    if getattr(workload, "measure_memory", False):
        in_numpy = [c for c in runnable if c.name in ("primal", "hand", "s2sad", "autograd")]
        result["peak_bytes"] = {c.name: peak_bytes(c) for c in in_numpy}
    return result


def prepare(peer: str, workload: ModuleType, arguments: tuple, reference: tuple) -> Candidate:
    """Build the peer's call, run it twice, compare value and gradient of both runs with the reference."""
    candidate = Candidate(peer)
    try:
        warm_up(peer)
        candidate.call, candidate.arguments = PEERS[peer](workload, copied(arguments))
        start = time.perf_counter()
        first = candidate.call(*candidate.arguments)
        candidate.first_call = time.perf_counter() - start
        second = candidate.call(*candidate.arguments)
    except Exception as error:
        candidate.status, candidate.note = reason(error)
    else:
        problem = disagreement(first, reference) or disagreement(second, reference)
        if not problem and not same(candidate.arguments, arguments):
            problem = "it changed its arguments"
        if problem:
            candidate.status, candidate.note = "wrong", problem
    return candidate


def reason(error: Exception) -> tuple[str, str]:
    """Status and note of a peer that raised: a library that is not installed is no failure, a broken s2sad is one."""
    missing = isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("s2sad")
    if missing or isinstance(error, NoProgram):
        return "absent", str(error)
    return "failed", f"{type(error).__name__}: {error}"


def warm_up(peer: str) -> None:
    """Differentiate something else first: imports and the start of a compiler are not the first call of a workload."""
    call, arguments = PEERS[peer](toy, (1.5,))
    call(*arguments)


def toy_primal(x):
    return x * x + 1.0


toy = ModuleType("toy")
toy.__dict__.update(
    primal=toy_primal,
    autograd_primal=toy_primal,
    jax_primal=toy_primal,
    torch_primal=toy_primal,
    hand=lambda x: (x * x + 1.0, 2.0 * x),
    argnums=0,
)


def disagreement(result: tuple, reference: tuple) -> str:
    """Why (value, gradient) is not the reference; empty if it is."""
    found, wanted = leaves(result), leaves(reference)
    if len(found) != len(wanted):
        return f"{len(found)} results instead of {len(wanted)}"
    for k, (got, want) in enumerate(zip(found, wanted, strict=True)):
        what = "value" if k == 0 else f"gradient {k - 1}"
        if got.shape != want.shape:
            return f"{what} has shape {got.shape} instead of {want.shape}"
        error = np.max(np.abs(got - want), initial=0.0) / max(np.max(np.abs(want), initial=0.0), 1e-300)
        if not error <= TOLERANCE:
            return f"{what} is off by {error:.1e} (relative)"
    return ""


def difference_error(workload: ModuleType, arguments: tuple, gradient: Any, step: float = 1e-4) -> float:
    """Relative error of `gradient` in a random direction, by differences of the primal of fourth order."""
    argnums = workload.argnums if isinstance(workload.argnums, tuple) else (workload.argnums,)
    rng = np.random.default_rng(0)
    directions = {k: rng.normal(size=np.shape(arguments[k])) for k in argnums}

    def along(t: float) -> float:
        moved = copied(arguments)
        return workload.primal(*(a + t * directions[k] if k in directions else a for k, a in enumerate(moved)))

    differences = (8.0 * (along(step) - along(-step)) - (along(2 * step) - along(-2 * step))) / (12.0 * step)
    products = [np.sum(g * d) for g, d in zip(leaves(gradient), directions.values(), strict=True)]
    # Measured by the size of the terms: they may cancel in the sum.
    scale = sum(float(np.sum(np.abs(g * d))) for g, d in zip(leaves(gradient), directions.values(), strict=True))
    return abs(float(differences - sum(products))) / max(scale, 1e-300)


def leaves(result: Any) -> list[np.ndarray]:
    """The arrays in nested tuples, whichever library they come from."""
    if isinstance(result, tuple | list):
        return [leaf for part in result for leaf in leaves(part)]
    return [np.asarray(result)]


def same(found: tuple, wanted: tuple) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(leaves(found), leaves(wanted), strict=True))


def copied(arguments: tuple) -> tuple:
    return tuple(a.copy() if isinstance(a, np.ndarray) else a for a in arguments)


def take_turns(candidates: list[Candidate], repeat: int) -> None:
    """Time all candidates `repeat` times, one turn of each after the other."""
    # The garbage collector stays on, as it is for users, but need not walk through what the libraries loaded.
    gc.collect()
    gc.freeze()
    settle_malloc()
    timers = [timeit.Timer("call(*args)", "gc.enable()", globals=vars_of(c)) for c in candidates]
    counts = [count_for(timer) for timer in timers]
    for _ in range(repeat):
        for candidate, timer, count in zip(candidates, timers, counts, strict=True):
            candidate.seconds.append(timer.timeit(count) / count)


def settle_malloc() -> None:
    """Bring glibc into the state that any longer program reaches: freed blocks up to 32 MB are kept, not handed back.

    Otherwise the primal's time depends on what other peers happened to allocate before (a factor of two in places).
    """
    block = np.ones(3_900_000)
    del block


def vars_of(candidate: Candidate) -> dict[str, Any]:
    return {"call": candidate.call, "args": candidate.arguments, "gc": gc}


def count_for(timer: timeit.Timer) -> int:
    """How many calls make a turn."""
    count = 1
    while (seconds := timer.timeit(count)) < TURN_SECONDS / 4:
        count *= 4
    return max(1, round(TURN_SECONDS * count / seconds))


def report(candidate: Candidate, primal: Candidate) -> dict[str, Any]:
    if candidate.status != "ok":
        return {"status": candidate.status, "note": candidate.note}
    ratios = [mine / base for mine, base in zip(candidate.seconds, primal.seconds, strict=True)]
    return {
        "status": "ok",
        "ratio": statistics.median(ratios),
        "seconds": statistics.median(candidate.seconds),
        "first_call_seconds": candidate.first_call,
    }


def peak_bytes(candidate: Candidate) -> int:
    """The most memory that one call of a warm candidate holds at a time, its arguments not counted."""
    assert candidate.call is not None
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        candidate.call(*candidate.arguments)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def pin_to_one_processor() -> None:
    """XLA takes its number of threads from the processors it may use: one, where the system lets us say so."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
