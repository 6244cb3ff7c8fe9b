"""The national directories: accredited systems, endpoints, agreements and organisations."""

import sqlite3
from collections.abc import Iterator

from simulator.domain.directory import (
    PRESCRIBING_COST_CENTRE,
    AccreditedSystem,
    DataSharingAgreement,
    Endpoint,
    ListedOrganization,
)
from simulator.domain.organization import Address
from simulator.store.practices import joined, parted
from simulator.store.schema import Row, insert_statement


def system_row(system: AccreditedSystem) -> Row:
    """Return an accredited system as a row of `accredited_systems`."""
    return (
        system.asid, system.ods_code, system.party_key, system.manufacturer_ods_code, system.product_name,
        joined(system.interactions),
    )  # fmt: skip


def system_of(row: Row) -> AccreditedSystem:
    """Return a row of `accredited_systems` as an accredited system."""
    asid, ods_code, party_key, manufacturer, product, interactions = row
    return AccreditedSystem(asid, ods_code, party_key, manufacturer, product, parted(interactions))


def endpoint_row(endpoint: Endpoint) -> Row:
    """Return an endpoint as a row of `endpoints`."""
    return (
        endpoint.cpa_id, endpoint.ods_code, endpoint.party_key, endpoint.address,
        joined(endpoint.interactions),
    )  # fmt: skip


def endpoint_of(row: Row) -> Endpoint:
    """Return a row of `endpoints` as an endpoint."""
    cpa_id, ods_code, party_key, address, interactions = row
    return Endpoint(cpa_id, ods_code, party_key, address, parted(interactions))


def agreement_row(agreement: DataSharingAgreement) -> Row:
    """Return an agreement as a row of `data_sharing_agreements`."""
    return (agreement.consumer_ods_code, agreement.provider_ods_code)


def listed_organization_row(organization: ListedOrganization) -> Row:
    """Return an organisation as a row of `listed_organizations`."""
    address = organization.address
    return (
        organization.ods_code, organization.name, organization.role, joined(address.lines), address.city,
        address.district, address.postal_code,
    )  # fmt: skip


_ORGANIZATIONS = (
    "select * from (select ods_code, name, ?1, lines, city, district, postal_code from organizations"
    " union all select * from listed_organizations)"
)
"""Practices of ours and others, as rows of `listed_organizations`; ?1 is the role of a practice."""


def _organization_of(row: Row) -> ListedOrganization:
    ods_code, name, role, lines, *place = row
    return ListedOrganization(ods_code, name, role, Address(parted(lines), *place))


class Directory:
    """What a transaction sees of the national directories."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def changes(self) -> int:
        """Return how often systems, endpoints or agreements were changed, by whichever process."""
        return int(self._execute("select number from directory_changes").fetchone()[0])

    def system(self, asid: str) -> AccreditedSystem | None:
        """Return the system with an ASID."""
        row = self._execute("select * from accredited_systems where asid = ?", (asid,)).fetchone()
        return system_of(row) if row else None

    def systems(
        self, ods_code: str | None = None, interaction: str | None = None, party_key: str | None = None
    ) -> list[AccreditedSystem]:
        """Return the accredited systems to which all of what is given applies, in order of ASID."""
        found = map(system_of, self._select("accredited_systems", ods_code, party_key))
        return [each for each in found if interaction is None or interaction in each.interactions]

    def callers(self) -> list[AccreditedSystem]:
        """Return the accredited systems that have no endpoint: they only ask. In order of ASID."""
        rows = self._execute(
            "select * from accredited_systems"
            " where party_key not in (select party_key from endpoints) order by 1"
        )
        return [system_of(row) for row in rows]

    def endpoints(
        self, ods_code: str | None = None, interaction: str | None = None, party_key: str | None = None
    ) -> list[Endpoint]:
        """Return the endpoints to which all of what is given applies, in order of CPA id."""
        found = map(endpoint_of, self._select("endpoints", ods_code, party_key))
        return [each for each in found if interaction is None or interaction in each.interactions]

    def endpoint(self, cpa_id: str) -> Endpoint | None:
        """Return the endpoint with a CPA id."""
        row = self._execute("select * from endpoints where cpa_id = ?", (cpa_id,)).fetchone()
        return endpoint_of(row) if row else None

    def _select(self, table: str, ods_code: str | None, party_key: str | None) -> sqlite3.Cursor:
        given = {"ods_code": ods_code, "party_key": party_key}
        wanted = {column: value for column, value in given.items() if value is not None}
        where = " and ".join(f"{column} = ?" for column in wanted) or "true"
        return self._execute(f"select * from {table} where {where} order by 1", tuple(wanted.values()))

    def may_share(self, consumer_ods_code: str, provider_ods_code: str) -> bool:
        """Tell whether a consumer's organisation has an agreement with a provider's."""
        found = self._execute(
            "select 1 from data_sharing_agreements where consumer_ods_code = ? and provider_ods_code = ?",
            (consumer_ods_code, provider_ods_code),
        )
        return found.fetchone() is not None

    def has_agreements(self, consumer_ods_code: str) -> bool:
        """Tell whether a consumer's organisation has an agreement with anybody."""
        found = self._execute(
            "select 1 from data_sharing_agreements where consumer_ods_code = ? limit 1", (consumer_ods_code,)
        )
        return found.fetchone() is not None

    def agreements(self, ods_code: str | None = None) -> list[DataSharingAgreement]:
        """Return every agreement, or those of one organisation on either side, in order."""
        rows = self._execute(
            "select * from data_sharing_agreements"
            " where ?1 is null or consumer_ods_code = ?1 or provider_ods_code = ?1 order by 1, 2",
            (ods_code,),
        )
        return [DataSharingAgreement(*row) for row in rows]

    def consumers(self) -> list[str]:
        """Return the ODS codes of the consumers that have agreements, in order."""
        return self._codes("consumer_ods_code")

    def providers(self) -> list[str]:
        """Return the ODS codes of the providers that have agreements, in order."""
        return self._codes("provider_ods_code")

    def _codes(self, column: str) -> list[str]:
        rows = self._execute(f"select distinct {column} from data_sharing_agreements order by 1")
        return [str(code) for (code,) in rows]

    def organization(self, ods_code: str) -> ListedOrganization | None:
        """Return the organisation with an ODS code: a practice of ours, or any other that is listed."""
        row = self._execute(
            f"{_ORGANIZATIONS} where ods_code = ?2", (PRESCRIBING_COST_CENTRE, ods_code)
        ).fetchone()
        return _organization_of(row) if row else None

    def organizations(self) -> Iterator[ListedOrganization]:
        """Yield every organisation, in order of ODS code."""
        rows = self._execute(f"{_ORGANIZATIONS} order by ods_code", (PRESCRIBING_COST_CENTRE,))
        return map(_organization_of, rows)

    def put_system(self, system: AccreditedSystem) -> None:
        """Add an accredited system, or replace the one with its ASID."""
        self._replace("accredited_systems", system_row(system))

    def put_endpoint(self, endpoint: Endpoint) -> None:
        """Add an endpoint, or replace the one with its CPA id."""
        self._replace("endpoints", endpoint_row(endpoint))

    def put_organization(self, organization: ListedOrganization) -> None:
        """List an organisation, or replace the one with its ODS code."""
        self._replace("listed_organizations", listed_organization_row(organization))

    def share(self, agreement: DataSharingAgreement) -> None:
        """Add an agreement; one that is there already stays."""
        self._replace("data_sharing_agreements", agreement_row(agreement))

    def stop_sharing(self, agreement: DataSharingAgreement) -> bool:
        """Remove an agreement; tell whether there was one."""
        return self._delete(
            "data_sharing_agreements where consumer_ods_code = ? and provider_ods_code = ?",
            *agreement_row(agreement),
        )

    def remove_system(self, asid: str) -> bool:
        """Remove an accredited system; tell whether there was one."""
        return self._delete("accredited_systems where asid = ?", asid)

    def remove_endpoint(self, cpa_id: str) -> bool:
        """Remove an endpoint; tell whether there was one."""
        return self._delete("endpoints where cpa_id = ?", cpa_id)

    def _replace(self, table: str, row: Row) -> None:
        statement = insert_statement(table).replace("insert into", "insert or replace into", 1)
        self._execute(statement, row)

    def _delete(self, from_where: str, *values: str) -> bool:
        return self._execute(f"delete from {from_where}", values).rowcount > 0
