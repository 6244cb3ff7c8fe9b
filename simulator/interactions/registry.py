"""The fifteen interactions of GP Connect 1.2.7 Foundations and Appointment Management.

Routes, header checks, latency classes, the capability statement and the tables of the documentation all
derive from this. Source: specification, the page of each interaction.
"""

from simulator.interactions.amend_appointment import amend_appointment
from simulator.interactions.book_appointment import book_appointment
from simulator.interactions.cancel_appointment import cancel_appointment
from simulator.interactions.find_organization import find_organization
from simulator.interactions.find_patient import find_patient
from simulator.interactions.find_practitioner import find_practitioner
from simulator.interactions.interaction import Interaction, Kind
from simulator.interactions.read_appointment import read_appointment
from simulator.interactions.read_location import read_location
from simulator.interactions.read_metadata import read_metadata
from simulator.interactions.read_organization import read_organization
from simulator.interactions.read_patient import read_patient
from simulator.interactions.read_practitioner import read_practitioner
from simulator.interactions.register_patient import register_patient
from simulator.interactions.retrieve_patient_appointments import retrieve_patient_appointments
from simulator.interactions.search_for_free_slots import (
    INCLUDE_LOCATION,
    INCLUDE_ORGANIZATION,
    INCLUDE_PRACTITIONER,
    INCLUDE_SCHEDULE,
    search_for_free_slots,
)

READ_ORGANIZATION = "organization/*.read"
READ_PATIENT = "patient/*.read"
WRITE_PATIENT = "patient/*.write"
QUERY, COMMAND = Kind.QUERY, Kind.COMMAND
IDENTIFIER = (("identifier", "token"),)

INTERACTIONS: tuple[Interaction, ...] = (
    Interaction(
        "read_metadata", "rest:read:metadata-1", "GET", "/metadata", READ_ORGANIZATION, QUERY, read_metadata
    ),
    Interaction(
        "find_patient",
        "rest:search:patient-1",
        "GET",
        "/Patient",
        READ_PATIENT,
        QUERY,
        find_patient,
        IDENTIFIER,
    ),
    Interaction(
        "read_patient", "rest:read:patient-1", "GET", "/Patient/{id}", READ_PATIENT, QUERY, read_patient
    ),
    Interaction(
        "register_patient",
        "operation:gpc.registerpatient-1",
        "POST",
        "/Patient/$gpc.registerpatient",
        WRITE_PATIENT,
        COMMAND,
        register_patient,
    ),
    Interaction(
        "find_practitioner",
        "rest:search:practitioner-1",
        "GET",
        "/Practitioner",
        READ_ORGANIZATION,
        QUERY,
        find_practitioner,
        IDENTIFIER,
    ),
    Interaction(
        "read_practitioner",
        "rest:read:practitioner-1",
        "GET",
        "/Practitioner/{id}",
        READ_ORGANIZATION,
        QUERY,
        read_practitioner,
    ),
    Interaction(
        "find_organization",
        "rest:search:organization-1",
        "GET",
        "/Organization",
        READ_ORGANIZATION,
        QUERY,
        find_organization,
        IDENTIFIER,
    ),
    Interaction(
        "read_organization",
        "rest:read:organization-1",
        "GET",
        "/Organization/{id}",
        READ_ORGANIZATION,
        QUERY,
        read_organization,
    ),
    Interaction(
        "read_location",
        "rest:read:location-1",
        "GET",
        "/Location/{id}",
        READ_ORGANIZATION,
        QUERY,
        read_location,
    ),
    Interaction(
        "search_for_free_slots",
        "rest:search:slot-1",
        "GET",
        "/Slot",
        READ_ORGANIZATION,
        QUERY,
        search_for_free_slots,
        (("start", "date"), ("end", "date"), ("status", "token"), ("searchFilter", "token")),
        (INCLUDE_LOCATION, INCLUDE_PRACTITIONER, INCLUDE_SCHEDULE, INCLUDE_ORGANIZATION),
    ),
    Interaction(
        "retrieve_patient_appointments",
        "rest:search:patient_appointments-1",
        "GET",
        "/Patient/{id}/Appointment",
        READ_PATIENT,
        QUERY,
        retrieve_patient_appointments,
        (("start", "date"),),
    ),
    Interaction(
        "book_appointment",
        "rest:create:appointment-1",
        "POST",
        "/Appointment",
        WRITE_PATIENT,
        COMMAND,
        book_appointment,
    ),
    Interaction(
        "read_appointment",
        "rest:read:appointment-1",
        "GET",
        "/Appointment/{id}",
        READ_PATIENT,
        QUERY,
        read_appointment,
    ),
    Interaction(
        "amend_appointment",
        "rest:update:appointment-1",
        "PUT",
        "/Appointment/{id}",
        WRITE_PATIENT,
        COMMAND,
        amend_appointment,
    ),
    Interaction(
        "cancel_appointment",
        "rest:cancel:appointment-1",
        "PUT",
        "/Appointment/{id}",
        WRITE_PATIENT,
        COMMAND,
        cancel_appointment,
    ),
)
"""Every interaction, in the order of the contract."""
