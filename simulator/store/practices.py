"""Practices: organisations, surgeries, practitioners, access profiles, and the consumers that call."""

import sqlite3
from collections.abc import Collection

from simulator.domain.availability import AccessProfile
from simulator.domain.clock import Instant
from simulator.domain.location import Location
from simulator.domain.organization import Address, Consumer, Organization
from simulator.domain.practitioner import Practitioner
from simulator.store.named_cases import NamedCase, named_cases
from simulator.store.schema import Row


def joined(values: tuple[str, ...] | frozenset[str]) -> str:
    """Write several short texts as one column: one a line, in order."""
    return "\n".join(sorted(values) if isinstance(values, frozenset) else values)


def parted(text: str | None) -> tuple[str, ...]:
    """Read back what `joined` wrote."""
    return tuple(text.split("\n")) if text else ()


def organization_row(organization: Organization) -> Row:
    """Return an organisation as a row of `organizations`."""
    address = organization.address
    return (
        organization.id, organization.ods_code, organization.name, organization.asid, organization.party_key,
        joined(address.lines), address.city, address.district, address.postal_code, organization.phone,
        organization.main_location_id, int(organization.enabled), int(organization.appointments_enabled),
        organization.version,
    )  # fmt: skip


def organization_of(row: Row) -> Organization:
    """Return a row of `organizations` as an organisation."""
    (
        id_,
        ods_code,
        name,
        asid,
        party_key,
        lines,
        city,
        district,
        postal_code,
        phone,
        main,
        on,
        appts,
        version,
    ) = row
    address = Address(parted(lines), city, district, postal_code)
    return Organization(
        id_, ods_code, name, asid, party_key, address, phone, main, bool(on), bool(appts), version
    )


def location_row(location: Location) -> Row:
    """Return a surgery as a row of `locations`."""
    address = location.address
    return (
        location.id, location.organization_id, location.name, joined(address.lines), address.city,
        address.district, address.postal_code, location.phone, location.version,
    )  # fmt: skip


def location_of(row: Row) -> Location:
    """Return a row of `locations` as a surgery."""
    id_, organization_id, name, lines, city, district, postal_code, phone, version = row
    return Location(
        id_, organization_id, name, Address(parted(lines), city, district, postal_code), phone, version
    )


def practitioner_row(practitioner: Practitioner) -> Row:
    """Return a practitioner as a row of `practitioners`."""
    return (
        practitioner.id, practitioner.organization_id, practitioner.sds_user_id,
        joined(practitioner.sds_role_profile_ids), practitioner.prefix, practitioner.given,
        practitioner.family, practitioner.gender, practitioner.job_role, joined(practitioner.languages),
        practitioner.version,
    )  # fmt: skip


def practitioner_of(row: Row) -> Practitioner:
    """Return a row of `practitioners` as a practitioner."""
    id_, organization_id, sds_user_id, roles, prefix, given, family, gender, job_role, languages, version = (
        row
    )
    return Practitioner(
        id_, organization_id, sds_user_id, parted(roles), prefix, given, family, gender, job_role,
        parted(languages), version,
    )  # fmt: skip


def access_profile_row(profile: AccessProfile, organization_id: int) -> Row:
    """Return an access profile as a row of `access_profiles`."""
    return (
        profile.id, organization_id, profile.name, joined(profile.organisation_types),
        joined(profile.ods_codes), profile.window_days, profile.embargo_minutes,
        profile.limit_per_organisation,
    )  # fmt: skip


def access_profile_of(row: Row) -> AccessProfile:
    """Return a row of `access_profiles` as an access profile."""
    id_, _organization_id, name, types, codes, window_days, embargo_minutes, limit = row
    return AccessProfile(
        id_, name, frozenset(parted(types)), frozenset(parted(codes)), window_days, embargo_minutes, limit
    )


def consumer_row(consumer: Consumer) -> Row:
    """Return a consumer as a row of `consumers`."""
    return (consumer.asid, consumer.ods_code, consumer.name, consumer.organisation_type)


class Practices:
    """What a transaction sees of practices."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute

    def named_cases(self, ods_code: str, now: Instant) -> list[NamedCase]:
        """Return what is special at a practice, for people to try."""
        return named_cases(self._connection, ods_code, now)

    def with_ods_code(self, ods_code: str) -> Organization | None:
        """Return the practice with an ODS code."""
        row = self._execute("select * from organizations where ods_code = ?", (ods_code,)).fetchone()
        return organization_of(row) if row else None

    def all(self) -> list[Organization]:
        """Return every practice, in order of id."""
        return [organization_of(row) for row in self._execute("select * from organizations order by id")]

    def count(self) -> int:
        """Return how many practices there are."""
        return int(self._execute("select count(*) from organizations").fetchone()[0])

    def count_open(self) -> int:
        """Return how many practices have neither GP Connect nor Appointment Management switched off."""
        found = self._execute("select count(*) from organizations where enabled and appointments_enabled")
        return int(found.fetchone()[0])

    def consumers(self) -> list[Consumer]:
        """Return the consumers, the one that people are told to use first."""
        return [Consumer(*row) for row in self._execute("select * from consumers order by rowid")]

    def access_profiles(self, organization_id: int) -> list[AccessProfile]:
        """Return a practice's access profiles."""
        rows = self._execute(
            "select * from access_profiles where organization_id = ? order by id", (organization_id,)
        )
        return [access_profile_of(row) for row in rows]

    def access_profile(self, profile_id: int) -> AccessProfile | None:
        """Return one access profile."""
        row = self._execute("select * from access_profiles where id = ?", (profile_id,)).fetchone()
        return access_profile_of(row) if row else None

    def location(self, organization_id: int, location_id: int) -> Location | None:
        """Return a practice's surgery."""
        row = self._execute(
            "select * from locations where id = ? and organization_id = ?", (location_id, organization_id)
        ).fetchone()
        return location_of(row) if row else None

    def locations(self, organization_id: int) -> list[Location]:
        """Return a practice's surgeries."""
        rows = self._execute(
            "select * from locations where organization_id = ? order by id", (organization_id,)
        )
        return [location_of(row) for row in rows]

    def practitioners(self, organization_id: int, practitioner_ids: Collection[int]) -> list[Practitioner]:
        """Return those of a practice's practitioners that are asked for, in order of id."""
        places = ", ".join("?" * len(practitioner_ids))
        rows = self._execute(
            f"select * from practitioners where organization_id = ? and id in ({places}) order by id",
            (organization_id, *practitioner_ids),
        )
        return [practitioner_of(row) for row in rows]

    def with_sds_user_id(self, organization_id: int, sds_user_id: str) -> list[Practitioner]:
        """Return a practice's practitioners with an SDS user id, in order of id."""
        rows = self._execute(
            "select * from practitioners where organization_id = ? and sds_user_id = ? order by id",
            (organization_id, sds_user_id),
        )
        return [practitioner_of(row) for row in rows]

    def switch(self, organization_id: int, capability: str | None, on: bool) -> None:
        """Switch GP Connect, or one capability, on or off at a practice."""
        column = "enabled" if capability is None else f"{capability}_enabled"
        self._execute(f"update organizations set {column} = ? where id = ?", (int(on), organization_id))

    def practitioner(self, organization_id: int, practitioner_id: int) -> Practitioner | None:
        """Return a practice's practitioner."""
        row = self._execute(
            "select * from practitioners where id = ? and organization_id = ?",
            (practitioner_id, organization_id),
        ).fetchone()
        return practitioner_of(row) if row else None
