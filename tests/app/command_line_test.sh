#!/usr/bin/env bash
# The command line as a user types it: exit statuses, streams, formats.
set -u
binary=$1 root=$2 operators=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

source "$root/tests/app/expect.sh"

good=$root/cases/notebook/xor_repaired.json
python3 - "$root" "$work" <<'PY'
import json, pathlib, shutil, sys
root, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
case = json.loads((root / "cases/notebook/xor_as_written.json").read_text())
del case["expect"]
(work / "bad.json").write_text(json.dumps(case))
shutil.copy(root / "cases/notebook/xor_as_written.py", work)
(work / "broken.json").write_text("{")
def program(name, *lines):
    case = {"parameters": {"a": [1.0, 2.0]}, "program": {"source": ["def forward(a):", *lines]}}
    (work / name).write_text(json.dumps(case))
program("prints.json", "    print('said aloud')", "    return (a * a).sum()")
program("parentheses.json", "    return (", *["    " + "(" * 5000] * 20, "    a",
        *["    " + ")" * 5000] * 20, "    )")
program("line.json", "    return a." + "b" * 100000)
program("terms.json", "    return (a", *["    " + " + a" * 2000] * 25, "    )")
PY

expect 0 "a good case" "$binary" "$good"; contains out "1 passed"
expect 1 "a wrong gradient" "$binary" "$work/bad.json"; contains out "error["
expect 2 "an invalid case" "$binary" "$work/broken.json"
expect 2 "error beats failure" "$binary" "$work/broken.json" "$work/bad.json"
expect 2 "no such file" "$binary" "$work/none.json"; contains err "no such file"
expect 2 "no path" "$binary"
expect 2 "an unknown option" "$binary" --nonsense "$good"
expect 2 "an unknown format" "$binary" --format jsn "$good"; contains err "did you mean 'json'"
expect 2 "no case matched" "$binary" --filter nothing "$good"
expect 0 "no case allowed" "$binary" --allow-empty --filter nothing "$good"
expect 0 "help" "$binary" --help; contains out "--filter"
expect 0 "version" "$binary" --version; contains out "gradient-check 0"
expect 0 "list" "$binary" --list "$root/cases/notebook"; contains out "xor_repaired.json:XOR repaired"
expect 0 "filter by name" "$binary" --list --filter '*XOR*-*written*:*training*' "$root/cases/notebook"
[ "$(wc -l <"$work/out")" -eq 1 ] || { echo "FAILED: filter"; failures=$((failures + 1)); }
expect 0 "shard" "$binary" --list --shard 1/3 "$root/cases/notebook"
[ "$(wc -l <"$work/out")" -eq 2 ] || { echo "FAILED: shard"; failures=$((failures + 1)); }
expect 0 "GoogleTest's shard" env GTEST_TOTAL_SHARDS=6 GTEST_SHARD_INDEX=5 "$binary" --list "$root/cases/notebook"
[ "$(wc -l <"$work/out")" -eq 1 ] || { echo "FAILED: GTEST shard"; failures=$((failures + 1)); }
expect 2 "a shard out of range" "$binary" --shard 3/3 "$good"
expect 1 "fail fast" "$binary" --fail-fast "$work/bad.json" "$good"; contains out "1 skipped"
expect 0 "explain" "$binary" --explain kink; contains out "subgradient"
expect 0 "the list of rules" "$binary" --explain; contains out "shape-mismatch"
expect 2 "an unknown rule" "$binary" --explain knik; contains err "did you mean 'kink'"
expect 2 "json of an invalid case" "$binary" --format json "$work/broken.json"
python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$work/out" || failures=$((failures + 1))
expect 0 "a program that prints" "$binary" --format json "$work/prints.json"; contains err "said aloud"
python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$work/out" || failures=$((failures + 1))
expect 2 "nested parentheses" "$binary" "$work/parentheses.json"; contains out "brackets stand in each other more than 200 deep"
expect 2 "thousands of terms" "$binary" "$work/terms.json"; contains out "nested more than 1000 deep"
expect 2 "an endless name" "$binary" "$work/line.json"; contains out "has no attribute 'bbbb"; [ "$(wc -c <"$work/out")" -lt 2000 ] || failures=$((failures + 1))
expect 1 "the notebook's figures" "$binary" --format json --output "junit:$work/r.xml" "$work/bad.json"
python3 - "$work/out" <<'PY' || failures=$((failures + 1))
import json, sys
case = json.load(open(sys.argv[1]))["cases"][0]
assert case["verdict"] == "fail" and case["as_expected"] is None
for gradient in case["gradients"]:
    worst = gradient["worst"]
    factor = -4 if gradient["name"].startswith("w") else -1
    assert gradient["wrong"] == "manual", gradient
    assert abs(worst["manual"] / worst["autograd"] - factor) < 1e-4, gradient
    assert abs(worst["finite_difference"] - worst["autograd"]) <= worst["finite_difference_error"], gradient
PY
[ -s "$work/r.xml" ] && [ -z "$(ls "$work" | grep tmp)" ] || { echo "FAILED: --output"; failures=$((failures + 1)); }
"$binary" --shard 0/2 --format json "$root/cases/notebook" >"$work/s0.json"
"$binary" --shard 1/2 --format json "$root/cases/notebook" >"$work/s1.json"
expect 0 "merge" "$binary" --merge "$work/s0.json" "$work/s1.json"; contains out "7 cases: 7 passed"
expect 1 "the notebook's diagnosis" "$binary" "$work/bad.json"
contains out "d_loss is -4 times ∂loss/∂p"; contains out "xor_as_written.py:19:5"
contains out "b1 takes a mean where a sum belongs"; contains out "warning[guard-bias]"
expect 1 "diff" "$binary" --diff "$work/bad.json"
contains out "+    d_loss = -((y / p) - (1 - y) / (1 - p)) / y.size(0)"
cp -r "$work" "$work.fixed"
sed "s#^\(---\|+++\) [ab]/*$work/#\1 #" "$work/out" | patch -s -d "$work.fixed" || failures=$((failures + 1))
expect 0 "the patched program" "$binary" "$work.fixed/bad.json"
rm -r "$work.fixed"
expect 1 "fix" "$binary" --fix "$work/bad.json"; contains err "written to"
expect 0 "the fixed program" "$binary" "$work/bad.json"
expect 2 "merging no report" "$binary" --merge "$work/bad.json"; contains err "is not a JSON report"
expect 2 "a report nowhere" "$binary" --output "json:$work/no/such/r.json" "$good"; contains err "cannot write"
# A report goes into what is no file, and through a link; neither is replaced.
mkfifo "$work/pipe"; cat "$work/pipe" >"$work/from_pipe" & ln -s target.json "$work/link.json"; echo old >"$work/target.json"
expect 0 "reports into odd places" "$binary" --output "json:$work/pipe" --output "json:$work/link.json" \
  --output json:/dev/null --output json:/dev/stdout "$good"
wait $!; contains from_pipe schema_version; contains out schema_version; contains target.json schema_version
[ -p "$work/pipe" ] && [ -L "$work/link.json" ] && [ -c /dev/null ] || { echo "FAILED: an odd place is now a file"; failures=$((failures + 1)); }
expect 2 "a report into a full disk" "$binary" --output json:/dev/full "$good"; contains err "cannot write /dev/full: No space left"
expect 2 "a report into a folder" "$binary" --output "json:$work" "$good"; contains err "Is a directory"
expect 2 "a full disk" bash -c "'$binary' '$good' > /dev/full"
expect 0 "no color in a pipe" "$binary" "$good"; grep -q $'\x1b' "$work/out" && failures=$((failures + 1))
expect 0 "color when asked" "$binary" --color always "$good"; contains out $'\x1b['
expect 2 "no such device" "$binary" --device gpu "$good"; contains err "'gpu' is no device: write cpu, cuda or cuda:1"
expect 2 "a device's number" "$binary" --device cuda:x "$good"; contains err "is no device"
# cpu:0 goes the way that every device but cpu goes: there, and back.
expect 0 "another device" "$binary" --device cpu:0 "$root/cases/programs" "$root/cases/notebook" "$root"/cases/bugs/mutates_*.json
if command -v nvidia-smi >/dev/null; then
  expect 0 "a GPU" "$binary" --device cuda "$root/cases/programs"
else
  expect 2 "no GPU" "$binary" --device cuda "$good"; contains err "this LibTorch is without CUDA, or finds no GPU"
fi
# The example of recorded gradients, as its first lines say to run it.
mkdir "$work/recorded" && cp "$root"/cases/recorded/trainer.{c,json} "$work/recorded"
expect 0 "the C trainer" bash -c "cd '$work/recorded' && ${CC:-cc} -O2 trainer.c -lm -o trainer && ./trainer"
contains out "before the first update: loss 0.730335"
expect 0 "what it wrote" "$binary" "$work/recorded/trainer.json"
sed -i 's/(1 - a\[h\] \* a\[h\])/(1 - a[h])/' "$work/recorded/trainer.c"
expect 0 "the C trainer with a wrong slope" bash -c "cd '$work/recorded' && ${CC:-cc} -O2 trainer.c -lm -o trainer && ./trainer"
expect 1 "what that wrote" "$binary" "$work/recorded/trainer.json"; contains out "the manual gradient of w1 is wrong"
expect 1 "SARIF" "$binary" --format sarif --output "sarif:$work/r.sarif" "$work/recorded/trainer.json"; contains out '"version": "2.1.0"'
cmp -s "$work/out" "$work/r.sarif" || { echo "FAILED: two SARIF reports differ"; failures=$((failures + 1)); }
expect 0 "a starter" "$binary" --new "$work/my net.json"; contains out "run: gradient-check"
expect 0 "the starter's case" "$binary" "$work/my net.json"; contains out "(my net)"
expect 2 "a starter over a file" "$binary" --new "$work/my net.json"; contains err "exists already"
expect 2 "a starter of another kind" "$binary" --new "$work/case.py"; contains err "ends in .json"
sed -i 's/d_a1 \* (1 - a1 \* a1)/d_a1 * (1 - a1)/' "$work/my net.py"
expect 1 "the starter with a mistake" "$binary" "$work/my net.json"; contains out "my net.py:19"
expect 0 "a custom operator" "$binary" --load "$operators" --load "$operators" "$root/tests/libraries/fused_swiglu.json"
expect 1 "a custom operator's wrong backward" "$binary" --load "$operators" "$root/tests/libraries/fused_swiglu_wrong.json"
contains out "error[reference-wrong]"
expect 2 "an operator without its library" "$binary" "$root/tests/libraries/fused_swiglu.json"; contains out "needs its library: --load LIBRARY.so"
expect 2 "no such library" "$binary" --load "$work/none.so" "$good"; contains err "cannot load $work/none.so"
expect 2 "no library" "$binary" --load "$good" "$good"; contains err "cannot load"

# What Bazel puts into the environment.
expect 0 "Bazel's variables" env TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=1 "TEST_SHARD_STATUS_FILE=$work/understood" \
  "XML_OUTPUT_FILE=$work/bazel.xml" "$binary" "$root/cases/notebook"
[ -e "$work/understood" ] && grep -q '<testsuites tests="3"' "$work/bazel.xml" || { echo "FAILED: Bazel"; failures=$((failures + 1)); }

# Workers: limits, interruption, and what a case prints.
echo '{"parameters": {"x": [1.0]}, "program": {"source": ["def forward(x):", "    while True:", "        x = x + 1", "    return x.sum()"]}}' >"$work/endless.json"
mkdir "$work/ends"; cp "$work/endless.json" "$work/ends/b.json"; cp "$work/prints.json" "$work/ends/a.json"
expect 2 "a time limit" "$binary" --timeout 0.5 "$work/ends"
contains out "ended after 0.5 seconds (--timeout); the last operation was aten::"; contains out "b.json#/program/source:3"
contains out "1 passed"; contains err "said aloud"
expect 2 "no such memory" "$binary" --memory 1 "$good"; contains err "at least 256 MiB"
expect 2 "no such timeout" "$binary" --timeout -1 "$good"
"$binary" --timeout 30 --output "json:$work/interrupted.json" "$work/ends" >"$work/out" 2>"$work/err" &
interrupted=$!
# Once it has told of the first case; the second never ends by itself.
for _ in $(seq 250); do sleep 0.1; grep -q "said aloud" "$work/err" && break; done
kill -TERM $interrupted; wait $interrupted
[ $? -eq 2 ] || { echo "FAILED: the exit of an interrupted run"; failures=$((failures + 1)); }
contains err "interrupted by SIGTERM"; contains out "1 passed"; contains interrupted.json '"skipped": 1'
mkdir "$work/alone" && cp "$binary" "$work/alone/gradient-check"
expect 2 "a program without its worker" "$work/alone/gradient-check" "$good"; contains err "gradient-check-worker is missing"
ln -s /etc/passwd "$work/elsewhere.json" && mkdir "$work/linked" && mv "$work/elsewhere.json" "$work/linked/x.json"
# It costs itself alone, and nothing of what it leads to is read.
cp "$root/tests/packaging/square.json" "$work/linked/y.json"
echo '{"name": "a secret", "inputs": {"input": [[1, 2]]}, "layers": [{"type": "tanh"}]}' >"$work/elsewhere.json" && ln -s ../elsewhere.json "$work/linked/z.json"
expect 2 "a link that leads out" "$binary" "$work/linked"; contains out "error: a symbolic link that leads outside of $work/linked"
contains out "1 passed, 0 failed, 2 errors"
expect 2 "links that lead out, and the first failure" "$binary" --fail-fast --format json "$work/linked"
contains out '"skipped": 2'; contains_not out "a secret"
expect 0 "a list of links that lead out" "$binary" --list "$work/linked"; contains out "z.json:z"
expect 0 "a link that leads out by its name" "$binary" "$work/linked/z.json"; contains out "(a secret)"
# Nor when what failed is run again, by its report; named it is read.
"$binary" -q --output "json:$work/refused.json" "$work/linked" >"$work/out"
expect 2 "refused links again" "$binary" --rerun-failed "$work/refused.json"; contains out "2 errors"; contains_not out "a secret"
expect 2 "refused links of a folder again" "$binary" --rerun-failed "$work/refused.json" "$work/linked"; contains out "2 errors"
expect 0 "a refused link by its name" "$binary" --rerun-failed "$work/refused.json" "$work/linked/z.json"; contains out "(a secret)"
rm "$work/elsewhere.json"
expect 2 "a link that leads nowhere" "$binary" "$work/linked"; contains out "2 errors"
long=$(printf 'a%.0s' $(seq 5000))
expect 0 "what failed below a name too long" "$binary" --rerun-failed "$work/refused.json" "$long"; contains err "no case of"
expect 2 "no filter for reports" "$binary" --merge --filter 'a*' "$work/refused.json"; contains err "--filter is for the run that makes them"
mkdir -p "$work/kinds/folder.json" && mkfifo "$work/kinds/pipe.json" && ln -s "$root" "$work/kinds/link.json"
expect 2 "a pipe and folders" "$binary" "$work/kinds"; contains out "not a regular file"; contains out "1 case:"
# A folder too deep to be open all the way hides nothing, and one that cannot be read is an error.
deep=$work/deep; mkdir "$deep"; cp "$root/tests/packaging/square.json" "$deep/a.json"
# deepen FOLDERS: below the deepest that there is, with a case whose gradient is wrong
deepen() {
  python3 - "$deep" "$1" <<'PYTHON'
import os, sys
os.chdir(sys.argv[1])
while os.path.isdir("d"):
    os.chdir("d")
for _ in range(int(sys.argv[2])):
    os.mkdir("d")
    os.chdir("d")
with open("wrong.json", "w") as file:
    file.write('{"inputs": {"x": [1]}, "parameters": {"w": [1]}, "program": {"source": '
               '["def step(x, w):", "    return (x * w).sum(), {\\"w\\": -x}"]}}')
PYTHON
}
deepen 300
expect 1 "a deep folder" bash -c "ulimit -n 64; '$binary' '$deep'"; contains out "2 cases: 1 passed, 1 failed"
deepen 1900
expect 2 "a folder too deep for a path" "$binary" "$deep"; contains out "cannot read folder: File name too long"; contains out "1 passed, 1 failed, 1 error"

# The first failure ends a run, and what comes behind it does not count, however many run at a time.
mkdir "$work/fast"
for i in 0 1 2 3 4 5 6 7; do cp "$root/tests/packaging/square.json" "$work/fast/$i.json"; done
echo '{"inputs": {"x": [1]}, "program": {"source": ["def step(x):", "    return (x * x).sum(), {\"x\": x}"]}}' >"$work/fast/3.json"
for jobs in 1 2 8; do
  expect 1 "fail fast, $jobs jobs" "$binary" --fail-fast -j$jobs "$work/fast"; contains out "8 cases: 3 passed, 1 failed, 0 errors, 4 skipped"
done
# Shards that are missing, and a run that was interrupted, are no success.
expect 0 "a shard" "$binary" --shard 0/2 --output "json:$work/part0.json" "$root/cases/notebook"
expect 0 "another shard" "$binary" --shard 1/2 --output "json:$work/part1.json" "$root/cases/notebook"
expect 2 "a merge without a shard" "$binary" --merge "$work/part0.json"; contains err "shards are missing: 1/2"
expect 0 "a merge of all shards" "$binary" --merge "$work/part1.json" "$work/part0.json"
expect 2 "a merge of an interrupted run" "$binary" --merge "$work/interrupted.json"; contains err "interrupted by SIGTERM"
# What an operator lacks in one case it is not denied in the next.
mkdir "$work/half"
half() { echo "{\"dtype\": \"float16\", \"parameters\": {\"x\": [1.0, 2.0]}, \"program\": {\"source\": [\"def forward(x):\", \"    return $1\"]}}"; }
half "torch.softmax(x, 0)[0]" >"$work/half/a.json"
half "(torch.softmax(x, 0, dtype=torch.float32) * 1e6).sum()" >"$work/half/b.json"
expect 0 "a float32 result of float16" "$binary" -j1 "$work/half/b.json"; contains out "b.json (b)"
expect 0 "the same behind another" "$binary" -j1 "$work/half"; contains out "2 cases: 2 passed"
# LibTorch's operators under their full names, which refuse what they refuse under their short ones.
echo '{"parameters": {"x": [1.0, 2.0]}, "program": {"source": ["def step(x):", "    p = torch.ops.aten.sigmoid(x)", "    return p.sum(), {\"x\": torch.ops.aten.sigmoid_backward(torch.ones_like(p), p)}"]}}' >"$work/aten.json"
expect 0 "torch.ops.aten" "$binary" "$work/aten.json"; contains out "1 passed"
echo '{"parameters": {"x": [1.0]}, "program": {"source": ["def forward(x):", "    return torch.ops.aten.from_file(\"/etc/passwd\", False, 10).sum()"]}}' >"$work/aten_file.json"
expect 2 "torch.ops.aten.from_file" "$binary" "$work/aten_file.json"; contains out "from_file may not be used in a program"
# A program's output cannot be a command to GitHub's runner.
echo '{"parameters": {"x": [1.0]}, "program": {"source": ["def forward(x):", "    print(\"::error::forged\")", "    return (x * x).sum()"]}}' >"$work/forged.json"
expect 0 "a forged command" "$binary" "$work/forged.json"; contains err 'forged.json | \x3a:error::forged'
grep -q '^::' "$work/err" && failures=$((failures + 1))
# A parent that ignores SIGCHLD.
expect 2 "a parent that waits for nobody" python3 -c "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])" "$binary" --timeout 0.5 "$work/endless.json"
contains out "ended after 0.5 seconds"
# Names that are no text.
mkdir "$work/names"; cp "$root/tests/packaging/square.json" "$work/names/"$'new\nline \x1b[31m \xff.json'
expect 0 "an odd name" "$binary" --output "json:$work/odd.json" "$work/names"; contains out 'new\nline \x1b[31m'
expect 0 "an odd name in XML" "$binary" --format junit "$work/names"
python3 -c "import json, sys, xml.dom.minidom as x; json.load(open('$work/odd.json')); x.parse('$work/out')" || failures=$((failures + 1))
expect 0 "an odd name, listed" "$binary" --list "$work/names"; [ "$(wc -l <"$work/out")" -eq 1 ] || failures=$((failures + 1))
mkdir "$work/locked" && chmod 555 "$work/locked"
[ "$(id -u)" -eq 0 ] || { expect 2 "a folder that cannot be written" "$binary" --output "json:$work/locked/r.json" "$good"; contains err "cannot write"; }
expect 2 "a pipe nobody reads" bash -c "'$binary' -v '$root/cases/notebook' | true; exit \${PIPESTATUS[0]}"

# --rerun-failed: what did not pass in a report, all of it or that in a folder.
mkdir "$work/elsewhere"
echo '{"inputs": {"x": [1]}, "program": {"source": ["def step(x):", "    return (x * x).sum(), {\"x\": x}"]}}' >"$work/wrong.json"
expect 2 "a run with failures" "$binary" --output "json:$work/report.json" "$good" "$work/wrong.json" "$work/broken.json"
expect 2 "what failed" "$binary" --rerun-failed "$work/report.json"; contains out "2 cases: 0 passed, 1 failed, 1 error"
expect 1 "what failed there" "$binary" --rerun-failed "$work/report.json" "$work/wrong.json"; contains out "1 case:"
expect 0 "nothing failed there" "$binary" --rerun-failed "$work/report.json" "$work/elsewhere"; contains err "no case of"
expect 0 "a report without failures" "$binary" --output "json:$work/fine.json" "$good"
expect 0 "nothing failed" "$binary" --rerun-failed "$work/fine.json"
expect 2 "no report" "$binary" --rerun-failed "$good"; contains err "is not a JSON report"

# Programs without a case.
cat >"$work/layers.py" <<'PY'
import numpy as np
import pandas


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def scale(x, factor):
    return x * factor


def scale_backward(dout, factor):
    return -dout * factor


if __name__ == "__main__":
    print(pandas.DataFrame())
PY
printf 'def affine(x):\n    return x\n' >"$work/nothing.py"
printf '{"cells": [' >"$work/broken.ipynb"
printf 'def f_forward(x):\n    while True:\n        pass\ndef f_backward(dout):\n    return dout\n' >"$work/endless.py"
printf 'def f_forward(x):\n    return f_forward(x)\ndef f_backward(dout):\n    return dout\n' >"$work/recursion.py"
python3 - "$work" <<'PY'
import json, pathlib, sys
cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
text = (pathlib.Path(sys.argv[1]) / "layers.py").read_text().split("\n\n\n")
pathlib.Path(sys.argv[1], "layers.ipynb").write_text(json.dumps(
    {"cells": [dict(cell, source=part) for part in text], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
PY
expect 0 "an entry of a program" "$binary" "$work/layers.py" --entry affine; contains out "layers.py:affine"; contains out "x [4,3]"
expect 1 "every entry of a program" "$binary" "$work/layers.py"; contains out "error[sign-flipped]"; contains out "2 cases: 1 passed, 1 failed"
expect 1 "a notebook" "$binary" "$work/layers.ipynb"; contains out "layers.ipynb:scale"
printf 'def step(x, w):\n    y = x @ w\n    return (y * y).sum(), {"w": x.t() @ y}\n' >"$work/step.py"
expect 1 "a step" "$binary" "$work/step.py"; contains out "with x ["; contains out "error[wrong-scale]"; contains out "step.py:3"
expect 0 "a shape" "$binary" "$work/layers.py" --entry affine --shape x=2,3; contains out "with w [3,"
expect 2 "a shape that is none" "$binary" "$work/layers.py" --shape x=2,a; contains err "must be a whole number"
expect 2 "a value without a name" "$binary" "$work/layers.py" --set 3; contains err "NAME=VALUE"
expect 2 "no such entry" "$binary" "$work/layers.py" --entry afine; contains out "did you mean 'affine'"
expect 2 "nothing to check" "$binary" "$work/nothing.py"; contains out "a program needs a function 'step'"
expect 2 "a broken notebook" "$binary" "$work/broken.ipynb"
expect 2 "recursion" "$binary" "$work/recursion.py"; contains out "recursion"
expect 2 "an endless loop" "$binary" --timeout 5 "$work/endless.py"
expect 0 "the list of a program" "$binary" --list "$work/layers.py"; contains out "layers.py:scale"
expect 0 "a case for a program" "$binary" --new "$work/affine.json" --from "$work/layers.py" --entry affine
expect 0 "the case that was written" "$binary" "$work/affine.json"
expect 2 "a case that is there" "$binary" --new "$work/affine.json" --from "$work/layers.py" --entry affine; contains err "exists already"
expect 2 "--from without --new" "$binary" --from "$work/layers.py"; contains err "belongs to --new"
expect 0 "the recorder" "$binary" --recorder; cp "$work/out" "$work/gradient_check.py"
with_numpy=python3
python3 -c 'import numpy' 2>/dev/null || with_numpy=/usr/bin/python3
(cd "$work" && "$with_numpy" - <<'PY'
import numpy as np
from gradient_check import record
x, y, w = np.random.randn(4, 3), np.random.randn(4, 2), np.random.randn(3, 2)
g = 2 * x.T @ (x @ w - y) / y.size
record("recorded.json", inputs={"x": x, "y": y}, parameters={"w": w}, gradients={"w": g}, loss="((x @ w - y) ** 2).mean()")
record("doubled.json", inputs={"x": x, "y": y}, parameters={"w": w}, gradients={"w": 2 * g}, loss="((x @ w - y) ** 2).mean()")
for wrong in (dict(gradients={}), dict(gradients={"w": g.T}), dict(gradients={"w": g}, loss=None)):
    try:
        record("wrong.json", **{"inputs": {"x": x, "y": y}, "parameters": {"w": w}, "loss": "w.sum()", **wrong})
        raise SystemExit("the recorder took " + str(wrong))
    except ValueError:
        pass
PY
) || { echo "FAILED: the recorder"; failures=$((failures + 1)); }
expect 0 "a recorded case" "$binary" "$work/recorded.json"
expect 1 "a recorded mistake" "$binary" "$work/doubled.json"; contains out "error[wrong-scale]"

# The man page and the completions know each option, and no other.
"$binary" --help | grep -oE '(^|[ ,])--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u >"$work/options"
echo --version >>"$work/options"; sort -u -o "$work/options" "$work/options"
for page in gradient-check.1 completions/gradient-check.bash completions/_gradient-check completions/gradient-check.fish; do
  sed -e 's/\\-/-/g' -e 's/\(-s . \)\{0,1\}-l \([a-z-]*\)/--\2/g' -e '/^#/d' -e '/^set /d' -e '/^\.SH EXAMPLES/,$d' "$root/cmake/$page" \
    | grep -oE -- '--[a-z][a-z-]+' | sort -u >"$work/known"
  cmp -s "$work/options" "$work/known" || { echo "FAILED: options in $page:"; diff "$work/options" "$work/known"; failures=$((failures + 1)); }
done
bash -n "$root/cmake/completions/gradient-check.bash" || failures=$((failures + 1))
exit $((failures > 0))
