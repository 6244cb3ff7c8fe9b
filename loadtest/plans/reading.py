"""Reads plans: TOML files of one's own, and those that come with the package.

A plan that is wrong gets one line that names the file, the key, what was found there and what is allowed.
"""

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Literal, cast

from loadtest.interactions import INTERACTIONS, Kind
from loadtest.ledger import NOT_LOAD
from loadtest.plans.plan import HOT_SLOT, SCENARIOS, Phase, Plan, PlanError, Spread, Stock
from loadtest.plans.rates import rate_curve
from loadtest.plans.table import ABOVE_0, FROM_0, PER_CENT, SHARE, Table, as_key, nearest
from loadtest.service_level import DEFAULT_PERCENTILES, Level, Threshold

MOST_USERS = 5000
"""Of one phase, users or clients: more need more than one machine's connections."""

MOST_PRACTICES = 10_000
MOST_ROUNDS = 100_000
_SUFFIX = ".toml"
_SHARES = ("most_missed", "most_empty_searches")
_TOP = ("about", "stock", "practices", "most_practices", *_SHARES, "phase", "threshold")
_OF_EVERY_PHASE = ("name", "seconds", "scenario", "mix")
_FORMS = {
    "rate": (*_OF_EVERY_PHASE, "rate", "clients", "spread"),
    "users": (*_OF_EVERY_PHASE, "users", "think"),
    HOT_SLOT: (*_OF_EVERY_PHASE, "users", "rounds"),
}
_OF_SOME_PHASE = (*_FORMS["users"], "rounds", "rate", "clients", "spread")
_THRESHOLD = ("kind", "interaction", "level", "percentile", "limit_ms")
_PHASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")


def read_plan(path: Path) -> Plan:
    """The plan in a TOML file, named after the file. Raises PlanError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PlanError(f"{path}: not TOML: it is not UTF-8 text") from error
    return plan_of(text, path.name.removesuffix(_SUFFIX), str(path))


def shipped_names() -> tuple[str, ...]:
    """The names of the plans that come with the package, in alphabetical order."""
    files = resources.files("loadtest").joinpath("plans").iterdir()
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX)))


def shipped_plan(name: str) -> Plan:
    """A plan that comes with the package. Raises PlanError for another name."""
    names = shipped_names()
    if name not in names:
        own = f"; a plan of your own: --plan {name}" if name.endswith(_SUFFIX) else ""
        raise PlanError(f'there is no plan "{name}"{nearest(name, names)}; there are {", ".join(names)}{own}')
    file = resources.files("loadtest").joinpath("plans", name + _SUFFIX)
    return plan_of(file.read_text(encoding="utf-8"), name, file.name)


def plan_of(text: str, name: str, source: str) -> Plan:
    """The plan that a TOML text declares; `source` begins every refusal. Raises PlanError."""
    try:
        top = Table(source, "", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{source}: not TOML: {error}") from error
    except ValueError as error:
        raise PlanError(f"{source}: not TOML: it has a number of too many digits") from error
    top.only(_TOP)
    about = top.text("about", "a text of one line")
    if not top.values.get("phase"):
        raise top.wrong("phase", "expected at least one table headed [[phase]], found none")
    phases = tuple(_phase(table) for table in top.tables("phase"))
    _refuse_equal_names(top, phases)
    return Plan(
        name=name,
        about=about,
        phases=phases,
        stock=cast(Stock, top.choice("stock", ("steady", "drains"), "steady")),
        practices=top.texts("practices", 'a list of ODS codes such as ["A20047"], none twice'),
        most_practices=top.whole("most_practices", MOST_PRACTICES, 50),
        most_missed=top.number("most_missed", SHARE, 0.01),
        most_empty_searches=top.number("most_empty_searches", SHARE, 0.20),
        thresholds=tuple(_threshold(table) for table in top.tables("threshold")),
    )


def _phase(table: Table) -> Phase:
    table.only(_OF_SOME_PHASE)
    name = table.text("name", "up to 40 letters, digits, spaces, dots, - or _", _is_phase_name)
    if name in NOT_LOAD:
        taken = ", ".join(sorted(NOT_LOAD))
        raise table.wrong("name", f'expected a name of your own, found "{name}"; taken: {taken}')
    seconds, mix = table.duration("seconds"), _mix(table)
    form = _form(table, mix)
    for key in table.values:
        if key not in _FORMS[form]:
            raise table.wrong(key, f"does not go with {form}; allowed: {', '.join(_FORMS[form])}")
    if form == "rate":
        return Phase(
            name=name,
            mix=mix,
            seconds=seconds,
            rate=rate_curve(table, seconds),
            clients=table.whole("clients", MOST_USERS, 200),
            spread=cast(Spread, table.choice("spread", ("even", "chance"), "even")),
        )
    users = table.whole("users", MOST_USERS)
    think = table.number("think", FROM_0, 0.0)
    rounds = table.whole("rounds", MOST_ROUNDS) if "rounds" in table.values else None
    return Phase(name=name, mix=mix, seconds=seconds, users=users, think=think, rounds=rounds)


def _is_phase_name(name: str) -> bool:
    return _PHASE_NAME.fullmatch(name) is not None


def _form(table: Table, mix: dict[str, float]) -> Literal["rate", "users", "hot_slot"]:
    if HOT_SLOT in mix:
        return "hot_slot"
    given = [key for key in ("users", "rate") if key in table.values]
    if len(given) != 1:
        found = "both" if given else "neither"
        raise table.wrong("", f"expected either users (closed) or rate (open arrivals), found {found}")
    return "rate" if given == ["rate"] else "users"


def _mix(table: Table) -> dict[str, float]:
    if ("scenario" in table.values) == ("mix" in table.values):
        found = "both" if "mix" in table.values else "neither"
        raise table.wrong("", f"expected either scenario or mix, found {found}")
    if "scenario" in table.values:
        return {table.choice("scenario", SCENARIOS): 1.0}
    shares = table.table("mix", "a table of scenarios and weights such as {booking = 1}")
    if not shares.values:
        raise shares.wrong("", f"expected a weight for at least one of {', '.join(SCENARIOS)}")
    for name in shares.values:
        if name not in SCENARIOS:
            guess = nearest(name, SCENARIOS)
            raise shares.wrong(as_key(name), f"unknown scenario{guess}; allowed: {', '.join(SCENARIOS)}")
    if HOT_SLOT in shares.values and len(shares.values) > 1:
        found = ", ".join(shares.values)
        raise shares.wrong("", f"expected hot_slot alone, for its users meet in agreed rounds; found {found}")
    return {name: shares.number(name, ABOVE_0) for name in shares.values}


def _refuse_equal_names(top: Table, phases: tuple[Phase, ...]) -> None:
    first: dict[str, int] = {}
    for number, phase in enumerate(phases, 1):
        if phase.name in first:
            raise top.wrong(
                f"phase[{number}].name",
                f'expected a name of its own, found "{phase.name}", which phase[{first[phase.name]}] has',
            )
        first[phase.name] = number


def _threshold(table: Table) -> Threshold:
    table.only(_THRESHOLD)
    kind = table.choice("kind", ("command", "query")) if "kind" in table.values else None
    interaction = table.choice("interaction", tuple(INTERACTIONS)) if "interaction" in table.values else None
    if kind and interaction:
        raise table.wrong("", "expected kind or interaction, or neither for a limit on all, found both")
    level = cast(Level, table.choice("level", ("SHALL", "SHOULD")))
    return Threshold(
        kind=cast(Kind | None, kind),
        level=level,
        percentile=table.number("percentile", PER_CENT, DEFAULT_PERCENTILES[level]),
        limit_ms=table.number("limit_ms", ABOVE_0),
        interaction=interaction,
    )
