"""What watching a training run for NaN costs, beside the same loop in Python with the same LibTorch.

usage: /usr/bin/python3 training_cost.py TRAINING_COST_BINARY CASE.json [ROUNDS]

CASE.json: cases/notebook/xor_repaired.json. Runs, one after the other in every round: 10,000 steps of
it by our loop, unwatched and watched; its own step, called from Python; 1,000 steps by Python's autograd
under set_detect_anomaly, times ten. Prints the medians and the ratios.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import time

import torch

STEPS = 10_000


def load(case):
    """The case's program as a Python module, its arguments, and the names of its parameters."""
    with open(case) as file:
        text = json.load(file)
    path = pathlib.Path(case).parent / text["program"]["file"]
    program = {}
    exec(compile(path.read_text(), str(path), "exec"), program)
    values = {
        name: torch.tensor(value, dtype=torch.float32)
        for name, value in {**text["inputs"], **text["parameters"]}.items()
    }
    return program["step"], values, list(text["parameters"])


def manual(case):
    step, values, names = load(case)
    start = time.perf_counter()
    with torch.no_grad():
        for _ in range(STEPS):
            loss, gradients = step(**values)
            for name in names:
                values[name] -= 0.01 * gradients[name]
            loss.item()
    return time.perf_counter() - start, loss.item()


def anomaly(case):
    step, values, names = load(case)
    leaves = [values[name].requires_grad_() for name in names]
    steps = STEPS // 10
    start = time.perf_counter()
    with torch.autograd.set_detect_anomaly(True):
        for _ in range(steps):
            loss = forward_of(values)
            gradients = torch.autograd.grad(loss, leaves)
            with torch.no_grad():
                for leaf, gradient in zip(leaves, gradients):
                    leaf -= 0.01 * gradient
            loss.item()
    return (time.perf_counter() - start) * 10


def forward_of(values):
    """The case's forward alone, line by line."""
    sigmoid = lambda x: 1 / (1 + torch.exp(-x))
    a1 = sigmoid(values["X"] @ values["w1"] + values["b1"])
    p = sigmoid(a1 @ values["w2"] + values["b2"])
    return -torch.mean(values["y"] * torch.log(p) + (1 - values["y"]) * torch.log(1 - p))


def main():
    binary, case = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    times = {"unwatched": [], "watched": [], "python manual": [], "python anomaly": []}
    for _ in range(rounds):
        output = subprocess.run([binary, case, str(STEPS)], check=True, capture_output=True, text=True).stdout
        for line in output.splitlines():
            name, seconds, loss = line.split()
            times[name].append(float(seconds))
        seconds, python_loss = manual(case)
        times["python manual"].append(seconds)
        times["python anomaly"].append(anomaly(case))
        print(f"final loss: ours {loss}, Python {python_loss:.9g}", file=sys.stderr)
    for name, seconds in times.items():
        print(f"{name:15} median {statistics.median(seconds):7.3f} s  from {min(seconds):.3f} to {max(seconds):.3f}")
    ratio = lambda a, b: statistics.median(x / y for x, y in zip(times[a], times[b]))
    print(f"watched / unwatched       {ratio('watched', 'unwatched'):.3f}")
    print(f"watched / python manual   {ratio('watched', 'python manual'):.3f}")
    print(f"watched / python anomaly  {ratio('watched', 'python anomaly'):.3f}")


if __name__ == "__main__":
    main()
