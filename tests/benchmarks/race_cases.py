"""The functions of the race, as case files: one text, run by us and by the peer alike."""
import json
import pathlib
import re

REGRESSION = """\
def step(X, y, w1, w2):
    l1 = X @ w1
    a1 = torch.relu(l1)
    p = a1 @ w2
    loss = 0.5 * torch.mean((y - p) ** 2)
    d_p = -(y - p) / y.size(0)
    d_w2 = a1.t() @ d_p
    d_l1 = (d_p @ w2.t()) * (l1 > 0).to(l1.dtype)
    d_w1 = X.t() @ d_l1
    return loss, {"w1": d_w1, "w2": d_w2}
"""


def forward_text(case_):
    """The program up to its loss: what the peer, which has no manual backward, has to run."""
    lines = case_["program"]["source"]
    loss = next(k for k, line in enumerate(lines) if line.startswith("    loss ="))
    return "\n".join(lines[:loss + 1] + ["    return loss"])


def tensor(*shape, std=1.0):
    return {"shape": list(shape), "init": "normal", "std": std}


def case(text, inputs, parameters, mode, dtype="float64"):
    return {
        "dtype": dtype,
        "seed": 1234,
        "inputs": inputs,
        "parameters": parameters,
        "program": {"source": text.splitlines()},
        "check": {"finite_difference": mode},
    }


def regression():
    """The notebook's second attempt, 30x50x30, repaired: 1,530 elements."""
    return case(REGRESSION, {"X": tensor(30, 50), "y": tensor(30, 1)},
                {"w1": tensor(50, 30, std=0.1), "w2": tensor(30, 1, std=0.1)}, "every_element")


def perceptron(sizes, batch, mode, dtype, activation="tanh", wrong=""):
    """Layers of those sizes with biases and a cross-entropy whose target is class 0."""
    last = len(sizes) - 1
    names = [name for k in range(1, last + 1) for name in (f"w{k}", f"b{k}")]
    lines = [f"def step(x, {', '.join(names)}):", "    a0 = x"]
    for k in range(1, last + 1):
        lines.append(f"    l{k} = torch.addmm(b{k}, a{k - 1}, w{k})")
        if k < last:
            lines.append(f"    a{k} = torch.{activation}(l{k})")
    lines += [f"    loss = -torch.log_softmax(l{last}, 1)[:, 0].mean()",
              f"    p = torch.softmax(l{last}, 1)",
              "    target = torch.zeros_like(p)",
              "    target[:, 0] = 1",
              f"    d_l{last} = (p - target) / x.size(0)"]
    slope = {"tanh": "(1 - a{k} * a{k})", "relu": "(l{k} > 0).to(l{k}.dtype)"}[activation]
    for k in range(last, 0, -1):
        lines += [f"    d_w{k} = a{k - 1}.t() @ d_l{k}", f"    d_b{k} = d_l{k}.sum(0)"]
        if k > 1:
            lines.append(f"    d_l{k - 1} = (d_l{k} @ w{k}.t()) * " + slope.format(k=k - 1))
    if wrong:
        lines += [f"    d_{wrong} = d_{wrong}.clone()",
                  f"    d_{wrong}[3, 5] += 1e-4 * d_{wrong}.abs().max()"]
    lines.append("    return loss, {" + ", ".join(f'"{n}": d_{n}' for n in names) + "}")
    parameters = {}
    for k, (wide, narrow) in enumerate(zip(sizes, sizes[1:]), 1):
        parameters[f"w{k}"] = tensor(wide, narrow, std=wide ** -0.5)
        parameters[f"b{k}"] = tensor(narrow, std=0.1)
    return case("\n".join(lines), {"x": tensor(batch, sizes[0])}, parameters, mode, dtype)


def gpt2(root):
    """cases/programs/gpt2_block at 12 heads, width 768, 128 tokens, without its expectation."""
    folder = pathlib.Path(root) / "cases" / "programs"
    block = json.loads((folder / "gpt2_block.json").read_text())
    text = (folder / "gpt2_block.py").read_text()
    width = {4: 768, 8: 3072, 12: 2304}
    for tensors in (block["inputs"], block["parameters"]):
        for name, spec in tensors.items():
            spec["shape"] = [width.get(size, size) for size in spec["shape"]]
            if name.startswith("w"):
                spec["std"] = 0.02
    block["inputs"]["x"]["shape"] = [1, 128, 768]
    text = re.sub(r"HEADS\s*=\s*\d+", "HEADS = 12", text)
    block["program"] = {"source": text.splitlines()}
    del block["expect"]
    return block


def elements(case_):
    total = 0
    for spec in case_["parameters"].values():
        count = 1
        for size in spec["shape"]:
            count *= size
        total += count
    return total
