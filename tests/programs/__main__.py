"""``python -m tests.programs [--second] [PATTERN]``: the report."""

import argparse
import sys

from .report import report

parser = argparse.ArgumentParser(prog="python -m tests.programs", description="Differentiate every program and count.")
parser.add_argument("pattern", nargs="?", default="", help="only programs whose name contains this")
parser.add_argument("--second", action="store_true", help="reverse over reverse")
options = parser.parse_args()
sys.exit(0 if report(options.pattern, options.second) else 1)
