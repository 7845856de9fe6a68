"""torch.jit: programs are run as they are."""


def script(obj=None, **options):
    return obj if obj is not None else lambda function: function


def trace(func, example_inputs=None, **options):
    return func


def ignore(drop=False, **options):
    return drop if callable(drop) else lambda function: function


def unused(fn):
    return fn


export = unused
