"""Results as Markdown: in go the dictionaries of `harness.measure` and `first_call.measure`, out come tables."""

from __future__ import annotations

import math
import platform
import statistics
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "s2sad", "autograd", "jax", "jaxlib", "torch", "numba", "scipy")


def versions(peers: list[str]) -> dict[str, str]:
    """What was measured with what: the kind of processor and the packages that the peers used."""
    found = {"processor": processor(), "python": platform.python_version()}
    used = {"numpy"} | {name for name in PACKAGES if any(name in peer for peer in peers)}
    if "jax" in used:
        used.add("jaxlib")
    for name in PACKAGES:
        if name in used:
            try:
                found[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                found[name] = "from the source tree" if name == "s2sad" else "not installed"
    return found


def processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{named[0] if named else platform.processor() or 'unknown'} ({platform.machine()})"


def markdown(results: list[dict[str, Any]], peers: list[str], environment: dict[str, str], repeat: int) -> str:
    """The whole report."""
    parts = [
        "# Benchmark results",
        "Written by `python -m benchmarks --save`; `README.md` beside it says what is measured. One thread, float64.",
        ", ".join(f"{name} {version}" for name, version in environment.items()) + f"; {repeat} turns.",
        "Time of value and gradient over the time of the NumPy primal (smaller is better):",
        ratio_table(results, peers),
    ]
    if means := mean_lines(results, peers):
        parts += ["Geometric means, over the workloads that both have:", means]
    parts += [
        "First call of each workload in milliseconds, whatever is compiled included:",
        first_call_table(results, peers),
    ]
    if memory := memory_table(results):
        parts += ["Most memory held during one call, arguments not counted, in MB:", memory]
    if notes := note_lines(results, peers):
        parts += ["What has no figure, and why:", notes]
    return "\n\n".join(parts) + "\n"


def ratio_table(results: list[dict[str, Any]], peers: list[str]) -> str:
    return grid("workload", results, peers, lambda entry: figure(entry["ratio"]))


def first_call_table(results: list[dict[str, Any]], peers: list[str]) -> str:
    compiled = [peer for peer in peers if peer != "hand"]
    return grid("workload", results, compiled, lambda entry: figure(1e3 * entry["first_call_seconds"]))


def grid(corner: str, results: list[dict[str, Any]], peers: list[str], cell) -> str:
    rows = [[corner, *peers], ["---", *["---:"] * len(peers)]]
    for result in results:
        entries = [result["peers"][peer] for peer in peers]
        rows.append([result["title"], *(cell(e) if e["status"] == "ok" else mark(e["status"]) for e in entries)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def mark(status: str) -> str:
    return "-" if status == "absent" else status


def figure(number: float) -> str:
    """Three digits at most where they are decimals: a ratio is not known better than that."""
    if number >= 100:
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def mean_lines(results: list[dict[str, Any]], peers: list[str]) -> str:
    pairs = [(peer, "hand") for peer in peers if peer != "hand"]
    pairs += [("s2sad", peer) for peer in peers if peer not in ("s2sad", "hand")]
    lines = []
    for top, bottom in pairs:
        quotients = [
            result["peers"][top]["ratio"] / result["peers"][bottom]["ratio"]
            for result in results
            if all(result["peers"].get(peer, {}).get("status") == "ok" for peer in (top, bottom))
        ]
        if quotients:
            mean = math.exp(statistics.fmean(map(math.log, quotients)))
            lines.append(f"- {top} over {bottom}: {figure(mean)} ({len(quotients)} workloads)")
    return "\n".join(lines)


def memory_table(results: list[dict[str, Any]]) -> str:
    measured = [result for result in results if "peak_bytes" in result]
    return "\n".join(
        f"- {result['title']}: " + ", ".join(f"{name} {figure(b / 1e6)}" for name, b in result["peak_bytes"].items())
        for result in measured
    )


def note_lines(results: list[dict[str, Any]], peers: list[str]) -> str:
    lines: dict[str, list[str]] = {}
    for result in results:
        for peer in peers:
            entry = result["peers"][peer]
            if entry["status"] != "ok":
                note = " ".join(entry["note"].split())[:200]
                lines.setdefault(f"{peer}, {entry['status']}: {note}", []).append(result["name"])
    return "\n".join(
        f"- {reason} ({'all workloads' if len(names) == len(results) > 1 else ', '.join(names)})"
        for reason, names in lines.items()
    )


def first_call_markdown(trials: dict[str, list[dict[str, Any]]], peers: list[str], environment: dict[str, str]) -> str:
    """`trials` has a list of results for each state of the disk cache: without programs it may have rules of others."""
    rows = [["peer", "disk cache", "first call, ms (least)", "second call, ms"], ["---", "---", "---:", "---:"]]
    for peer in peers:
        for state, results in trials.items():
            entries = [result[peer] for result in results if peer in result]
            if not entries:
                continue
            wrong = next((entry for entry in entries if entry["status"] != "ok"), None)
            if wrong:
                rows.append([peer, state, wrong["status"], " ".join(wrong["note"].split())[:200]])
            else:
                first, second = ([1e3 * entry[which] for entry in entries] for which in ("first", "second"))
                least = f"{figure(statistics.median(first))} ({figure(min(first))})"
                rows.append([peer, state, least, figure(statistics.median(second))])
    head = ", ".join(f"{name} {version}" for name, version in environment.items())
    intro = (
        "First value_and_grad call of a function of thirty lines, in a process that has differentiated another before: "
        "medians of fresh processes."
    )
    return "\n\n".join([head, intro, "\n".join("| " + " | ".join(row) + " |" for row in rows)]) + "\n"
