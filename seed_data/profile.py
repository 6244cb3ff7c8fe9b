"""A profile: what database to make, declared in TOML and read strictly."""

import re
import tomllib
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path

from seed_data.access_plans import (
    ORGANISATION_TYPES,
    AccessPlan,
    DailyClinics,
    read_access,
    read_daily_clinics,
)
from seed_data.conformance import Conformance, read_conformance
from seed_data.declared import Declared, is_whole, whole_number
from seed_data.lists import Lists, read_lists
from seed_data.refusals import OptionRefused, ProfileInvalid
from simulator.domain.ods_code import is_ods_code
from simulator.domain.organization import Consumer

TABLES = (
    "title", "seed", "size", "lists", "bookings", "consumers", "access", "daily_clinics", "conformance",
)  # fmt: skip
BY_LIST = ("practitioners", "patients")
"""What a profile has either as sizes, or following from the lists of its practices."""

PRACTICE_ASIDS = "2000001"
"""How the ASIDs of practices begin."""

_CONSUMER_ASID = f"twelve digits that do not begin with {PRACTICE_ASIDS}, as those of practices do"

BOUNDS = {
    "practices": (1, 10_000),
    "surgeries": (1, 10),
    "practitioners": (1, 100),
    "patients": (1, 100_000),
    "days": (1, 1_100),
    "unregistered": (0, 100_000),
    "switched_off": (0, 40),
    "seed": (0, 2**31 - 1),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything. `surgeries` and `practitioners` are the fewest and most of a practice.

    None for `practitioners` or `patients` leaves them to the practices' lists.

    `unregistered` people are on the national record and registered at none of the practices; `switched_off`
    practices, where GP Connect is off, come on top of `practices`.
    """

    practices: int
    surgeries: tuple[int, int]
    practitioners: tuple[int, int] | None
    patients: int | None
    days: int
    unregistered: int
    switched_off: int


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
class Profile:
    """A whole declaration. `name` is what it was asked for by, `declaration` its TOML."""

    name: str
    title: str
    seed: int
    size: Size
    lists: Lists | None
    bookings: Bookings
    consumers: tuple[Consumer, ...]
    access: tuple[AccessPlan, ...]
    daily_clinics: tuple[DailyClinics, ...]
    conformance: Conformance | None
    declaration: str


def read_profile(name: str) -> Profile:
    """Return a profile by the name of one that comes with the package, or by the path of a `.toml` file.

    Raises ProfileInvalid where there is none or it is not right.
    """
    return profile_of(name, *_text_of(name))


def profile_of(name: str, source: str, text: str) -> Profile:
    """Return the profile that a TOML text declares; `source` begins every refusal. Raises ProfileInvalid."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid(f"{source}: is not TOML: {error}") from error
    top = Declared(source, "", values, TABLES)
    title, seed = top.text("title", "a text", bool), top.whole("seed", *BOUNDS["seed"])
    lists = read_lists(top)
    sizes = [field.name for field in fields(Size) if lists is None or field.name not in BY_LIST]
    size = _size(top.table("size", sizes), lists is not None)
    bookings = _bookings(top.table("bookings", [field.name for field in fields(Bookings)]))
    consumers, access = _consumers(top), read_access(top, lists is not None)
    clinics = read_daily_clinics(top, [plan.name for plan in access])
    conformance = read_conformance(top) if "conformance" in top.values else None
    return Profile(name, title, seed, size, lists, bookings, consumers, access, clinics, conformance, text)


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


def _size(size: Declared, by_list: bool) -> Size:
    return Size(
        practices=size.whole("practices", *BOUNDS["practices"]),
        surgeries=size.range("surgeries", *BOUNDS["surgeries"]),
        practitioners=None if by_list else size.range("practitioners", *BOUNDS["practitioners"]),
        patients=None if by_list else size.whole("patients", *BOUNDS["patients"]),
        days=size.whole("days", *BOUNDS["days"]),
        unregistered=size.whole("unregistered", *BOUNDS["unregistered"]),
        switched_off=size.whole("switched_off", *BOUNDS["switched_off"]),
    )


def _bookings(bookings: Declared) -> Bookings:
    return Bookings(bookings.share("filled"), bookings.share("filled_of_bookable"), bookings.share("double"))


def _consumers(top: Declared) -> tuple[Consumer, ...]:
    consumers: list[Consumer] = []
    for entry in top.tables("consumers", ("asid", "ods_code", "name", "organisation_type")):
        asid = entry.text("asid", _CONSUMER_ASID, lambda text: bool(re.fullmatch(r"[0-9]{12}", text)))
        if asid.startswith(PRACTICE_ASIDS):
            raise entry.refuse("asid", asid, _CONSUMER_ASID)
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


def override(profile: Profile, **asked: int | None) -> Profile:
    """Return a profile with what was asked for in its place; None leaves the profile's own.

    `practices`, `practitioners`, `patients`, `days` and `seed`, as on the command line. Raises
    OptionRefused for what is out of bounds.
    """
    given = {name: number for name, number in asked.items() if number is not None}
    for name, number in given.items():
        if not is_whole(number, *BOUNDS[name]):
            raise OptionRefused(f"--{name}: got {number}, expected {whole_number(*BOUNDS[name])}")
    practitioners = given.get("practitioners")
    size = replace(
        profile.size,
        practices=given.get("practices", profile.size.practices),
        practitioners=(practitioners, practitioners) if practitioners else profile.size.practitioners,
        patients=given.get("patients", profile.size.patients),
        days=given.get("days", profile.size.days),
    )
    return replace(profile, size=size, seed=given.get("seed", profile.seed))
