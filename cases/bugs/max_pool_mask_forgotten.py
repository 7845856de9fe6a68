import torch
import torch.nn.functional as F


def step(x, y, v):
    n = x.size(0)
    windows = F.unfold(x, 2, stride=2).reshape(n, x.size(1), 4, -1)
    m = windows.amax(2)
    out = m.flatten(1) @ v
    loss = ((out - y) ** 2).mean()

    d_out = 2 * (out - y) / y.numel()
    d_m = (d_out @ v.t()).reshape(m.shape)
    hit = (windows == m.unsqueeze(2)).to(x.dtype)
    d_windows = torch.ones_like(windows) * d_m.unsqueeze(2)
    d_x = F.fold(d_windows.reshape(n, -1, m.size(2)), [4, 4], 2, stride=2)
    return loss, {"x": d_x, "v": m.flatten(1).t() @ d_out}
