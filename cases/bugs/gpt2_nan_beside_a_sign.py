import math

import torch

HEADS = 2
EPS = 1e-5


def split(x, heads: int):
    return x.reshape(x.size(0), x.size(1), heads, x.size(2) // heads).transpose(1, 2)


def join(x):
    return x.transpose(1, 2).reshape(x.size(0), x.size(2), x.size(1) * x.size(3))


def norm(x):
    centred = x - x.mean(-1, keepdim=True)
    return centred * torch.rsqrt((centred * centred).mean(-1, keepdim=True) + EPS)


def norm_backward(x, d_y):
    centred = x - x.mean(-1, keepdim=True)
    rstd = torch.rsqrt((d_y * centred).mean(-1, keepdim=True) + EPS)
    y = centred * rstd
    return rstd * (d_y - d_y.mean(-1, keepdim=True) - y * (d_y * y).mean(-1, keepdim=True))


def gelu_slope(x):
    u = 0.7978845608028654 * (x + 0.044715 * x ** 3)
    t = torch.tanh(u)
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * 0.7978845608028654 * (1 + 3 * 0.044715 * x * x)


def attend(a, w_qkv, b_qkv):
    q, k, v = torch.chunk(a @ w_qkv + b_qkv, 3, 2)
    scores = split(q, HEADS) @ split(k, HEADS).transpose(-2, -1) / math.sqrt(q.size(2) // HEADS)
    future = torch.ones(a.size(1), a.size(1)).triu(1) > 0
    return torch.softmax(scores.masked_fill(future, -float("inf")), -1)


def forward(x, g1, c1, w_qkv, b_qkv, w_o, b_o, g2, c2, w_up, b_up, w_down, b_down):
    a = norm(x) * g1 + c1
    p = attend(a, w_qkv, b_qkv)
    v = torch.chunk(a @ w_qkv + b_qkv, 3, 2)[2]
    x = x + join(p @ split(v, HEADS)) @ w_o + b_o
    m = norm(x) * g2 + c2
    return x + torch.nn.functional.gelu(m @ w_up + b_up, approximate="tanh") @ w_down + b_down


def backward(x, g1, c1, w_qkv, b_qkv, w_o, b_o, g2, c2, w_up, b_up, w_down, grad_output):
    # forward again
    n1 = norm(x)
    a = n1 * g1 + c1
    parts = torch.chunk(a @ w_qkv + b_qkv, 3, 2)
    q = split(parts[0], HEADS)
    k = split(parts[1], HEADS)
    v = split(parts[2], HEADS)
    p = attend(a, w_qkv, b_qkv)
    o = join(p @ v)
    r = x + o @ w_o + b_o
    n2 = norm(r)
    m = n2 * g2 + c2
    u = m @ w_up + b_up
    h = torch.nn.functional.gelu(u, approximate="tanh")
    # the perceptron
    d_w_down = (h.transpose(1, 2) @ grad_output).sum(0)
    d_u = (grad_output @ w_down.t()) * gelu_slope(u)
    d_w_up = (m.transpose(1, 2) @ d_u).sum(0)
    d_m = d_u @ w_up.t()
    d_r = grad_output + norm_backward(r, d_m * g2)
    # attention
    d_w_o = (o.transpose(1, 2) @ d_r).sum(0)
    d_o = -(split(d_r @ w_o.t(), HEADS))
    d_p = d_o @ v.transpose(-2, -1)
    d_s = p * (d_p - (d_p * p).sum(-1, keepdim=True)) / math.sqrt(q.size(3))
    d_qkv = torch.cat([join(d_s @ k), join(d_s.transpose(-2, -1) @ q), join(p.transpose(-2, -1) @ d_o)], 2)
    d_w_qkv = (a.transpose(1, 2) @ d_qkv).sum(0)
    d_a = d_qkv @ w_qkv.t()
    d_x = d_r + norm_backward(x, d_a * g1)
    return {
        "x": d_x,
        "g1": (d_a * n1).sum([0, 1]),
        "c1": d_a.sum([0, 1]),
        "w_qkv": d_w_qkv,
        "b_qkv": d_qkv.sum([0, 1]),
        "w_o": d_w_o,
        "b_o": d_r.sum([0, 1]),
        "g2": (d_m * n2).sum([0, 1]),
        "c2": d_m.sum([0, 1]),
        "w_up": d_w_up,
        "b_up": d_u.sum([0, 1]),
        "w_down": d_w_down,
        "b_down": grad_output.sum([0, 1]),
    }
