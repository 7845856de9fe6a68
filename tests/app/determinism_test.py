"""The same case gives the same report, whatever the number of workers and of threads, and in whatever
order and company cases are run.

    determinism_test.py BINARY PATH...
"""
import json
import os
import subprocess
import sys
import tempfile

binary, paths = sys.argv[1], sys.argv[2:]


def reports(threads, jobs, *options, cases=paths):
    """Each case's report by its file, without times."""
    run = subprocess.run([binary, "--format", "json", "-j", str(jobs), *options, *cases],
                         env={**os.environ, "OMP_NUM_THREADS": str(threads)}, capture_output=True)
    if run.returncode != 0:
        sys.exit(f"FAILED: exit {run.returncode}: {run.stderr[-1000:]}")
    found = {}
    for case in json.loads(run.stdout)["cases"]:
        case["seconds"] = 0
        found[case["file"]] = case
    return found


expected = reports(1, 1)
failures = 0
for threads, jobs in [(1, 3), (4, 1), (3, 2)]:
    found = reports(threads, jobs)
    if list(found) != list(expected):
        sys.exit("FAILED: another order of cases")
    for file, case in found.items():
        if case != expected[file]:
            failures += 1
            differing = [key for key in case if case[key] != expected[file].get(key)]
            print(f"FAILED: {file}: {threads} threads, {jobs} jobs: {differing}")
alone = reports(2, 1, cases=[list(expected)[-1]])
for file, case in alone.items():
    if case != expected[file]:
        failures += 1
        print(f"FAILED: {file} alone")
with tempfile.TemporaryDirectory() as work:
    parts = [f"{work}/{shard}.json" for shard in range(4)]
    for shard, part in enumerate(parts):
        subprocess.run([binary, "-q", "--shard", f"{shard}/4", "--output", f"json:{part}", *paths],
                       check=True)
    merged = reports(1, 1, "--merge", cases=parts[2:] + parts[:2])
    if list(merged.items()) != list(expected.items()):
        failures += 1
        print("FAILED: merged shards are not the whole run")
print(f"{len(expected)} cases, {failures} differences")
sys.exit(failures > 0)
