"""A database in the making: practice by practice, then the people who are no practice's patients."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from seed_data.chance import Chance, chance_for
from seed_data.conformance_people import map_patients, map_places, map_practitioners
from seed_data.diaries import Diary, FirstIds
from seed_data.directory import Registrations
from seed_data.headcount import patients_of, practitioners_of
from seed_data.named_cases import LABELS, SWITCHED_OFF, YOUNGEST, cases_among, name_cases
from seed_data.national_record import make_outsiders, records_of
from seed_data.nhs_numbers import nhs_numbers
from seed_data.people import Names, Register, job_roles, make_patient, make_practitioners, name_pools
from seed_data.practice_diaries import PracticeDiaries, Staffed, callers_of
from seed_data.practices import Place, Site, chance_key, make_site, places
from seed_data.profile import Profile
from seed_data.reference import GP, Reference
from seed_data.summary import SlotCount
from simulator.domain.patient import Patient
from simulator.domain.practitioner import Practitioner
from simulator.store.loading import Loading
from simulator.store.named_cases import LABEL, PATIENT, PERSON, PRACTICE, SCHEDULE, note_key
from simulator.store.national_record import national_record_row
from simulator.store.patients import patient_row
from simulator.store.practices import (
    access_profile_row,
    consumer_row,
    location_row,
    organization_row,
    practitioner_row,
)

FORMAT = "2"
BY_LIST = "by list"
"""What is noted of a number that follows from each practice's list."""

DIARY_TABLES = ("schedules", "slots", "appointments", "appointment_slots")
LATEST = date(2090, 1, 1)
"""No first day is later, and no extension goes further."""

CLINIC_ROLES = ("R0260", "R0270")

Progress = Callable[[int, int], None]
"""Told how many practices are done, and of how many."""


def last_day(today: date, profile: Profile) -> date:
    """Return the last day of the diaries that begin today."""
    return today + timedelta(days=profile.size.days - 1)


def schedule_notes(ods_code: str, diary: Diary) -> dict[str, str]:
    """Return what is noted of a practice's schedules that are named cases: their ids, by case."""
    return {note_key(SCHEDULE, ods_code, case): " ".join(map(str, ids)) for case, ids in diary.named.items()}


class Making:
    """One database in the making. Ids are given in the order that things are made in."""

    def __init__(self, loading: Loading, profile: Profile, reference: Reference, today: date) -> None:
        self.slot_count = SlotCount(profile.access)
        self._loading, self._profile, self._today = loading, profile, today
        self._reference = reference
        self._registrations = Registrations(loading, profile, self._reference)
        self._names: Names = name_pools(profile.seed)
        self._numbers: Iterator[str] = nhs_numbers(chance_for(profile.seed, "nhs numbers"))
        self._diaries = PracticeDiaries(profile, self._reference, today, profile.size.days)
        self._diary_ids = FirstIds()
        self._location_id = self._practitioner_id = self._patient_id = 1
        self._first: Register | None = None

    def run(self, progress: Progress) -> None:
        """Make everything."""
        profile, add = self._profile, self._loading.add
        add("about", self._notes().items())
        add("about", ((f"{LABEL}:{case}", label) for case, label in LABELS.items()))
        add("consumers", map(consumer_row, profile.consumers))
        add("slot_types", enumerate(self._reference.slot_types, 1))
        wanted = places(profile.size.practices, profile.size.switched_off)
        for place in wanted:
            self._practice(place)
            progress(place.id, len(wanted))
        self._outsiders(wanted)
        self._registrations.others()
        add("about", [("last_patient_id", str(self._patient_id - 1))])

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
            "practitioners": "{}-{}".format(*size.practitioners) if size.practitioners else BY_LIST,
            "patients": str(size.patients) if size.patients else BY_LIST,
            "declaration": self._profile.declaration,
        }

    def _chance(self, site: Site, purpose: str) -> Chance:
        return chance_for(self._profile.seed, chance_key(site.organization), purpose)

    def _practice(self, place: Place) -> None:
        """Make one practice: site, clinicians, patients and diary, each with chance of its own."""
        site = self._site(place)
        practitioners = self._practitioners(site, place)
        gps = tuple(who.id for who in practitioners if self._reference.kinds[who.job_role] == GP)
        register = Register(site, gps, self._today, self._names, self._reference)
        self._first = self._first or register
        if place.id == 1:
            self._mapped_patients(register)
        patients, cases = self._patients(register, place)
        callers = callers_of({patient.id: patient.birth_date for patient in patients}, cases, self._today)
        diary = self._diaries.write(
            Staffed(site, practitioners, callers), self._diary_ids, self._diaries.days_after(None)
        )
        for table in DIARY_TABLES:
            self._loading.add(table, getattr(diary, table))
        self.slot_count.add(diary, site.access[0].id)
        if place.is_switched_off:
            notes = {note_key(PRACTICE, place.ods_code, SWITCHED_OFF): place.ods_code}
        else:
            notes = schedule_notes(place.ods_code, diary)
        self._loading.add("about", notes.items())

    def _site(self, place: Place) -> Site:
        profile, add = self._profile, self._loading.add
        key = place.ods_code if place.is_switched_off else place.id
        chance = chance_for(profile.seed, key, "site")
        site = make_site(place, self._location_id, profile, self._reference, chance)
        self._location_id += len(site.locations)
        add("organizations", [organization_row(site.organization)])
        self._registrations.practice(site.organization)
        add("locations", map(location_row, site.locations))
        add("access_profiles", (access_profile_row(access, place.id) for access in site.access))
        if place.id == 1 and profile.conformance:
            add("about", map_places(profile.conformance, site, profile.size.practices).items())
        return site

    def _practitioners(self, site: Site, place: Place) -> list[Practitioner]:
        profile, chance = self._profile, self._chance(site, "practitioners")
        count = practitioners_of(profile, place, self._reference, chance)
        roles = job_roles(chance, self._reference, count)
        is_first = site.organization.id == 1
        if is_first:
            clinicians = sum(clinic.clinicians for clinic in profile.daily_clinics)
            roles += [CLINIC_ROLES[n % 2] for n in range(clinicians)]
        first_id = self._practitioner_id
        self._practitioner_id += len(roles)
        made = make_practitioners(site, first_id, roles, self._names, self._reference, chance)
        if is_first and profile.conformance:
            made, notes = map_practitioners(profile.conformance, made)
            self._loading.add("about", notes.items())
        self._loading.add("practitioners", map(practitioner_row, made))
        return made

    def _mapped_patients(self, register: Register) -> None:
        """Make the patients that a conformance run knows by keys, if the profile has any: they come first."""
        profile, add = self._profile, self._loading.add
        if profile.conformance is None:
            return
        chance = self._chance(register.site, "mapped patients")
        mapped = map_patients(profile.conformance, register, self._patient_id, self._numbers, chance)
        self._patient_id += len(mapped.patients)
        add("patients", map(patient_row, mapped.patients))
        add("national_record", map(national_record_row, mapped.records))
        add("about", mapped.notes.items())

    def _patients(self, register: Register, place: Place) -> tuple[list[Patient], dict[str, int]]:
        """Make a practice's patients and their national records; return them, and the named ones' ids."""
        add, site = self._loading.add, register.site
        chance = self._chance(site, "patients")
        count, first_id = patients_of(self._profile, place, self._reference), self._patient_id
        self._patient_id += count
        named = 0 if place.is_switched_off else len(cases_among(count))
        first_case = first_id + count - named
        patients = [
            make_patient(register, id_, next(self._numbers), chance, YOUNGEST if id_ >= first_case else 0)
            for id_ in range(first_id, first_id + count)
        ]
        cases: dict[str, int] = {}
        if named:
            patients, cases = name_cases(patients, site.locations[-1].id, self._today)
        by_id = {id_: case for case, id_ in cases.items()}
        records = records_of(patients, by_id, register, self._chance(site, "national record"))
        add("patients", map(patient_row, patients))
        add("national_record", map(national_record_row, records))
        add("about", ((note_key(PATIENT, place.ods_code, case), str(id_)) for case, id_ in cases.items()))
        return patients, cases

    def _outsiders(self, wanted: list[Place]) -> None:
        """Make the people who are no practice's patients, and note some of them for every practice."""
        if self._first is None:
            return
        chance = chance_for(self._profile.seed, "outsiders")
        outsiders = make_outsiders(self._first, self._profile.size.unregistered, self._numbers, chance)
        self._loading.add("national_record", map(national_record_row, outsiders.records()))
        for place in wanted:
            if not place.is_switched_off:
                cases = outsiders.cases_for(place.id)
                notes = {note_key(PERSON, place.ods_code, case): number for case, number in cases.items()}
                self._loading.add("about", notes.items())
