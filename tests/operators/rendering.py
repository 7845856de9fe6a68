"""A call of an operator as the text of a program: its spellings, its arguments, its loss."""
import math

import torch

# Where the table's call is a lambda, or an operator has a syntax of its own. {0}, {1} … are the
# arguments in order, {rest} all after the first.
SPELLINGS = {
    "T": ["{0}.T"], "H": ["{0}.H"], "mT": ["{0}.mT"], "mH": ["{0}.mH"],
    "__radd__": ["{1} + {0}"], "__rsub__": ["{1} - {0}"], "__rmul__": ["{1} * {0}"],
    "__rdiv__": ["{1} / {0}"], "__rmod__": ["{1} % {0}"], "__rpow__": ["{1} ** {0}"],
    "__rmatmul__": ["{1} @ {0}"],
    "__getitem__": ["{0}[{index}]"],
    "einsum": ["torch.einsum({1}, {0})"],
    "polygamma": ["torch.polygamma({1}, {0})", "{0}.polygamma({1})"],
    "special.polygamma": ["torch.special.polygamma({1}, {0})"],
    "where": ["torch.where({1}, {0}, {2})"],
    "nn.functional.embedding": ["torch.nn.functional.embedding({1}, {0}, {rest2})"],
    "nn.functional.embedding_bag": ["torch.nn.functional.embedding_bag({1}, {0}, {rest2})"],
    "linalg.lstsq-grad_oriented": ["torch.linalg.lstsq({0}, {1}, driver={2})[0]",
                                   "torch.linalg.lstsq({0}, {1}, None, driver={2})[0]"],
    "linalg.pinv-singular": ["torch.linalg.pinv({0} @ {1}.mT)"],
    # Its gradient is right for normalised log-probabilities alone.
    "nn.functional.ctc_loss": ["torch.nn.functional.ctc_loss({0}.log_softmax(-1), {rest})"],
    "to_sparse": ["{0}.to_sparse({rest}).to_dense()"],
    "zero_": ["{0}.clone().zero_()"],
    "fill": ["{0}.clone().fill_({1})"],
}

# Outputs that are vectors up to their sign, and the dimension that counts them.
VECTORS = {"linalg.eigh": {1: -1}, "symeig": {1: -1}, "linalg.eig": {1: -1},
           "linalg.svd": {0: -1, 2: -2}, "svd": {0: -1, 2: -1}, "svd_lowrank": {0: -1, 2: -1},
           "pca_lowrank": {0: -1, 2: -1}}


class Unrenderable(Exception):
    """An argument that has no literal."""


def literal(value, names):
    """The text of one argument; tensors are called x0, x1 … in the order of `names`."""
    if isinstance(value, torch.Tensor):
        return names[id(value)]
    if value is None or isinstance(value, (bool, int)):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if isinstance(value, str):
        return repr(str(value)).replace("'", '"')
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(v, names) for v in value) + "]"
    if isinstance(value, (torch.dtype, torch.memory_format, torch.device)):
        return str(value) if not isinstance(value, torch.device) else f'"{value}"'
    raise Unrenderable(f"an argument of type {type(value).__name__}")


def index_text(value, names):
    if isinstance(value, (tuple, list)) and (isinstance(value, tuple) or any(
            isinstance(v, slice) or v is Ellipsis for v in value)):
        return ", ".join(index_text(v, names) for v in value)
    if isinstance(value, slice):
        ends = ["" if v is None else literal(v, names) for v in (value.start, value.stop)]
        step = "" if value.step is None else f":{literal(value.step, names)}"
        return ":".join(ends) + step
    return "..." if value is Ellipsis else literal(value, names)


def bodies(operator, sample, names):
    """Every spelling of the call, the most usual one first: lists of lines that set y."""
    if operator.in_place:
        return _in_place(operator, sample, names)
    known = SPELLINGS.get(operator.id, SPELLINGS.get(operator.name))
    if known and operator.name == "__getitem__":
        texts = [known[0].replace("{0}", names[id(sample.input)])
                 .replace("{index}", index_text(sample.args[0], names))]
    elif known:
        texts = [_filled(text, sample, names) for text in known]
    else:
        texts = _usual(operator, sample, names)
    return [[f"y = {text}"] for text in texts]


def _in_place(operator, sample, names):
    """The method, or the function with inplace=True, as a statement on a copy of the input."""
    copy, rest = f"{names[id(sample.input)]}.clone()", _rest(sample, names)
    last, name = operator.name.split(".")[-1], operator.name[:-1]
    if not operator.name.startswith("nn."):
        return [[f"y = {copy}.{last}({rest})"], [f"y = {copy}", f"y.{last}({rest})"]]
    named = ", ".join(part for part in ("y", rest, "inplace=True") if part)
    every = ", ".join(part for part in (copy, rest) if part)
    return [[f"y = {copy}", f"torch.{name}({named})"], [f"y = torch.{name}_({every})"],
            [f"y = torch.{last}({every})"]]


def _rest(sample, names, after=0):
    positional = [literal(a, names) for a in sample.args[after:]]
    named = [f"{k}={literal(v, names)}" for k, v in sample.kwargs.items()]
    return ", ".join(positional + named)


def _filled(text, sample, names):
    arguments = [literal(a, names) for a in (sample.input, *sample.args)]
    arguments += [literal(v, names) for v in sample.kwargs.values()]
    text = text.replace("{rest2}", _rest(sample, names, 1)).replace(
        "{rest}", _rest(sample, names))
    for k, argument in enumerate(arguments):
        text = text.replace(f"{{{k}}}", argument)
    return text.replace(", )", ")")


def _usual(operator, sample, names):
    """torch.NAME, torch.nn.functional.NAME, the method, torch.ops.aten.NAME."""
    name, last = operator.name, operator.name.split(".")[-1]
    first = literal(sample.input, names)
    texts = []
    for rest in _rests(sample, names):
        every = ", ".join(part for part in (first, rest) if part)
        texts.append(f"torch.{name}({every})")
        if first.startswith("["):
            texts.append(f"torch.{name}({', '.join(p for p in (first[1:-1], rest) if p)})")
        if isinstance(sample.input, torch.Tensor):
            texts.append(f"{first}.{last}({rest})")
        texts.append(f"torch.nn.functional.{last}({every})")
        for aten in [operator.entry.aten_name, name.replace(".", "_"), last]:
            texts.append(f"torch.ops.aten.{aten}({every})")
        texts.append(f"torch.ops.aten.{last}_with_indices({every})")
    return list(dict.fromkeys(texts))


# What an operator of ATen calls torch.nn.functional's reductions.
REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}


def _rests(sample, names):
    """The arguments after the first: as they are; without what is the default; as ATen has them."""
    def text(positional, named):
        return ", ".join([literal(a, names) for a in positional]
                         + [f"{k}={literal(v, names)}" for k, v in named.items()])

    left = {k: v for k, v in sample.kwargs.items()
            if v is not None and not isinstance(v, torch.memory_format)}
    as_float = {k: float(v) if isinstance(v, int) and not isinstance(v, bool) else v
                for k, v in left.items()}
    for_aten = {k: REDUCTIONS.get(v, v) if k == "reduction" else v for k, v in left.items()
                if k != "return_indices"}
    texts = [text(sample.args, named) for named in (sample.kwargs, left, as_float, for_aten)]
    return list(dict.fromkeys(texts))


def program(body, names, output, unique_parts=None):
    """The program whose loss weighs what the body gives; and the shapes of the weights."""
    weights, terms = {}, []
    several = not isinstance(output, torch.Tensor)
    for k, part in enumerate(output if several else [output]):
        if not isinstance(part, torch.Tensor) or not part.requires_grad or len(weights) >= 6:
            continue
        text = f"y[{k}]" if several else "y"
        if unique_parts and k in unique_parts:
            text, part = unique(text, part, output, unique_parts[k])
        if part.is_complex():
            text = f"torch.view_as_real({text}.resolve_conj())"
            part = torch.view_as_real(part.resolve_conj())
        weight = f"c{k}" if several else "c"
        weights[weight] = tuple(part.shape)
        terms.append(f"({text} * {weight}).sum()")
    lines = [f"def forward({', '.join([*names, *weights])}):", *(f"    {line}" for line in body),
             f"    return {' + '.join(terms)}"]
    return lines, weights


def unique(text, part, output, dim):
    """Vectors up to their sign, and only as many as there are singular values."""
    count = output[1].shape[-1] if len(output) == 3 else part.shape[dim]
    if part.shape[dim] != count:
        text, part = f"{text}.narrow({dim}, 0, {count})", part.narrow(dim, 0, count)
    return f"{text}.abs()", part.abs()
