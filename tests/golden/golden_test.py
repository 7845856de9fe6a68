"""Holds what people read, the text report, against the files beside this one: byte for byte, but for
times and the finite differences' own errors, which differ from machine to machine.

With GRADIENT_CHECK_UPDATE_GOLDEN=1 it writes them instead; read the difference before committing it.
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys

CASES = {
    "pass": "cases/notebook/xor_repaired.json",
    "kink": "cases/bugs/kink_relu.json",
    "kink_other_choice": "cases/bugs/kink_other_choice.json",
    "two_mistakes": "cases/bugs/tanh_slope_not_squared.json",
    "shape_mismatch": "cases/bugs/shape_mismatch.json",
    "missing_gradient": "cases/bugs/missing_gradient.json",
    "reference_wrong": "cases/bugs/detached_branch.json",
    "nondeterministic": "cases/bugs/random_backward.json",
    "mutates_input": "cases/bugs/mutates_input.json",
    "mutates_parameter": "cases/bugs/updates_parameter_in_step.json",
    "precision_loss": "cases/bugs/float32_inside.json",
    "non_finite_input": "cases/layers/max_pool2d_not_a_number.json",
    "log_of_zero": "cases/nan/bce_by_hand.json",
    "infinite_slope": "cases/nan/where_does_not_hide_the_root.json",
    "all_masked": "cases/nan/attention_with_a_dead_row.json",
    "dead_relu": "cases/nan/all_units_dead.json",
    "error_missing_argument": "cases/notebook/regression_sub.json",
    "error_operator": "cases/notebook/regression_xor_operator.json",
    "malformed_key": "tests/malformed/001_top_key.json",
    "malformed_layer_type": "tests/malformed/047_layer_type.json",
    "malformed_ragged": "tests/malformed/023_ragged.json",
}


def report(binary, root, options, files):
    run = subprocess.run([binary, "--color", "never", *options, *files], cwd=root,
                         capture_output=True, text=True)
    assert not run.stderr, run.stderr
    text = re.sub(r"\b\d+ ms", "N ms", run.stdout)
    text = re.sub(r" in \d+\.\d+ s\b", " in N s", text)
    text = text.replace("NotImplementedError: \"", "RuntimeError: \"")  # newer LibTorch
    return re.sub(r"± \S+", "± E", text) + f"exit status {run.returncode}\n"


def reports(binary, root):
    """The text of every case, all in one process but for the one that is not verbose."""
    text = report(binary, root, ["-v"], [file for name, file in CASES.items() if name != "pass"])
    *parts, summary = re.split(r"^(?=(?:ok   |FAIL |ERROR) |\d+ cases)", text, flags=re.MULTILINE)[1:]
    found = dict(zip([name for name in CASES if name != "pass"], parts, strict=True))
    found["pass"] = report(binary, root, [], [CASES["pass"]])
    found["summary"] = summary
    return found


def main():
    binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
    folder = root / "tests/golden"
    update = os.environ.get("GRADIENT_CHECK_UPDATE_GOLDEN") == "1"
    failures = 0
    texts = reports(binary, root)
    for name, found in texts.items():
        file = folder / f"{name}.txt"
        if update:
            file.write_text(found)
            continue
        expected = file.read_text() if file.exists() else ""
        if found != expected:
            failures += 1
            sys.stdout.writelines(difflib.unified_diff(
                expected.splitlines(True), found.splitlines(True), str(file), "found"))
    for file in folder.glob("*.txt"):
        if file.stem not in texts:
            print(f"{file} belongs to no case")
            failures += 1
    sys.exit(1 if failures else 0)


main()
