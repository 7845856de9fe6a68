import torch


def forward(x, g):
    r = torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6)
    n = x * r
    return n * g


def backward(x, g, grad_output):
    r = torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6)
    n = x * r
    dL_dg = (grad_output * g * n).sum(0)
    dL_dn = grad_output * g
    dL_dx = r * (dL_dn - n * (dL_dn * n).mean(-1, keepdim=True))
    return {"x": dL_dx, "g": dL_dg}
