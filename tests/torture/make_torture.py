"""Writes a folder of cases that want to bring gradient-check down, and good ones between them.

    make_torture.py FOLDER [COUNT]      COUNT of each kind, 50 by default

Returns through `kinds` what each file is: crash, hang, memory, garbage, hostile, good.
"""
import json
import os
import pathlib
import random
import struct
import sys

CRASHES = ["segfault", "abort", "words and abort", "divide", "exit", "exit well", "terminate",
           "overflow", "kill itself", "close"]
HANGS = ["hang", "sleep", "print for ever"]


def case(*body, x=(1.0, 2.0), **more):
    lines = ["def forward(x):", *("    " + line for line in body)]
    return {"dtype": "float64", "parameters": {"x": list(x)}, "program": {"source": lines}, **more}


def act(what):
    return case(f"return (torch.ops.hostile.act(x, '{what}') * x).sum()")


def crash(i):
    return act(CRASHES[i % len(CRASHES)])


def hang(i):
    loops = [case("n = 0", "while True:", "    n += 1", "return x.sum() * n"),
             case("while True:", "    x = x + 1", "return x.sum()")]
    kind = i % (len(HANGS) + len(loops))
    return act(HANGS[kind]) if kind < len(HANGS) else loops[kind - len(HANGS)]


def memory(i):
    return [act("eat memory"),
            case("y = torch.ones([1 << 20, 1 << 20])", "return x.sum() + y.sum()"),
            case("ys = [x]", "while True:", "    ys.append(torch.ones([1 << 24]))",
                 "return x.sum() + ys[0].sum()"),
            {"inputs": {"y": {"shape": [1 << 31, 1 << 31], "init": "zeros"}}, **case("return x.sum()")},
            {"inputs": {"y": {"shape": [1 << 18, 1 << 18], "init": "normal"}},
             "parameters": {"x": [1.0]},
             "program": {"source": ["def forward(x, y):", "    return (x * y).sum()"]}}][i % 5]


def garbage(i):
    draw = random.Random(i)
    text = json.dumps(case("return (x * x).sum()"))
    return [text[:draw.randrange(1, len(text) - 1)].encode(),
            draw.randbytes(draw.randrange(1, 4000)),
            b"[" * 100000,
            text.replace("parameters", "parametres").encode(),
            b"\xff\xfe" + text.encode("utf-16-le"),
            b"",
            text.replace("1.0", "1e999").encode(),
            text.replace("return", "retrun").encode(),
            b'{"a":' * 50000,
            text.encode() + b"\0" * 100][i % 10]


def hostile(i, folder):
    def tensor(value):
        return {"inputs": {"y": value},
                "parameters": {"x": [1.0, 2.0]},
                "program": {"source": ["def forward(x, y):", "    return (x * y).sum()"]}}
    name = f"hostile_{i}"
    kind = i % 10
    if kind == 0:
        return tensor({"file": "../outside.npy"})
    if kind == 1:
        return tensor({"file": "/etc/passwd"})
    if kind == 2:
        os.symlink("/etc/passwd", folder / f"{name}.npy")
        return tensor({"file": f"{name}.npy"})
    if kind == 3:
        os.mkfifo(folder / f"{name}.npy")
        return tensor({"file": f"{name}.npy"})
    if kind == 4:
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976, 16), }"
        (folder / f"{name}.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        return tensor({"file": f"{name}.npy"})
    if kind == 5:
        (folder / f"{name}.safetensors").write_bytes(struct.pack("<Q", 1 << 62) + b"{}")
        return tensor({"file": f"{name}.safetensors", "key": "y"})
    if kind == 6:
        return case(f"open('{folder}/written.pt', 'wb')", "return x.sum()")
    if kind == 7:
        return case("return (x + torch.from_file('/etc/passwd', False, 2, dtype=torch.float64)).sum()")
    if kind == 8:
        return {**case("return x.sum()"), "program": {"file": "../../../../etc/passwd"}}
    return tensor({"file": "http://localhost/x.npy"})


def good(i):
    n = 2 + i % 7
    return {"dtype": ["float64", "float32", "float16", "bfloat16"][i % 4], "seed": i,
            "inputs": {"x": {"shape": [n, 3], "init": "normal"}},
            "parameters": {"w": {"shape": [3, n], "init": "normal"}},
            "program": {"source": ["def step(x, w):", "    y = x @ w", "    loss = (y * y).sum()",
                                   "    d_y = 2 * y", "    d_w = x.t() @ d_y",
                                   "    return loss, {'w': d_w}"]}}


def write(folder, count=50):
    """The folder's cases as {path: kind}."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {}
    for i in range(count):
        for kind, made in [("crash", crash(i)), ("hang", hang(i)), ("memory", memory(i)),
                           ("garbage", garbage(i)), ("hostile", hostile(i, folder)), ("good", good(i))]:
            path = folder / f"{i:03}_{kind}.json"
            path.write_bytes(made if isinstance(made, bytes) else json.dumps(made).encode())
            kinds[str(path)] = kind
    return kinds


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50)
