"""Latency by percentile: the points of a curve, and the text that plotters of HdrHistograms read (.hgrm)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from loadtest.figures.timings import Timings, rank

POINTS_PER_HALF = 5


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """`count` requests, `percentile` per cent of all, took `milliseconds` or less."""

    percentile: float
    milliseconds: float
    count: int


def percentile_curve(timings: Timings, points_per_half: int = POINTS_PER_HALF) -> tuple[CurvePoint, ...]:
    """The curve of times (`Measurements.timings`), from 0 per cent to where all that were answered are.

    That is 100, or less where requests went unanswered: these rank above, and have no place on a curve.
    Points come closer towards 100: `points_per_half` for each halving of what is left, which makes them even
    on an axis of 1 / (1 - percentile). Empty where nothing was answered.
    """
    histogram, total = timings.answered, timings.count
    answered, greatest = total - timings.unanswered, histogram.get_max_value()
    if not answered:
        return ()
    recorded = [
        (each.total_count_to_this_value, min(each.value_iterated_to, greatest) / 1000)
        for each in histogram.get_recorded_iterator()
    ]
    points: list[CurvePoint] = []
    for level in _levels(points_per_half):
        wanted = rank(total, level)
        if wanted > answered:
            break
        count, milliseconds = recorded[bisect_left(recorded, (wanted,))]
        if count == answered:
            break
        points.append(CurvePoint(level, milliseconds, count))
    return (*points, CurvePoint(100.0 * answered / total, greatest / 1000, answered))


def _levels(points_per_half: int) -> Iterator[float]:
    left, step = 100.0, 50.0 / points_per_half
    while True:
        for point in range(points_per_half):
            yield 100.0 - left + point * step
        left, step = left / 2, step / 2


def hgrm(timings: Timings, points_per_half: int = POINTS_PER_HALF) -> str:
    """The percentile distribution as text in HdrHistogram's own format, values in milliseconds.

    Where requests went unanswered it ends below 1, and its last line says how many they were; mean,
    deviation, greatest and count are of those answered.
    """
    histogram = timings.answered
    # The package's own writer leaves the standard deviation in microseconds beside a mean in milliseconds.
    lines = [f"{'Value':>12} {'Percentile':>14} {'TotalCount':>10} {'1/(1-Percentile)':>14}", ""]
    for point in percentile_curve(timings, points_per_half):
        share = point.percentile / 100
        line = f"{point.milliseconds:12.3f} {share:2.12f} {point.count:10d}"
        lines.append(line if share >= 1 else f"{line} {1 / (1 - share):14.2f}")
    mean, deviation = histogram.get_mean_value() / 1000, histogram.get_stddev() / 1000
    greatest, count = histogram.get_max_value() / 1000, histogram.get_total_count()
    lines += [
        f"#[Mean    = {mean:12.3f}, StdDeviation   = {deviation:12.3f}]",
        f"#[Max     = {greatest:12.3f}, Total count    = {count:12d}]",
        f"#[Buckets = {histogram.bucket_count:12d}, SubBuckets     = {histogram.sub_bucket_count:12d}]",
    ]
    if timings.unanswered:
        lines.append(f"#[No answer = {timings.unanswered:10d}]")
    return "\n".join(lines) + "\n"
