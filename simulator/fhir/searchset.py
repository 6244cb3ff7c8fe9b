"""A searchset Bundle: what every search answers with."""

from collections.abc import Iterable

from simulator.fhir.resource import Json


def render_searchset(resources: Iterable[Json]) -> Json:
    """Return a Bundle of resources, without totals, links or full URLs; without `entry` where none match.

    Source: specification, page "FHIR implementation", bundles.
    """
    entries = [{"resource": resource} for resource in resources]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
    return bundle | {"entry": entries} if entries else bundle


def write_searchset(entries: list[bytes]) -> bytes:
    """Return the same Bundle as JSON, of entries as each follows another; the list is used up."""
    if not entries:
        return b'{"resourceType":"Bundle","type":"searchset"}'
    # Before the first entry there is no comma.
    entries[0] = b'{"resourceType":"Bundle","type":"searchset","entry":[' + entries[0][1:]
    entries.append(b"]}")
    return b"".join(entries)
