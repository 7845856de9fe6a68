"""itertools: iterators by generators."""


def count(start=0, step=1):
    while True:
        yield start
        start += step


def cycle(iterable):
    saved = list(iterable)
    while saved:
        for element in saved:
            yield element


def repeat(object, times=None):
    if times is None:
        while True:
            yield object
    for _ in range(times):
        yield object


class chain:
    def __init__(self, *iterables):
        self._elements = _chained(iterables)

    @classmethod
    def from_iterable(cls, iterables):
        return _chained(iterables)

    def __iter__(self):
        return self._elements

    def __next__(self):
        return next(self._elements)


def _chained(iterables):
    for iterable in iterables:
        for element in iterable:
            yield element


def accumulate(iterable, func=None, *, initial=None):
    elements = iter(iterable)
    if initial is None:
        for first in elements:
            initial = first
            break
        else:
            return
    total = initial
    yield total
    for element in elements:
        total = total + element if func is None else func(total, element)
        yield total


def islice(iterable, *args):
    bounds = slice(*args)
    start, step = bounds.start or 0, bounds.step or 1
    if bounds.stop is not None and bounds.stop <= start:
        return
    for k, element in enumerate(iterable):
        if k >= start and (k - start) % step == 0:
            yield element
        if bounds.stop is not None and k + 1 >= bounds.stop:
            return


def takewhile(predicate, iterable):
    for element in iterable:
        if not predicate(element):
            return
        yield element


def dropwhile(predicate, iterable):
    dropping = True
    for element in iterable:
        dropping = dropping and predicate(element)
        if not dropping:
            yield element


def filterfalse(predicate, iterable):
    for element in iterable:
        if not (element if predicate is None else predicate(element)):
            yield element


def starmap(function, iterable):
    for arguments in iterable:
        yield function(*arguments)


def compress(data, selectors):
    for element, chosen in zip(data, selectors):
        if chosen:
            yield element


def pairwise(iterable):
    elements = iter(iterable)
    for previous in elements:
        break
    else:
        return
    for element in elements:
        yield previous, element
        previous = element


def zip_longest(*args, fillvalue=None):
    columns = [list(a) for a in args]
    for k in range(max([len(c) for c in columns], default=0)):
        yield tuple(c[k] if k < len(c) else fillvalue for c in columns)


def product(*iterables, repeat=1):
    pools = [tuple(pool) for pool in iterables] * repeat
    results = [()]
    for pool in pools:
        results = [chosen + (element,) for chosen in results for element in pool]
    return iter(results)


def combinations(iterable, r):
    pool = tuple(iterable)

    def chosen(first, count):
        if count == 0:
            yield ()
            return
        for k in range(first, len(pool) - count + 1):
            for rest in chosen(k + 1, count - 1):
                yield (pool[k],) + rest

    return chosen(0, r)


def combinations_with_replacement(iterable, r):
    pool = tuple(iterable)

    def chosen(first, count):
        if count == 0:
            yield ()
            return
        for k in range(first, len(pool)):
            for rest in chosen(k, count - 1):
                yield (pool[k],) + rest

    return chosen(0, r)


def permutations(iterable, r=None):
    pool = tuple(iterable)

    def arranged(left, count):
        if count == 0:
            yield ()
            return
        for k in range(len(left)):
            for rest in arranged(left[:k] + left[k + 1:], count - 1):
                yield (pool[left[k]],) + rest

    return arranged(tuple(range(len(pool))), len(pool) if r is None else r)


def groupby(iterable, key=None):
    group, current = [], None
    for element in iterable:
        found = element if key is None else key(element)
        if group and found != current:
            yield current, iter(group)
            group = []
        current = found
        group.append(element)
    if group:
        yield current, iter(group)


def tee(iterable, n=2):
    saved = list(iterable)
    return tuple(iter(saved) for _ in range(n))
