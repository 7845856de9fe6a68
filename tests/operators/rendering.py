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
    "to_sparse": ["{0}.to_sparse({rest}).to_dense()"],
    "zero_": ["{0}.clone().zero_()"],
    "fill": ["{0}.clone().fill_({1})"],
}

# Outputs whose sign is the library's own choice.
SIGNLESS = {"linalg.eigh": [1], "symeig": [1], "linalg.eig": [1], "linalg.svd": [0, 2],
            "svd": [0, 2], "svd_lowrank": [0, 2], "pca_lowrank": [0, 2]}


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
    if isinstance(value, tuple):
        return ", ".join(index_text(v, names) for v in value)
    if isinstance(value, slice):
        ends = ["" if v is None else literal(v, names) for v in (value.start, value.stop)]
        step = "" if value.step is None else f":{literal(value.step, names)}"
        return ":".join(ends) + step
    return "..." if value is Ellipsis else literal(value, names)


def expressions(operator, sample, names):
    """Every spelling of the call, the most usual one first."""
    if operator.in_place:
        first = f"{names[id(sample.input)]}.clone()"
        return [f"{first}.{operator.name.split('.')[-1]}({_rest(sample, names)})"]
    known = SPELLINGS.get(operator.id, SPELLINGS.get(operator.name))
    if known and operator.name == "__getitem__":
        return [known[0].replace("{0}", names[id(sample.input)])
                .replace("{index}", index_text(sample.args[0], names))]
    if known:
        return [_filled(text, sample, names) for text in known]
    return _usual(operator, sample, names)


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
    first, rest = literal(sample.input, names), _rest(sample, names)
    every = ", ".join(part for part in (first, rest) if part)
    spread = first[1:-1] if first.startswith("[") else None
    texts = [f"torch.{name}({every})"]
    if spread:
        texts.append(f"torch.{name}({', '.join(p for p in (spread, rest) if p)})")
    if isinstance(sample.input, torch.Tensor):
        texts.append(f"{first}.{last}({rest})")
    texts.append(f"torch.nn.functional.{last}({every})")
    for aten in dict.fromkeys([operator.entry.aten_name, name.replace(".", "_"), last]):
        texts.append(f"torch.ops.aten.{aten}({every})")
    return list(dict.fromkeys(texts))


def program(expression, names, output, signless=()):
    """The program whose loss weighs what the expression gives; and the shapes of the weights."""
    weights, terms = {}, []
    several = not isinstance(output, torch.Tensor)
    for k, part in enumerate(output if several else [output]):
        if not isinstance(part, torch.Tensor) or not part.requires_grad or len(weights) >= 6:
            continue
        text = f"y[{k}]" if several else "y"
        if k in signless:
            text = f"{text}.abs()"
            part = part.abs()
        if part.is_complex():
            text, part = f"torch.view_as_real({text})", torch.view_as_real(part.resolve_conj())
        weight = f"c{k}" if several else "c"
        weights[weight] = tuple(part.shape)
        terms.append(f"({text} * {weight}).sum()")
    lines = [f"def forward({', '.join([*names, *weights])}):", f"    y = {expression}",
             f"    return {' + '.join(terms)}"]
    return lines, weights
