"""A search of the directory: what is below its base and passes its filter, and what of that it wants."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.domain.directory import AccreditedSystem
from simulator.spine.ldap_entries import (
    KNOWN,
    ORGANISATIONS_DN,
    SERVICES_DN,
    Entry,
    container_entries,
    endpoint_entry,
    organisation_entry,
    system_entry,
)
from simulator.spine.ldap_filters import Filter, required
from simulator.spine.ldap_messages import (
    BASE_OBJECT,
    SINGLE_LEVEL,
    WHOLE_SUBTREE,
    LdapRefusal,
    ResultCode,
    SearchRequest,
)
from simulator.spine.ldap_names import InvalidName, Name, read_name
from simulator.spine.published import published_address
from simulator.store.directory import Directory

MOST_FOUND = 1_000
"""How many entries a search may find, whatever it asks for."""

MOST_LOOKED_AT = 10_000
"""How many entries are looked at for a search that names no ODS code, ASID or the like to go by."""

ALL_ATTRIBUTES = ("*", "+")
LEAF_DEPTH = 3

SERVICES, ORGANISATIONS = read_name(SERVICES_DN), read_name(ORGANISATIONS_DN)

IDENTIFIER = "uniqueidentifier"

Known = dict[str, str]
"""Values that whatever is found has, by attribute in lower case."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search looks: from a base down, as far as its scope says."""

    base: Name
    scope: int

    def reaches(self, name: Name) -> bool:
        """Tell whether the search looks at an entry of this name."""
        if name[: len(self.base)] != self.base:
            return False
        return self.scope == WHOLE_SUBTREE or len(name) - len(self.base) == self.scope

    def reaches_below(self, container: Name) -> bool:
        """Tell whether the search looks at the entries right below a container."""
        return self.reaches((*container, ("", "")))


def find(directory: Directory, request: SearchRequest, filter_: Filter, base_url: str) -> Iterator[Entry]:
    """Yield what a search finds; `base_url` is where practices of this simulator are published.

    Raises LdapRefusal: for a base that is not there, and once more was found or looked at than may be.
    """
    place = _place(request)
    base = _base_entry(directory, place.base, base_url)
    if base is None:
        raise _no_such_object(request.base, place.base)
    tree = _tree(directory, place, required(filter_), base_url)
    most, found = min(request.size_limit or MOST_FOUND, MOST_FOUND), 0
    for looked_at, entry in enumerate([base] if len(place.base) == LEAF_DEPTH else tree):
        if looked_at >= MOST_LOOKED_AT:
            raise LdapRefusal(
                ResultCode.ADMIN_LIMIT_EXCEEDED,
                f"more than {MOST_LOOKED_AT} entries would have to be looked at; name an nhsIDCode",
            )
        if place.reaches(entry.name) and passes(entry, filter_):
            if found >= most:
                raise LdapRefusal(ResultCode.SIZE_LIMIT_EXCEEDED, f"more than {most} entries are found")
            found += 1
            yield entry


def _place(request: SearchRequest) -> Place:
    """Return where a request looks; raise LdapRefusal for a base or a scope that cannot be."""
    try:
        base = read_name(request.base)
    except InvalidName:
        raise LdapRefusal(
            ResultCode.INVALID_DN_SYNTAX,
            f"base {request.base[:80]!r}: is no distinguished name; expected {SERVICES_DN} or the like",
        ) from None
    if request.scope not in (BASE_OBJECT, SINGLE_LEVEL, WHOLE_SUBTREE):
        raise LdapRefusal(ResultCode.PROTOCOL_ERROR, f"scope {request.scope}: is not known; expected 0 to 2")
    return Place(base, request.scope)


def _base_entry(directory: Directory, base: Name, base_url: str) -> Entry | None:
    """Return the entry that a search starts from; None where there is none."""
    if len(base) == LEAF_DEPTH and base[-1][0] == IDENTIFIER:
        known = {IDENTIFIER: base[-1][1]}
        leaves = _leaves(directory, base[:-1], known, base_url)
        return next((entry for entry in leaves if entry.name == base), None)
    return next((entry for entry in container_entries() if entry.name == base), None)


def _no_such_object(asked: str, base: Name) -> LdapRefusal:
    above = [entry for entry in container_entries() if entry.name == base[: len(entry.name)]]
    return LdapRefusal(
        ResultCode.NO_SUCH_OBJECT,
        f"base {asked[:80]!r}: is not there; expected {SERVICES_DN} or {ORGANISATIONS_DN}",
        above[-1].dn if above else "",
    )


def passes(entry: Entry, filter_: Filter) -> bool:
    """Tell whether a filter holds for an entry."""
    values: dict[str, tuple[str, ...] | None] = dict.fromkeys(KNOWN)
    values.update((name.lower(), held) for name, held in entry.attributes)
    return filter_.holds(values) is True


def _tree(directory: Directory, place: Place, known: Known, base_url: str) -> Iterator[Entry]:
    """Yield every entry of a place that may have all that is known, and some that may not."""
    yield from container_entries()
    for container in (SERVICES, ORGANISATIONS):
        if place.reaches_below(container):
            yield from _leaves(directory, container, known, base_url)


def _leaves(directory: Directory, container: Name, known: Known, base_url: str) -> Iterator[Entry]:
    """Yield every entry below a container that may have all that is known, and some that may not."""
    if container == ORGANISATIONS:
        yield from _organisations(directory, known)
    elif container == SERVICES:
        systems = _systems(directory, known)
        yield from map(system_entry, systems)
        # Names are unique: an endpoint cannot have an identifier that a system has.
        if not (systems and IDENTIFIER in known):
            yield from _endpoints(directory, known, base_url)


def _systems(directory: Directory, known: Known) -> list[AccreditedSystem]:
    if known.get("objectclass", "nhsas") not in ("nhsas", "top"):
        return []
    asid = known.get(IDENTIFIER)
    if asid is None:
        return directory.systems(known.get("nhsidcode"), party_key=known.get("nhsmhspartykey"))
    system = directory.system(asid)
    return [system] if system else []


def _endpoints(directory: Directory, known: Known, base_url: str) -> Iterator[Entry]:
    if known.get("objectclass", "nhsmhs") not in ("nhsmhs", "top"):
        return
    interaction, identifier = known.get("nhsmhssvcia"), known.get(IDENTIFIER)
    for endpoint in directory.endpoints(known.get("nhsidcode"), interaction, known.get("nhsmhspartykey")):
        for each in endpoint.interactions:
            if interaction in (None, each) and identifier in (None, endpoint.mhs_id(each)):
                yield endpoint_entry(endpoint, each, published_address(endpoint, base_url))


def _organisations(directory: Directory, known: Known) -> Iterator[Entry]:
    code = known.get("nhsidcode") or known.get(IDENTIFIER, "").upper()
    if not code:
        yield from map(organisation_entry, directory.organizations())
        return
    organization = directory.organization(code)
    if organization is not None:
        yield organisation_entry(organization)


def selected(entry: Entry, request: SearchRequest) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the attributes of an entry that a request wants, by the names that it calls them by."""
    names = {name.lower(): name for name in reversed(request.attributes)}
    everything = not names or any(each in names for each in ALL_ATTRIBUTES)
    for name, values in entry.attributes:
        called = names.get(name.lower(), name if everything else None)
        if called is not None:
            yield called, () if request.types_only else values
