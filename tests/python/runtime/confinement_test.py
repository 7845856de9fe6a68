"""Attempts to leave the evaluator: files, processes, code of its own, memory that is not the program's.

Usage: confinement_test.py RUN_PROGRAM. Each program of escapes.txt has to end in an exception at its
last statement, and none may end the evaluator.
"""

import os
import sys

from evaluator import by_evaluator

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "escapes.txt")


def main():
    with open(PATH, encoding="utf-8") as file:
        programs = file.read().split("---\n")
    answers = by_evaluator(sys.argv[1], PATH)
    escaped = [n for n in range(len(programs)) if not answers.get(n, "").startswith("!!! ")]
    for number in escaped:
        print(f"not refused: program {number}:\n{programs[number]}gives {answers.get(number)}")
    print(f"{len(programs) - len(escaped)} of {len(programs)} attempts are refused")
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main())
