"""Schedule to FHIR (profile GPConnect-Schedule-1)."""

from simulator.domain.clock import uk_local
from simulator.domain.practitioner import JOB_ROLES
from simulator.domain.schedule import Schedule
from simulator.fhir import urls
from simulator.fhir.resource import Json, coding, meta, reference


def practitioner_role_extension(job_role: str) -> Json:
    """Return the extension that says what kind of clinician holds a session."""
    return {
        "url": urls.PRACTITIONER_ROLE,
        "valueCodeableConcept": coding(urls.SDS_JOB_ROLES, job_role, JOB_ROLES[job_role]),
    }


def render_schedule(schedule: Schedule) -> Json:
    """Return a schedule, its role first among the extensions: consumers read it by place."""
    actors = [reference("Location", schedule.location_id)]
    if schedule.practitioner_id is not None:
        actors.append(reference("Practitioner", schedule.practitioner_id))
    return {
        "resourceType": "Schedule",
        "id": str(schedule.id),
        "meta": meta(urls.SCHEDULE, schedule.version),
        "extension": [practitioner_role_extension(schedule.practitioner_role)],
        "serviceCategory": {"text": schedule.service_category},
        "actor": actors,
        "planningHorizon": {"start": uk_local(schedule.start), "end": uk_local(schedule.end)},
    }
