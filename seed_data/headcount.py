"""How many clinicians and patients each practice of a profile has, and whether there are numbers for them."""

from seed_data.chance import Chance, between
from seed_data.lists import Lists, list_size
from seed_data.named_cases import CASES
from seed_data.nhs_numbers import CAPACITY
from seed_data.practices import Place, places
from seed_data.profile import BOUNDS, Profile
from seed_data.reference import Reference
from seed_data.refusals import SeedRefused

PATIENTS_SWITCHED_OFF = 20
"""A practice where GP Connect is off has at most so many patients: nobody can ask for them."""

FEWEST_MADE = 2 * len(CASES)
"""So many patients are made of the shortest list, so that every practice has every named case."""

NAMED_PEOPLE = 5
"""Who is on the national record to be a named case: a superseded number's two, an invalid one, and twins."""

SHARE_STEP = 0.0001


def practitioners_of(profile: Profile, place: Place, reference: Reference, chance: Chance) -> int:
    """Return how many clinicians a practice has, those of daily clinics apart."""
    if profile.size.practitioners is not None:
        return between(chance, *profile.size.practitioners)
    first, last = BOUNDS["practitioners"]
    per_practitioner = _lists(profile).patients_per_practitioner
    return max(first, min(last, round(list_size(profile.seed, place.number, reference) / per_practitioner)))


def patients_of(profile: Profile, place: Place, reference: Reference) -> int:
    """Return how many patients of a practice are made, those of a conformance run apart."""
    count = profile.size.patients
    if count is None:
        listed = list_size(profile.seed, place.number, reference)
        count = _made_of(listed, _lists(profile).patients_made)
    return min(count, PATIENTS_SWITCHED_OFF) if place.is_switched_off else count


def refuse_beyond_range(profile: Profile, reference: Reference) -> None:
    """Raise SeedRefused where the range has too few numbers for everybody; say what would fit."""
    size = profile.size
    wanted = places(size.practices, size.switched_off)
    counts = [patients_of(profile, place, reference) for place in wanted]
    closed = sum(counts[size.practices :])
    mapped = 2 * len(profile.conformance.patients) if profile.conformance else 0
    asked, left = sum(counts[: size.practices]), CAPACITY - size.unregistered - NAMED_PEOPLE - closed - mapped
    if asked <= left:
        return
    if size.patients is not None:
        who = f"{size.practices:,} practices of {size.patients:,} patients"
        fitting = f"--patients {left // size.practices} or fewer (size.patients in the profile)"
    else:
        lists = _lists(profile)
        sizes = [list_size(profile.seed, place.number, reference) for place in wanted[: size.practices]]
        everyone = f"{sum(sizes):,} patients of {size.practices:,} practices"
        who = f"a share of {lists.patients_made:g} of the {everyone}"
        fitting = f"lists.patients_made = {_share_that_fits(sizes, left):g} or less in the profile"
    raise SeedRefused(
        f"{who}: they need {asked:,} NHS numbers, and the 999 range has {left:,} to give:"
        f" ask for {fitting}, or for fewer --practices"
    )


def _share_that_fits(sizes: list[int], left: int) -> float:
    """Return the largest share of lists, in steps, for which so many numbers are left."""
    steps = int(left / sum(sizes) / SHARE_STEP)
    while steps and sum(_made_of(listed, steps * SHARE_STEP) for listed in sizes) > left:
        steps -= 1
    return round(steps * SHARE_STEP, 4)


def _made_of(listed: int, share: float) -> int:
    return max(FEWEST_MADE, round(listed * share))


def _lists(profile: Profile) -> Lists:
    if profile.lists is None:
        raise ValueError("a profile without sizes has lists")
    return profile.lists
