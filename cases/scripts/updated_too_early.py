import torch
torch.manual_seed(0)
x = torch.randn(8, 3)
y = torch.randn(8, 1)
w1 = torch.randn(3, 4)
w2 = torch.randn(4, 1)
lr = 0.1
for step in range(100):
    h = torch.tanh(x @ w1)
    out = h @ w2
    loss = ((out - y) ** 2).mean()
    d_out = 2 * (out - y) / y.shape[0]
    w2 -= lr * (h.t() @ d_out)
    d_h = d_out @ w2.t()
    w1 -= lr * (x.t() @ (d_h * (1 - h * h)))
