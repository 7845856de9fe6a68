"""statistics: of plain numbers."""
import math


class StatisticsError(ValueError):
    pass


def _list(data, least, name):
    values = list(data)
    if len(values) < least:
        points = "one data point" if least == 1 else "two data points"
        raise StatisticsError(f"{name} requires at least {points}")
    return values


def _whole(number, like):
    return int(number) if all(isinstance(x, int) for x in like) and number == int(number) else number


def mean(data):
    values = _list(data, 1, "mean")
    return _whole(math.fsum(values) / len(values), values)


def fmean(data):
    values = _list(data, 1, "fmean")
    return math.fsum(values) / len(values)


def median(data):
    values = sorted(data)
    if not values:
        raise StatisticsError("no median for empty data")
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def median_low(data):
    values = sorted(data)
    return values[(len(values) - 1) // 2]


def median_high(data):
    values = sorted(data)
    return values[len(values) // 2]


def mode(data):
    values = list(data)
    if not values:
        raise StatisticsError("no mode for empty data")
    return max(values, key=values.count)


def _squares(values, center):
    center = math.fsum(values) / len(values) if center is None else center
    return math.fsum([(x - center) ** 2 for x in values])


def variance(data, xbar=None):
    values = _list(data, 2, "variance")
    return _whole(_squares(values, xbar) / (len(values) - 1), values)


def pvariance(data, mu=None):
    values = _list(data, 1, "pvariance")
    return _whole(_squares(values, mu) / len(values), values)


def stdev(data, xbar=None):
    values = _list(data, 2, "stdev")
    return math.sqrt(_squares(values, xbar) / (len(values) - 1))


def pstdev(data, mu=None):
    values = _list(data, 1, "pstdev")
    return math.sqrt(_squares(values, mu) / len(values))
