"""Case files, and what the program says of them."""
import json
import pathlib
import subprocess

import numpy as np


def _tensor(name):
    return {"file": "values.npz", "key": name}


def write(folder, item, gradients, label):
    """The item with those gradients as a case file; its path, relative to `folder`."""
    place = pathlib.Path(folder) / item.id.replace("/", "-")
    place.mkdir(parents=True, exist_ok=True)
    np.savez(place / "values.npz", **item.arrays)
    np.savez(place / f"{label}.npz", **gradients)
    case = {
        "dtype": item.dtype,
        "inputs": {n: _tensor(n) for n in item.arrays if n not in gradients},
        "parameters": {n: _tensor(n) for n in gradients},
        "program": {"source": item.lines},
        "gradients": {"file": f"{label}.npz"},
    }
    path = place / f"{label}.json"
    path.write_text(json.dumps(case, indent=2))
    return str(path.relative_to(folder))


class Program:
    """The binary under test."""

    def __init__(self, binary, folder, jobs=2, timeout=120, batch=400):
        self.binary, self.folder = str(pathlib.Path(binary).resolve()), folder
        self.jobs, self.timeout, self.batch = jobs, timeout, batch

    def check(self, paths):
        """What the JSON report says of each case file, by its path."""
        results = {}
        for start in range(0, len(paths), self.batch):
            results |= self._check_batch(paths[start:start + self.batch])
        return results

    def _check_batch(self, paths):
        done = subprocess.run(
            [self.binary, "--format", "json", "-j", str(self.jobs), "--timeout",
             str(self.timeout), "--color", "never", *paths],
            cwd=self.folder, capture_output=True, text=True)
        try:
            report = json.loads(done.stdout)
        except json.JSONDecodeError:
            raise SystemExit(f"no report, exit status {done.returncode}: {done.stderr[-2000:]}")
        return {case["file"]: case for case in report["cases"]}
