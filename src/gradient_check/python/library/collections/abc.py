"""collections.abc: what isinstance is asked of containers."""
Sequence = (list, tuple, str, range)
MutableSequence = list
Mapping = MutableMapping = dict
Set = MutableSet = set
Sized = Container = Collection = Iterable = (list, tuple, str, range, dict, set)
Callable = type(lambda: None)
Iterator = Generator = type(iter([]))
Hashable = (int, float, str, tuple)
