"""pprint: prints as print does."""


def pprint(object, *args, **kwargs):
    print(repr(object))


def pformat(object, *args, **kwargs):
    return repr(object)


pp = pprint
