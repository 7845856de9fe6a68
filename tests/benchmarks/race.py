"""Ours and torch.autograd.gradcheck on the same functions, data and LibTorch, side by side.

usage: /usr/bin/python3 race.py BUILD_FOLDER ROOT [--rounds N] [--quick] [--json FILE]

Every round runs ours and then the peer's; a ratio is made within its round. Printed: the median
ratio with the least and the largest.
"""
import argparse
import collections
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import race_cases
import torch


Check = collections.namedtuple("Check", "seconds loading forward kib verdict")


class Ours:
    """A process that checks one case a line, after another one that it begins with."""

    def __init__(self, build, path, *first):
        self.process = subprocess.Popen([f"{build}/tests/race", str(path), *map(str, first)],
                                        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def check(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds, loading, forward, kib, verdict = self.process.stdout.readline().split()
        return Check(float(seconds), float(loading), float(forward), int(kib), verdict)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def peer_function(case):
    """The program's loss as a Python function of its parameters, with the case's own data."""
    program = {"torch": torch}
    exec(race_cases.forward_text(case), program)
    torch.manual_seed(case["seed"])
    draw = lambda spec: torch.randn(spec["shape"], dtype=torch.float64) * spec["std"]
    inputs = {name: draw(spec) for name, spec in case["inputs"].items()}
    values = [draw(spec).requires_grad_() for spec in case["parameters"].values()]
    names = list(case["parameters"])

    def loss(*parameters):
        return program["step"](**inputs, **dict(zip(names, parameters)))

    return loss, values


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Race:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.rows = []

    def write(self, name, case):
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(case))
        return path

    def row(self, name, what, ratios, wanted, **figures):
        row = {"name": name, "what": what, "median": statistics.median(ratios),
               "least": min(ratios), "largest": max(ratios), "rounds": len(ratios),
               "wanted": wanted, **figures}
        self.rows.append(row)
        print(f"{name:42} {row['median']:9.2f}  {row['least']:.2f} to {row['largest']:.2f}"
              f"  {what}; wanted {wanted}" +
              "".join(f"; {key} {value}" for key, value in figures.items()), flush=True)

    def in_process(self, name, case, wanted, rounds):
        loss, values = peer_function(case)
        ours = Ours(self.options.build, self.write(name, case))
        ours.check()
        ratios, mine, theirs = [], [], []
        for _ in range(rounds):
            checked = ours.check()
            assert checked.verdict == "pass", checked
            mine.append(checked.seconds)
            theirs.append(timed(lambda: torch.autograd.gradcheck(loss, values)))
            ratios.append(theirs[-1] / mine[-1])
        ours.close()
        self.row(name, "gradcheck slow / ours", ratios, wanted, elements=race_cases.elements(case),
                 ours=f"{statistics.median(mine):.4f} s", peer=f"{statistics.median(theirs):.4f} s")

    def whole_process(self, rounds):
        case = race_cases.regression()
        path = self.write("regression", case)
        script = self.folder / "peer.py"
        script.write_text(f"import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})\n"
                          "import race_cases, race, torch\n"
                          "loss, values = race.peer_function(race_cases.regression())\n"
                          "assert torch.autograd.gradcheck(loss, values)\n")
        run = lambda *command: timed(lambda: subprocess.run(command, check=True,
                                                            stdout=subprocess.DEVNULL))
        binary = f"{self.options.build}/gradient-check"
        pairs = [(run(binary, str(path)), run(sys.executable, str(script)))
                 for _ in range(rounds)]
        self.row("regression, whole process", "python3 with gradcheck / ours",
                 [theirs / mine for mine, theirs in pairs], "at least 2",
                 ours=f"{statistics.median(mine for mine, _ in pairs):.3f} s")
        for name in ("xor_repaired", "xor_as_written"):
            xor = f"{self.options.root}/cases/notebook/{name}.json"
            pairs = [(run(binary, xor), run(f"{self.options.build}/tests/startup"))
                     for _ in range(rounds)]
            self.row(f"{name}, whole process", "ours / adding two tensors",
                     [mine / least for mine, least in pairs], "at most 1.2",
                     ours=f"{statistics.median(mine for mine, _ in pairs):.3f} s")

    def large(self, rounds):
        """Each round a process of its own: what it has gained at first is what a check takes."""
        sizes = [784, 3072, 2048, 1024, 10]
        first = self.write("regression", race_cases.regression())
        for dtype in ("float64", "float32"):
            case = race_cases.perceptron(sizes, 64, "auto", dtype, "relu")
            count = race_cases.elements(case)
            forwards, whole, memory = [], [], []
            for _ in range(rounds):
                ours = Ours(self.options.build, self.write("large", case), first)
                checked = [ours.check() for _ in range(3)]
                ours.close()
                assert all(each.verdict == "pass" for each in checked), checked
                memory.append(checked[0].kib * 1024 / 8 / count)
                forwards += [(each.seconds - each.loading) / each.forward for each in checked]
                whole += [each.seconds / each.forward for each in checked]
            name = f"10.7 million parameters, {dtype}"
            self.row(name, "check / float64 forward", forwards, "at most 60", elements=count,
                     with_loading=f"{statistics.median(whole):.1f}",
                     forward=f"{checked[-1].forward:.4f} s")
            self.row(f"{name}, memory", "resident / parameters in float64", memory, "at most 4")
        wrong = race_cases.perceptron(sizes, 64, "auto", "float64", "relu", wrong="w2")
        ours = Ours(self.options.build, self.write("wrong", wrong))
        verdict = ours.check().verdict
        ours.close()
        fast = self.fast_mode_says(wrong)
        print(f"one entry of d_w2 off by 1e-4 of the largest: ours says {verdict}, "
              f"gradcheck's fast mode says {fast}", flush=True)
        self.rows.append({"name": "one entry off by 1e-4", "ours": verdict, "fast_mode": fast})

    @staticmethod
    def fast_mode_says(case):
        """Of the same step as an autograd.Function with its own backward."""
        program = {"torch": torch}
        exec("\n".join(case["program"]["source"]), program)
        loss, values = peer_function(case)
        names = list(case["parameters"])
        torch.manual_seed(case["seed"])
        x = torch.randn(case["inputs"]["x"]["shape"], dtype=torch.float64)

        class Step(torch.autograd.Function):
            @staticmethod
            def forward(context, *parameters):
                with torch.no_grad():
                    value, gradients = program["step"](x, *parameters)
                context.gradients = [gradients[name] for name in names]
                return value

            @staticmethod
            def backward(context, grad_output):
                return tuple(grad_output * gradient for gradient in context.gradients)

        passed = torch.autograd.gradcheck(Step.apply, values, fast_mode=True, raise_exception=False,
                                          check_undefined_grad=False)
        return "pass" if passed else "fail"

    def gpt2(self, rounds):
        ours = Ours(self.options.build, self.write("gpt2", race_cases.gpt2(self.options.root)))
        checked = [ours.check() for _ in range(rounds)]
        ours.close()
        assert all(each.verdict == "pass" for each in checked), checked
        self.row("GPT-2 block, 768, 12 heads, 128", "seconds", [each.seconds for each in checked],
                 "at most 60")

    def growth(self):
        """A layer [256, n / 256] with tanh: every element, and directions."""
        print("elements   every element   per element   directional   its forwards")
        for width in (4, 40, 400, 4000):
            figures = {}
            for mode in ("every_element", "directional"):
                case = race_cases.perceptron([256, width, 3], 8, mode, "float64")
                ours = Ours(self.options.build, self.write("growth", case))
                ours.check()
                figures[mode] = ours.check()
                ours.close()
            count = race_cases.elements(case)
            full, directional = figures["every_element"], figures["directional"]
            forwards = directional.seconds / directional.forward
            print(f"{count:8} {full.seconds:12.4f} s {full.seconds / count * 1e6:10.2f} us "
                  f"{directional.seconds:12.4f} s {forwards:10.0f}", flush=True)
            self.rows.append({"name": "growth", "elements": count, "every_element": full.seconds,
                              "directional": directional.seconds,
                              "directional_forwards": forwards})

    def run(self):
        rounds, few = self.options.rounds, max(1, self.options.rounds // 3)
        self.in_process("regression, in process", race_cases.regression(), "at least 5", rounds)
        self.whole_process(rounds)
        self.gpt2(few)
        self.large(few)
        self.growth()
        if not self.options.quick:
            mlp = race_cases.perceptron([64, 256, 256, 10], 32, "every_element", "float32")
            self.in_process("perceptron 64-256-256-10, batch 32", mlp, "at least 5", few)
        if self.options.json:
            pathlib.Path(self.options.json).write_text(json.dumps(
                {"torch": torch.__version__, "rows": self.rows}, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("root")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="without the peer's slowest run")
    parser.add_argument("--json")
    Race(parser.parse_args()).run()
