"""The time of the first value_and_grad call of an ordinary function, in a process that has differentiated another.

In: the names of peers. Out: a dictionary per peer with the first and the second call in seconds, for JSON. One call of
`measure` is one trial, in a process of its own; `__main__` repeats it, with an empty cache folder, with one that an
earlier trial has filled, and with the rules alone that are in it.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.harness import copied, difference_error, reason, warm_up
from benchmarks.peers import PEERS
from benchmarks.workloads import load


def measure(peers: list[str]) -> dict[str, Any]:
    """One trial of each peer."""
    return {peer: trial(peer) for peer in peers}


def trial(peer: str) -> dict[str, Any]:
    workload = load("thirty_lines")
    arguments = workload.arguments()
    try:
        warm_up(peer)
        start = time.perf_counter()
        call, own_arguments = PEERS[peer](workload, copied(arguments))
        _, gradient = call(*own_arguments)
        first = time.perf_counter() - start
        start = time.perf_counter()
        call(*own_arguments)
        second = time.perf_counter() - start
    except Exception as error:
        status, note = reason(error)
        return {"status": status, "note": note}
    off = difference_error(workload, arguments, gradient)
    if not off <= 1e-7:
        return {"status": "wrong", "note": f"the gradient is off by {off:.1e} (relative)"}
    return {"status": "ok", "first": first, "second": second}
