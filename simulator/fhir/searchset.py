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
