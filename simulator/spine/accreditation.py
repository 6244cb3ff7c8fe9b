"""Who may call whom for what, as the directory has it at this moment.

Looked up once for each sender, receiver and interaction, until the directory changes: the database counts its
changes, whichever process makes them.
"""

from dataclasses import dataclass

from simulator.domain.directory import Endpoint
from simulator.store.database import Store

MOST_KEPT = 20_000
LONGEST_KEPT = 200
"""What is longer than any id there is comes from nobody, and is looked up each time."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What the directory says of one sender, one receiver and one interaction.

    `endpoints` are those of the receiver's party key for the interaction.
    """

    sender_may: bool
    receiver_may: bool
    they_share: bool
    endpoints: tuple[Endpoint, ...]


class Accreditation:
    """The directory's answers of one process, never out of date."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[str, str, str], Relation] = {}
        self._as_of = self._moment = -1

    def relation(self, sender_asid: str, receiver_asid: str, interaction: str) -> Relation:
        """Return what the directory says now."""
        directory = self._store.glance().directory
        if self._store.moment != self._moment:
            self._moment = self._store.moment
            self._forget_what_changed(directory.changes())
        asked = (sender_asid, receiver_asid, interaction)
        relation = self._kept.get(asked)
        if relation is None:
            relation = self._look_up(*asked)
            if max(map(len, asked)) <= LONGEST_KEPT:
                self._kept[asked] = relation
        return relation

    def _forget_what_changed(self, changes: int) -> None:
        if changes != self._as_of or len(self._kept) >= MOST_KEPT:
            self._kept.clear()
            self._as_of = changes

    def _look_up(self, sender_asid: str, receiver_asid: str, interaction: str) -> Relation:
        with self._store.reading() as transaction:
            directory = transaction.directory
            sender, receiver = directory.system(sender_asid), directory.system(receiver_asid)
            endpoints: list[Endpoint] = []
            they_share = False
            if receiver is not None:
                endpoints = directory.endpoints(interaction=interaction, party_key=receiver.party_key)
                if sender is not None:
                    they_share = directory.may_share(sender.ods_code, receiver.ods_code)
        return Relation(
            sender_may=sender is not None and interaction in sender.interactions,
            receiver_may=receiver is not None and interaction in receiver.interactions,
            they_share=they_share,
            endpoints=tuple(endpoints),
        )
