"""What watching a training run for NaN costs, beside the same loop in Python with the same LibTorch.

usage: /usr/bin/python3 training_cost.py TRAINING_COST_BINARY CASE.json [ROUNDS]

Runs, one after the other in every round: 10,000 steps of the XOR network of the case (repaired) by
our loop, unwatched and watched; the same manual steps written out in Python; 1,000 steps by Python's
autograd under set_detect_anomaly, times ten. Prints the medians and the ratios.
"""
import json
import statistics
import subprocess
import sys
import time

import torch

STEPS = 10_000


def load(case):
    with open(case) as file:
        text = json.load(file)
    tensor = lambda value: torch.tensor(value, dtype=torch.float32)
    return [tensor(text["inputs"][k]) for k in "Xy"], {k: tensor(v) for k, v in text["parameters"].items()}


def sigmoid(x):
    return 1 / (1 + torch.exp(-x))


def forward(X, y, w1, b1, w2, b2):
    l1 = X @ w1 + b1
    a1 = sigmoid(l1)
    l2 = a1 @ w2 + b2
    p = sigmoid(l2)
    return l1, a1, l2, p, -torch.mean(y * torch.log(p) + (1 - y) * torch.log(1 - p))


def manual(case):
    (X, y), parameters = load(case)
    w1, b1, w2, b2 = (parameters[k] for k in ("w1", "b1", "w2", "b2"))
    start = time.perf_counter()
    with torch.no_grad():
        for _ in range(STEPS):
            l1, a1, l2, p, loss = forward(X, y, w1, b1, w2, b2)
            d_loss = ((1 - y) / (1 - p) - y / p) / y.size(0)
            s2 = sigmoid(l2)
            d_l2 = s2 * (1 - s2) * d_loss
            d_w2 = a1.t() @ d_l2
            s1 = sigmoid(l1)
            d_l1 = s1 * (1 - s1) * (d_l2 @ w2.t())
            w1 -= 0.01 * (X.t() @ d_l1)
            b1 -= 0.01 * torch.sum(d_l1, 0)
            w2 -= 0.01 * d_w2
            b2 -= 0.01 * torch.sum(d_l2, 0)
            loss.item()
    return time.perf_counter() - start, loss.item()


def anomaly(case):
    (X, y), parameters = load(case)
    leaves = [parameters[k].requires_grad_() for k in ("w1", "b1", "w2", "b2")]
    steps = STEPS // 10
    start = time.perf_counter()
    with torch.autograd.set_detect_anomaly(True):
        for _ in range(steps):
            loss = forward(X, y, *leaves)[-1]
            gradients = torch.autograd.grad(loss, leaves)
            with torch.no_grad():
                for leaf, gradient in zip(leaves, gradients):
                    leaf -= 0.01 * gradient
            loss.item()
    return (time.perf_counter() - start) * 10


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
