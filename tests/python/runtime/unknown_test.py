"""Programs that use modules which are not here: what carries, and what the error asks the case for.

Usage: unknown_test.py RUN_PROGRAM. What each program of unknown.txt has to print, and its error, stands
in its lines "#> ".
"""

import os
import re
import sys

from evaluator import by_evaluator

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "unknown.txt")


def main():
    with open(PATH, encoding="utf-8") as file:
        programs = file.read().split("---\n")
    answers, wrong = by_evaluator(sys.argv[1], PATH), 0
    for number, program in enumerate(programs):
        expected = "".join(line + "\n" for line in re.findall(r"^#> (.*)$", program, re.M))
        if answers.get(number) != expected:
            wrong += 1
            print(f"program {number}:\n{program}gives {answers.get(number)}")
    print(f"{len(programs) - wrong} of {len(programs)} programs behave as written")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
