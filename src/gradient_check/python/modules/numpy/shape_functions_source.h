#pragma once

namespace gradient_check::python {

/// Settings, and functions of shapes.
inline constexpr const char numpy_shape_functions[] = R"py(
import math
import numpy as np


class Generator:
    pass


class Generator:
    """Random numbers for a seed; not those of NumPy's default_rng"""

    def __init__(self, seed=None):
        self._state = np.random.RandomState(seed)

    def random(self, size=None, dtype=float, out=None):
        return self._state.random_sample(size)

    def standard_normal(self, size=None, dtype=float, out=None):
        return self._state.standard_normal(size)

    def normal(self, loc=0.0, scale=1.0, size=None):
        return self._state.normal(loc, scale, size)

    def uniform(self, low=0.0, high=1.0, size=None):
        return self._state.uniform(low, high, size)

    def integers(self, low, high=None, size=None, dtype=int, endpoint=False):
        low, high = (0, low) if high is None else (low, high)
        return self._state.randint(low, high + 1 if endpoint else high, size)

    def choice(self, a, size=None, replace=True, p=None, axis=0, shuffle=True):
        return self._state.choice(a, size, replace, p)

    def permutation(self, x, axis=0):
        return self._state.permutation(x)

    def shuffle(self, x, axis=0):
        self._state.shuffle(x)

    def __getattr__(self, name):
        return getattr(self._state, name)


def default_rng(seed=None):
    return seed if isinstance(seed, Generator) else Generator(seed)


class _Ignored:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


def errstate(**settings):
    return _Ignored()


def seterr(**settings):
    return {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


def set_printoptions(*arguments, **settings):
    pass


def _no_files(*arguments, **settings):
    raise NotImplementedError("programs cannot read or write files here: numpy's save and load are not supported")


save = load = savez = savez_compressed = savetxt = loadtxt = genfromtxt = fromfile = _no_files


class finfo:
    def __init__(self, dtype):
        dtype = np.dtype(dtype) if not isinstance(dtype, np.ndarray) else dtype.dtype
        if dtype.kind != "f":
            raise ValueError(f"data type <class 'numpy.{dtype}'> not inexact")
        self.dtype = dtype
        bits = {"float16": (10, 15), "float32": (23, 127), "float64": (52, 1023)}[dtype.name]
        self.eps = dtype.type(2.0 ** -bits[0])
        self.max = dtype.type((2.0 - 2.0 ** -bits[0]) * 2.0 ** bits[1])
        self.min = -self.max
        self.tiny = self.smallest_normal = dtype.type(2.0 ** (1 - bits[1]))
        self.resolution = dtype.type({"float16": 1e-3, "float32": 1e-6, "float64": 1e-15}[dtype.name])


class iinfo:
    def __init__(self, dtype):
        dtype = np.dtype(dtype)
        bits = dtype.itemsize * 8
        self.dtype = dtype
        self.min = 0 if dtype.kind == "u" else -2 ** (bits - 2) * 2 if bits < 64 else -9223372036854775807 - 1
        self.max = 2 ** bits - 1 if dtype.kind == "u" else 2 ** (bits - 1) - 1 if bits < 64 else 9223372036854775807


def isscalar(element):
    return isinstance(element, (int, float, complex, str, bytes, np.generic))


def copy(a, order="K", subok=False):
    return np.array(a)


def shape(a):
    return np.asarray(a).shape


def ndim(a):
    return np.asarray(a).ndim


def size(a, axis=None):
    return np.asarray(a).size if axis is None else np.asarray(a).shape[axis]


def conj(x):
    return np.asarray(x) if isinstance(x, list) else x


conjugate = conj


def clip(a, a_min=None, a_max=None, out=None, **settings):
    a_min = settings.pop("min", a_min)
    a_max = settings.pop("max", a_max)
    if a_min is None and a_max is None:
        raise ValueError("One of max or min must be given")
    if a_max is None:
        return np.maximum(a, a_min, out=out)
    if a_min is None:
        return np.minimum(a, a_max, out=out)
    return np.minimum(np.maximum(a, a_min), a_max, out=out)


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    div = num - 1 if endpoint else num
    start = np.asarray(start) * 1.0
    stop = np.asarray(stop) * 1.0
    delta = stop - start
    y = np.arange(0, num, dtype=float).reshape((-1,) + (1,) * np.ndim(delta))
    step = np.nan
    if div > 0:
        step = delta / div
        y = y * step if np.all(step != 0) else y / div * delta
    else:
        y = y * delta
    y = y + start
    if endpoint and num > 1:
        y[-1] = stop
    if dtype is not None:
        y = (np.floor(y) if np.issubdtype(dtype, np.integer) else y).astype(dtype)
    return (y, step) if retstep else y


def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    y = np.power(base, linspace(start, stop, num=num, endpoint=endpoint))
    return y if dtype is None else y.astype(dtype)


def issubdtype(arg1, arg2):
    kind = np.dtype(arg1).type
    return issubclass(kind, arg2) if isinstance(arg2, type) and arg2 not in (int, float, bool) else kind is np.dtype(arg2).type


def swapaxes(a, axis1, axis2):
    a = np.asarray(a)
    axes = list(range(a.ndim))
    axis1, axis2 = _axis(axis1, a.ndim), _axis(axis2, a.ndim)
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return a.transpose(axes)


def _axis(axis, ndim):
    if not -ndim <= axis < ndim:
        raise np.AxisError(f"axis {axis} is out of bounds for array of dimension {ndim}")
    return axis + ndim if axis < 0 else axis


def moveaxis(a, source, destination):
    source = [source] if isinstance(source, int) else list(source)
    destination = [destination] if isinstance(destination, int) else list(destination)
    source = [_axis(s, a.ndim) for s in source]
    destination = [_axis(d, a.ndim) for d in destination]
    order = [n for n in range(a.ndim) if n not in source]
    for dest, src in sorted(zip(destination, source)):
        order.insert(dest, src)
    return a.transpose(order)


def rollaxis(a, axis, start=0):
    axis = _axis(axis, a.ndim)
    start = start + a.ndim if start < 0 else start
    axes = list(range(a.ndim))
    axes.remove(axis)
    axes.insert(start - 1 if axis < start else start, axis)
    return a.transpose(axes)


def atleast_1d(*arys):
    made = [np.asarray(a).reshape(1) if np.ndim(a) == 0 else np.asarray(a) for a in arys]
    return made[0] if len(made) == 1 else made


def atleast_2d(*arys):
    made = []
    for a in arys:
        a = np.asarray(a)
        made.append(a.reshape(1, 1) if a.ndim == 0 else a[np.newaxis, :] if a.ndim == 1 else a)
    return made[0] if len(made) == 1 else made


def atleast_3d(a):
    a = np.asarray(a)
    if a.ndim == 0:
        return a.reshape(1, 1, 1)
    if a.ndim == 1:
        return a[np.newaxis, :, np.newaxis]
    return a[:, :, np.newaxis] if a.ndim == 2 else a


def stack(arrays, axis=0, out=None):
    arrays = [np.asarray(a) for a in arrays]
    if not arrays:
        raise ValueError("need at least one array to stack")
    if len({a.shape for a in arrays}) != 1:
        raise ValueError("all input arrays must have the same shape")
    axis = _axis(axis, arrays[0].ndim + 1)
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis=axis)


def vstack(tup):
    return np.concatenate([atleast_2d(a) for a in tup], 0)


row_stack = vstack


def hstack(tup):
    arrays = [atleast_1d(a) for a in tup]
    return np.concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1)


def dstack(tup):
    return np.concatenate([atleast_3d(a) for a in tup], 2)


def column_stack(tup):
    return np.concatenate([np.asarray(a).reshape(-1, 1) if np.ndim(a) < 2 else a for a in tup], 1)


def array_split(ary, indices_or_sections, axis=0):
    ary = np.asarray(ary)
    total = ary.shape[axis]
    if np.ndim(indices_or_sections) == 0:
        count = int(indices_or_sections)
        if count <= 0:
            raise ValueError("number sections must be larger than 0.")
        each, extras = divmod(total, count)
        points = [0]
        for i in range(count):
            points.append(points[-1] + each + (1 if i < extras else 0))
    else:
        points = [0] + list(indices_or_sections) + [total]
    moved = swapaxes(ary, axis, 0)
    return [swapaxes(moved[points[i]:points[i + 1]], axis, 0) for i in range(len(points) - 1)]


def split(ary, indices_or_sections, axis=0):
    if np.ndim(indices_or_sections) == 0 and np.shape(ary)[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return array_split(ary, indices_or_sections, axis)


def hsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 1 if np.ndim(ary) > 1 else 0)


def vsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0)


def tile(A, reps):
    A = np.asarray(A)
    reps = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    ndim = max(A.ndim, len(reps))
    reps = (1,) * (ndim - len(reps)) + reps
    made = A.reshape((1,) * (ndim - A.ndim) + A.shape)
    for axis, count in enumerate(reps):
        made = np.concatenate([made] * count, axis) if count > 0 else made[(slice(None),) * axis + (slice(0, 0),)]
    return made.copy()


def flip(m, axis=None):
    m = np.asarray(m)
    axes = range(m.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    for one in axes:
        m = m[(slice(None),) * _axis(one, m.ndim) + (slice(None, None, -1),)]
    return m


def fliplr(m):
    return flip(m, 1)


def flipud(m):
    return flip(m, 0)


def rot90(m, k=1, axes=(0, 1)):
    k = k % 4
    if k == 0:
        return np.asarray(m)
    if k == 2:
        return flip(flip(m, axes[0]), axes[1])
    if k == 1:
        return swapaxes(flip(m, axes[1]), axes[0], axes[1])
    return flip(swapaxes(m, axes[0], axes[1]), axes[1])


def _pad_widths(pad_width, ndim):
    widths = np.asarray(pad_width)
    if widths.ndim == 0:
        return [(int(pad_width), int(pad_width))] * ndim
    if widths.ndim == 1:
        return [(int(widths[0]), int(widths[-1]))] * ndim
    if len(widths) == 1:
        return [(int(widths[0][0]), int(widths[0][-1]))] * ndim
    if len(widths) != ndim:
        raise ValueError(f"operands could not be broadcast together with remapped shapes [original->remapped]: {widths.shape}  and requested shape ({ndim},2)")
    return [(int(w[0]), int(w[-1])) for w in widths]


def pad(array, pad_width, mode="constant", constant_values=0, **settings):
    array = np.asarray(array)
    widths = _pad_widths(pad_width, array.ndim)
    if mode == "constant":
        made = np.full([n + a + b for n, (a, b) in zip(array.shape, widths)], constant_values, dtype=array.dtype)
        made[tuple(slice(a, a + n) for n, (a, b) in zip(array.shape, widths))] = array
        return made
    for axis, (before, after) in enumerate(widths):
        n = array.shape[axis]
        if mode == "edge":
            places = [min(max(i, 0), n - 1) for i in range(-before, n + after)]
        elif mode == "wrap":
            places = [i % n for i in range(-before, n + after)]
        elif mode == "reflect":
            period = max(2 * (n - 1), 1)
            places = [min(i % period, period - i % period) if n > 1 else 0 for i in range(-before, n + after)]
        elif mode == "symmetric":
            places = [min(i % (2 * n), 2 * n - 1 - i % (2 * n)) for i in range(-before, n + after)]
        else:
            raise ValueError(f"mode '{mode}' is not supported")
        array = np.take(array, places, axis)
    return array
)py";

}  // namespace gradient_check::python
