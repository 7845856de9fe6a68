"""A layer among what files usually have around it: plots, a data set, modules and data beside it."""
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from tqdm import tqdm

from parts.activations import sigmoid, sigmoid_slope

digits = load_digits()
X_all = digits.data / 16.0
plt.imshow(digits.images[0])
counts = np.loadtxt("parts/weights.csv", delimiter=",")


def step(x, t, w):
    y = sigmoid(x @ w)
    loss = np.sum(counts * (y - t) ** 2)
    d_y = 2 * counts * (y - t)
    d_z = d_y * sigmoid_slope(y)
    for _ in tqdm(range(1)):
        d_w = x.T @ d_z
    return loss, {"w": d_w}
