"""Searching the national record for a person whose NHS number is not known, and how well one matches.

In a plain search every criterion holds: names may have wildcards, and former names and addresses count where
they are asked for. A fuzzy one takes names that sound alike, or are the wrong way round, and former ones;
what else does not agree lowers the score. Date of birth, e-mail address and telephone number always hold.

Source: the published specification of the Personal Demographics Service FHIR API, "Search for a patient"; how
the service weighs criteria is not published, so the weights here are our own.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from simulator.domain.national_record import NationalRecord

WILDCARD = "*"

EXACT, SOUNDS_ALIKE, LIKE, FORMER, TURNED_ROUND = 1.0, 0.8, 0.9, 0.9, 0.75
"""How good a match is: of itself, by sound, by wildcard, with what was, with names the wrong way round."""

LEAST = 0.7
"""The score below which a fuzzy search finds nobody."""

_WEIGHTS = {"family": 3, "given": 3, "birth": 4, "postal_code": 2}
"""How much a criterion counts; any other counts 1."""

_SOUNDS = {
    letter: str(n) for n, letters in enumerate("bfpv cgjkqsxz dt l mn r".split(), 1) for letter in letters
}


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days, both ends in it; None is no end."""

    first: date | None = None
    last: date | None = None

    def hold(self, day: date | None) -> bool:
        """Tell whether a day is one of them; where there is no day, it is not."""
        return (
            day is not None
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, slots=True)
class PersonSearch:
    """What is known of a person; what is None, or empty, is not."""

    born: Days
    family: str | None = None
    given: tuple[str, ...] = ()
    gender: str | None = None
    died: Days | None = None
    postal_code: str | None = None
    ods_code: str | None = None
    email: str | None = None
    phone: str | None = None
    is_fuzzy: bool = False
    in_history: bool = False

    @property
    def says_where(self) -> bool:
        """Tell whether an answer would say where somebody is: nobody who is sensitive may be in it."""
        return self.postal_code is not None or self.ods_code is not None

    @property
    def initials(self) -> str:
        """Return what names of those who may be found begin with: small letters without accents."""
        return "".join({folded(name)[:1] for name in (self.family or "", *self.given)})


def score(record: NationalRecord, search: PersonSearch) -> float | None:
    """Return how well a record matches, up to 1.0; None where it does not."""
    if not search.born.hold(record.birth_date):
        return None
    qualities = {"birth": EXACT, **dict(_of_facts(record, search))}
    if search.is_fuzzy:
        return _fuzzy_score(record, search, qualities)
    qualities |= dict(_of_names(record, search))
    return None if 0 in qualities.values() else _mean(qualities)


def _mean(qualities: dict[str, float]) -> float:
    weights = {name: _WEIGHTS.get(name, 1) for name in qualities}
    total = sum(weights[name] * quality for name, quality in qualities.items())
    return round(total / sum(weights.values()), 4)


def _of_facts(record: NationalRecord, search: PersonSearch) -> Iterator[tuple[str, float]]:
    """Yield how good each criterion is that is no name and no date of birth; 0 is not at all."""
    if search.gender is not None:
        yield "gender", float(search.gender == record.gender)
    if search.died is not None:
        yield "death", float(search.died.hold(record.deceased_on))
    if search.ods_code is not None:
        yield "practice", float(search.ods_code.upper() == record.ods_code)
    if search.email is not None:
        yield "email", float(search.email.casefold() == (record.email or "").casefold())
    if search.phone is not None:
        numbers = {digits(each) for each in (record.phone, record.mobile) if each}
        yield "phone", float(digits(search.phone) in numbers)
    if search.postal_code is not None:
        now = record.address.postal_code if record.address else ""
        former = record.former_postal_code if search.is_fuzzy or search.in_history else None
        yield "postal_code", _best(unspaced(search.postal_code), unspaced(now), unspaced(former or ""))


def _of_names(record: NationalRecord, search: PersonSearch) -> Iterator[tuple[str, float]]:
    former = record.former_family if search.in_history else None
    if search.family is not None:
        yield "family", _best(folded(search.family), folded(record.family), folded(former or ""))
    if search.given:
        yield "given", min(_given(folded(each), folded(record.given)) for each in search.given)


def _best(wanted: str, now: str, former: str) -> float:
    """Return how good a text is that is so now, and was different before, or is not known to have been."""
    quality = _alike(wanted, now)
    return quality or (_alike(wanted, former) * FORMER if former else 0.0)


def _alike(wanted: str, found: str) -> float:
    if WILDCARD not in wanted:
        return float(wanted == found)
    pattern = ".*".join(map(re.escape, wanted.split(WILDCARD)))
    return LIKE if re.fullmatch(pattern, found) else 0.0


def _given(wanted: str, found: str) -> float:
    """Return how good a given name is: all of a person's, or one of them."""
    return max(_alike(wanted, found), float(wanted in found.split()))


def _fuzzy_score(record: NationalRecord, search: PersonSearch, qualities: dict[str, float]) -> float | None:
    if 0 in (qualities.get("email"), qualities.get("phone")):
        return None
    family, former = folded(record.family), folded(record.former_family or "")
    given = folded(record.given)
    wanted_family, wanted_given = folded(search.family or ""), folded(" ".join(search.given))
    straight = {
        "family": max(_by_sound(wanted_family, family), _by_sound(wanted_family, former) * FORMER),
        "given": _given_by_sound(wanted_given, given),
    }
    turned = {
        "family": _by_sound(wanted_given, family) * TURNED_ROUND,
        "given": _given_by_sound(wanted_family, given) * TURNED_ROUND,
    }
    if not search.family or not search.given:
        # Fewer names make up for it with facts, and then those must hold.
        named = {"family": straight["family"]} if search.family else {"given": straight["given"]}
        needed = {**named, **{name: qualities.get(name, EXACT) for name in ("gender", "postal_code")}}
        return None if 0 in needed.values() else _mean(qualities | named)
    named = max((straight, turned), key=lambda names: 0 if 0 in names.values() else sum(names.values()))
    found = _mean(qualities | named)
    return found if 0 not in named.values() and found >= LEAST else None


def _by_sound(wanted: str, found: str) -> float:
    if not wanted or not found:
        return 0.0
    return EXACT if wanted == found else SOUNDS_ALIKE if soundex(wanted) == soundex(found) else 0.0


def _given_by_sound(wanted: str, found: str) -> float:
    return max(_by_sound(wanted, each) for each in (found, *found.split()))


def folded(text: str) -> str:
    """Return a name as it is compared: small letters without accents and apostrophes, parts by one space."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join(re.sub(r"['\u2019.]", "", plain).replace("-", " ").casefold().split())


def unspaced(text: str) -> str:
    """Return a postcode as it is compared."""
    return "".join(text.split()).upper()


def digits(text: str) -> str:
    """Return a telephone number as it is compared."""
    return re.sub("[^0-9]", "", text)


def soundex(name: str) -> str:
    """Return the Soundex code of a folded name: its first letter, and three digits for what follows."""
    letters = [each for each in name if each.isalpha()]
    code, last = name[:1], _SOUNDS.get(name[:1], "")
    for letter in letters[1:]:
        sound = _SOUNDS.get(letter, "")
        if sound and sound != last:
            code += sound
        # Between two consonants a vowel parts what sounds the same; h and w do not.
        if letter not in "hw":
            last = sound
    return f"{code:0<4}"[:4]
