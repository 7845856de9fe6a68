"""What the program said of an item, held against what it should have said."""
import dataclasses
import re

import eager

# The words of a front end that does not know a spelling; everything else is an error of the check.
REFUSAL = re.compile(
    r"there is no operator|takes at most|attribute lookup|is not defined|expects? |has no |"
    r"cannot be used|is not a |expected |unknown|not supported|does not take|needs a|missing|"
    r"must be|argument|could not|cannot be", re.IGNORECASE)
CRASH = re.compile(r"signal|killed|took longer|memory|crash|worker|terminated|internal|INTERNAL")

KINDS = ["false alarm", "inconclusive", "miss", "error", "not taken"]


@dataclasses.dataclass
class Outcome:
    kind: str       # one of KINDS, or "pass", "caught", "undecided", "at a kink"
    item: object
    path: str
    case: dict      # of the JSON report
    plant: object = None


def is_refusal(case):
    """Whether the front end did not take the program (and the check itself did not go wrong)."""
    message = case.get("message", "")
    return case["verdict"] == "error" and not CRASH.search(message)


def of_right(item, path, case):
    kinds = {"pass": "pass", "fail": "false alarm", "inconclusive": "inconclusive"}
    kind = kinds.get(case["verdict"]) or ("not taken" if is_refusal(case) else "error")
    return Outcome(kind, item, path, case)


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
