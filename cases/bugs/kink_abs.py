import torch


def step(x):
    return torch.abs(x).sum(), {"x": torch.sign(x)}
