import torch
import torch.nn.functional as F


def forward(x, w, b):
    return F.conv2d(x, w, b, stride=2, padding=1)


def backward(x, w, grad_output):
    cols = F.unfold(x, [3, 2], padding=1, stride=2)
    d_y = grad_output.flatten(2)
    d_w = (d_y @ cols.transpose(1, 2)).sum(0).reshape(w.shape)
    d_cols = w.flatten(1).t() @ d_y
    d_x = F.fold(d_cols, [x.size(2), x.size(3)], [3, 2], padding=1, stride=2)
    return {"w": d_w, "b": grad_output.sum([0, 2, 3]), "x": d_x}
