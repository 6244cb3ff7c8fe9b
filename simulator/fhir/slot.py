"""Slot to FHIR (profile GPConnect-Slot-1)."""

from simulator.domain.clock import uk_local
from simulator.domain.slot import DeliveryChannel, Slot
from simulator.fhir import urls
from simulator.fhir.resource import Json, meta, reference


def delivery_channel_extension(channel: DeliveryChannel) -> Json:
    """Return the extension that says how an appointment is held."""
    return {"url": urls.DELIVERY_CHANNEL, "valueCode": str(channel)}


def render_slot(slot: Slot) -> Json:
    """Return a slot. The delivery channel stands first among the extensions: consumers read it by place."""
    return {
        "resourceType": "Slot",
        "id": str(slot.id),
        "meta": meta(urls.SLOT, slot.version),
        "extension": [delivery_channel_extension(slot.delivery_channel)],
        "serviceType": [{"text": slot.service_type}],
        "schedule": reference("Schedule", slot.schedule_id),
        "status": str(slot.status),
        "start": uk_local(slot.start),
        "end": uk_local(slot.end),
    }
