#pragma once

namespace gradient_check::python {

/// Readers of what stands beside the program; writers do nothing.
inline constexpr const char numpy_file_functions[] = R"py(
class _NpzFile:
    def __init__(self, arrays):
        self._arrays = arrays
        self.files = list(arrays)

    def __getitem__(self, key):
        if key not in self._arrays:
            raise KeyError(f"{key} is not a file in the archive")
        return self._arrays[key]

    def __contains__(self, key):
        return key in self._arrays

    def __iter__(self):
        return iter(self.files)

    def __len__(self):
        return len(self.files)

    def keys(self):
        return self._arrays.keys()

    def values(self):
        return self._arrays.values()

    def items(self):
        return self._arrays.items()

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *details):
        return None


def load(file, mmap_mode=None, allow_pickle=False, fix_imports=True, encoding="ASCII"):
    import _files
    arrays = {name: tensor.numpy() for name, tensor in _files.tensors(str(file))}
    return arrays[""] if list(arrays) == [""] else _NpzFile(arrays)


def _table(fname, dtype, delimiter, comments, skip, usecols, unpack, ndmin, max_rows, lenient):
    import _files
    rows = _files.numbers(str(fname), delimiter or "", comments or "", skip, lenient)
    rows = rows if max_rows is None else rows[:max_rows]
    if usecols is not None:
        columns = [usecols] if isinstance(usecols, int) else list(usecols)
        rows = [[row[c] for c in columns] for row in rows]
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(f"the number of columns changed from {len(rows[0])} to {len(row)} at row {number + 1}; "
                             f"use `usecols` to select a subset and avoid this error")
    made = np.array(rows, dtype=float).astype(dtype)
    made = made if rows else made.reshape(0, 1)
    if ndmin < 2:
        made = np.squeeze(made)
    if made.ndim < ndmin:
        made = np.atleast_1d(made) if ndmin == 1 else np.atleast_2d(made).T
    return made.T if unpack else made


def loadtxt(fname, dtype=float, comments="#", delimiter=None, converters=None, skiprows=0, usecols=None, unpack=False, ndmin=0, encoding="bytes", max_rows=None):
    if converters is not None:
        raise NotImplementedError("converters= is not supported: convert the columns afterwards")
    return _table(fname, dtype, delimiter, comments, skiprows, usecols, unpack, ndmin, max_rows, False)


def genfromtxt(fname, dtype=float, comments="#", delimiter=None, skip_header=0, skip_footer=0, converters=None, missing_values=None, filling_values=None, usecols=None, names=None, unpack=False, ndmin=0, max_rows=None, encoding="bytes"):
    if converters is not None or names is not None or skip_footer:
        raise NotImplementedError("converters=, names= and skip_footer= are not supported: give delimiter=, skip_header= and usecols=")
    made = _table(fname, float if dtype is None else dtype, delimiter, comments, skip_header, usecols, unpack, ndmin, max_rows, True)
    return made if filling_values is None else np.where(np.isnan(made), filling_values, made)


def save(file, arr, allow_pickle=True, fix_imports=True):
    pass


def savez(file, *args, **kwds):
    pass


def savez_compressed(file, *args, **kwds):
    pass


def savetxt(fname, X, fmt="%.18e", delimiter=" ", newline="\n", header="", footer="", comments="# ", encoding=None):
    pass
)py";

}  // namespace gradient_check::python
