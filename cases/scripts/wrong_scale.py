import numpy as np

np.random.seed(5)
x = np.random.randn(16, 10)
y = np.random.randn(16, 3)
w1 = np.random.randn(10, 8)
w2 = np.random.randn(8, 3)
learning_rate = 1e-4
for t in range(50):
    h = x.dot(w1)
    h_relu = np.maximum(h, 0)
    y_pred = h_relu.dot(w2)
    loss = np.square(y_pred - y).sum()
    grad_y_pred = y_pred - y
    grad_w2 = h_relu.T.dot(grad_y_pred)
    grad_h = grad_y_pred.dot(w2.T)
    grad_h[h < 0] = 0
    grad_w1 = x.T.dot(grad_h)
    w1 -= learning_rate * grad_w1
    w2 -= learning_rate * grad_w2
