"""A searchset Bundle: what every search answers with."""

from collections.abc import Iterable, Sequence

from simulator.fhir.resource import Json


def render_searchset(resources: Iterable[Json]) -> Json:
    """Return a Bundle of resources, without totals, links or full URLs; without `entry` where none match.

    Source: specification, page "FHIR implementation", bundles.
    """
    entries = [{"resource": resource} for resource in resources]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
    return bundle | {"entry": entries} if entries else bundle


def joined_entries(resources: Iterable[bytes]) -> bytes:
    """Return resources, each JSON already, as they stand one after the other in a Bundle."""
    return b'},{"resource":'.join(resources)


def write_searchset(entries: Sequence[bytes]) -> bytes:
    """Return the same Bundle as JSON, of entries that are joined as above or single."""
    if not entries:
        return b'{"resourceType":"Bundle","type":"searchset"}'
    # Most of it is copied once: an answer has a hundred kilobytes.
    first, *others = entries
    opened = b'{"resourceType":"Bundle","type":"searchset","entry":[{"resource":' + first
    return joined_entries((opened, *others[:-1], others[-1] + b"}]}")) if others else opened + b"}]}"
