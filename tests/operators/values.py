"""Values at several scales, for the tensors of a sample call.

A kind of draw is a ladder: the first step whose values the operator takes, with finite results, is
used. Later steps stay closer to the sample's own values, whose domain is right.
"""
import numpy as np


def own(value, rng, eps):
    return value


def _magnitudes(value, rng, low=-6.0, high=6.0):
    return 10.0 ** rng.uniform(low, high, value.shape)


def _any_sign(value, rng, eps):
    return _magnitudes(value, rng) * rng.choice([-1.0, 1.0], value.shape)


def _own_sign(value, rng, eps):
    return _magnitudes(value, rng) * np.where(value < 0, -1.0, 1.0)


def _positive(value, rng, eps):
    return _magnitudes(value, rng)


def _below_one(value, rng, eps):
    return _magnitudes(value, rng, -6.0, -0.05)


def _above_one(value, rng, eps):
    return 1.0 + _magnitudes(value, rng)


def _moderate(value, rng, eps):
    return value * _magnitudes(value, rng, -3.0, 0.0)


def _congruent(value, rng, eps):
    """D A D: symmetric and positive definite stay so, and entries of 1e-6 stand beside 1e6."""
    if value.ndim < 2 or value.shape[-1] != value.shape[-2]:
        return value * 10.0 ** rng.uniform(-3.0, 3.0)
    scale = 10.0 ** rng.uniform(-3.0, 3.0, value.shape[-1])
    return value * scale * scale[:, None]


def _some_near_zero(value, rng, eps):
    return np.where(rng.random_sample(value.shape) < 0.5, value * 1e-8, value)


def _all_near_zero(value, rng, eps):
    return value * 1e-8


def _two_values(value, rng, eps):
    """Ties, and beside them near ties."""
    if not value.size:
        return value
    picked = rng.choice(value.reshape(-1), 2)
    near = np.where(rng.random_sample(value.shape) < 0.3, 1 + eps, 1.0)
    return rng.choice(picked, value.shape) * near


def _ties_in_rows(value, rng, eps):
    if value.ndim < 1 or value.shape[-1] < 2:
        return value * (1 + eps)
    tied = value.copy()
    tied[..., 1] = tied[..., 0]
    return tied


def _near_ties(value, rng, eps):
    if not value.size:
        return value
    return np.full(value.shape, value.reshape(-1)[0]) * (1 + eps * rng.normal(size=value.shape))


def _halves(value, rng, eps):
    return np.round(value * 2) / 2


def _whole(value, rng, eps):
    return np.round(value)


def _away_from_zero(value, rng, eps):
    return np.where(value < 0, -1.0, 1.0) * np.maximum(np.round(np.abs(value) * 2) / 2, 0.5)


LADDERS = {
    "own": [own],
    "mixed": [_any_sign, _own_sign, _positive, _below_one, _above_one, _congruent,
              _moderate],
    "near-zero": [_some_near_zero, _all_near_zero],
    "ties": [_two_values, _near_ties, _ties_in_rows],
    "jumps": [_halves, _whole, _away_from_zero],
}

# How close a near tie is: far above what the dtype resolves.
NEAR = {"float64": 1e-7, "float32": 1e-4}

# The first sample is drawn anew in these ways, the second in those, and so on in turns.
TURNS = [["own", "mixed", "near-zero"], ["own", "ties", "jumps"]]


def candidates(kind, arrays, rng, dtype):
    """Step by step of the kind's ladder: the arrays with new values."""
    for step in LADDERS[kind]:
        yield [np.asarray(step(a.astype("float64"), rng, NEAR[dtype]), dtype) for a in arrays]


def weights(shape, rng, dtype):
    """What the outputs are weighed with: neither 0 nor alike."""
    return np.asarray(rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape), dtype)
