"""Making a database: practice by practice into a temporary file, which takes its name when it is finished."""

import gc
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from seed_data.access import open_slots
from seed_data.chance import between, chance_for
from seed_data.diaries import Callers, DiaryWriter, FirstIds, booked_ahead, stamps_of
from seed_data.named_cases import (
    MANY_APPOINTMENTS,
    ONE_CANCELLED,
    ORDINARY_BOOKERS,
    YOUNGEST,
    cases_among,
    name_cases,
    note_key,
)
from seed_data.nhs_numbers import nhs_numbers
from seed_data.people import Names, Register, make_patient, make_practitioners, name_pools
from seed_data.practices import Site, make_site
from seed_data.profile import Profile, override, read_profile
from seed_data.reference import GP, Reference, read_reference
from seed_data.refusals import SeedRefused
from seed_data.summary import SeedSummary, SlotCount
from seed_data.week_templates import week_of_sessions
from seed_data.working_days import WorkingDay, working_days
from simulator.domain.clock import start_of_day
from simulator.domain.patient import Patient
from simulator.domain.practitioner import Practitioner
from simulator.store.loading import Loading
from simulator.store.patients import patient_row
from simulator.store.practices import (
    access_profile_row,
    consumer_row,
    location_row,
    organization_row,
    practitioner_row,
)

FORMAT = "1"
COUNTED = ("organizations", "locations", "practitioners", "patients", "schedules", "appointments")
EARLIEST, LATEST = date(2000, 1, 1), date(2090, 1, 1)

Progress = Callable[[int, int], None]
"""Told how many practices are done, and of how many."""


@dataclass(frozen=True, slots=True)
class SeedOptions:
    """What to make. None stands for what the profile says.

    `today` is the first day of the diaries; `profile` is the name of one that comes with the package, or
    the path of a `.toml` file; `practitioners` and `patients` are of each practice; `days` is how long the
    diaries are.
    """

    today: date
    profile: str = "demo"
    practices: int | None = None
    practitioners: int | None = None
    patients: int | None = None
    days: int | None = None
    seed: int | None = None
    force: bool = False


def seed(path: Path, options: SeedOptions, progress: Progress | None = None) -> SeedSummary:
    """Make a database at `path` and return what is in it.

    The same options make the same content. Raises SeedRefused, its message one line for a person, where the
    options or the path do not serve; whatever stops it, `path` is as it was and nothing is left beside it.
    """
    began = time.perf_counter()
    profile = override(
        read_profile(options.profile),
        practices=options.practices,
        practitioners=options.practitioners,
        patients=options.patients,
        days=options.days,
        seed=options.seed,
    )
    _refuse_day(options.today)
    _refuse_path(path, options.force)
    try:
        with _uncollected(), Loading(path) as loading:
            seeding = Seeding(loading, profile, options.today)
            seeding.run(progress or _unheard)
            counts = {table: loading.count(table) for table in COUNTED}
    except (OSError, sqlite3.Error) as error:
        raise SeedRefused(f"{path}: cannot be written: {error}") from error
    return SeedSummary(
        path=path,
        profile=profile.name,
        seed=profile.seed,
        first_day=options.today,
        last_day=last_day(options.today, profile),
        practices=counts["organizations"],
        surgeries=counts["locations"],
        practitioners=counts["practitioners"],
        patients=counts["patients"],
        schedules=counts["schedules"],
        slots=seeding.slot_count.slots(),
        kinds=seeding.slot_count.kinds(),
        appointments=counts["appointments"],
        size=path.stat().st_size,
        seconds=time.perf_counter() - began,
    )


def last_day(today: date, profile: Profile) -> date:
    """Return the last day of the diaries that begin today."""
    return today + timedelta(days=profile.size.days - 1)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold back the garbage collector: it would spend a tenth of the time on rows, and find nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _unheard(done: int, total: int) -> None:
    """Take note of progress that nobody asked for."""


def _refuse_day(today: date) -> None:
    if not EARLIEST <= today <= LATEST:
        raise SeedRefused(f"--today: got {today}, expected a day from {EARLIEST} to {LATEST}")


def _refuse_path(path: Path, force: bool) -> None:
    if path.is_dir():
        raise SeedRefused(f"{path}: is a directory; name a file in it")
    if path.exists() and not force:
        raise SeedRefused(f"{path}: exists already; --force replaces it, --database names another file")
    if not path.parent.is_dir():
        raise SeedRefused(f"{path}: cannot be written: there is no directory {path.parent}")


class Seeding:
    """One database in the making. Ids are given in the order that things are made in."""

    def __init__(self, loading: Loading, profile: Profile, today: date) -> None:
        self.slot_count = SlotCount(profile.access)
        self._loading, self._profile, self._today = loading, profile, today
        self._reference: Reference = read_reference()
        self._names: Names = name_pools(profile.seed)
        self._numbers: Iterator[str] = nhs_numbers(chance_for(profile.seed, "nhs numbers"))
        self._days: list[WorkingDay] = working_days(today, profile.size.days)
        self._ahead = booked_ahead(self._reference.lead_times, profile.size.days)
        self._diary_ids = FirstIds()
        self._location_id = self._practitioner_id = self._patient_id = 1

    def run(self, progress: Progress) -> None:
        """Make everything."""
        profile, add = self._profile, self._loading.add
        add("about", self._notes().items())
        add("consumers", map(consumer_row, profile.consumers))
        add("slot_types", enumerate(self._reference.slot_types, 1))
        for number in range(1, profile.size.practices + 1):
            self._practice(number)
            progress(number, profile.size.practices)

    def _notes(self) -> dict[str, str]:
        """Return what must be known to make more of the same, by key."""
        size = self._profile.size
        return {
            "format": FORMAT,
            "profile": self._profile.name,
            "seed": str(self._profile.seed),
            "today": self._today.isoformat(),
            "first_day": self._today.isoformat(),
            "last_day": last_day(self._today, self._profile).isoformat(),
            "days": str(size.days),
            "practices": str(size.practices),
            "practitioners": "{}-{}".format(*size.practitioners),
            "patients": str(size.patients),
            "declaration": self._profile.declaration,
        }

    def _practice(self, number: int) -> None:
        """Make one practice: site, clinicians, patients and diary, each with chance of its own."""
        profile, add = self._profile, self._loading.add
        site = make_site(
            number, self._location_id, profile, self._reference, chance_for(profile.seed, number, "site")
        )
        self._location_id += len(site.locations)
        practitioners = self._practitioners(site)
        patients, cases = self._patients(site, practitioners)
        add("organizations", [organization_row(site.organization)])
        add("locations", map(location_row, site.locations))
        add("access_profiles", (access_profile_row(access, number) for access in site.access))
        add("practitioners", map(practitioner_row, practitioners))
        add("patients", map(patient_row, patients))
        code = site.organization.ods_code
        add("about", ((note_key(code, case), str(patient_id)) for case, patient_id in cases.items()))
        self._diary(site, practitioners, callers_of(patients, cases, self._today))

    def _practitioners(self, site: Site) -> list[Practitioner]:
        chance = chance_for(self._profile.seed, site.organization.id, "practitioners")
        count = between(chance, *self._profile.size.practitioners)
        first_id = self._practitioner_id
        self._practitioner_id += count
        return make_practitioners(site, first_id, count, self._names, self._reference, chance)

    def _patients(
        self, site: Site, practitioners: list[Practitioner]
    ) -> tuple[list[Patient], dict[str, int]]:
        chance = chance_for(self._profile.seed, site.organization.id, "patients")
        gps = tuple(who.id for who in practitioners if self._reference.kinds[who.job_role] == GP)
        register = Register(site, gps, self._today, self._names, self._reference)
        count, first_id = self._profile.size.patients, self._patient_id
        self._patient_id += count
        first_case = first_id + count - len(cases_among(count))
        patients = [
            make_patient(register, id_, next(self._numbers), chance, YOUNGEST if id_ >= first_case else 0)
            for id_ in range(first_id, first_id + count)
        ]
        return name_cases(patients, site, self._today)

    def _diary(self, site: Site, practitioners: list[Practitioner], callers: Callers) -> None:
        profile, number, add = self._profile, site.organization.id, self._loading.add
        chance = chance_for(profile.seed, number, "week")
        sessions = week_of_sessions(site, practitioners, self._reference, chance)
        open_slots(sessions, profile.access, site.access, chance)
        writer = DiaryWriter(
            number,
            callers,
            profile.bookings,
            self._reference.reasons,
            start_of_day(self._today),
            self._diary_ids,
            chance_for(profile.seed, number, "bookings"),
        )
        diary = writer.write(self._days, stamps_of(sessions, profile.bookings), self._ahead)
        add("schedules", diary.schedules)
        add("slots", diary.slots)
        add("appointments", diary.appointments)
        add("appointment_slots", diary.appointment_slots)
        self.slot_count.add(diary, site.access[0].id)


def callers_of(patients: list[Patient], cases: dict[str, int], today: date) -> Callers:
    """Return whom a practice books for: everyone but the cases that are about appointments or absence."""
    left_out = {id_ for case, id_ in cases.items() if case not in ORDINARY_BOOKERS}
    return Callers(
        {patient.id: _cards(patient, today) for patient in patients if patient.id not in left_out},
        often=cases.get(MANY_APPOINTMENTS),
        cancelled=cases.get(ONE_CANCELLED),
    )


def _cards(patient: Patient, today: date) -> int:
    """Return how often a patient comes, as cards in the deck: the old and the very young come more."""
    age = (today - patient.birth_date).days // 365
    return 3 if age >= 65 else 2 if age < 5 else 1
