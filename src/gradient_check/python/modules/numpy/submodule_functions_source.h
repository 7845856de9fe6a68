#pragma once

namespace gradient_check::python {

/// Of the modules within: `linalg_name`, and `random_name` with the RandomState first.
inline constexpr const char numpy_submodule_functions[] = R"py(
def linalg_norm(x, ord=None, axis=None, keepdims=False):
    x = np.asarray(x)
    if x.dtype.kind != "f":
        x = x.astype(float)
    if axis is None and (ord is None or (ord == "fro" and x.ndim == 2) or (ord == 2 and x.ndim == 1)):
        flat = x.ravel()
        made = np.sqrt(np.dot(flat, flat))
        return np.asarray(made).reshape((1,) * x.ndim) if keepdims else made
    if axis is None and x.ndim == 2:
        return _matrix_norm(x, ord)
    if isinstance(axis, tuple) and len(axis) == 2 and ord not in (None, "fro"):
        raise NotImplementedError("norm of several matrices is not supported: take one after the other")
    if ord is None or ord == "fro" or ord == 2:
        return np.sqrt(np.sum(x * x, axis, keepdims=keepdims))
    if ord == np.inf:
        return np.max(np.abs(x), axis, keepdims=keepdims)
    if ord == -np.inf:
        return np.min(np.abs(x), axis, keepdims=keepdims)
    if ord == 0:
        return np.sum((x != 0).astype(x.dtype), axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(np.abs(x), axis, keepdims=keepdims)
    return np.power(np.sum(np.abs(x) ** ord, axis, keepdims=keepdims), 1 / ord)


def _matrix_norm(x, ord):
    if ord == 2:
        return np.max(np.linalg.svd(x, compute_uv=False))
    if ord == 1:
        return np.max(np.sum(np.abs(x), 0))
    if ord == np.inf:
        return np.max(np.sum(np.abs(x), 1))
    if ord == "nuc":
        return np.sum(np.linalg.svd(x, compute_uv=False))
    raise ValueError("Invalid norm order for matrices.")


def linalg_matrix_power(a, n):
    made = np.eye(len(a), dtype=a.dtype)
    for _ in range(n):
        made = made @ a
    return made


def linalg_matrix_rank(a):
    s = np.linalg.svd(a, compute_uv=False)
    return np.sum(s > np.max(s) * max(np.shape(a)) * finfo(s.dtype).eps)


def random_permutation(self, x):
    if isinstance(x, (int, np.integer)):
        made = np.arange(x)
        self.shuffle(made)
        return made
    x = np.asarray(x)
    if x.ndim == 1:
        made = x.copy()
        self.shuffle(made)
        return made
    order = np.arange(x.shape[0])
    self.shuffle(order)
    return x[order]


def random_choice(self, a, size=None, replace=True, p=None):
    a = np.array(a) if not isinstance(a, list) or not a or not isinstance(a[0], str) else a
    is_number = not isinstance(a, list) and a.ndim == 0
    if not is_number and not isinstance(a, list) and np.ndim(a) != 1:
        raise ValueError("a must be 1-dimensional")
    count = int(a) if is_number else len(a)
    if count <= 0 and np.prod(size) != 0:
        raise ValueError("a must be greater than 0 unless no samples are taken" if is_number else "'a' cannot be empty unless no samples are taken")
    if p is not None:
        p = np.array(p, dtype=float)
        if p.ndim != 1:
            raise ValueError("'p' must be 1-dimensional")
        if p.size != count:
            raise ValueError("'a' and 'p' must have same size")
        if np.any(p < 0):
            raise ValueError("probabilities are not non-negative")
        if abs(float(np.sum(p)) - 1.0) > 1.4901161193847656e-08:
            raise ValueError("probabilities do not sum to 1")
    shape = () if size is None else (size,) if isinstance(size, (int, np.integer)) else tuple(size)
    total = math.prod(shape)
    if replace:
        if p is None:
            index = self.randint(0, count, size=size)
        else:
            cdf = p.cumsum()
            cdf /= cdf[-1]
            index = cdf.searchsorted(self.random_sample(size), side="right")
    else:
        index = _without_replacement(self, count, total, p).reshape(shape)
        if size is None:
            index = index[()]
    if is_number:
        return int(index) if size is None else index
    if isinstance(a, list):
        return [a[i] for i in index.tolist()] if size is not None else a[index]
    return a[index]


def _without_replacement(self, count, total, p):
    if total > count:
        raise ValueError("Cannot take a larger sample than population when 'replace=False'")
    if p is None:
        return self.permutation(count)[:total]
    if np.count_nonzero(p > 0) < total:
        raise ValueError("Fewer non-zero entries in p than size")
    found = np.zeros(total, dtype=int)
    known = 0
    while known < total:
        x = self.rand(total - known)
        if known > 0:
            p[found[:known]] = 0
        cdf = np.cumsum(p)
        cdf /= cdf[-1]
        new = cdf.searchsorted(x, side="right")
        _, places = np.unique(new, return_index=True)
        places.sort()
        new = new.take(places)
        found[known:known + new.size] = new
        known += new.size
    return found


def random_random_integers(self, low, high=None, size=None):
    return self.randint(1 if high is None else low, (low if high is None else high) + 1, size)


def random_multivariate_normal(self, mean, cov, size=None):
    raise NotImplementedError("multivariate_normal is not supported: scale what standard_normal gives")


def random_get_state(self):
    raise NotImplementedError("the state of numpy.random cannot be read: seed it instead")
)py";

}  // namespace gradient_check::python
