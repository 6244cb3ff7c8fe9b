"""Whether two runs can be compared at all, from what was recorded of them beside the ledgers (run.json).

What makes other work of one of them stands in the way (`obstacles`): another plan, other users or rates,
other practices or patients. What may make the same work slower or faster is what one compares for, and has
to be known when reading the result (`remarks`): another version of the provider, another machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from loadtest.figures.over_time import OverTime, joined

_OF_A_PHASE = ("mix", "users", "rate", "spread", "clients", "think", "rounds", "seconds")
_OF_A_PLAN = ("practices", "most_practices")
_MOST_FREE_SLOTS_APART = 0.25
_MOST_SECONDS_APART = 0.10
_MOST_BYTES_APART = 0.10
_MOST_FAILED_APART = 0.01

Record = Mapping[str, Any]


def obstacles(base: Record, new: Record) -> tuple[str, ...]:
    """What makes two runs different work, one line each; empty where they can be compared."""
    return tuple(_obstacles(base, new))


def remarks(base: Record, new: Record) -> tuple[str, ...]:
    """What else differs between the runs and may be why one was slower, one line each."""
    return tuple(_remarks(base, new))


def traffic_remarks(base: OverTime, new: OverTime) -> tuple[str, ...]:
    """Where the runs saw different things: interactions of one alone, sizes, failures, lengths."""
    return tuple(_traffic(base, new))


def _obstacles(base: Record, new: Record) -> Iterator[str]:
    for run, name in ((base, "base"), (new, "new")):
        if not run:
            yield f"{name} has no run.json: what was asked for is not known"
        elif (run.get("options") or {}).get("expect_outage"):
            yield f"{name}: an outage was expected, so that speed says nothing"
    if not base or not new:
        return
    one, other = base.get("plan"), new.get("plan")
    if one and other:
        yield from _plans(one, other)
    else:
        yield from _told("scenario", base.get("scenario"), new.get("scenario"))
        for key in ("scenario", "users", "rate"):
            yield from _told(key, *([part.get(key) for part in run.get("parts", ())] for run in (base, new)))
    for key in ("practices", "patients"):
        yield from _told(f"{key} in the run", *((run.get("data") or {}).get(key) for run in (base, new)))
    if set(base.get("practices", ())) != set(new.get("practices", ())):
        yield "the practices are not the same ones"


def _plans(base: Record, new: Record) -> Iterator[str]:
    for key in _OF_A_PLAN:
        yield from _told(key, base.get(key), new.get(key))
    phases, others = ({phase["name"]: phase for phase in plan["phases"]} for plan in (base, new))
    if list(phases) != list(others):
        yield from _told("phases", ", ".join(phases), ", ".join(others))
    for name in (name for name in phases if name in others):
        for key in _OF_A_PHASE:
            yield from _told(
                f"phase {name}: {key}", *(_plain(each[name].get(key)) for each in (phases, others))
            )


def _remarks(base: Record, new: Record) -> Iterator[str]:
    for key in ("target", "proxy", "processes"):
        yield from _told(key, *((run.get("options") or {}).get(key) for run in (base, new)))
    yield from _told("seed", base.get("seed"), new.get("seed"))
    for key in ("name", "version"):
        yield from _told(f"provider's {key}", *((run.get("provider") or {}).get(key) for run in (base, new)))
    machines = [run.get("environment") or {} for run in (base, new)]
    for key in sorted(set().union(*machines)):
        yield from _told(f"generator's {key}", *(machine.get(key) for machine in machines))
    slots = [(run.get("data") or {}).get("free_slots") for run in (base, new)]
    if _apart(slots[0], slots[1], _MOST_FREE_SLOTS_APART):
        yield from _told("free slots at first look", *slots)
    for run, name in ((base, "base"), (new, "new")):
        if run.get("interrupted") or run.get("cut_short"):
            yield f"{name} ended early"


def _traffic(base: OverTime, new: OverTime) -> Iterator[str]:
    for one, other, name in ((base, new, "base"), (new, base, "new")):
        for interaction in one.interactions:
            if interaction not in other.interactions:
                yield f"{interaction}: asked for in {name} alone"
    for phase in (phase for phase in base.phases if phase in new.phases):
        lengths = [sum(window.seconds for window in run.under_load(phase)) for run in (base, new)]
        if _apart(lengths[0], lengths[1], _MOST_SECONDS_APART):
            yield f"phase {phase}: {lengths[0]:.0f} s in base, {lengths[1]:.0f} s in new: the rest is left"
    for interaction in (each for each in base.interactions if each in new.interactions):
        windows = [
            joined(window for phase in run.phases for window in run.windows(phase, interaction))
            for run in (base, new)
        ]
        sizes = [window.mean_bytes for window in windows]
        if _apart(sizes[0], sizes[1], _MOST_BYTES_APART):
            yield f"{interaction}: answers of {sizes[0]:,.0f} bytes in base, of {sizes[1]:,.0f} in new"
        failed = [window.errors / max(1, window.counts.due) for window in windows]
        if abs(failed[0] - failed[1]) > _MOST_FAILED_APART:
            yield (
                f"{interaction}: {failed[0]:.1%} failed in base, {failed[1]:.1%} in new; speed is compared"
                " without refusals, and what had no answer ranks above all that had one"
            )


def _told(what: str, base: object, new: object) -> Iterator[str]:
    if base != new:
        yield f"{what}: {_said(base)} in base, {_said(new)} in new"


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(each)}" for key, each in sorted(value.items()))
    return "none" if value is None else str(value)


def _plain(value: Any) -> Any:
    """A rate curve in words; anything else as it is."""
    if isinstance(value, dict) and "points" in value:
        return ", ".join(f"{rate:g}/s at {second:g} s" for second, rate in value["points"])
    return value


def _apart(base: float | None, new: float | None, most: float) -> bool:
    if base is None or new is None:
        return False
    return max(base, new) > min(base, new) * (1 + most)
