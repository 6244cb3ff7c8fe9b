"""The rate of a phase as a plan declares it: constant, climbing, by points, or after a published curve."""

from loadtest.arrivals import RateCurve
from loadtest.plans.curves import CURVES, published_curve
from loadtest.plans.table import ABOVE_0, FROM_0, Table, as_found, as_seconds, is_number

_FORMS = {"from": ("from", "to"), "points": ("points",), "curve": ("curve", "peak")}
_KEYS = tuple(key for keys in _FORMS.values() for key in keys)
_ANY_FORM = "a number above 0, {from, to}, {points} or {curve, peak}"
_POINT = "[seconds, rate], both from 0"


def rate_curve(phase: Table, seconds: float) -> RateCurve:
    """The curve of a phase's `rate` over its `seconds`. Raises PlanError."""
    rate = phase.values.get("rate")
    if not isinstance(rate, dict):
        if not is_number(rate) or rate <= 0:
            raise phase.unexpected("rate", _ANY_FORM)
        return RateCurve.constant(float(rate), seconds)
    table = phase.table("rate", _ANY_FORM)
    table.only(_KEYS)
    form = next((name for name in ("curve", "points") if name in rate), "from")
    if not rate or any(key not in _FORMS[form] for key in rate):
        raise table.wrong("", f"expected {_ANY_FORM}, found {{{', '.join(rate)}}}")
    if form == "curve":
        return published_curve(table.choice("curve", CURVES), seconds, table.number("peak", ABOVE_0))
    if form == "points":
        return _by_points(table, seconds)
    first, last = table.number("from", FROM_0), table.number("to", FROM_0)
    if first == last == 0:
        raise table.wrong("", "expected a rate above 0 at one end, found 0 at both")
    return RateCurve.ramp(first, last, seconds)


def _by_points(table: Table, seconds: float) -> RateCurve:
    given = table.values["points"]
    if not isinstance(given, list) or not given:
        raise table.unexpected("points", f"a list of {_POINT}")
    points = tuple(_point(table, number, entry) for number, entry in enumerate(given, 1))
    try:
        curve = RateCurve(points)
    except ValueError as error:
        raise table.wrong("points", str(error)) from error
    if abs(curve.seconds - seconds) > 1e-9 * seconds:
        raise table.wrong(
            "points", f"expected the last at the phase's end, {seconds:g} s, found {curve.seconds:g} s"
        )
    return curve.stretched(seconds)


def _point(table: Table, number: int, entry: object) -> tuple[float, float]:
    second, rate = entry if isinstance(entry, list) and len(entry) == 2 else (None, None)
    at = as_seconds(second)
    if at is None or at < 0 or not is_number(rate) or rate < 0:
        found = f"[{as_found(second)}, {as_found(rate)}]" if second is not None else as_found(entry)
        raise table.wrong(f"points[{number}]", f"expected {_POINT}, found {found}")
    return at, float(rate)
