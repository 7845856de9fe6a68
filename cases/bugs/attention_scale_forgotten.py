import math

import torch

HEADS = 2


def split(x, heads: int):
    return x.reshape(x.size(0), x.size(1), heads, x.size(2) // heads).transpose(1, 2)


def join(x):
    return x.transpose(1, 2).reshape(x.size(0), x.size(2), x.size(1) * x.size(3))


def forward(x, w_qkv, w_out):
    q, k, v = torch.chunk(x @ w_qkv, 3, 2)
    scores = split(q, HEADS) @ split(k, HEADS).transpose(-2, -1) / math.sqrt(q.size(2) // HEADS)
    return join(torch.softmax(scores, -1) @ split(v, HEADS)) @ w_out


def backward(x, w_qkv, w_out, grad_output):
    parts = torch.chunk(x @ w_qkv, 3, 2)
    q = split(parts[0], HEADS)
    k = split(parts[1], HEADS)
    v = split(parts[2], HEADS)
    scale = 1 / math.sqrt(q.size(3))
    p = torch.softmax(q @ k.transpose(-2, -1) * scale, -1)
    o = join(p @ v)
    d_w_out = (o.transpose(1, 2) @ grad_output).sum(0)
    d_o = split(grad_output @ w_out.t(), HEADS)
    d_p = d_o @ v.transpose(-2, -1)
    d_s = p * (d_p - (d_p * p).sum(-1, keepdim=True))
    d_qkv = torch.cat([join(d_s @ k), join(d_s.transpose(-2, -1) @ q), join(p.transpose(-2, -1) @ d_o)], 2)
    return {"w_qkv": (x.transpose(1, 2) @ d_qkv).sum(0), "w_out": d_w_out, "x": d_qkv @ w_qkv.t()}
