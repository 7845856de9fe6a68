"""abc: abstract classes."""


def abstractmethod(funcobj):
    try:
        funcobj.__isabstractmethod__ = True
    except AttributeError:
        pass
    return funcobj


def abstractproperty(fget):
    return property(abstractmethod(fget))


def _is_abstract(value):
    function = getattr(value, "fget", None) or getattr(value, "__func__", value)
    return getattr(function, "__isabstractmethod__", False)


def _note_abstract(cls):
    """The names that a class leaves to those that derive from it: what makes instances asks for them"""
    names = {name for base in cls.__bases__ for name in getattr(base, "__abstractmethods__", ())}
    left = {name for name in names if _is_abstract(getattr(cls, name, None))}
    left |= {name for name, value in vars(cls).items() if not name.startswith("__abstract") and _is_abstract(value)}
    cls.__abstractmethods__ = frozenset(left)


class ABCMeta(type):
    __class_made__ = _note_abstract


class ABC:
    __class_made__ = _note_abstract
