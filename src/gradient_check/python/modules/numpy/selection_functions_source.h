#pragma once

namespace gradient_check::python {

/// Selection, comparison and statistics.
inline constexpr const char numpy_selection_functions[] = R"py(
def take(a, indices, axis=None, out=None, mode="raise"):
    a = np.asarray(a)
    indices = np.asarray(indices)
    if axis is None:
        return a.reshape(-1)[indices]
    return a[(slice(None),) * _axis(axis, a.ndim) + (indices,)]


def take_along_axis(arr, indices, axis):
    if axis is None:
        return arr.reshape(-1)[indices]
    axis = _axis(axis, arr.ndim)
    places = [np.arange(n).reshape([-1 if i == k else 1 for i in range(arr.ndim)]) for k, n in enumerate(indices.shape)]
    places[axis] = indices
    return arr[tuple(places)]


def unravel_index(indices, shape):
    made = []
    for n in reversed(shape):
        made.append(indices % n)
        indices = indices // n
    return tuple(made[::-1])


def ravel_multi_index(multi_index, dims):
    made = 0
    for index, n in zip(multi_index, dims):
        made = made * n + index
    return made


def ix_(*args):
    made = []
    for k, arg in enumerate(args):
        arg = np.asarray(arg)
        arg = np.nonzero(arg)[0] if arg.dtype == bool else arg
        made.append(arg.reshape([-1 if i == k else 1 for i in range(len(args))]))
    return tuple(made)


def ndindex(*shape):
    shape = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    for i in range(math.prod(shape)):
        yield unravel_index(i, shape)


def ndenumerate(arr):
    arr = np.asarray(arr)
    for index in ndindex(arr.shape):
        yield index, arr[index]


class nditer:
    def __init__(self, op, flags=(), op_flags=(), order="K"):
        self._array = np.asarray(op)
        self._at = 0

    @property
    def finished(self):
        return self._at >= self._array.size

    @property
    def multi_index(self):
        return unravel_index(self._at, self._array.shape)

    @property
    def value(self):
        return self._array[self.multi_index + (Ellipsis,)]

    def __getitem__(self, index):
        return self.value

    def iternext(self):
        self._at += 1
        return not self.finished

    def __iter__(self):
        return self

    def __next__(self):
        if self.finished:
            raise StopIteration
        made = self.value
        self._at += 1
        return made

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


def append(arr, values, axis=None):
    if axis is None:
        return np.concatenate([np.ravel(np.asarray(arr)), np.ravel(np.asarray(values))])
    return np.concatenate([arr, values], axis)


def delete(arr, obj, axis=None):
    arr = np.asarray(arr)
    if axis is None:
        arr, axis = arr.reshape(-1), 0
    keep = np.ones(arr.shape[axis], dtype=bool)
    keep[obj] = False
    return arr[(slice(None),) * axis + (keep,)]


def insert(arr, obj, values, axis=None):
    arr = np.asarray(arr)
    if axis is None:
        arr, axis = arr.reshape(-1), 0
    head, tail = (slice(None),) * axis + (slice(None, obj),), (slice(None),) * axis + (slice(obj, None),)
    values = np.broadcast_to(np.asarray(values, dtype=arr.dtype), arr[(slice(None),) * axis + (slice(0, 1),)].shape)
    return np.concatenate([arr[head], values, arr[tail]], axis)


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    a, b = np.asarray(a) * 1.0, np.asarray(b) * 1.0
    close = np.abs(a - b) <= atol + rtol * np.abs(b)
    finite = np.isfinite(a) & np.isfinite(b)
    close = np.where(finite, close, a == b)
    if equal_nan:
        close = close | (np.isnan(a) & np.isnan(b))
    return close if close.ndim else np.bool_(close)


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    return bool(np.all(isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)))


def array_equal(a1, a2, equal_nan=False):
    a1, a2 = np.asarray(a1), np.asarray(a2)
    return a1.shape == a2.shape and bool(np.all(a1 == a2))


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    made = np.array(x)
    if made.dtype.kind != "f":
        return made
    info = finfo(made.dtype)
    made = np.where(np.isnan(made), np.asarray(nan, dtype=made.dtype), made)
    made = np.where(made == np.inf, info.max if posinf is None else posinf, made)
    made = np.where(made == -np.inf, info.min if neginf is None else neginf, made)
    return made if made.ndim else made[()]


def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    a = np.asarray(a)
    if axis is None:
        shape = (1,) * a.ndim
        a, axis = a.reshape(-1), 0
        made = _middle(a, 0)
        return np.asarray(made).reshape(shape) if keepdims else made
    made = _middle(a, axis)
    return np.expand_dims(made, axis) if keepdims else made


def _middle(a, axis):
    a = np.sort(a, axis)
    n = a.shape[axis]
    if n == 0:
        return np.float64(np.nan)
    places = [n // 2] if n % 2 else [n // 2 - 1, n // 2]
    return np.mean(np.take(a, places, axis), axis)


def percentile(a, q, axis=None, keepdims=False):
    return quantile(a, np.asarray(q) / 100, axis, keepdims)


def quantile(a, q, axis=None, keepdims=False):
    a = np.asarray(a) * 1.0
    if axis is None:
        a, axis = a.reshape(-1), 0
    a = moveaxis(np.sort(a, axis), axis, 0)
    if np.ndim(q):
        return np.stack([_quantile(a, one) for one in q])
    return _quantile(a, q)


def _quantile(a, q):
    place = (len(a) - 1) * float(q)
    low = int(math.floor(place))
    part = place - low
    high = min(low + 1, len(a) - 1)
    difference = a[high] - a[low]
    return a[high] - difference * (1 - part) if part >= 0.5 else a[low] + difference * part


def average(a, axis=None, weights=None, returned=False):
    a = np.asarray(a)
    if weights is None:
        return a.mean(axis)
    weights = np.asarray(weights)
    if axis is not None and weights.shape != a.shape:
        weights = weights.reshape([-1 if i == axis % a.ndim else 1 for i in range(a.ndim)])
    total = np.sum(weights * np.ones(a.shape), axis)
    return np.multiply(a, weights).sum(axis) / total


def ptp(a, axis=None):
    return np.max(a, axis) - np.min(a, axis)


def nansum(a, axis=None, keepdims=False):
    return np.sum(np.where(np.isnan(a), 0.0, a), axis, keepdims=keepdims)


def nanmean(a, axis=None, keepdims=False):
    return nansum(a, axis, keepdims) / np.sum(~np.isnan(a), axis, keepdims=keepdims)


def nanmax(a, axis=None):
    return np.max(np.where(np.isnan(a), -np.inf, a), axis)


def nanmin(a, axis=None):
    return np.min(np.where(np.isnan(a), np.inf, a), axis)


def count_nonzero(a, axis=None, keepdims=False):
    made = np.sum(np.asarray(a) != 0, axis, keepdims=keepdims)
    return int(made) if axis is None and not keepdims else made


def argwhere(a):
    return np.stack(np.nonzero(np.asarray(a)), 1)


def flatnonzero(a):
    return np.nonzero(np.ravel(a))[0]


def diff(a, n=1, axis=-1):
    a = np.asarray(a)
    for _ in range(n):
        head = (slice(None),) * _axis(axis, a.ndim)
        a = np.subtract(a[head + (slice(1, None),)], a[head + (slice(None, -1),)])
    return a


def gradient(f):
    f = np.asarray(f) * 1.0
    made = np.empty_like(f)
    made[1:-1] = (f[2:] - f[:-2]) / 2.0
    made[0] = f[1] - f[0]
    made[-1] = f[-1] - f[-2]
    return made
)py";

}  // namespace gradient_check::python
