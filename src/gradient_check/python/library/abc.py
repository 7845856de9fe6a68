"""abc: abstract classes, whose instances are not refused here."""


class ABCMeta:
    pass


class ABC:
    pass


def abstractmethod(funcobj):
    return funcobj
