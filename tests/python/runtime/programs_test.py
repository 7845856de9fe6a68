"""Runs the programs of language.txt, torch.txt and numpy.txt by Python itself and by our evaluator.

Usage: programs_test.py RUN_PROGRAM. What they print must be equal, and how they end: the
exception's name, message and line. Programs are separated by lines "---". Of one that begins with
"# message differs", and where a newer Python words its messages anew, only name and line are
compared.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))


def by_python(text):
    """What the program prints, and its exception, in the form of run_program."""
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(text, "<program>", "exec"), {"__name__": "__main__"})
    except BaseException as error:  # a program may raise anything
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "<program>"]
        name = type(error).__name__.lstrip("_")
        output.write(f"!!! {name}: {error} @{lines[-1] if lines else 0}\n")
    return output.getvalue()


def by_evaluator(program, path):
    run = subprocess.run([program, path], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print(f"{program} {path} ends with {run.returncode}: {run.stderr}")
    return dict((int(n), t) for n, t in re.findall(r"^=== (\d+)\n(.*?)(?=^=== |\Z)", run.stdout, re.S | re.M))


def normalized(text, loosely):
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    if loosely:
        text = re.sub(r"!!! (\w+): .* @(\d+)", r"!!! \1 @\2", text, flags=re.S)
    return text


def main():
    failed = total = 0
    for name in ("language.txt", "torch.txt", "numpy.txt"):
        path = os.path.join(HERE, name)
        with open(path, encoding="utf-8") as file:
            programs = file.read().split("---\n")
        ours = by_evaluator(sys.argv[1], path)
        for number, text in enumerate(programs):
            total += 1
            loosely = text.startswith("# message differs") or sys.version_info >= (3, 13)
            expected = normalized(by_python(text), loosely)
            actual = normalized(ours.get(number, "(nothing)"), loosely)
            if expected != actual:
                failed += 1
                print(f"{name}, program {number}:\n{text}Python: {expected}ours:   {actual}")
    print(f"{total - failed} of {total} programs behave as in Python")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
