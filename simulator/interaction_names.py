"""Interactions as a person names them on the command line: by name, or by id in full."""

from difflib import get_close_matches

import click

from simulator.domain.directory import is_interaction_id


def ids_by_name() -> dict[str, str]:
    """Return the ids of the interactions that there are, by their names."""
    # Slow to load, and most commands do without.
    from simulator.interactions.registry import INTERACTIONS

    return {each.name: each.id for each in INTERACTIONS}


def interaction_id(given: str) -> str:
    """Return the id of an interaction; one that begins with urn: may be unknown here.

    Raises click.ClickException with what may have been meant.
    """
    ids = ids_by_name()
    if given not in ids and not is_interaction_id(given):
        raise click.ClickException(
            f"{given!r} is no interaction ({meant(given, ids)}), nor an id that begins with urn:"
        )
    return ids.get(given, given)


def meant(given: str, ids: dict[str, str]) -> str:
    """Return a question for what is nearest to a mistyped name or id, or else all names that there are."""
    known = [*ids.values()] if given.startswith("urn:") else [*ids]
    near = get_close_matches(given, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(ids)}"
