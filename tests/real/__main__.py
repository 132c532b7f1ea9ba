"""``python -m tests.real PACKAGE``: the table; see the package's docstring."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile

from .calls import functions
from .survey import Survey, tried


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.real", description="Differentiate a package's functions.")
    parser.add_argument("package")
    parser.add_argument("--module", default="", metavar="PREFIX", help="only modules whose full name starts so")
    parser.add_argument("--function", default="", metavar="NAME", help="only functions whose name contains this")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="N functions, chosen by the seed")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--seconds", type=float, default=20, metavar="T", help="for each call")
    parser.add_argument("--verbose", action="store_true", help="a line for every function that is not right")
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)
    found = [(name, f) for name, f in functions(options.package, options.module) if options.function in name]
    if options.limit and options.limit < len(found):
        found = sorted(rng.sample(found, options.limit), key=lambda pair: pair[0])
    survey = Survey()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # examples may write files
        for name, f in found:
            survey.add(name, tried(name, f, rng, options.seconds))
    for line in survey.lines(options.verbose):
        print(line)
    return 0 if survey.sound else 1


if __name__ == "__main__":
    sys.exit(main())
