"""dataclasses: methods made of a class's annotations."""


class _Missing:
    def __repr__(self):
        return "MISSING"


MISSING = _Missing()


class Field:
    def __init__(self, default=MISSING, default_factory=MISSING, init=True, repr=True, compare=True):
        self.name = None
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare = init, repr, compare


class FrozenInstanceError(AttributeError):
    pass


def field(*, default=MISSING, default_factory=MISSING, init=True, repr=True, hash=None, compare=True, metadata=None, kw_only=False):
    if default is not MISSING and default_factory is not MISSING:
        raise ValueError("cannot specify both default and default_factory")
    return Field(default, default_factory, init, repr, compare)


def _fields_of(cls):
    found = {}
    for base in cls.__mro__[::-1]:
        for name in vars(base).get("__annotations__", {}):
            value = vars(base).get(name, MISSING)
            if isinstance(value, (list, dict, set)):
                raise ValueError(f"mutable default {type(value)} for field {name} is not allowed: use default_factory")
            found[name] = value if isinstance(value, Field) else Field(value)
            found[name].name = name
        for name, known in vars(base).get("__dataclass_fields__", {}).items():
            found[name] = known
    return found


def _init(fields):
    wanted = [f for f in fields.values() if f.init]

    def __init__(self, *args, **kwargs):
        if len(args) > len(wanted):
            raise TypeError(f"{type(self).__name__}.__init__() takes {_counted(wanted)} but {len(args) + 1} were given")
        given = dict(zip([f.name for f in wanted], args))
        for name, value in kwargs.items():
            if name in given:
                raise TypeError(f"{type(self).__name__}.__init__() got multiple values for argument '{name}'")
            if name not in [f.name for f in wanted]:
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument '{name}'")
            given[name] = value
        missing = [f.name for f in wanted
                   if f.name not in given and f.default is MISSING and f.default_factory is MISSING]
        if missing:
            _raise_missing(type(self).__name__, missing)
        for f in fields.values():
            if f.name in given:
                value = given[f.name]
            elif f.default_factory is not MISSING:
                value = f.default_factory()
            elif f.default is not MISSING:
                value = f.default
            else:
                continue
            object.__setattr__(self, f.name, value)
        if hasattr(self, "__post_init__"):
            self.__post_init__()

    return __init__


def _counted(wanted):
    required = 1 + len([f for f in wanted if f.default is MISSING and f.default_factory is MISSING])
    most = 1 + len(wanted)
    return f"{most} positional arguments" if required == most else f"from {required} to {most} positional arguments"


def _raise_missing(owner, missing):
    quoted = [f"'{name}'" for name in missing]
    names = quoted[0] if len(quoted) == 1 else " and ".join(quoted) if len(quoted) == 2 else ", ".join(quoted[:-1]) + f", and {quoted[-1]}"
    plural = "" if len(missing) == 1 else "s"
    raise TypeError(f"{owner}.__init__() missing {len(missing)} required positional argument{plural}: {names}")


def _refuse_setattr(self, name, value):
    raise FrozenInstanceError(f"cannot assign to field '{name}'")


def _refuse_delattr(self, name):
    raise FrozenInstanceError(f"cannot delete field '{name}'")


def _compared(self):
    return tuple(getattr(self, f.name) for f in type(self).__dataclass_fields__.values() if f.compare)


def _repr(self):
    shown = [f"{f.name}={getattr(self, f.name)!r}" for f in type(self).__dataclass_fields__.values() if f.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equal(self, other):
    return _compared(self) == _compared(other) if type(other) is type(self) else NotImplemented


def dataclass(cls=None, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False, frozen=False, match_args=True, kw_only=False, slots=False):
    def made(cls):
        fields = _fields_of(cls)
        own = vars(cls)
        cls.__dataclass_fields__ = fields
        for name, f in fields.items():
            if f.default is not MISSING:
                setattr(cls, name, f.default)
            elif isinstance(own.get(name, None), Field):
                delattr(cls, name)
        if init and "__init__" not in own:
            cls.__init__ = _init(fields)
        if repr and "__repr__" not in own:
            cls.__repr__ = _repr
        if eq and "__eq__" not in own:
            cls.__eq__ = _equal
            if frozen or unsafe_hash:
                cls.__hash__ = lambda self: hash(_compared(self))
        if order:
            cls.__lt__ = lambda self, other: _compared(self) < _compared(other)
            cls.__le__ = lambda self, other: _compared(self) <= _compared(other)
            cls.__gt__ = lambda self, other: _compared(self) > _compared(other)
            cls.__ge__ = lambda self, other: _compared(self) >= _compared(other)
        if frozen:
            cls.__setattr__ = _refuse_setattr
            cls.__delattr__ = _refuse_delattr
        if match_args:
            cls.__match_args__ = tuple(f.name for f in fields.values() if f.init)
        return cls

    return made if cls is None else made(cls)


def fields(class_or_instance):
    return tuple(class_or_instance.__dataclass_fields__.values())


def is_dataclass(obj):
    return hasattr(obj, "__dataclass_fields__")


def asdict(obj, *, dict_factory=dict):
    if is_dataclass(obj):
        return {f.name: asdict(getattr(obj, f.name)) for f in fields(obj)}
    if isinstance(obj, (list, tuple)):
        return type(obj)([asdict(element) for element in obj])
    if isinstance(obj, dict):
        return {asdict(key): asdict(value) for key, value in obj.items()}
    return obj


def astuple(obj, *, tuple_factory=tuple):
    if is_dataclass(obj):
        return tuple(astuple(getattr(obj, f.name)) for f in fields(obj))
    if isinstance(obj, (list, tuple)):
        return type(obj)([astuple(element) for element in obj])
    return obj


def replace(obj, **changes):
    for f in fields(obj):
        if f.init and f.name not in changes:
            changes[f.name] = getattr(obj, f.name)
    return type(obj)(**changes)
