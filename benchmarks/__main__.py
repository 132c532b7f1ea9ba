"""The command line: `python -m benchmarks [--only NAME] [--peers A,B] [--repeat N] [--save [FILE]] [--first-call]`.

Each workload is measured in a fresh process, with one thread and an empty s2sad cache; its figures come back as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.peers import DEFAULT, PEERS
from benchmarks.workloads import NAMES

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
FIRST_CALL = "thirty_lines"
FIRST_CALL_PEERS = ("s2sad", "autograd", "jax", "s2sad-numba")
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
SETTINGS = {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1", "PYTHONHASHSEED": "0"}
TIME_LIMIT = 900


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.worker:
        return work(options)
    peers = options.peers
    if options.first_call:
        return first_call(peers, options.repeat)
    results = []
    for name in options.only or NAMES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as cache:
            results.append(in_fresh_process(name, peers, options.repeat, cache))
    return finish(results, peers, options)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Time gradients against the NumPy primal."
    )
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help="a workload; may be repeated")
    parser.add_argument("--peers", type=peer_list, default=list(DEFAULT), help=f"of {', '.join(PEERS)}; or 'all'")
    parser.add_argument("--repeat", type=int, default=15, help="turns of each candidate (default 15)")
    parser.add_argument(
        "--save",
        nargs="?",
        type=Path,
        const=RESULTS,
        metavar="FILE",
        help="JSON file; the table goes beside it, as .md",
    )
    parser.add_argument("--first-call", action="store_true", help="time the first call of a function of thirty lines")
    parser.add_argument("--worker", choices=(*NAMES, FIRST_CALL), help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def peer_list(text: str) -> list[str]:
    names = list(PEERS) if text == "all" else [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown peer {unknown[0]!r}; there are {', '.join(PEERS)}")
    return names


def work(options: argparse.Namespace) -> int:
    """In the fresh process: measure, and leave the answer in the file that was asked for."""
    from benchmarks import first_call, harness

    harness.pin_to_one_processor()
    if options.worker == FIRST_CALL:
        answer = first_call.measure(options.peers)
    else:
        answer = harness.measure(options.worker, options.peers, options.repeat)
    options.answer.write_text(json.dumps(answer))
    return 0


def in_fresh_process(name: str, peers: list[str], repeat: int, cache: str) -> dict[str, Any]:
    """What `work` finds; where the process dies, every peer is reported as failed, with its last words."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "benchmarks", "--worker", name, "--peers", ",".join(peers)]
        command += ["--repeat", str(repeat), "--answer", str(answer)]
        environment = {**os.environ, **ONE_THREAD, **SETTINGS, "S2SAD_CACHE_DIR": cache}
        try:
            done = subprocess.run(
                command,
                env=environment,
                cwd=ROOT,
                timeout=TIME_LIMIT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            last_words = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        except subprocess.TimeoutExpired:
            last_words = f"stopped after {TIME_LIMIT} seconds"
        if answer.exists():
            return json.loads(answer.read_text())
    failed = {peer: {"status": "failed", "note": f"the process ended: {last_words}"} for peer in peers}
    return failed if name == FIRST_CALL else {"name": name, "title": name, "peers": failed}


def finish(results: list[dict[str, Any]], peers: list[str], options: argparse.Namespace) -> int:
    from benchmarks import table

    environment = table.versions(peers)
    text = table.markdown(results, peers, environment, options.repeat)
    print(text)
    if options.save:
        content = {"environment": environment, "repeat": options.repeat, "results": results}
        options.save.write_text(json.dumps(content, indent=1) + "\n")
        options.save.with_suffix(".md").write_text(text)
    return 1 if any(e["status"] == "wrong" for result in results for e in result["peers"].values()) else 0


def first_call(peers: list[str], repeat: int) -> int:
    from benchmarks import table

    peers = [peer for peer in peers if peer in FIRST_CALL_PEERS]
    cached = [peer for peer in peers if peer.startswith("s2sad")]
    count = min(repeat, 9)
    trials: dict[str, list[dict[str, Any]]] = {"empty": [], "rules": [], "filled": []}
    for _ in range(count):
        with tempfile.TemporaryDirectory() as cache:
            trials["empty"].append(in_fresh_process(FIRST_CALL, peers, repeat, cache))
    with tempfile.TemporaryDirectory() as cache:
        in_fresh_process(FIRST_CALL, cached, repeat, cache)
        trials["filled"] = [in_fresh_process(FIRST_CALL, cached, repeat, cache) for _ in range(count)]
        for _ in range(count):
            for program in Path(cache).rglob("*.s2sad.py"):
                program.unlink()
            trials["rules"].append(in_fresh_process(FIRST_CALL, cached, repeat, cache))
    print(table.first_call_markdown(trials, peers, table.versions(peers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
