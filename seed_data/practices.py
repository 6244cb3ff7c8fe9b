"""Practices: their codes, names, surgeries and access profiles, all invented.

ODS codes have the two forms that practices' codes have (letter and five digits; letter, digit, letter, digit,
letter), in ranges that are not in use. Postcodes begin ZZ99, where no post goes; telephone numbers are of the
ranges that Ofcom keeps for drama.
"""

from dataclasses import dataclass

from seed_data.access_plans import AccessPlan
from seed_data.chance import Chance, below, between, pick
from seed_data.profile import PRACTICE_ASIDS, Profile
from seed_data.reference import Reference
from simulator.domain.availability import AccessProfile
from simulator.domain.location import Location
from simulator.domain.organization import Address, Organization

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_SWITCHED_OFF = "Z99"
FIRST_SWITCHED_OFF = 90_001
"""Practices where GP Connect is off have numbers and codes apart, the same however many others there are."""


@dataclass(frozen=True, slots=True)
class Site:
    """A practice, its surgeries, the main one first, and its access profiles in the order of the plans."""

    organization: Organization
    locations: tuple[Location, ...]
    access: tuple[AccessProfile, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A practice to be made: its id in the database, and the number that its name and codes come from."""

    id: int
    number: int

    @property
    def is_switched_off(self) -> bool:
        """Tell whether GP Connect is off there."""
        return self.number >= FIRST_SWITCHED_OFF

    @property
    def ods_code(self) -> str:
        """Return its ODS code."""
        if self.is_switched_off:
            return f"{CODE_SWITCHED_OFF}{self.number - FIRST_SWITCHED_OFF + 1:03d}"
        return ods_code(self.number)


def places(practices: int, switched_off: int) -> list[Place]:
    """Return the practices to make, those where GP Connect is off last."""
    return [Place(number, number) for number in range(1, practices + 1)] + [
        Place(practices + 1 + n, FIRST_SWITCHED_OFF + n) for n in range(switched_off)
    ]


def number_of(organization: Organization) -> int:
    """Return the number that a practice's name and codes come from."""
    code = organization.ods_code
    if code.startswith(CODE_SWITCHED_OFF):
        return FIRST_SWITCHED_OFF - 1 + int(code.removeprefix(CODE_SWITCHED_OFF))
    return organization.id


def chance_key(organization: Organization) -> int | str:
    """Return what tells a practice's chance from all others': never how many others there are."""
    code = organization.ods_code
    return code if code.startswith(CODE_SWITCHED_OFF) else organization.id


def ods_code(number: int) -> str:
    """Return the invented ODS code of the `number`th practice, from 1: the two forms in turn."""
    serial = (number + 1) // 2
    if number % 2:
        return f"Z9{serial:04d}"
    letter, rest = divmod(serial - 1, 10 * len(LETTERS))
    digit, last = divmod(rest, len(LETTERS))
    return f"Z9{LETTERS[letter]}{digit}{LETTERS[last]}"


def asid(number: int) -> str:
    """Return the ASID of the `number`th practice's system, from 1."""
    return f"{PRACTICE_ASIDS}{number:05d}"


def landline(number: int) -> str:
    """Return a telephone number of Ofcom's drama range without a place."""
    return f"01632 960{number % 1000:03d}"


def mobile(number: int) -> str:
    """Return a mobile number of Ofcom's drama range."""
    return f"07700 900{number % 1000:03d}"


def address(chance: Chance, reference: Reference, town: str, first_line: str | None = None) -> Address:
    """Return an invented address in a town, with a postcode that cannot exist."""
    street = f"{between(chance, 1, 140)} {pick(chance, reference.places['street'])}"
    postcode = f"ZZ99 {below(chance, 10)}{pick(chance, LETTERS)}{pick(chance, LETTERS)}"
    lines = (first_line, street) if first_line else (street,)
    return Address(lines, town, county(reference, town), postcode)


def county(reference: Reference, town: str) -> str:
    """Return the invented county that a town is in."""
    counties = reference.places["county"]
    return counties[reference.places["town"].index(town) % len(counties)]


def practice_name(number: int, reference: Reference) -> str:
    """Return the name of the `number`th practice, from 1; the same whatever the seed."""
    places, styles, features = (reference.places[kind] for kind in ("practice", "style", "feature"))
    if number >= FIRST_SWITCHED_OFF:
        return f"{places[FIRST_SWITCHED_OFF - 1 - number]} House Surgery"
    lap, place = divmod(number - 1, len(places))
    if lap < len(styles):
        return f"{places[place]} {styles[(place + lap) % len(styles)]}"
    # Every pairing of feature and style comes once at a place, and neighbours have neither in common.
    round_, n = divmod(lap - len(styles), len(features))
    feature = features[(n + 7 * place) % len(features)]
    return f"{places[place]} {feature} {styles[(round_ + n + place) % len(styles)]}"


def make_site(
    place: Place, first_location_id: int, profile: Profile, reference: Reference, chance: Chance
) -> Site:
    """Return a practice at its place in the database, with surgeries numbered from `first_location_id`."""
    number = place.number
    name, code = practice_name(number, reference), place.ods_code
    town = pick(chance, reference.places["town"])
    locations = []
    for n in range(between(chance, *profile.size.surgeries)):
        where = town if n == 0 else pick(chance, reference.places["town"])
        at = address(chance, reference, where)
        branch = f"{at.lines[0].split(' ', 1)[1]} Branch Surgery, {where}"
        phone = landline(number * 10 + n)
        locations.append(Location(first_location_id + n, place.id, branch if n else name, at, phone))
    main = locations[0]
    organization = Organization(
        id=place.id,
        ods_code=code,
        name=name,
        asid=asid(number),
        party_key=f"{code}-8{number:05d}",
        address=main.address,
        phone=main.phone,
        main_location_id=main.id,
        enabled=not place.is_switched_off,
    )
    return Site(organization, tuple(locations), access_profiles(place.id, profile.access))


def access_profiles(number: int, plans: tuple[AccessPlan, ...]) -> tuple[AccessProfile, ...]:
    """Return the `number`th practice's access profiles, as planned."""
    return tuple(
        AccessProfile(
            id=(number - 1) * len(plans) + n,
            name=plan.name,
            organisation_types=plan.organisation_types,
            ods_codes=plan.ods_codes,
            window_days=plan.window_days,
            embargo_minutes=plan.embargo_minutes,
            limit_per_organisation=plan.limit_per_organisation,
        )
        for n, plan in enumerate(plans, 1)
    )
