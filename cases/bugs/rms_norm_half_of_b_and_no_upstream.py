import torch


def forward(x, g, w1, w2, w3):
    n = x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6) * g
    a = n @ w1
    return (a * torch.sigmoid(a) * (n @ w2)) @ w3


def backward(x, g, w1, w2, w3, grad_output):
    r = torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6)
    xhat = x * r
    n = xhat * g
    a = n @ w1
    b = 0.5 * (n @ w2)
    s = torch.sigmoid(a)
    h = a * s * b
    d_h = grad_output @ w3.t()
    d_a = b * (s + a * s * (1 - s))
    d_b = d_h * a * s
    d_n = d_a @ w1.t() + d_b @ w2.t()
    d_xhat = d_n * g
    d_x = r * (d_xhat - xhat * (d_xhat * xhat).mean(-1, keepdim=True))
    return {"x": d_x, "g": (d_n * xhat).sum(0), "w1": n.t() @ d_a, "w2": n.t() @ d_b, "w3": h.t() @ grad_output}
