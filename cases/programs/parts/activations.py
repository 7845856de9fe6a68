"""What several programs share."""
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_slope(y):
    return y * (1 - y)
