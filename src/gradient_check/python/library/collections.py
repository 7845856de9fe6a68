"""collections: containers that programs build on."""


def _row_values(cls, args, kwargs):
    fields = cls._fields
    if len(args) > len(fields):
        raise TypeError(f"{cls.__name__}.__new__() takes {len(fields) + 1} positional arguments but {len(args) + 1} were given")
    given = dict(zip(fields, args))
    for name, value in kwargs.items():
        if name not in fields:
            raise TypeError(f"{cls.__name__}.__new__() got an unexpected keyword argument '{name}'")
        given[name] = value
    missing = [name for name in fields if name not in given and name not in cls._field_defaults]
    if missing:
        quoted = [f"'{name}'" for name in missing]
        names = " and ".join(quoted) if len(quoted) < 3 else ", ".join(quoted[:-1]) + f", and {quoted[-1]}"
        raise TypeError(f"{cls.__name__}.__new__() missing {len(missing)} required positional argument{'' if len(missing) == 1 else 's'}: {names}")
    return [given[name] if name in given else cls._field_defaults[name] for name in fields]


class _Row(tuple):
    """A tuple whose elements have names; its class has _fields and _field_defaults"""
    _fields = ()
    _field_defaults = {}

    def __new__(cls, *args, **kwargs):
        return tuple.__new__(cls, _row_values(cls, args, kwargs))

    def __getattr__(self, name):
        if name in self._fields:
            return self[self._fields.index(name)]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name, value):
        if name in self._fields:
            raise AttributeError("can't set attribute")
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _asdict(self):
        return dict(zip(self._fields, self))

    def _replace(self, **kwargs):
        values = self._asdict()
        for name in kwargs:
            if name not in values:
                raise ValueError(f"Got unexpected field names: {[name]!r}")
        values.update(kwargs)
        return type(self)(**values)

    @classmethod
    def _make(cls, iterable):
        return cls(*iterable)

    def __repr__(self):
        shown = ", ".join([f"{name}={value!r}" for name, value in zip(self._fields, self)])
        return f"{type(self).__name__}({shown})"


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    names = tuple(field_names.replace(",", " ").split() if isinstance(field_names, str) else field_names)
    default = dict(zip(names[len(names) - len(defaults):], defaults)) if defaults else {}
    return type(typename, (_Row,), {"_fields": names, "_field_defaults": default})


def _name_fields(cls):
    names = tuple(vars(cls).get("__annotations__", {}))
    if names:
        cls._fields = names
        cls._field_defaults = {name: vars(cls)[name] for name in names if name in vars(cls)}
        for name in cls._field_defaults:
            delattr(cls, name)


class NamedTuple(_Row):
    __class_made__ = _name_fields

    def __new__(cls, *args, **kwargs):
        if cls is NamedTuple:
            return namedtuple(args[0], [name for name, _ in args[1]])
        return tuple.__new__(cls, _row_values(cls, args, kwargs))


class OrderedDict(dict):
    def move_to_end(self, key, last=True):
        value = self.pop(key)
        if last:
            self[key] = value
        else:
            rest = list(self.items())
            self.clear()
            self[key] = value
            for other, kept in rest:
                self[other] = kept

    def popitem(self, last=True):
        key = list(self)[-1 if last else 0]
        return key, self.pop(key)

    def __repr__(self):
        return f"OrderedDict({list(self.items())})" if self else "OrderedDict()"


class defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        self[key] = value = self.default_factory()
        return value

    def __repr__(self):
        return f"defaultdict({self.default_factory}, {dict(self)})"


class Counter(dict):
    def __init__(self, iterable=None, **kwargs):
        super().__init__()
        self.update(iterable, **kwargs)

    def __missing__(self, key):
        return 0

    def update(self, iterable=None, **kwargs):
        if isinstance(iterable, dict):
            for key, count in iterable.items():
                self[key] = self[key] + count
        elif iterable is not None:
            for key in iterable:
                self[key] = self[key] + 1
        for key, count in kwargs.items():
            self[key] = self[key] + count

    def subtract(self, iterable):
        for key, count in Counter(iterable).items():
            self[key] = self[key] - count

    def most_common(self, n=None):
        ordered = sorted(self.items(), key=lambda item: item[1], reverse=True)
        return ordered if n is None else ordered[:n]

    def elements(self):
        return iter([key for key, count in self.items() for _ in range(count)])

    def total(self):
        return sum(self.values())

    def __add__(self, other):
        total = Counter(self)
        total.update(other)
        return Counter({key: count for key, count in total.items() if count > 0})

    def __sub__(self, other):
        total = Counter(self)
        total.subtract(other)
        return Counter({key: count for key, count in total.items() if count > 0})

    def __repr__(self):
        if not self:
            return "Counter()"
        return "Counter({" + ", ".join(f"{key!r}: {count!r}" for key, count in self.most_common()) + "})"


class deque:
    def __init__(self, iterable=(), maxlen=None):
        self.maxlen = maxlen
        self._items = []
        self.extend(iterable)

    def append(self, x):
        self._items.append(x)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            del self._items[0]

    def appendleft(self, x):
        self._items.insert(0, x)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            del self._items[-1]

    def pop(self):
        if not self._items:
            raise IndexError("pop from an empty deque")
        return self._items.pop()

    def popleft(self):
        if not self._items:
            raise IndexError("pop from an empty deque")
        return self._items.pop(0)

    def extend(self, iterable):
        for x in iterable:
            self.append(x)

    def extendleft(self, iterable):
        for x in iterable:
            self.appendleft(x)

    def rotate(self, n=1):
        if self._items:
            n %= len(self._items)
            self._items = self._items[-n:] + self._items[:-n] if n else self._items

    def clear(self):
        self._items.clear()

    def copy(self):
        return deque(self._items, self.maxlen)

    def count(self, x):
        return self._items.count(x)

    def index(self, x):
        return self._items.index(x)

    def remove(self, x):
        self._items.remove(x)

    def reverse(self):
        self._items.reverse()

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return iter(self._items)

    def __contains__(self, x):
        return x in self._items

    def __reversed__(self):
        return iter(self._items[::-1])

    def _at(self, index):
        if not -len(self._items) <= index < len(self._items):
            raise IndexError("deque index out of range")
        return index

    def __getitem__(self, index):
        return self._items[self._at(index)]

    def __setitem__(self, index, value):
        self._items[self._at(index)] = value

    def __delitem__(self, index):
        del self._items[self._at(index)]

    def __eq__(self, other):
        return isinstance(other, deque) and self._items == other._items

    def __repr__(self):
        bound = "" if self.maxlen is None else f", maxlen={self.maxlen}"
        return f"deque({self._items!r}{bound})"
