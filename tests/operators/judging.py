"""What the program said of an item, held against what it should have said."""
import dataclasses
import re

import eager

# The words of a front end that does not know a spelling; everything else is an error of the check.
REFUSAL = re.compile(r"(module 'torch\S*'|'Tensor' object) has no attribute|"
                     r"may not be used in a program|received an invalid combination of arguments")

# Operators that are defined on symmetric or triangular matrices alone: their gradients are not
# what single elements move the loss by, and pass nevertheless.
CONVENTIONS = re.compile(r"(linalg\.)?(cholesky|eigh|eigvalsh)|symeig|.*hermitian|lu_|.*triangular")

KINDS = ["false alarm", "inconclusive", "miss", "error", "not taken"]


@dataclasses.dataclass
class Outcome:
    kind: str       # one of KINDS, or "pass", "caught", "undecided", "at a kink", "wrong in Python"
    item: object
    path: str
    case: dict      # of the JSON report
    plant: object = None


def is_refusal(case):
    """Whether the front end did not take the program (and the check itself did not go wrong)."""
    message = case.get("message", "")
    return case["verdict"] == "error" and bool(REFUSAL.search(message))


def of_right(item, path, case):
    kinds = {"pass": "pass", "fail": "false alarm", "inconclusive": "inconclusive"}
    kind = kinds.get(case["verdict"]) or ("not taken" if is_refusal(case) else "error")
    if kind in ("false alarm", "inconclusive") and _python_is_wrong(item, case):
        kind = "wrong in Python"
    return Outcome(kind, item, path, case)


def _python_is_wrong(item, case):
    """Whether differences of our own bear the program out, at the place it names."""
    if CONVENTIONS.match(item.operator):
        return False
    for gradient in case.get("gradients", []):
        if gradient["verdict"] == "match" or "worst" not in gradient:
            continue
        if eager.is_refuted(item.lines, item.arrays, item.gradients[gradient["name"]],
                            gradient["name"], tuple(gradient["worst"]["index"])):
            return True
    return False


def of_planted(item, path, case, plant):
    verdicts = {g["name"]: g["verdict"] for g in case.get("gradients", [])}
    verdict = verdicts.get(plant.name)
    kind = {"mismatch": "caught", "inconclusive": "undecided"}.get(verdict, "error")
    if case["verdict"] == "fail" and verdict == "missing":
        kind = "caught"
    if verdict == "match":
        smooth = eager.is_smooth(item.lines, item.arrays, list(item.gradients), plant.name,
                                 plant.index, plant.error)
        kind = "miss" if smooth else "at a kink"
    return Outcome(kind, item, path, case, plant)
