"""Search for free slots: what a consumer may book in a period, with what it needs to show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from simulator.domain.availability import ROLES_ALLOWED, AccessProfile, Searcher, openings
from simulator.domain.clock import Instant
from simulator.domain.refusals import BadRequest, InvalidParameter, shown
from simulator.domain.schedule import Schedule
from simulator.domain.slot import Slot
from simulator.fhir import urls
from simulator.fhir.location import render_location
from simulator.fhir.organization import render_organization
from simulator.fhir.practitioner import render_practitioner
from simulator.fhir.resource import Json
from simulator.fhir.schedule import render_schedule
from simulator.fhir.search_parameters import (
    DateBound,
    Parameters,
    read_bound,
    read_token,
    required,
    values_of,
)
from simulator.fhir.searchset import render_searchset
from simulator.fhir.slot import render_slot
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice
from simulator.store.database import Transaction

LONGEST = timedelta(days=14)
INCLUDE_SCHEDULE = "Slot:schedule"
INCLUDE_PRACTITIONER = "Schedule:actor:Practitioner"
INCLUDE_LOCATION = "Schedule:actor:Location"
INCLUDE_ORGANIZATION = "Location:managingOrganization"


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """What a consumer looks for: slots wholly from `start` to `end`, for whom, and what comes with them."""

    start: Instant
    end: Instant
    searcher: Searcher
    practitioners: bool
    locations: bool


def search_for_free_slots(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a Bundle of free slots, their schedules, and the practitioners, locations and practice of these.

    Raises BadRequest and InvalidParameter. Source: specification, page "Search for free slots".
    """
    search = read_slot_search(request.parameters)
    organization_id = practice.organization.id
    with practice.store.reading() as transaction:
        profiles = transaction.practices.access_profiles(organization_id)
        open_now = openings(profiles, search.searcher, practice.clock.now())
        slots = transaction.slots.free(open_now, search.start, search.end)
        slots = _within_limits(slots, profiles, search.searcher, transaction)
        schedules = {
            schedule.id: schedule
            for schedule in transaction.slots.schedules(slot.schedule_id for slot in slots)
            if schedule.practitioner_role in ROLES_ALLOWED
        }
        slots = [slot for slot in slots if slot.schedule_id in schedules]
        resources = list(_resources(search, slots, schedules, practice, transaction))
    return InteractionResponse(render_searchset(resources))


def read_slot_search(parameters: Parameters) -> SlotSearch:
    """Return what the parameters ask for; raise BadRequest or InvalidParameter naming the parameter."""
    status = required(parameters, "status", "`free`")
    if status != "free":
        raise InvalidParameter(f"parameter status: {shown(status)} was sent; expected `free`")
    if INCLUDE_SCHEDULE not in values_of(parameters, "_include"):
        raise BadRequest(f"parameter _include: {INCLUDE_SCHEDULE} is missing; expected `{INCLUDE_SCHEDULE}`")
    start = read_bound("start", required(parameters, "start", "`ge[date]`"), "ge", upper=False)
    end = read_bound("end", required(parameters, "end", "`le[date]`"), "le", upper=True)
    _check_period(start, end)
    recursed = values_of(parameters, "_include:recurse")
    return SlotSearch(
        start.instant,
        end.instant,
        _searcher(parameters),
        practitioners=INCLUDE_PRACTITIONER in recursed,
        locations=INCLUDE_LOCATION in recursed,
    )


def _check_period(start: DateBound, end: DateBound) -> None:
    """Raise InvalidParameter for a period that runs backwards or over two weeks.

    Two weeks are counted in UK dates, so that a clock change neither lends nor takes an hour.
    """
    if end.instant < start.instant or end.day < start.day:
        raise InvalidParameter(
            f"parameter end: {end.sent} is before start {start.sent}; expected a period that runs forwards"
        )
    length = end.day - start.day
    if length > LONGEST:
        raise InvalidParameter(
            f"parameters start and end: the period is {length.days} days; expected at most 14"
        )


def _searcher(parameters: Parameters) -> Searcher:
    """Return for whom the search is made; filters of unknown systems say nothing."""
    tokens = [read_token(value) for value in values_of(parameters, "searchFilter")]
    return Searcher(
        frozenset(token.code for token in tokens if token and token.system == urls.ORGANISATION_TYPES),
        frozenset(token.code for token in tokens if token and token.system == urls.ODS_ORGANIZATION_CODE),
    )


def _within_limits(
    slots: list[Slot], profiles: Sequence[AccessProfile], searcher: Searcher, transaction: Transaction
) -> list[Slot]:
    """Leave out the slots of schedules of which a searching organisation holds as many as it may."""
    limits = {profile.id: profile.limit_per_organisation for profile in profiles}
    reached: dict[tuple[int, int | None], bool] = {}
    for slot in slots:
        session = (slot.schedule_id, slot.access_profile_id)
        limit = limits[slot.access_profile_id or 0]
        if limit is not None and session not in reached:
            reached[session] = any(
                transaction.appointments.slots_held(slot.schedule_id, slot.access_profile_id or 0, ods_code)
                >= limit
                for ods_code in searcher.ods_codes
            )
    return [slot for slot in slots if not reached.get((slot.schedule_id, slot.access_profile_id))]


def _resources(
    search: SlotSearch,
    slots: list[Slot],
    schedules: dict[int, Schedule],
    practice: Practice,
    transaction: Transaction,
) -> Iterator[Json]:
    """Yield each resource of the answer once; the organisation comes whenever there are slots."""
    yield from map(render_slot, slots)
    yield from map(render_schedule, schedules.values())
    organization_id = practice.organization.id
    if search.practitioners:
        practitioner_ids = {each.practitioner_id for each in schedules.values() if each.practitioner_id}
        for practitioner in transaction.practices.practitioners(organization_id, practitioner_ids):
            yield render_practitioner(practitioner)
    if search.locations:
        location_ids = {each.location_id for each in schedules.values()}
        for location in transaction.practices.locations(organization_id):
            if location.id in location_ids:
                yield render_location(location)
    if slots:
        yield render_organization(practice.organization)
