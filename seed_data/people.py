"""People: practitioners and patients, none of whom exists.

Names come from Faker's English lists; numbers and ids never do, so that they outlast its versions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from faker import Faker

from seed_data.chance import Chance, below, between, pick
from seed_data.practices import Site, address, landline, mobile
from seed_data.reference import GP, Reference
from simulator.domain.patient import Contact, Patient
from simulator.domain.practitioner import Practitioner

POOL = 2_000
ADULT = 18
LEAD_GP = "R0260"
NEXT_OF_KIN = ("Spouse", "Partner", "Daughter", "Son", "Sister", "Brother", "Neighbour")
PARENTS = (("Mother", "female"), ("Father", "male"))
NOT_IN_AN_EMAIL = str.maketrans("", "", "' ")
GENDER_OF_KIN = {"Daughter": "female", "Sister": "female", "Son": "male", "Brother": "male"}


@dataclass(frozen=True, slots=True)
class Names:
    """Pools to draw names from; a name that is common in the country is common in its pool."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]

    def given(self, chance: Chance, gender: str) -> str:
        """Return a first name that suits a gender."""
        if gender in ("female", "male"):
            return pick(chance, self.female if gender == "female" else self.male)
        return pick(chance, pick(chance, (self.female, self.male)))


def name_pools(seed: int) -> Names:
    """Return the pools of a seed."""
    faker = Faker("en_GB", providers=["faker.providers.person"])
    faker.seed_instance(seed)
    return Names(
        tuple(faker.first_name_female() for _ in range(POOL)),
        tuple(faker.first_name_male() for _ in range(POOL)),
        tuple(faker.last_name() for _ in range(POOL)),
    )


def job_roles(chance: Chance, reference: Reference, count: int) -> list[str]:
    """Return the job roles of a practice's clinicians, in proportion; the first is always a GP principal."""
    return [LEAD_GP, *reference.job_roles.spread(chance, count)[1:]]


def make_practitioners(
    site: Site, first_id: int, roles: Sequence[str], names: Names, reference: Reference, chance: Chance
) -> list[Practitioner]:
    """Return a practice's clinicians, one a job role, numbered from `first_id`."""
    practitioners = []
    for id_, role in enumerate(roles, first_id):
        gender = "female" if chance.random() < (0.57 if reference.kinds[role] == GP else 0.8) else "male"
        others = ("Mrs", "Ms", "Miss") if gender == "female" else ("Mr",)
        spoken = reference.languages.draw(chance)
        practitioners.append(
            Practitioner(
                id=id_,
                organization_id=site.organization.id,
                sds_user_id=f"5550{id_:08d}",
                sds_role_profile_ids=role_profiles(id_, 2 if chance.random() < 0.15 else 1),
                prefix="Dr" if reference.kinds[role] == GP else pick(chance, others),
                given=names.given(chance, gender),
                family=pick(chance, names.family),
                gender=gender,
                job_role=role,
                languages=("en",) if spoken == "en" else ("en", spoken),
            )
        )
    return practitioners


def role_profiles(practitioner_id: int, held: int) -> tuple[str, ...]:
    """Return the SDS role profile ids of a practitioner who holds so many, at most two."""
    return tuple(f"5551{practitioner_id * 2 + n:08d}" for n in range(held))


@dataclass(frozen=True, slots=True)
class Register:
    """What a practice's patients are drawn from: the practice, its GPs and the day of registering."""

    site: Site
    gp_ids: tuple[int, ...]
    today: date
    names: Names
    reference: Reference


def make_patient(register: Register, id_: int, nhs_number: str, chance: Chance, youngest: int = 0) -> Patient:
    """Return one ordinary patient of a practice, at least `youngest` years old.

    Ordinary is active, alive, verified and registered.
    """
    reference, site = register.reference, register.site
    first, last = reference.ages.draw(chance)
    age = between(chance, max(first, youngest), max(last, youngest))
    birth_date = _years_before(register.today, age) - timedelta(days=below(chance, 365))
    gender = reference.genders.draw(chance)
    given, family = register.names.given(chance, gender), pick(chance, register.names.family)
    language = reference.languages.draw(chance)
    home = address(chance, reference, site.locations[0].address.city)
    return Patient(
        id=id_,
        organization_id=site.organization.id,
        nhs_number=nhs_number,
        prefix=_prefix(chance, gender, age),
        given=given,
        family=family,
        gender=gender,
        birth_date=birth_date,
        address=home,
        phone=landline(below(chance, 1000)) if chance.random() < 0.6 else None,
        mobile=mobile(below(chance, 1000)) if age >= ADULT and chance.random() < 0.85 else None,
        email=_email(given, family, id_) if age >= ADULT and chance.random() < 0.55 else None,
        registered_on=_registered_on(chance, birth_date, register.today),
        preferred_location_id=(
            pick(chance, site.locations) if chance.random() < 0.15 else site.locations[0]
        ).id,
        usual_practitioner_id=pick(chance, register.gp_ids) if chance.random() < 0.7 else None,
        language=None if language == "en" else language,
        interpreter_required=language != "en" and chance.random() < 0.35,
        contact=_contact(chance, register.names, family, age),
    )


def _years_before(day: date, years: int) -> date:
    """Return the day so many years before; 29 February becomes 28 February."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _prefix(chance: Chance, gender: str, age: int) -> str:
    if gender not in ("female", "male"):
        return "Mx"
    if age < ADULT:
        return "Miss" if gender == "female" else "Master"
    return "Mr" if gender == "male" else pick(chance, ("Mrs", "Mrs", "Ms", "Miss"))


def _email(given: str, family: str, id_: int) -> str:
    letters = f"{given}.{family}".lower().translate(NOT_IN_AN_EMAIL).encode("ascii", "ignore").decode()
    return f"{letters}.{id_}@example.org"


def _registered_on(chance: Chance, birth_date: date, today: date) -> date:
    days = min((today - birth_date).days, 30 * 365)
    return today - timedelta(days=below(chance, days) + 1 if days else 0)


def _contact(chance: Chance, names: Names, family: str, age: int) -> Contact | None:
    if age < 16:
        relationship, gender = pick(chance, PARENTS)
        return Contact(relationship, names.given(chance, gender), family, mobile(below(chance, 1000)), gender)
    return None if chance.random() >= 0.3 else next_of_kin(chance, names, family)


def next_of_kin(chance: Chance, names: Names, family: str) -> Contact:
    """Return whom a grown person of a family names as contact."""
    relationship = pick(chance, NEXT_OF_KIN)
    gender = GENDER_OF_KIN.get(relationship) or pick(chance, PARENTS)[1]
    own_family = pick(chance, names.family) if relationship == "Neighbour" else family
    return Contact(relationship, names.given(chance, gender), own_family, mobile(below(chance, 1000)), gender)
