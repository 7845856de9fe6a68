"""Cases that want to bring gradient-check down cost themselves alone.

    torture_test.py BINARY LIBHOSTILE.SO [COUNT]     COUNT of each kind, 10 by default: every one there is
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import make_torture

binary, library = sys.argv[1:3]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 10
timeout, jobs = 2, 2

# What a result of that kind may say.
REASONS = {
    "crash": ["SIGSEGV", "SIGABRT", "SIGFPE", "SIGKILL", "exit status 3", "exit status 0",
              "closed its connection"],
    "hang": [f"ended after {timeout} seconds"],
    "memory": ["out of memory", "elements", "ended after"],
    "garbage": [""],
    "hostile": ["outside the case's folder", "absolute path", "not a regular file", "no such file", "header",
                "impossible shape", "bytes", "may not be used in a program", "has no attribute",
                "reads no files of its own"],
}
CRASH_SIGNAL = {"segfault": "SIGSEGV", "abort": "SIGABRT", "words and abort": "SIGABRT", "divide": "SIGFPE",
                "exit": "exit status 3", "exit well": "exit status 0", "terminate": "SIGABRT",
                "overflow": "SIGSEGV", "kill itself": "SIGKILL", "close": "closed its connection"}


def workers():
    """Workers of ours that are alive, by their environment."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            pass
    return [process for process in found if process != str(os.getpid())]


failures = []


def expect(condition, *words):
    if not condition:
        failures.append(words)
        print("FAILED:", *words)


marker = f"TORTURE_MARKER={os.getpid()}"
with tempfile.TemporaryDirectory() as work:
    folder = pathlib.Path(work) / "torture"
    kinds = make_torture.write(folder, count)
    before = {path.name for path in folder.iterdir()}
    start = time.time()
    environment = {**os.environ, "TORTURE_MARKER": str(os.getpid()), "TMPDIR": work}
    run = subprocess.run(
        [binary, "--load", library, "--timeout", str(timeout), "-j", str(jobs), "--memory", "1024",
         "--output", f"json:{work}/report.json", folder],
        env=environment, capture_output=True, timeout=3600)
    seconds = time.time() - start
    report = json.loads(pathlib.Path(work, "report.json").read_text())
    print(f"{len(kinds)} cases, {seconds:.1f} s")
    expect(run.returncode == 2, "exit", run.returncode, run.stderr[-500:])
    expect([case["file"] for case in report["cases"]] == sorted(kinds), "the cases, in order")
    hanging = 0
    for case in report["cases"]:
        kind = kinds[case["file"]]
        name = pathlib.Path(case["file"]).name
        message = case.get("message", "")
        hanging += f"ended after {timeout} seconds" in message
        if kind == "good":
            expect(case["verdict"] == "pass", name, case["verdict"], message)
            continue
        expect(case["verdict"] == "error", name, case["verdict"], message)
        expect(any(reason in message for reason in REASONS[kind]) and message, name, message)
        if kind == "crash":
            what = make_torture.CRASHES[int(name[:3]) % len(make_torture.CRASHES)]
            expect(CRASH_SIGNAL[what] in message, name, what, message)
            if what != "close":  # after which the case goes on
                expect("hostile::act" in message, name, "names no operation:", message)
                expect(case.get("place", {}).get("line") == 2, name, "names no line:", case.get("place"))
            if what == "words and abort":
                expect("last words" in case["last_output"], name, case)
        if kind == "hang" and "hostile" in pathlib.Path(case["file"]).read_text():
            expect("hostile::act" in message, name, "names no operation:", message)
    expect(b"\x1b[31m" not in run.stdout + run.stderr, "an escape of a case reached the terminal")
    # Each death costs a start of LibTorch or two, each case that hangs its time.
    allowed = (hanging * (timeout + 2) + count * 30) / jobs + 30
    expect(seconds < allowed, "took", seconds, "allowed", allowed)
    expect({path.name for path in folder.iterdir()} == before, "files were left or written")
    expect(sorted(path.name for path in pathlib.Path(work).iterdir()) == ["report.json", "torture"],
           "left:", list(pathlib.Path(work).iterdir()))
    expect(not workers(), "orphans:", workers())
sys.exit(bool(failures))
