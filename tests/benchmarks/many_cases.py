"""How many small cases a second, and what memory they take: not a test.

    many_cases.py BINARY [CASES]       10,000 by default, at -j1 and at -j2
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

binary = sys.argv[1]
count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000


def resident(process):
    """MiB of a process, and of its largest child."""
    def of(pid):
        try:
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        except OSError:
            pass
        return 0
    try:
        children = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        children = []
    return of(process), max(map(of, children), default=0)


def write(folder):
    for i in range(count):
        n = 2 + i % 5
        case = {"dtype": ["float64", "float32"][i % 2], "seed": i,
                "inputs": {"x": {"shape": [4, n], "init": "normal"}},
                "parameters": {"w": {"shape": [n, 3], "init": "normal"}},
                "program": {"source": [
                    "def step(x, w):", f"    a = torch.tanh(x @ w * {1 + i / count})",
                    "    loss = (a * a).mean()", "    d_a = 2 * a / a.numel()",
                    f"    d_z = d_a * (1 - a * a) * {1 + i / count}",
                    "    return loss, {'w': x.t() @ d_z}"]}}
        (folder / f"{i:05}.json").write_text(json.dumps(case))


with tempfile.TemporaryDirectory() as work:
    write(pathlib.Path(work))
    for jobs in (1, 2):
        start = time.time()
        run = subprocess.Popen([binary, "-q", f"-j{jobs}", work], stdout=subprocess.PIPE)
        samples = []

        def watch():
            while run.poll() is None:
                samples.append((time.time() - start, *resident(run.pid)))
                time.sleep(0.25)

        watcher = threading.Thread(target=watch)
        watcher.start()
        output = run.communicate()[0].decode().strip().splitlines()[-1]
        watcher.join()
        seconds = time.time() - start
        print(f"-j{jobs}: {count / seconds:.0f} cases a second, {seconds:.1f} s; {output}")
        for part in (0.1, 0.25, 0.5, 0.75, 0.98):
            sample = samples[int(part * len(samples))]
            print(f"  after {part:.0%}: gradient-check {sample[1]:.0f} MiB, largest worker {sample[2]:.0f} MiB")
