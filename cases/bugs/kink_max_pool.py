import torch
import torch.nn.functional as F


def step(x):
    y = F.max_pool2d(x, 2)
    first = torch.zeros(1, 1, 2, 4)
    first[0, 0, 0, 0] = 1
    first[0, 0, 0, 2] = 1
    return y.sum(), {"x": first}
