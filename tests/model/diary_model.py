"""What booking means, in so few lines that one can see it is right: who holds which slot."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Held:
    """An appointment as the model has it."""

    practice: int
    patient: str
    slots: tuple[str, ...]
    status: str = "booked"
    version: int = 1
    description: str = ""


@dataclass(slots=True)
class DiaryModel:
    """Slots and who holds them; appointments by id. Practices are numbered."""

    holders: dict[str, str | None] = field(default_factory=dict)
    appointments: dict[str, Held] = field(default_factory=dict)

    def free(self, *slots: str) -> bool:
        """Tell whether nobody holds any of the slots."""
        return all(self.holders[slot] is None for slot in slots)

    def book(
        self, appointment_id: str, practice: int, patient: str, slots: tuple[str, ...], description: str
    ) -> None:
        """Note a booking that was acknowledged."""
        assert self.free(*slots), f"{slots} are held: {self.holders}"
        assert appointment_id not in self.appointments, f"id {appointment_id} was given before"
        self.appointments[appointment_id] = Held(practice, patient, slots, description=description)
        for slot in slots:
            self.holders[slot] = appointment_id

    def amend(self, appointment_id: str, description: str) -> None:
        """Note an amendment that was acknowledged."""
        held = self.appointments[appointment_id]
        assert held.status == "booked"
        held.description, held.version = description, held.version + 1

    def cancel(self, appointment_id: str) -> None:
        """Note a cancellation that was acknowledged."""
        held = self.appointments[appointment_id]
        assert held.status == "booked"
        held.status, held.version = "cancelled", held.version + 1
        for slot in held.slots:
            self.holders[slot] = None
