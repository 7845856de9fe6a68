"""Workers that somebody kills at random lose no result.

    kill_test.py BINARY CASES [KILLS]      KILLS of workers, 20 by default
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

binary, cases = sys.argv[1:3]
kills = int(sys.argv[3]) if len(sys.argv) > 3 else 20
random.seed(7)


def children(parent):
    try:
        text = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def stripped(path):
    """A report without its times."""
    report = json.loads(pathlib.Path(path).read_text())
    report["summary"]["seconds"] = 0
    for case in report["cases"]:
        case["seconds"] = 0
    return report


with tempfile.TemporaryDirectory() as work:
    command = [binary, "-q", "-j", "2", cases]
    subprocess.run([*command, "--output", f"json:{work}/left_alone.json"], check=True)
    done = 0
    while done < kills:
        run = subprocess.Popen([*command, "--output", f"json:{work}/killed.json"])
        while run.poll() is None:
            time.sleep(random.uniform(0, 0.4))
            alive = children(run.pid)
            if alive and done < kills:
                try:
                    os.kill(random.choice(alive), signal.SIGKILL)
                    done += 1
                except ProcessLookupError:
                    pass
        if run.returncode != 0:
            sys.exit(f"FAILED: exit {run.returncode}")
        if stripped(f"{work}/killed.json") != stripped(f"{work}/left_alone.json"):
            sys.exit("FAILED: the reports differ")
    print(f"{done} workers killed, no result lost")
