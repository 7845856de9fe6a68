import torch


def forward(x, gain):
    mean = x.mean([2, 3], keepdim=True)
    centred = x - mean
    std = torch.sqrt((centred * centred).mean([2, 3], keepdim=True))
    xhat = centred / std
    return xhat * gain.reshape(1, -1, 1, 1)


def backward(x, gain, grad_output):
    mean = x.mean([2, 3], keepdim=True)
    centred = x - mean
    std = torch.sqrt((centred * centred).mean([2, 3], keepdim=True))
    xhat = centred / std
    gain_grad = (grad_output * xhat).sum([0, 2, 3])
    xhat_grad = grad_output * gain.reshape(1, -1, 1, 1)
    along = (xhat_grad * xhat).mean([0, 2, 3], keepdim=True)
    x_grad = (xhat_grad - xhat_grad.mean([2, 3], keepdim=True) - xhat * along) / std
    return {"x": x_grad, "gain": gain_grad}
