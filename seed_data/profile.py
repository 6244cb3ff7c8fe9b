"""A profile: what database to make, declared in TOML and read strictly."""

import re
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from seed_data.declared import Declared, is_whole, whole_number
from seed_data.nhs_numbers import refuse_beyond_range
from seed_data.refusals import ProfileInvalid, SeedRefused
from simulator.domain.ods_code import is_ods_code
from simulator.domain.organization import Consumer

ORGANISATION_TYPES = ("gp-practice", "urgent-care")
BOUNDS = {
    "practices": (1, 10_000),
    "surgeries": (1, 10),
    "practitioners": (1, 100),
    "patients": (1, 100_000),
    "days": (1, 1_100),
    "seed": (0, 2**31 - 1),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything. `surgeries` and `practitioners` are the fewest and most of a practice."""

    practices: int
    surgeries: tuple[int, int]
    practitioners: tuple[int, int]
    patients: int
    days: int


@dataclass(frozen=True, slots=True)
class Bookings:
    """What practices have booked for their own patients, as shares from 0 to 1.

    `filled`: slots taken by the time their day comes. `filled_of_bookable`: the same, of slots that outside
    organisations may book. `double`: appointments that take two slots.
    """

    filled: float
    filled_of_bookable: float
    double: float


@dataclass(frozen=True, slots=True)
class AccessPlan:
    """An access profile that every practice has, and how many slots a working day it gets, in runs."""

    name: str
    slots_a_day: int
    run: int
    organisation_types: frozenset[str]
    ods_codes: frozenset[str]
    window_days: int | None
    embargo_minutes: int
    limit_per_organisation: int | None

    @property
    def is_open_to_all(self) -> bool:
        """Tell whether every organisation may book, at any time."""
        restricted = self.organisation_types or self.ods_codes or self.embargo_minutes
        return not restricted and self.window_days is None and self.limit_per_organisation is None


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole declaration. `name` is what it was asked for by, `declaration` its TOML."""

    name: str
    title: str
    seed: int
    size: Size
    bookings: Bookings
    consumers: tuple[Consumer, ...]
    access: tuple[AccessPlan, ...]
    declaration: str


def read_profile(name: str) -> Profile:
    """Return a profile by the name of one that comes with the package, or by the path of a `.toml` file.

    Raises ProfileInvalid where there is none or it is not right.
    """
    source, text = _text_of(name)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid(f"{source}: is not TOML: {error}") from error
    top = Declared(source, "", values, ("title", "seed", "size", "bookings", "consumers", "access"))
    return Profile(
        name,
        top.text("title", "a text", bool),
        top.whole("seed", *BOUNDS["seed"]),
        _size(top.table("size", ("practices", "surgeries", "practitioners", "patients", "days"))),
        _bookings(top.table("bookings", ("filled", "filled_of_bookable", "double"))),
        _consumers(top),
        _access(top),
        text,
    )


def profiles_known() -> list[str]:
    """Return the names of the profiles that come with the package."""
    folder = resources.files("seed_data").joinpath("profiles")
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


def _text_of(name: str) -> tuple[str, str]:
    if not name.endswith(".toml"):
        known = profiles_known()
        if name not in known:
            raise ProfileInvalid(
                f"--profile: got {name!r}, expected {', '.join(known)} or the path of a .toml file"
            )
        file = resources.files("seed_data").joinpath("profiles", f"{name}.toml")
        return f"{name}.toml", file.read_text(encoding="utf-8")
    try:
        return name, Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise ProfileInvalid(f"{name}: cannot be read: {reason}") from error


def _size(size: Declared) -> Size:
    return Size(
        practices=size.whole("practices", *BOUNDS["practices"]),
        surgeries=size.range("surgeries", *BOUNDS["surgeries"]),
        practitioners=size.range("practitioners", *BOUNDS["practitioners"]),
        patients=size.whole("patients", *BOUNDS["patients"]),
        days=size.whole("days", *BOUNDS["days"]),
    )


def _bookings(bookings: Declared) -> Bookings:
    return Bookings(bookings.share("filled"), bookings.share("filled_of_bookable"), bookings.share("double"))


def _consumers(top: Declared) -> tuple[Consumer, ...]:
    consumers: list[Consumer] = []
    for entry in top.tables("consumers", ("asid", "ods_code", "name", "organisation_type")):
        asid = entry.text("asid", "twelve digits", lambda text: bool(re.fullmatch(r"[0-9]{12}", text)))
        if asid in {consumer.asid for consumer in consumers}:
            raise entry.refuse("asid", asid, "an ASID that no other consumer has")
        consumers.append(
            Consumer(
                asid,
                entry.text("ods_code", "an ODS code: three to eight capital letters and digits", is_ods_code),
                entry.text("name", "a text", bool),
                entry.text(
                    "organisation_type", " or ".join(ORGANISATION_TYPES), ORGANISATION_TYPES.__contains__
                ),
            )
        )
    return tuple(consumers)


def _access(top: Declared) -> tuple[AccessPlan, ...]:
    keys = (
        "name", "slots_a_day", "run", "organisation_types", "ods_codes", "window_days", "embargo_minutes",
        "limit_per_organisation",
    )  # fmt: skip
    return tuple(
        AccessPlan(
            name=entry.text("name", "a text", bool),
            slots_a_day=entry.whole("slots_a_day", 0, 1_000),
            run=entry.whole("run", 1, 12),
            organisation_types=entry.texts(
                "organisation_types", " or ".join(ORGANISATION_TYPES), ORGANISATION_TYPES.__contains__
            ),
            ods_codes=entry.texts("ods_codes", "an ODS code", is_ods_code),
            window_days=entry.whole_or_none("window_days", 0, 1_000),
            embargo_minutes=entry.whole_or_none("embargo_minutes", 0, 100_000) or 0,
            limit_per_organisation=entry.whole_or_none("limit_per_organisation", 1, 1_000),
        )
        for entry in top.tables("access", keys)
    )


def override(profile: Profile, **asked: int | None) -> Profile:
    """Return a profile with what was asked for in its place; None leaves the profile's own.

    `practices`, `practitioners`, `patients`, `days` and `seed`, as on the command line. Raises SeedRefused
    for what is out of bounds, and for more patients than there are NHS numbers.
    """
    given = {name: number for name, number in asked.items() if number is not None}
    for name, number in given.items():
        if not is_whole(number, *BOUNDS[name]):
            raise SeedRefused(f"--{name}: got {number}, expected {whole_number(*BOUNDS[name])}")
    practitioners = given.get("practitioners")
    size = replace(
        profile.size,
        practices=given.get("practices", profile.size.practices),
        practitioners=(practitioners, practitioners) if practitioners else profile.size.practitioners,
        patients=given.get("patients", profile.size.patients),
        days=given.get("days", profile.size.days),
    )
    refuse_beyond_range(size.practices, size.patients)
    return replace(profile, size=size, seed=given.get("seed", profile.seed))
