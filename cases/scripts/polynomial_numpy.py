import numpy as np
import math
x = np.linspace(-math.pi, math.pi, 200)
y = np.sin(x)
a = np.random.randn()
b = np.random.randn()
learning_rate = 1e-6
for t in range(2000):
    y_pred = a + b * x
    loss = np.square(y_pred - y).sum()
    grad_y = 2.0 * (y_pred - y)
    grad_a = grad_y.sum()
    grad_b = (grad_y * x).sum()
    a -= learning_rate * grad_a
    b -= learning_rate * grad_b
print(f'Result: y = {a} + {b} x')
