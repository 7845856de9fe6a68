"""Programs by our evaluator."""

import re
import subprocess


def by_evaluator(program, path):
    """What each program of the file prints, by number."""
    run = subprocess.run([program, path], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print(f"{program} {path} ends with {run.returncode}: {run.stderr}")
    return dict((int(n), t) for n, t in re.findall(r"^=== (\d+)\n(.*?)(?=^=== |\Z)", run.stdout, re.S | re.M))
