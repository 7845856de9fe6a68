import numpy as np
np.random.seed(1)
X = np.random.randn(10, 3)
t = np.random.randn(10, 2)
W = np.random.randn(3, 2)
lr = 0.05
for epoch in range(50):
    out = X @ W
    loss = 0.5 * np.sum((out - t) ** 2)
    dW = X.T @ (out - t)
    W += lr * dW
