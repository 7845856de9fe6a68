"""collections: containers that programs build on."""


class _Row:
    """A tuple whose elements have names; its class has _fields and _field_defaults"""

    def __init__(self, *args, **kwargs):
        fields = self._fields
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__}.__new__() takes {len(fields) + 1} positional arguments but {len(args) + 1} were given")
        given = dict(zip(fields, args))
        for name, value in kwargs.items():
            if name not in fields:
                raise TypeError(f"{type(self).__name__}.__new__() got an unexpected keyword argument '{name}'")
            given[name] = value
        missing = [name for name in fields if name not in given and name not in self._field_defaults]
        if missing:
            quoted = [f"'{name}'" for name in missing]
            names = " and ".join(quoted) if len(quoted) < 3 else ", ".join(quoted[:-1]) + f", and {quoted[-1]}"
            raise TypeError(f"{type(self).__name__}.__new__() missing {len(missing)} required positional argument{'' if len(missing) == 1 else 's'}: {names}")
        for name in fields:
            object.__setattr__(self, name, given[name] if name in given else self._field_defaults[name])

    def __setattr__(self, name, value):
        raise AttributeError("can't set attribute")

    def _values(self):
        return tuple(getattr(self, name) for name in self._fields)

    def _asdict(self):
        return dict(zip(self._fields, self._values()))

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

    def count(self, value):
        return self._values().count(value)

    def index(self, value):
        return self._values().index(value)

    def __len__(self):
        return len(self._fields)

    def __iter__(self):
        return iter(self._values())

    def __getitem__(self, index):
        return self._values()[index]

    def __contains__(self, value):
        return value in self._values()

    def __eq__(self, other):
        return self._values() == tuple(other) if isinstance(other, (_Row, tuple)) else NotImplemented

    def __lt__(self, other):
        return self._values() < tuple(other)

    def __le__(self, other):
        return self._values() <= tuple(other)

    def __gt__(self, other):
        return self._values() > tuple(other)

    def __ge__(self, other):
        return self._values() >= tuple(other)

    def __add__(self, other):
        return self._values() + tuple(other)

    def __hash__(self):
        return hash(self._values())

    def __repr__(self):
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({shown})"


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    names = tuple(field_names.replace(",", " ").split() if isinstance(field_names, str) else field_names)
    default = dict(zip(names[len(names) - len(defaults):], defaults)) if defaults else {}
    return type(typename, (_Row,), {"_fields": names, "_field_defaults": default})


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
