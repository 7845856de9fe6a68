import torch

x = torch.tensor([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]])
y = torch.tensor([[1.0], [0.0], [2.0]])
w = torch.Tensor(2, 1)
b = torch.zeros(1)
for epoch in range(100):
    error = x @ w + b - y
    loss = (error ** 2).mean()
    d_error = 2 * error / y.numel()
    w -= 0.01 * (x.t() @ d_error)
    b -= 0.01 * d_error.sum(0)
