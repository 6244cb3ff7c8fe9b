"""The parameters of a search for a person: which there are, what each may be, which are needed together."""

import re
from collections.abc import Sequence
from datetime import date

from simulator.domain.person_search import WILDCARD, Days, PersonSearch
from simulator.fhir.search_parameters import Parameters, values_of
from simulator.spine.pds_refusals import PdsRefusal, invalid_field

REPEATED = {"given": 10, "birthdate": 2, "death-date": 2}
"""Parameters that may come more than once, and how often."""

KNOWN = (
    "_fuzzy-match", "_exact-match", "_history", "_max-results", "family", "given", "gender", "birthdate",
    "death-date", "address-postcode", "address-postalcode", "general-practitioner", "email", "phone",
)  # fmt: skip
"""Every parameter; a postcode has a new name and an old one."""

GENDERS = ("male", "female", "other", "unknown")
NO_SEARCH = "No searches were performed as the search criteria did not meet the minimum requirements"
NO_FUZZY_SEARCH = "A fuzzy search was requested however the data given did not meet the fuzzy search criteria"

FUZZY_COMBINATIONS = (
    {"given", "family"},
    {"family", "gender", "postal_code"},
    {"given", "gender", "postal_code"},
)
"""Of what a fuzzy search needs one, beside a date of birth."""

LEAST_BEFORE_WILDCARD = 2
MOST_MATCHES = 50

_DATE = re.compile(r"(?P<prefix>eq|ge|le)?(?P<day>\d{4}-\d{2}-\d{2})\Z", re.ASCII)


def read_person_search(parameters: Parameters) -> PersonSearch:
    """Return what is searched for; raise PdsRefusal for parameters that will not do."""
    if not parameters:
        raise PdsRefusal("UNSUPPORTED_SERVICE", f"no parameters came; expected some of {', '.join(KNOWN)}")
    _check_names(parameters)
    born = read_days("birthdate", values_of(parameters, "birthdate"))
    died = read_days("death-date", values_of(parameters, "death-date"))
    if born is None:
        raise PdsRefusal(
            "MISSING_VALUE", "Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'"
        )
    postal_code = _text(parameters, "address-postalcode") or _text(parameters, "address-postcode")
    search = PersonSearch(
        born=born,
        family=_text(parameters, "family"),
        given=tuple(values_of(parameters, "given")),
        gender=_one_of(parameters, "gender", GENDERS),
        died=died,
        postal_code=postal_code,
        ods_code=_text(parameters, "general-practitioner"),
        email=_text(parameters, "email"),
        phone=_text(parameters, "phone"),
        is_fuzzy=read_switch(parameters, "_fuzzy-match"),
        in_history=read_switch(parameters, "_history"),
    )
    _check_wildcards(search)
    _check_combination(search)
    return search


def read_most(parameters: Parameters, most: int) -> int:
    """Return how many matches are wanted at most, of `most` that may be.

    Raises PdsRefusal: where only one may be had and more are asked for, with status 403.
    """
    value = _text(parameters, "_max-results")
    if value is None:
        return most
    if not re.fullmatch("[0-9]{1,4}", value) or not 1 <= int(value) <= MOST_MATCHES:
        raise invalid_field("_max-results", value, f"a number from 1 to {MOST_MATCHES}")
    if int(value) > most:
        raise PdsRefusal(
            "INVALID_VALUE",
            f"Invalid value - '{value}' in field '_max-results'; without NHSD-Session-URID access is"
            " application-restricted, and has one match at most",
            status=403,
        )
    return int(value)


def read_switch(parameters: Parameters, name: str) -> bool:
    """Return a parameter that is true or false, and false where it did not come."""
    return _one_of(parameters, name, ("true", "false")) == "true"


def read_days(name: str, values: Sequence[str]) -> Days | None:
    """Return a day, or a range with one end or both; None where nothing came."""
    expected = "[eq]yyyy-mm-dd, or geyyyy-mm-dd and leyyyy-mm-dd or one of them"
    first, last = None, None
    prefixes = []
    for value in values:
        found = _DATE.match(value)
        try:
            day = date.fromisoformat(found["day"]) if found else None
        except ValueError:
            day = None
        if found is None or day is None:
            raise invalid_field(name, value, expected)
        prefixes.append(found["prefix"] or "eq")
        first = day if prefixes[-1] != "le" else first
        last = day if prefixes[-1] != "ge" else last
    if len(prefixes) > 1 and sorted(prefixes) != ["ge", "le"]:
        raise invalid_field(name, ", ".join(values), expected)
    return Days(first, last) if values else None


def _check_names(parameters: Parameters) -> None:
    """Raise PdsRefusal for a parameter that is not known, has no value, or comes too often."""
    unknown = list(dict.fromkeys(name for name, _ in parameters if name not in KNOWN))
    if unknown:
        named, verb = (
            ", ".join(f"'{name[:40]}'" for name in unknown[:10]),
            "was" if len(unknown) == 1 else "were",
        )
        raise PdsRefusal(
            "ADDITIONAL_PROPERTIES",
            f"Invalid request with error - Additional properties are not allowed ({named} {verb} unexpected)",
        )
    for name in KNOWN:
        values = values_of(parameters, name)
        if any(not value.strip() for value in values):
            raise invalid_field(name, "", "a value")
        most = REPEATED.get(name, 1)
        if len(values) > most:
            raise invalid_field(name, ", ".join(values), f"it {most} times at most")


def _text(parameters: Parameters, name: str) -> str | None:
    return next(iter(values_of(parameters, name)), None)


def _one_of(parameters: Parameters, name: str, choices: tuple[str, ...]) -> str | None:
    value = _text(parameters, name)
    if value is not None and value.lower() not in choices:
        raise invalid_field(name, value, " or ".join(choices))
    return value.lower() if value else None


def _check_wildcards(search: PersonSearch) -> None:
    """Raise PdsRefusal for a wildcard in a fuzzy search, or with too little before it."""
    texts = [("family", search.family), *(("given", each) for each in search.given)]
    for name, value in (*texts, ("address-postalcode", search.postal_code)):
        if value is None or WILDCARD not in value:
            continue
        if search.is_fuzzy:
            raise _invalid_search(NO_FUZZY_SEARCH)
        if value.index(WILDCARD) < LEAST_BEFORE_WILDCARD:
            raise invalid_field(name, value, f"{LEAST_BEFORE_WILDCARD} characters or more before a wildcard")


def _check_combination(search: PersonSearch) -> None:
    """Raise PdsRefusal where too little is known of the person."""
    known = {name for name in ("family", "given", "gender", "postal_code") if getattr(search, name)}
    if search.is_fuzzy and not any(each <= known for each in FUZZY_COMBINATIONS):
        raise _invalid_search(NO_FUZZY_SEARCH)
    if not search.is_fuzzy and "family" not in known:
        raise _invalid_search(NO_SEARCH)


def _invalid_search(why: str) -> PdsRefusal:
    return PdsRefusal("INVALID_SEARCH_DATA", f"Invalid search data provided - '{why}'")
