import torch
import torch.nn.functional as F


def step(x, y, w, b, v, c):
    n = x.size(0)
    cols = F.unfold(x, 3)
    z = w.flatten(1) @ cols + b.unsqueeze(1)
    a = torch.relu(z)
    image = a.reshape(n, w.size(0), 4, 4)
    pooled = F.avg_pool2d(image, 2).flatten(1)
    out = pooled @ v + c
    loss = ((out - y) ** 2).mean()

    d_out = 2 * (out - y) / y.numel()
    d_v = pooled.t() @ d_out
    d_c = d_out.sum(0)
    d_pooled = d_out @ v.t()
    d_image = d_pooled.reshape(n, w.size(0), 2, 2).repeat_interleave(2, 2).repeat_interleave(2, 3) / 4
    d_a = d_image.flatten(2)
    d_z = d_a * (z > 0)
    d_w = (d_z @ cols.transpose(1, 2)).mean(0).reshape(w.shape)
    d_b = d_z.sum([0, 2])
    d_x = F.fold(w.flatten(1).t() @ d_z, [6, 6], 3)
    return loss, {"w": d_w, "b": d_b, "v": d_v, "c": d_c, "x": d_x}
