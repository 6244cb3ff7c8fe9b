"""Check 5: versions of one appointment strictly rise, and each `If-Match` is consumed once.

FHIR calls a version an opaque text. Where all versions of an appointment are whole numbers, they have the
order of numbers. Otherwise the only order is the one that writes gave them, each from the version it matched
to the one it answered with; versions that no such chain joins cannot be compared, and that is a doubt.
"""

from __future__ import annotations

from loadtest.counting import count_of
from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import History
from loadtest.integrity.trail import Trail, is_number
from loadtest.ledger import Operation

NUMBER = 5
NAME = "versions rise, each If-Match is consumed once"


def check_rising_versions(history: History, seed: int | None) -> CheckResult:
    """Examine every version shown, and every acknowledged amendment and cancellation.

    Versions of appointments that were there before the run, and that it left alone, are counted in a note. A
    violation's witness is the two writes that one version was consumed by, or the response that showed a
    later version and the request, begun afterwards, that was answered with an earlier one.
    """
    inquiry, older = Inquiry(NUMBER, NAME, seed), 0
    for practice in history.practices.values():
        for identifier, trail in practice.unclashed.items():
            if trail.only_met:
                older += len(trail.versions)
            else:
                inquiry.examined += len(trail.versions)
            if len(trail.versions) > 1 or trail.cancellations or trail.amendments:
                named = f"appointment {identifier} of practice {practice.ods_code}"
                _Versions(inquiry, named, identifier, trail).examine()
    if older:
        left_alone = count_of(older, "version of an appointment", "versions of appointments")
        inquiry.noted(f"besides, {left_alone} from before the run that it left alone")
    return inquiry.result()


class _Versions:
    """The versions of one appointment: what was shown of them, and the writes that were acknowledged."""

    def __init__(self, inquiry: Inquiry, named: str, identifier: str, trail: Trail) -> None:
        self._inquiry = inquiry
        self._named = named
        self._shown = {version: shown for version, shown in trail.versions.items() if version is not None}
        self._unversioned = None in trail.versions
        changes = sorted(trail.amendments + trail.cancellations, key=lambda write: write.start)
        self._writes = [
            (write, write.if_match, _given(write, identifier)) for write in changes if write.outcome == "ok"
        ]
        self._reported: set[int] = set()

    def examine(self) -> None:
        """Put one question after the other; a write is found guilty once."""
        self._inquiry.examined += len(self._writes)
        self._consumed_twice()
        self._not_risen()
        chains = self._chains()
        for chain in chains:
            self._gone_back(chain)
        if self._unversioned or any(given is None for _, _, given in self._writes):
            self._inquiry.doubted(f"{self._named} was shown without a version: whether it rose is unknown")
        elif len(chains) > 1:
            first, second = chains[0][-1], chains[1][0]
            self._inquiry.doubted(
                f"{self._named}: versions {first} and {second} are no numbers, and no write of the run leads"
                " from one to the other: their order is unknown"
            )

    def _consumed_twice(self) -> None:
        consumed: dict[str, Operation] = {}
        for write, matched, _ in self._writes:
            if matched is None:
                continue
            earlier = consumed.setdefault(matched, write)
            if earlier is not write:
                self._violated(f"{self._named}: version {matched} was consumed by two writes", write, earlier)

    def _not_risen(self) -> None:
        """Writes that gave a version not above the one they matched, or that had been there before."""
        gave: dict[str, Operation] = {}
        for write, matched, given in self._writes:
            if given is None:
                continue
            earlier = gave.setdefault(given, write)
            shown = self._shown.get(given)
            if matched is not None and _not_above(given, matched):
                self._violated(f"{self._named}: a write of version {matched} gave version {given}", write)
            elif earlier is not write:
                self._violated(f"{self._named}: version {given} was given to two writes", write, earlier)
            elif shown is not None and shown.first.end < write.start:
                summary = f"{self._named}: a write gave version {given}, which had been there before"
                self._violated(summary, write, shown.first)

    def _gone_back(self, chain: list[str]) -> None:
        """Requests begun after a later version had been shown that matched an earlier one, or showed it."""
        matching: dict[str, list[Operation]] = {}
        for write, matched, _ in self._writes:
            if matched is not None:
                matching.setdefault(matched, []).append(write)
        later: Operation | None = None
        for version in reversed(chain):
            shown = self._shown.get(version)
            if later is not None:
                for write in matching.get(version, ()):
                    if later.end < write.start:
                        summary = f"{self._named}: a write of version {version} was granted, which was past"
                        self._violated(summary, write, later)
                if shown is not None and later.end < shown.last.start:
                    self._violated(f"{self._named} went back to version {version}", shown.last, later)
            if shown is not None and (later is None or shown.first.end < later.end):
                later = shown.first

    def _chains(self) -> list[list[str]]:
        """The versions in order: all in one chain where they are numbers, else as writes join them."""
        versions = dict.fromkeys(self._shown)
        followed: dict[str, str] = {}
        for _, matched, given in self._writes:
            versions |= dict.fromkeys(version for version in (matched, given) if version is not None)
            if matched is not None and given is not None:
                followed[matched] = given
        if all(map(is_number, versions)):
            return [sorted(versions, key=int)]
        begun = set(followed.values())
        chains: list[list[str]] = []
        for version in sorted(versions, key=begun.__contains__):
            chain: list[str] = []
            while version in versions:
                chain.append(version)
                del versions[version]
                version = followed.get(version, version)
            if chain:
                chains.append(chain)
        return chains

    def _violated(self, summary: str, guilty: Operation, *others: Operation) -> None:
        if id(guilty) not in self._reported:
            self._reported.add(id(guilty))
            self._inquiry.violated(summary, guilty, *others)


def _given(write: Operation, identifier: str) -> str | None:
    """The version that a write's answer shows of its appointment."""
    return next((seen.version for seen in write.appointments if seen.id == identifier), None)


def _not_above(given: str, matched: str) -> bool:
    if is_number(given) and is_number(matched):
        return int(given) <= int(matched)
    return given == matched
