"""The languages people speak, and the extension that says so (NHSCommunication)."""

from simulator.fhir import urls
from simulator.fhir.resource import Json, coding

HUMAN_LANGUAGES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "cy": "Welsh",
    "de": "German",
    "en": "English",
    "es": "Spanish; Castilian",
    "fa": "Persian",
    "fr": "French",
    "gu": "Gujarati",
    "it": "Italian",
    "pa": "Panjabi; Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "q4": "British Sign Language",
    "ro": "Romanian; Moldavian; Moldovan",
    "so": "Somali",
    "ta": "Tamil",
    "tr": "Turkish",
    "ur": "Urdu",
    "zh": "Chinese",
}
"""The part of CareConnect-HumanLanguage-1 that the seeded people speak, code to display."""


def communication_extension(language: str, interpreter_required: bool | None = None) -> Json:
    """Return the extension that names a language and, where known, whether an interpreter is needed."""
    spoken = coding(urls.HUMAN_LANGUAGES, language, HUMAN_LANGUAGES[language])
    parts: list[Json] = [{"url": "language", "valueCodeableConcept": spoken}]
    if interpreter_required is not None:
        parts.append({"url": "interpreterRequired", "valueBoolean": interpreter_required})
    return {"url": urls.NHS_COMMUNICATION, "extension": parts}
