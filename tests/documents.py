"""Runs the examples of a Markdown file and puts what they print where it stands in the text.

Blank lines at the end of what is printed are left out.

    ```python                   a block that begins with ``# name.py`` is a file of this name
    ```sh                       commands, run one after the other: ``s2sad ...`` (in this process), ``python name.py``
    ```text output              what the block before printed: of commands, or of the file itself when it is run
    ```python output            the same, in the colours of Python

Other blocks are text for people.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.M | re.S)


def regenerated(text, folder):
    """The text with every output block as it comes out now; ``folder`` is where the examples run."""
    printed = None
    made, end = [], 0
    for block in BLOCK.finditer(text):
        language, note, body = block[1], block[2].strip(), block[3]
        made.append(text[end : block.start(3)])
        end = block.end(3)
        if note == "output":
            assert printed is not None, f"output without anything that prints:\n{body}"
            made.append((printed() if callable(printed) else printed).rstrip("\n") + "\n")
            printed = None
            continue
        made.append(body)
        printed = None
        if language == "python" and body.startswith("# ") and body.split("\n")[0].endswith(".py"):
            name = body.split("\n")[0][2:]
            (folder / name).write_text(body, encoding="utf-8")
            printed = lambda name=name: shell(f"python {name}", folder)  # noqa: E731
        elif language == "sh" and "venv" not in body:
            printed = shell(body, folder)
    return "".join(made) + text[end:]


def shell(commands, folder):
    """What the commands print, errors too."""
    lines = commands.replace("\\\n", " ").splitlines()
    return "".join(one(shlex.split(line, comments=True), folder) for line in lines if line.strip())


def one(words, folder):
    if words[:1] == ["s2sad"]:
        return command_line(words[1:], folder)[1]
    assert words[:1] == ["python"], f"no example can run {words}"
    return run_python(words[1:], folder)


def command_line(arguments, folder):
    """The exit code of ``s2sad``, and what it prints."""
    from s2sad.cli import main

    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = main(arguments)
    return code, printed.getvalue()


def run_python(arguments, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def section(text, title):
    """What stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"no section {title!r}"
    return found[1]


def dead_links(path):
    """The links of a Markdown file to files that are not there."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    return [link for link in links if not link.startswith("http") and not (path.parent / link).exists()]
