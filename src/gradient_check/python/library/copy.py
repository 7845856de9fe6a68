"""copy: of containers, tensors and instances."""
import torch


def copy(x):
    if isinstance(x, (list, dict, set)):
        return x.copy()
    if torch.is_tensor(x):
        return x.detach().requires_grad_(x.requires_grad)
    if hasattr(x, "__copy__"):
        return x.__copy__()
    return _instance(x, lambda value: value) if _is_instance(x) else x


def _is_instance(x):
    return hasattr(x, "__dict__") and not isinstance(x, type) and not callable(x) or hasattr(x, "forward")


def _instance(x, copied):
    made = object.__new__(type(x))
    for name, value in vars(x).items():
        setattr(made, name, copied(value))
    return made


def deepcopy(x, memo=None):
    memo = {} if memo is None else memo
    if isinstance(x, (int, float, str, bool, complex)) or x is None:
        return x
    if id(x) in memo:
        return memo[id(x)]
    if torch.is_tensor(x):
        made = x.detach().clone().requires_grad_(x.requires_grad)
        if getattr(x, "_is_parameter", False):
            made._is_parameter = True
    elif isinstance(x, list):
        memo[id(x)] = made = []
        for element in x:
            made.append(deepcopy(element, memo))
    elif isinstance(x, dict):
        memo[id(x)] = made = {}
        for key, value in x.items():
            made[deepcopy(key, memo)] = deepcopy(value, memo)
    elif isinstance(x, tuple):
        made = tuple(deepcopy(element, memo) for element in x)
    elif isinstance(x, set):
        made = {deepcopy(element, memo) for element in x}
    elif hasattr(x, "__deepcopy__"):
        made = x.__deepcopy__(memo)
    elif _is_instance(x):
        made = object.__new__(type(x))
        memo[id(x)] = made
        for name, value in vars(x).items():
            setattr(made, name, deepcopy(value, memo))
    else:
        return x
    memo[id(x)] = made
    return made
