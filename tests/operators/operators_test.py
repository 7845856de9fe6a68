#!/usr/bin/env python3
"""Every operator that PyTorch differentiates, at values of several scales, held against Python's.

    operators_test.py PROGRAM [--operators GLOB] [--samples N] [--seed S] [--sample-of K]

Each call of PyTorch's own table of operators becomes a case with the gradients that eager autograd
computes in the case's dtype: they pass. With one element off by 1e-8 (float64) or 1e-3 (float32)
of its gradient's largest, or the smallest element doubled, they never match. Exit status 1 where
a right gradient fails, a wrong one matches, or a check goes wrong.

operator_database.py  the table        rendering.py  a call as a program's text
values.py             what is drawn    calls.py      a call with values, and its gradients
eager.py              Python's answer  short_arithmetic.py   what rounding does to it
planting.py           mistakes         running.py    the program
judging.py            its answer       table.py      what is printed
"""
import argparse
import dataclasses
import fnmatch
import pathlib
import sys
import tempfile
import zlib

try:
    import numpy as np
    import torch

    import operator_database
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

import calls
import judging
import planting
import running
import table


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--operators", default="*", metavar="GLOB")
    parser.add_argument("--items", default="*", metavar="GLOB", help="operator@sample-draw-dtype")
    parser.add_argument("--samples", type=int, default=2, metavar="N", help="calls an operator")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", choices=["float64", "float32"], action="append")
    parser.add_argument("--sample-of", type=int, default=1, metavar="K", help="one operator in K")
    parser.add_argument("--keep", metavar="FOLDER", help="leave the case files there")
    parser.add_argument("--report", metavar="FILE", help="all that is not as wanted, and counts")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    return parser.parse_args()


def chosen(given):
    every = operator_database.operators()
    pattern = given.operators if given.items == "*" else given.items.split("@")[0]
    return [o for o in every if fnmatch.fnmatchcase(o.id, pattern)
            and (given.items != "*" or o.number(given.seed) % given.sample_of == 0)]


def made_items(operators, given, skipped):
    for operator in operators:
        for dtype in given.dtype or ["float64", "float32"]:
            for item in calls.items(operator, dtype, given.samples, given.seed, skipped):
                if fnmatch.fnmatchcase(item.id, given.items):
                    yield item


def check_right(program, items, seed):
    """Each item with its right gradients, in the first spelling that is taken."""
    outcomes, waiting = {}, list(items)
    while waiting:
        paths = {running.write(program.folder, i, i.gradients, "right"): i for i in waiting}
        cases = program.check(list(paths))
        waiting = []
        for path, item in paths.items():
            outcomes[item.id] = judging.of_right(item, path, cases[path])
            if outcomes[item.id].kind != "not taken":
                continue
            if item.taken + 1 < len(item.spellings):
                waiting.append(dataclasses.replace(item, taken=item.taken + 1))
            else:
                other = calls.with_next_call(item, seed)
                waiting += [other] if isinstance(other, calls.Item) else []
    return list(outcomes.values())


def check_wrong(program, planted):
    paths = {running.write(program.folder, item, plant.gradients, plant.kind): (item, plant)
             for item, plant in planted}
    cases = program.check(list(paths))
    return [judging.of_planted(item, path, cases[path], plant)
            for path, (item, plant) in paths.items()]


def run(program, made, seed):
    """A part of the items: right first, then wrong where right was not refused."""
    outcomes = check_right(program, made, seed)
    planted = []
    for outcome in outcomes:
        item = calls.as_taken(outcome.item, seed)
        rng = np.random.RandomState(zlib.crc32(f"{seed} {item.id}".encode()))
        if outcome.kind in ("pass", "false alarm", "inconclusive"):
            planted += [(item, plant) for plant in planting.plants(item, rng)]
    return outcomes + check_wrong(program, planted)


def parts(items, size=600):
    part = []
    for item in items:
        part.append(item)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def main():
    given = options()
    torch.set_num_threads(1)
    command = f"python3 {sys.argv[0]} {given.program} --seed {given.seed} --samples {given.samples}"
    try:
        operators, skipped, outcomes = chosen(given), [], []
    except ImportError as missing:  # PyTorch's own test table is not in every package of it
        print(f"skipped: {missing}")
        return 77
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(given.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        program = running.Program(given.program, folder, given.jobs)
        for part in parts(made_items(operators, given, skipped)):
            done = run(program, part, given.seed)
            outcomes += done
            for outcome in table.failed(done):
                print(table.describe(outcome, command), flush=True)
    print(table.summary(outcomes, skipped, len(operators)))
    if given.report:
        noted = [o for o in outcomes if o.kind in judging.KINDS or o.kind == "wrong in Python"]
        pathlib.Path(given.report).write_text("\n".join(
            [table.describe(o, command) for o in noted] + ["", table.per_operator(outcomes)]))
    return 1 if table.failed(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
