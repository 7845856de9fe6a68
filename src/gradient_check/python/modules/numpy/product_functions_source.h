#pragma once

namespace gradient_check::python {

/// Products, grids and signals.
inline constexpr const char numpy_product_functions[] = R"py(
def outer(a, b, out=None):
    return np.multiply(np.ravel(a)[:, np.newaxis], np.ravel(b)[np.newaxis, :], out=out)


def vdot(a, b):
    return np.dot(np.ravel(a), np.ravel(b))


def inner(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"shapes {_shape(a)} and {_shape(b)} not aligned: {a.shape[-1]} (dim {a.ndim - 1}) != {b.shape[-1]} (dim {b.ndim - 1})")
    return tensordot(a, b, (-1, -1))


def _shape(a):
    return "(" + ",".join(str(n) for n in a.shape) + (",)" if a.ndim == 1 else ")")


def tensordot(a, b, axes=2):
    a, b = np.asarray(a), np.asarray(b)
    if isinstance(axes, int):
        axes_a, axes_b = list(range(a.ndim - axes, a.ndim)), list(range(axes))
    else:
        axes_a, axes_b = axes
        axes_a = [axes_a] if isinstance(axes_a, int) else list(axes_a)
        axes_b = [axes_b] if isinstance(axes_b, int) else list(axes_b)
    axes_a = [n % a.ndim for n in axes_a]
    axes_b = [n % b.ndim for n in axes_b]
    if [a.shape[n] for n in axes_a] != [b.shape[n] for n in axes_b]:
        raise ValueError("shape-mismatch for sum")
    free_a = [n for n in range(a.ndim) if n not in axes_a]
    free_b = [n for n in range(b.ndim) if n not in axes_b]
    inner_size = math.prod([a.shape[n] for n in axes_a])
    left = a.transpose(free_a + axes_a).reshape(math.prod([a.shape[n] for n in free_a]), inner_size)
    right = b.transpose(axes_b + free_b).reshape(inner_size, math.prod([b.shape[n] for n in free_b]))
    return np.dot(left, right).reshape([a.shape[n] for n in free_a] + [b.shape[n] for n in free_b])[...]


def trace(a, offset=0, axis1=0, axis2=1):
    return np.sum(diagonal(a, offset, axis1, axis2), -1)


def diagonal(a, offset=0, axis1=0, axis2=1):
    a = moveaxis(np.asarray(a), (axis1, axis2), (-2, -1))
    rows, columns = a.shape[-2], a.shape[-1]
    places = np.arange(max(0, min(rows + min(offset, 0), columns - max(offset, 0))))
    return a[..., places - min(offset, 0), places + max(offset, 0)]


def fill_diagonal(a, val):
    places = np.arange(min(a.shape))
    a[(places,) * a.ndim] = val


def diagflat(v, k=0):
    return np.diag(np.ravel(v), k)


def tri(N, M=None, k=0, dtype=float):
    return np.tril(np.ones((N, N if M is None else M), dtype=dtype), k)


def tril_indices(n, k=0, m=None):
    return np.nonzero(tri(n, m, k, bool))


def triu_indices(n, k=0, m=None):
    return np.nonzero(~tri(n, m, k - 1, bool))


def vander(x, N=None, increasing=False):
    x = np.asarray(x)
    N = len(x) if N is None else N
    powers = [x ** i for i in range(N)]
    return np.stack(powers if increasing else powers[::-1], 1)


def kron(a, b):
    a, b = np.asarray(a), np.asarray(b)
    ndim = max(a.ndim, b.ndim)
    a = a.reshape((1,) * (ndim - a.ndim) + a.shape)
    b = b.reshape((1,) * (ndim - b.ndim) + b.shape)
    left = a.reshape([n for size in a.shape for n in (size, 1)])
    right = b.reshape([n for size in b.shape for n in (1, size)])
    return (left * right).reshape([x * y for x, y in zip(a.shape, b.shape)])


def cross(a, b):
    a, b = np.asarray(a), np.asarray(b)
    x, y, z = a[..., 0], a[..., 1], a[..., 2]
    u, v, w = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([y * w - z * v, z * u - x * w, x * v - y * u], -1)


def meshgrid(*xi, indexing="xy", sparse=False, copy=True):
    xi = [np.asarray(x).reshape(-1) for x in xi]
    order = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        order[0], order[1] = 1, 0
    shape = [len(xi[n]) for n in order]
    made = []
    for n, x in enumerate(xi):
        place = order.index(n)
        x = x.reshape([-1 if i == place else 1 for i in range(len(xi))])
        made.append(x if sparse else np.broadcast_to(x, shape).copy())
    return made


def broadcast_arrays(*arrays):
    arrays = [np.asarray(a) for a in arrays]
    shape = sum([np.zeros(a.shape) for a in arrays]).shape
    return [np.broadcast_to(a, shape) for a in arrays]


def convolve(a, v, mode="full"):
    a, v = np.asarray(a), np.asarray(v)
    if len(v) > len(a):
        a, v = v, a
    n, m = len(a), len(v)
    padded = np.pad(a, m - 1)
    full = np.array([np.dot(padded[i:i + m], v[::-1]) for i in range(n + m - 1)])
    if mode == "full":
        return full
    if mode == "same":
        return full[(m - 1) // 2:(m - 1) // 2 + n]
    return full[m - 1:n]


def cov(m, rowvar=True, bias=False, ddof=None):
    X = atleast_2d(np.asarray(m) * 1.0)
    if not rowvar and X.shape[0] != 1:
        X = X.T
    ddof = (0 if bias else 1) if ddof is None else ddof
    X = X - X.mean(axis=1, keepdims=True)
    made = np.dot(X, X.T) * np.true_divide(1, X.shape[1] - ddof)
    return np.squeeze(made)[()]


def corrcoef(x, y=None, rowvar=True):
    c = cov(x if y is None else np.vstack([x, y]), rowvar)
    if np.ndim(c) == 0:
        return c / c
    d = np.sqrt(np.diag(c))
    return np.clip(c / d[:, None] / d[None, :], -1, 1)


def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    moved = moveaxis(np.asarray(arr), axis, -1)
    rows = [func1d(row, *args, **kwargs) for row in moved.reshape(-1, moved.shape[-1])]
    made = np.array(rows)
    made = made.reshape(moved.shape[:-1] + made.shape[1:])
    return made if made.ndim < np.ndim(arr) else moveaxis(made, -1, axis)


class vectorize:
    def __init__(self, pyfunc, otypes=None):
        self.pyfunc = pyfunc
        self.otypes = otypes

    def __call__(self, *args):
        arrays = broadcast_arrays(*args)
        made = np.array([self.pyfunc(*values) for values in zip(*[a.ravel() for a in arrays])], dtype=self.otypes[0] if self.otypes else None)
        return made.reshape(arrays[0].shape)


def interp(x, xp, fp):
    x, xp, fp = np.asarray(x) * 1.0, np.asarray(xp) * 1.0, np.asarray(fp) * 1.0
    place = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, len(xp) - 2)
    slope = (fp[place + 1] - fp[place]) / (xp[place + 1] - xp[place])
    made = slope * (x - xp[place]) + fp[place]
    return np.where(x < xp[0], fp[0], np.where(x >= xp[-1], fp[-1], made))[()]


def trapz(y, x=None, dx=1.0, axis=-1):
    y = np.asarray(y)
    d = dx if x is None else np.diff(x)
    return np.sum(d * (y[..., 1:] + y[..., :-1]) / 2.0, -1)


def isin(element, test_elements):
    made = np.array([e in set(np.ravel(test_elements).tolist()) for e in np.ravel(element).tolist()], dtype=bool)
    return made.reshape(np.shape(element))
)py";

}  // namespace gradient_check::python
