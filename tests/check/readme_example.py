"""The example of the README: its text is the file's, its output is what the program prints."""
import pathlib
import re
import subprocess
import sys

binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
readme = (root / "README.md").read_text()
source = (root / "tests/check/scaled_tanh_example.cpp").read_text()
assert source in readme, "README.md does not hold tests/check/scaled_tanh_example.cpp as it is"
assert len(source.splitlines()) == 25
run = subprocess.run([binary, "--gtest_color=no"], capture_output=True, text=True)
assert run.returncode == 1, run.returncode
shown = readme[readme.index(source):].split("```")[2].strip("\n").splitlines()
printed = run.stdout.splitlines()


def steady(line):
    """Without what changes from run to run or with LibTorch: times, paths, random numbers, widths."""
    line = re.sub(r"\d+ ms|\d+\.\d+ s|-?\d+\.?\d*(e-?\d+)?|^.*scaled_tanh_example", "#", line)
    return " ".join(line.split())


missing = [line for line in shown if line.strip() and steady(line) not in map(steady, printed)]
assert not missing, "\n".join(["in the README and not printed:", *missing, "printed:", *printed])
