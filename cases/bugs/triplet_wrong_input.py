import torch

MARGIN = 1.0


def step(anchor, positive, negative, w):
    ea = anchor @ w
    ep = positive @ w
    en = negative @ w
    near = ((ea - ep) ** 2).sum(1, keepdim=True)
    far = ((ea - en) ** 2).sum(1, keepdim=True)
    loss = torch.relu(near - far + MARGIN).mean()

    active = (near - far + MARGIN > 0).to(w.dtype) / anchor.size(0)
    grad_ea = 2 * active * (en - ep)
    grad_ep = 2 * active * (ep - ea)
    grad_en = 2 * active * (ea - en)
    grad_w = anchor.t() @ grad_ea + positive.t() @ grad_ep + positive.t() @ grad_en
    return loss, {"w": grad_w}
