"""A practitioner: someone who sees patients at a practice."""

from dataclasses import dataclass

# SDS job roles (CareConnect-SDSJobRoleName-1) that are met in general practice, with the display of each.
JOB_ROLES = {
    "R0260": "General Medical Practitioner",
    "R0270": "Salaried General Practitioner",
    "R0410": "Student Practice Nurse",
    "R0600": "Specialist Nurse Practitioner",
    "R0610": "Sister/Charge Nurse",
    "R0620": "Staff Nurse",
    "R0680": "Midwife",
    "R0690": "Community Practitioner",
    "R0700": "Community Nurse",
    "R0790": "Dietitian",
    "R1070": "Paramedic",
    "R1110": "Physiotherapist",
    "R1290": "Pharmacist",
    "R1300": "Psychotherapist",
    "R1310": "Clinical Psychologist",
    "R1330": "Social Worker",
    "R1450": "Health Care Support Worker",
    "R1480": "Healthcare Assistant",
    "R1550": "Counsellor",
    "R1590": "Phlebotomist",
    "R6200": "GP Registrar",
    "R6300": "Sessional GP",
}


@dataclass(frozen=True, slots=True)
class Practitioner:
    """One clinician. `languages` are CareConnect-HumanLanguage-1 codes."""

    id: int
    organization_id: int
    sds_user_id: str
    sds_role_profile_ids: tuple[str, ...]
    prefix: str
    given: str
    family: str
    gender: str
    job_role: str
    languages: tuple[str, ...] = ()
    version: int = 1
