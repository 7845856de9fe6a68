"""time: a clock that stands still, so that each run is the same."""


def time():
    return 0.0


def perf_counter():
    return 0.0


def process_time():
    return 0.0


def monotonic():
    return 0.0


def sleep(seconds):
    pass
