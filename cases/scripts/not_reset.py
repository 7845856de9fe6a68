import numpy as np
np.random.seed(1)
X = np.random.randn(10, 3)
t = np.random.randn(10, 2)
W = np.random.randn(3, 2)
b = np.zeros(2)
dW = np.zeros_like(W)
db = np.zeros_like(b)
for epoch in range(50):
    out = X @ W + b
    loss = 0.5 * np.sum((out - t) ** 2) / len(X)
    d = (out - t) / len(X)
    dW += X.T @ d
    db += d.sum(axis=0)
    W -= 0.05 * dW
    b -= 0.05 * db
