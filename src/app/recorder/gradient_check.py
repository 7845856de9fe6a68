"""Writes what another framework computed as a case for gradient-check: JAX, TensorFlow, C, numpy.

    from gradient_check import record
    record("case.json", inputs={"x": x, "y": y}, parameters={"w": w}, gradients={"w": grad_w},
           loss="((x @ w - y) ** 2).mean()")

and then `gradient-check case.json`. Needs numpy alone; arrays of any framework that
numpy.asarray takes will do.
"""
import inspect
import json
import os
import textwrap

import numpy as np


def record(path, inputs=None, parameters=None, gradients=None, loss=None, dtype=None):
    """Writes a case to `path`, which ends in .json, and its tensors beside it.

    inputs, parameters, gradients: arrays by name; every parameter needs a gradient.
    loss: the forward whose gradients they are: an expression of the names, the text of a function
        `forward` of them, or a function of them written with numpy or jax.numpy.
    dtype: of the code that computed the gradients; that of the parameters where it is left out.
    """
    inputs, parameters, gradients = dict(inputs or {}), dict(parameters or {}), dict(gradients or {})
    if not path.endswith(".json"):
        raise ValueError(f"a case file ends in .json, found {path!r}")
    if not parameters:
        raise ValueError("no parameters are given: what has a gradient?")
    missing = [name for name in parameters if name not in gradients]
    if missing:
        raise ValueError(f"no gradient is given for {', '.join(missing)}")
    if loss is None:
        raise ValueError('no loss is given: write it as an expression, loss="((x @ w - y) ** 2).mean()"')
    tensors = {}
    for section, arrays in (("inputs", inputs), ("parameters", parameters), ("gradients", gradients)):
        for name, array in arrays.items():
            array = np.asarray(array)
            if array.dtype.kind not in "fiubc":
                raise ValueError(f"{section}[{name!r}] holds {array.dtype}, which is no number")
            tensors[f"{section}.{name}"] = array
    for name, array in parameters.items():
        found, expected = np.shape(gradients.get(name)), np.shape(array)
        if found != expected:
            raise ValueError(f"the gradient of {name} has shape {found}, and {name} itself {expected}")
    data = path[:-len(".json")] + ".npz"
    np.savez(data, **tensors)

    def stored(section, names):
        return {name: {"file": os.path.basename(data), "key": f"{section}.{name}"} for name in names}

    case = {
        "dtype": dtype or _dtype_of(parameters),
        "inputs": stored("inputs", inputs),
        "parameters": stored("parameters", parameters),
        "gradients": stored("gradients", gradients),
        "program": {"source": _program(loss, [*inputs, *parameters])},
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(case, file, indent=2, ensure_ascii=False)
        file.write("\n")


def _dtype_of(parameters):
    found = np.result_type(*[np.asarray(array).dtype for array in parameters.values()])
    name = {"c": f"float{found.itemsize * 4}"}.get(found.kind, found.name)
    return name if name in ("float16", "float32", "float64", "bfloat16") else "float64"


def _program(loss, names):
    """The lines of a program with a function `forward`."""
    if callable(loss):
        return _source_of(loss)
    if "\n" not in loss and not loss.lstrip().startswith("def "):
        loss = f"import numpy as np\n\n\ndef forward({', '.join(names)}):\n    return {loss}"
    lines = textwrap.dedent(loss).strip("\n").split("\n")
    if not any(line.startswith("def forward(") for line in lines):
        raise ValueError("the text of a loss needs a function `forward` of the inputs and parameters")
    return lines


def _source_of(function):
    lines = textwrap.dedent(inspect.getsource(function)).rstrip("\n").split("\n")
    while lines and lines[0].startswith("@"):
        del lines[0]
    if not lines or not lines[0].startswith(f"def {function.__name__}("):
        raise ValueError("a loss is a function written with def, or its text, or an expression")
    lines[0] = lines[0].replace(f"def {function.__name__}(", "def forward(", 1)
    # jax.numpy and the like are numpy's functions under another name.
    imports = [f"import numpy as {name}" for name in function.__code__.co_names
               if getattr(function.__globals__.get(name), "__name__", "").split(".")[-1] == "numpy"]
    return [*(imports or ["import numpy as np"]), "", "", *lines]
