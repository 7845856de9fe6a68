"""Every operator that PyTorch differentiates, as Python writes it, by our evaluator.

    operators_test.py RUN_PROGRAM [--operators GLOB] [--samples N] [--seed S] [--sample-of K]

The calls of PyTorch's own table become programs with their values in them, which print a loss and
its gradients. Exit status 1 where an answer is not eager PyTorch's, or where fewer than 97 % of the
operators are taken in some spelling.
"""
import argparse
import ast
import fnmatch
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "operators"))

try:
    import numpy as np
    import torch

    import calls
    import eager
    import operator_database
    import rendering
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

LEAST_TAKEN = 0.97

# PyTorch 1.13's gradient of it is memory that was never written.
UNWRITTEN = ["as_strided_scatter"]


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--operators", default="*", metavar="GLOB")
    parser.add_argument("--samples", type=int, default=2, metavar="N", help="calls an operator")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sample-of", type=int, default=1, metavar="K", help="one operator in K")
    parser.add_argument("--verbose", action="store_true", help="show what is not taken")
    return parser.parse_args()


def literal(array):
    text = repr(array.tolist()).replace("inf", 'float("inf")').replace("nan", 'float("nan")')
    return f"torch.tensor({text}, dtype=torch.{array.dtype}).reshape({list(array.shape)})"


def text_of(lines, arrays, wanted):
    """A whole program: the values, the call, and what comes out."""
    body = ["import math", "import torch", "torch.manual_seed(0)", *lines]
    body += [f"{name} = {literal(array)}" for name, array in arrays.items()]
    body += [f"{name}.requires_grad_()" for name in wanted]
    body += [f"loss = forward({', '.join(arrays)})", "print(loss.item())", "loss.backward()"]
    body += [f"print([] if {n}.grad is None else {n}.grad.to_dense().tolist())" for n in wanted]
    return "\n".join(body) + "\n"


def draws(operator, count, seed):
    """Programs of the operator: a list of spellings a call, with its values."""
    rng = np.random.RandomState(operator.number(seed) % 2**32)
    made = []
    for sample in operator.samples(torch.float64, seed)[:4 * count]:
        try:
            spellings, weights, arrays, wanted = calls.programs(operator, sample)
        except (calls.Skipped, rendering.Unrenderable):
            continue
        except Exception:  # the call itself
            continue
        values = arrays | {n: rng.uniform(0.5, 2, shape) for n, shape in weights.items()}
        made.append((spellings, values, wanted))
        if len(made) == count:
            break
    return made


def by_evaluator(program, texts):
    """What each prints, by number."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("---\n".join(texts))
        file.flush()
        run = subprocess.run([program, file.name], capture_output=True, text=True, check=False)
    parts = run.stdout.split("=== ")[1:]
    if run.returncode or len(parts) != len(texts):
        print(f"run_program ends with {run.returncode}: {run.stderr[-300:]}")
    return {int(p.split("\n", 1)[0]): p.split("\n", 1)[1] for p in parts}


def numbers(line):
    return np.array(ast.literal_eval(line.replace("inf", "1e999").replace("nan", '"nan"')), float)


def is_right(printed, expected):
    """Both are lines of numbers; None where ours raised."""
    lines = printed.strip().split("\n")
    if "!!!" in printed or len(lines) != len(expected):
        return None
    return all(a.shape == b.shape and np.allclose(a, b, rtol=1e-12, atol=1e-12, equal_nan=True)
               for a, b in zip(map(numbers, lines), expected))


def expected_of(lines, values, wanted):
    torch.manual_seed(0)
    loss, found = eager.gradients(lines, values, wanted)
    return [np.array(loss)] + [found.get(name, np.array([])) for name in wanted]


def main():
    given = options()
    torch.set_num_threads(1)
    operators = [o for o in operator_database.operators()
                 if fnmatch.fnmatchcase(o.id, given.operators) and o.id not in UNWRITTEN
                 and o.number(given.seed) % given.sample_of == 0]
    jobs = []  # (operator, call, spelling, text, expected)
    for operator in operators:
        try:
            made = draws(operator, given.samples, given.seed)
        except Exception as error:  # the table's own generators
            print(f"{operator.id}: {type(error).__name__}")
            continue
        for call, (spellings, values, wanted) in enumerate(made):
            for lines in spellings:
                if "torch.ops." in "".join(lines):  # no name of PyTorch's documentation
                    continue
                try:
                    expected = expected_of(lines, values, wanted)
                except Exception:  # outside of the operator's domain
                    continue
                jobs.append((operator.id, call, lines, text_of(lines, values, wanted), expected))
    printed = by_evaluator(given.program, [job[3] for job in jobs])
    taken, wrong, refused = {}, [], {}
    for number, (name, call, lines, _, expected) in enumerate(jobs):
        right = is_right(printed.get(number, "!!!"), expected)
        taken[name] = taken.get(name, False) or bool(right)
        if right is None:
            refused.setdefault(name, []).append((lines, printed.get(number, "!!! nothing")))
        elif not right:
            wrong.append((name, lines, printed[number][:300], str(expected)[:300]))
    for name, lines, ours, theirs in wrong:
        print(f"wrong: {name}", *lines, f"ours: {ours}theirs: {theirs}", sep="\n    ")
    for name, spellings in refused.items():
        for lines, why in spellings if given.verbose or not taken[name] else []:
            print(f"{'spelling not taken' if taken[name] else 'not taken'}: {name}", *lines[1:-1],
                  why.strip().split("\n")[-1][:250], sep="\n    ")
    share = sum(taken.values()) / max(1, len(taken))
    spellings = sum(is_right(printed.get(n, "!!!"), job[4]) is True for n, job in enumerate(jobs))
    print(f"{sum(taken.values())} of {len(taken)} operators taken ({100 * share:.1f} %), "
          f"{spellings} of {len(jobs)} spellings, {len(wrong)} wrong")
    return 1 if wrong or share < LEAST_TAKEN else 0


if __name__ == "__main__":
    sys.exit(main())
