"""enum: classes whose attributes are their only instances."""


class auto:
    pass


def _is_member(name, value):
    if name.startswith("_"):
        return False
    return not callable(value) and not isinstance(value, (property, staticmethod, classmethod))


def _next_value(cls, name, values):
    if issubclass(cls, StrEnum):
        return name.lower()
    if issubclass(cls, (Flag, IntFlag)):
        return max([0] + values) * 2 or 1
    return max([0] + [v for v in values if isinstance(v, int)]) + 1


def _made_before(self, *args):
    pass


def _make_members(cls):
    members, aliases, values = [], {}, []
    for name, value in list(vars(cls).items()):
        if not _is_member(name, value) and not isinstance(value, auto):
            continue
        if isinstance(value, auto):
            value = _next_value(cls, name, values)
        values.append(value)
        known = [m for m in members if m._value_ == value]
        member = known[0] if known else object.__new__(cls)
        if not known:
            member._name_, member._value_ = name, value
            if "__init__" in vars(cls):
                member.__init__(*(value if isinstance(value, tuple) else (value,)))
            members.append(member)
        aliases[name] = member
        setattr(cls, name, member)
    if "__init__" in vars(cls):
        cls.__init__ = _made_before
    cls._members_ = members
    cls.__members__ = aliases


class Enum:
    _members_ = []
    __class_made__ = _make_members

    def __new__(cls, value):
        if isinstance(value, cls):
            return value
        for member in cls._members_:
            if member._value_ == value:
                return member
        made = cls._missing_(value)
        if made is not None:
            return made
        raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")

    @classmethod
    def _missing_(cls, value):
        return None

    def __class_getitem__(cls, name):
        return cls.__members__[name]

    @classmethod
    def __class_iter__(cls):
        return iter(cls._members_)

    @property
    def name(self):
        return self._name_

    @property
    def value(self):
        return self._value_

    def __repr__(self):
        return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"

    def __str__(self):
        return f"{type(self).__name__}.{self._name_}"

    def __format__(self, spec):
        return format(str(self), spec)

    def __hash__(self):
        return hash(self._name_)

    def __eq__(self, other):
        return self is other


def _plain(value):
    return value._value_ if isinstance(value, Enum) else value


class _Number:
    def __index__(self): return self._value_
    def __int__(self): return int(self._value_)
    def __float__(self): return float(self._value_)
    def __bool__(self): return bool(self._value_)
    def __hash__(self): return hash(self._value_)
    def __str__(self): return str(self._value_)
    def __format__(self, spec): return format(self._value_, spec)
    def __eq__(self, other): return self._value_ == _plain(other)
    def __ne__(self, other): return self._value_ != _plain(other)
    def __lt__(self, other): return self._value_ < _plain(other)
    def __le__(self, other): return self._value_ <= _plain(other)
    def __gt__(self, other): return self._value_ > _plain(other)
    def __ge__(self, other): return self._value_ >= _plain(other)
    def __add__(self, other): return self._value_ + _plain(other)
    def __radd__(self, other): return _plain(other) + self._value_
    def __sub__(self, other): return self._value_ - _plain(other)
    def __rsub__(self, other): return _plain(other) - self._value_
    def __mul__(self, other): return self._value_ * _plain(other)
    def __rmul__(self, other): return _plain(other) * self._value_
    def __truediv__(self, other): return self._value_ / _plain(other)
    def __rtruediv__(self, other): return _plain(other) / self._value_
    def __floordiv__(self, other): return self._value_ // _plain(other)
    def __mod__(self, other): return self._value_ % _plain(other)
    def __pow__(self, other): return self._value_ ** _plain(other)
    def __neg__(self): return -self._value_
    def __abs__(self): return abs(self._value_)


class IntEnum(_Number, Enum):
    __class_made__ = _make_members


class StrEnum(Enum):
    __class_made__ = _make_members
    def __str__(self): return self._value_
    def __format__(self, spec): return format(self._value_, spec)
    def __hash__(self): return hash(self._value_)
    def __eq__(self, other): return self._value_ == _plain(other)


def _flags(cls, value):
    for member in cls._members_:
        if member._value_ == value:
            return member
    made = object.__new__(cls)
    made._value_ = value
    made._name_ = "|".join(m._name_ for m in cls._members_ if m._value_ & value) or None
    return made


class Flag(Enum):
    __class_made__ = _make_members
    def __or__(self, other): return _flags(type(self), self._value_ | _plain(other))
    def __and__(self, other): return _flags(type(self), self._value_ & _plain(other))
    def __xor__(self, other): return _flags(type(self), self._value_ ^ _plain(other))
    def __contains__(self, other): return other._value_ & self._value_ == other._value_
    def __bool__(self): return bool(self._value_)
    def __eq__(self, other): return isinstance(other, Enum) and self._value_ == other._value_
    def __hash__(self): return hash(self._value_)


class IntFlag(Flag):
    __class_made__ = _make_members
    def __int__(self): return self._value_
    def __index__(self): return self._value_


def unique(enumeration):
    for name, member in enumeration.__members__.items():
        if name != member._name_:
            raise ValueError(f"duplicate values found in {enumeration!r}: {name} -> {member._name_}")
    return enumeration
