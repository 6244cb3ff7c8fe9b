"""Published shapes of demand over a day, a week and the first minutes of a morning, as rates over time.

Each row of the CSV files has its source.
"""

import csv
from collections.abc import Mapping
from importlib import resources

from loadtest.arrivals import RateCurve

CURVES = ("day", "week", "morning_rush")


def published_curve(name: str, seconds: float, peak: float) -> RateCurve:
    """One of `CURVES` over so many seconds, with its highest rate at `peak` a second.

    `day` begins at midnight and has 24 steps, `week` begins on Monday and has 168, `morning_rush` begins at
    07:55 and ends at 08:30. Raises KeyError for another name.
    """
    shape = {"day": _day, "week": _week, "morning_rush": _morning_rush}[name]()
    # Divided by the highest rate first: that is then `peak` to the last digit.
    points = tuple((second, rate / shape.peak * peak) for second, rate in shape.points)
    return RateCurve(points).stretched(seconds)


def _day() -> RateCurve:
    hours = _shares("hours")
    return RateCurve.steps(hours, len(hours))


def _week() -> RateCurve:
    rates = [weekday * hour for weekday in _shares("weekdays") for hour in _shares("hours")]
    return RateCurve.steps(rates, len(rates))


def _morning_rush() -> RateCurve:
    rows = _rows("morning_rush")
    first = float(rows[0]["minute"])
    return RateCurve(tuple((float(row["minute"]) - first, float(row["rate"])) for row in rows))


def _shares(table: str) -> list[float]:
    return [float(row["share"]) for row in _rows(table)]


def _rows(table: str) -> list[Mapping[str, str]]:
    with resources.files("loadtest.plans.curves").joinpath(f"{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
