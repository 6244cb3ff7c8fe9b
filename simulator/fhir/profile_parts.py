"""What the profiles of GP Connect are written with: value sets, and the rules of the types that they share.

Source: the published GP Connect structure definitions and value sets.
"""

from simulator.fhir.profile_check import Rule, Slice, ValueSet

VERIFICATION_STATUSES = {
    "01": "Number present and verified",
    "02": "Number present but not traced",
    "03": "Trace required",
    "04": "Trace attempted - No match or multiple match found",
    "05": "Trace needs to be resolved - (NHS number or patient detail conflict)",
    "06": "Trace in progress",
    "07": "Number not present and trace not required",
    "08": "Trace postponed (baby under six weeks old)",
}
"""Value set CareConnect-NHSNumberVerificationStatus-1, code to display."""


def codes(text: str) -> frozenset[str]:
    """Return the codes of a list that reads best as one text."""
    return frozenset(text.split())


GENDERS = codes("male female other unknown")
SYSTEMS = codes("phone fax email pager url sms other")
SPINE_CODES = codes(
    "INVALID_IDENTIFIER_SYSTEM INVALID_IDENTIFIER_VALUE INVALID_NHS_NUMBER INVALID_PATIENT_DEMOGRAPHICS"
    " ORGANISATION_NOT_FOUND PATIENT_NOT_FOUND PRACTITIONER_NOT_FOUND NO_RECORD_FOUND NO_PATIENT_CONSENT"
    " NO_ORGANISATIONAL_CONSENT ACCESS_DENIED DUPLICATE_REJECTED FHIR_CONSTRAINT_VIOLATION INVALID_RESOURCE"
    " INVALID_PARAMETER REFERENCE_NOT_FOUND BAD_REQUEST NOT_IMPLEMENTED INTERNAL_SERVER_ERROR"
)
"""What a provider answers with of Spine-ErrorOrWarningCode-1; the error page writes ACCESS_DENIED so."""


def each(names: str, least: int = 0, most: int | None = 1, within: str = "") -> tuple[Rule, ...]:
    """Return a rule of the same cardinality for each of some elements; `within` is where they stand."""
    return tuple(Rule(within + name, least, most) for name in names.split())


def texts(names: str, least: int = 0, most: int | None = 1, within: str = "") -> tuple[Rule, ...]:
    """Return the same for elements that hold a text, which must not be blank."""
    return tuple(Rule(within + name, least, most, "text") for name in names.split())


def telecom(at: str, uses: str, use_least: int = 1) -> tuple[Rule, ...]:
    """Return the rules of contact points."""
    return (
        Rule(f"{at}.system", 1, 1, codes=SYSTEMS),
        Rule(f"{at}.value", 1, 1, "text"),
        Rule(f"{at}.use", use_least, 1, codes=codes(uses)),
    )


def address(at: str, uses: str) -> tuple[Rule, ...]:
    """Return the rules of addresses: by their parts, never as one text, never with a state."""
    return (
        Rule(f"{at}.use", 1, 1, codes=codes(uses)),
        Rule(f"{at}.type", 0, 1, codes=codes("postal physical both")),
        Rule(f"{at}.line", 0, None, "text"),
        *texts("city district postalCode country", within=f"{at}."),
        *each("text state", most=0, within=f"{at}."),
    )


def name(at: str) -> tuple[Rule, ...]:
    """Return the rules of the names of people."""
    return (
        Rule(
            f"{at}.use", 1, 1,
            codes=codes("usual official temp nickname anonymous old maiden"),
        ),
        *texts("text", within=f"{at}."),
        *texts("family", 1, 1, f"{at}."),
        *texts("given prefix suffix", 0, None, f"{at}."),
    )  # fmt: skip


def period(at: str, start_least: int = 0, kind: str = "dateTime") -> tuple[Rule, ...]:
    """Return the rules of a period."""
    return (Rule(f"{at}.start", start_least, 1, kind), Rule(f"{at}.end", 0, 1, kind))


def identifier(system: str, most: int | None, least: int = 0, slices: tuple[Slice, ...] = ()) -> Slice:
    """Return the identifiers of a system, of which GP Connect wants nothing but the value."""
    rules = (*texts("value", 1), *each("use type period assigner", most=0))
    return Slice(system, most, least=least, rules=rules, slices=slices, element="identifier", by="system")


def concept(key: str, system: str, displays: dict[str, str], least: int = 1) -> tuple[Rule, ...]:
    """Return the rules of a concept with one coding of a code system."""
    return (Rule(key, least, 1), Rule(f"{key}.coding", 1, 1, values=ValueSet(system, displays)))


def reference(at: str, least: int, most: int | None) -> tuple[Rule, ...]:
    """Return the rules of references, which are relative."""
    return (Rule(at, least, most), Rule(f"{at}.reference", 1, 1, "relative"))
