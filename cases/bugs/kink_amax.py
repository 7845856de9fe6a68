import torch


def step(x):
    return torch.amax(x, 0), {"x": (x == torch.amax(x, 0)).float() / 4}
