"""Runs the programs of language.txt, torch.txt, numpy.txt and the like by Python itself and by our evaluator.

Usage: programs_test.py RUN_PROGRAM. What they print must be equal, and how they end: the
exception's name, message and line. Programs are separated by lines "---". Of one that begins with
"# message differs", and where a newer Python words its messages anew, only name and line are
compared. Arrays are computed by LibTorch's operators: a number that a NumPy program prints with all its
digits may differ in the last ones, by 1e-13 of itself after some steps of training. One that begins with "# needs numpy<2: WHY" is about what python, numpy or torch of other
versions do otherwise: it is skipped beside these, and counted as skipped.
"""

import contextlib
import io
import operator
import os
import re
import sys
import traceback

from evaluator import by_evaluator

try:
    import numpy
    import torch
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
BESIDE = os.path.join(HERE, "beside")


def version(text):
    return tuple(int(part) for part in re.match(r"\d+(\.\d+)*", text)[0].split("."))


VERSIONS = {"python": sys.version_info[:3],
            "numpy": version(numpy.__version__), "torch": version(torch.__version__)}
NEEDS = re.compile(r"# needs (python|numpy|torch)(<|>=)([\d.]+): (.+)\n")


def why_skipped(text):
    """Why the program is about another version than the one that is here; None where it is not."""
    if not text.startswith("# needs "):
        return None
    needs = NEEDS.match(text)
    if not needs:
        raise ValueError(f"not understood: {text.splitlines()[0]}")
    name, relation, wanted, why = needs.groups()
    compare = operator.lt if relation == "<" else operator.ge
    here = VERSIONS[name]
    if compare(here, version(wanted)):
        return None
    return f"needs {name}{relation}{wanted}, here is {'.'.join(map(str, here))}: {why}"


def by_python(text):
    """What the program prints, and its exception, in the form of run_program."""
    for name, module in list(sys.modules.items()):  # each program imports anew what stands beside it
        if (getattr(module, "__file__", None) or "").startswith(BESIDE):
            del sys.modules[name]
    if VERSIONS["numpy"] >= (2,):  # scalars without their type, arrays without their shape
        numpy.set_printoptions(legacy="1.25")
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(text, "<program>", "exec"), {"__name__": "__main__"})
    except BaseException as error:  # a program may raise anything
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "<program>"]
        name = type(error).__name__.lstrip("_")
        output.write(f"!!! {name}: {error} @{lines[-1] if lines else 0}\n")
    return output.getvalue()


def normalized(text, loosely):
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    if loosely:
        text = re.sub(r"!!! (\w+): .* @(\d+)", r"!!! \1 @\2", text, flags=re.S)
    return text


DIGITS = re.compile(r"\s*(-?\d+\.\d{10,}(?:e[-+]\d+)?)")


def alike(expected, actual):
    """Whether two texts are equal but for the last digits of numbers that are printed whole."""
    ours, theirs = DIGITS.split(actual), DIGITS.split(expected)
    return ours[::2] == theirs[::2] and all(
        a == b or abs(float(a) - float(b)) <= 1e-13 * abs(float(b))
        for a, b in zip(ours[1::2], theirs[1::2]))


PROGRAMS = ("language.txt", "language_habits.txt", "torch.txt", "torch_habits.txt", "numpy.txt", "beside.txt",
            "modules.txt", "torch_modules.txt")


def compared(run_program, name, show):
    """How many programs of the file behave as in Python, are compared, and are skipped."""
    path = os.path.join(HERE, name)
    with open(path, encoding="utf-8") as file:
        programs = file.read().split("---\n")
    ours, equal, skipped = by_evaluator(run_program, path), 0, 0
    for number, text in enumerate(programs):
        why = why_skipped(text)
        if why:
            skipped += 1
            print(f"skipped: {name}, program {number} {why}")
            continue
        loosely = text.startswith("# message differs") or sys.version_info >= (3, 13)
        expected = normalized(by_python(text), loosely)
        actual = normalized(ours.get(number, "(nothing)"), loosely)
        same = expected == actual or ("numpy" in text and alike(expected, actual))
        equal += same
        if not same and show:
            print(f"{name}, program {number}:\n{text}Python: {expected}ours:   {actual}")
    return equal, len(programs) - skipped, skipped


def main():
    os.chdir(BESIDE)
    sys.path.insert(0, BESIDE)
    sys.dont_write_bytecode = True
    counts = [compared(sys.argv[1], name, True) for name in PROGRAMS]
    equal, total, skipped = (sum(column) for column in zip(*counts))
    print(f"{equal} of {total} programs behave as in Python, {skipped} are skipped")
    later, rest, _ = compared(sys.argv[1], "not_yet.txt", False)
    print(f"{later} of the {rest} that are not yet taken do")
    return 1 if equal < total else 0


if __name__ == "__main__":
    sys.argv[1] = os.path.abspath(sys.argv[1])
    sys.exit(main())
