"""Diaries: a practice's template week on every working day, and what the practice itself has booked in it.

Rows are made as tuples in the order of the tables' columns: there are a hundred slots to every other thing,
and turning each into a noun first would cost more than all the rest.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from seed_data.chance import Chance, pick
from seed_data.named_cases import FULLY_BOOKED
from seed_data.practice_weeks import PracticeWeek, Stamp
from seed_data.profile import Bookings
from seed_data.reference import LeadTime
from seed_data.week_templates import Session
from seed_data.working_days import Day
from simulator.domain.appointment import AppointmentStatus
from simulator.domain.clock import DAY, Instant
from simulator.domain.slot import SlotStatus
from simulator.store.schema import Row

FREE, BUSY = SlotStatus.FREE.value, SlotStatus.BUSY.value
MANY_DAYS = 12
CANCELLED_DAY = 2
REMEMBERED_DAYS = 28
HOUR = 3_600
NOT_GP_CONNECT = 0
"""Stands for an access profile's id where slots are counted that have none."""


@dataclass(slots=True)
class FirstIds:
    """The next ids to give to schedules, slots and appointments."""

    schedule: int = 1
    slot: int = 1
    appointment: int = 1


@dataclass(slots=True)
class Diary:
    """Rows of a practice's diary, by table; slots counted by access profile id, in all and booked.

    `named` has the schedules that are named cases, by case.
    """

    schedules: list[Row] = field(default_factory=list)
    slots: list[Row] = field(default_factory=list)
    appointments: list[Row] = field(default_factory=list)
    appointment_slots: list[Row] = field(default_factory=list)
    total: Counter[int] = field(default_factory=Counter)
    booked: Counter[int] = field(default_factory=Counter)
    named: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Callers:
    """Whom a practice books for: one patient who comes `often`, one who `cancelled`, and the `ordinary` ones.

    Those by id, with how many cards each has among those that the booked are drawn from.
    """

    ordinary: Mapping[int, int]
    often: int | None = None
    cancelled: int | None = None


def booked_ahead(lead_times: Sequence[LeadTime], days: int) -> list[float]:
    """Return, for a day 0, 1, 2, ... days ahead, the share of its appointments made before today."""
    shares = [0.0] * (days + 1)
    for lead in lead_times:
        span = range(lead.first_day, lead.last_day + 1)
        for day in range(days + 1):
            shares[day] += lead.share * sum(made > day for made in span) / len(span)
    return shares


class DiaryWriter:
    """Writes one practice's diary, day by day. What a day holds depends on no other day.

    So a diary that is written in two parts is the same as one written at once.
    """

    def __init__(
        self, organization_id: int, callers: Callers, bookings: Bookings, of_made: float,
        reasons: Mapping[str, Sequence[str]], opened: Instant, ids: FirstIds,
        chances: Callable[[int], Chance],
    ) -> None:  # fmt: skip
        """Begin a diary whose first day begins at `opened`; `ids` is brought up to date as ids are given.

        `of_made` is the share of booked slots whose patient is among the callers; the others are held by
        people of the practice's list who are not in the database. `chances` gives the source of chance of a
        day, by how many days it is ahead of the first.
        """
        self.diary = Diary()
        self._organization_id, self._callers, self._bookings = organization_id, callers, bookings
        self._of_made = of_made
        self._reasons, self._opened, self._ids, self._chances = reasons, opened, ids, chances
        self._chance = chances(0)
        self._cards = [id_ for id_, number in callers.ordinary.items() for _ in range(number)]
        self._seen: set[int] = set()
        self._due: int | None = None

    def write(self, days: Sequence[Day], week: PracticeWeek, ahead: Sequence[float]) -> Diary:
        """Return the diary of some days. `ahead` has the share of appointments made, by days ahead."""
        cancelling = self._callers.cancelled
        worked = Counter(day.weekday for day in days if day.is_working)
        cancel_on = min(CANCELLED_DAY, worked.total() - 1)
        for day in days:
            self._chance = self._chances(day.ahead)
            self._due = self._callers.often if day.is_working and day.number < MANY_DAYS else None
            self._seen.clear()
            first_row = len(self.diary.slots)
            stamps = week.on(day)
            for stamp in stamps:
                self._stamp(stamp, day, ahead[day.ahead])
            if cancelling and day.is_working and day.number >= cancel_on:
                cancelling = self._cancel_one(cancelling, stamps, first_row)
        times = {weekday: week.weekly.get(weekday, ()) for weekday in worked}
        counted = [(stamp, worked[weekday]) for weekday, stamps in times.items() for stamp in stamps]
        for stamp, number in (*counted, *((stamp, len(days)) for stamp in week.daily)):
            for slot in stamp.slots:
                self.diary.total[slot[4] or NOT_GP_CONNECT] += number
        return self.diary

    def _stamp(self, stamp: Stamp, day: Day, made: float) -> None:
        """Put a session on a day, and book some of it."""
        session, ids, midnight = stamp.session, self._ids, day.midnight
        schedule_id, first = ids.schedule, ids.slot
        self.diary.schedules.append(
            (schedule_id, self._organization_id, session.location_id, session.practitioner_id,
             session.job_role, session.category, midnight + session.starts[0], midnight + session.end, 1)
        )  # fmt: skip
        rows: list[Row] = [
            (id_, schedule_id, midnight + start, minutes, FREE, type_id, channel, access, 1)
            for id_, (start, minutes, type_id, channel, access) in enumerate(stamp.slots, first)
        ]
        random = self._chance.random
        taken = [n for n, fill in enumerate(stamp.fills) if random() < fill * made]
        if stamp.certain:
            taken = sorted({*taken, *stamp.certain})
        if taken:
            self._book(session, rows, taken)
        if stamp.case:
            self._note(stamp.case, schedule_id, rows)
        self.diary.slots += rows
        ids.schedule = schedule_id + 1
        ids.slot = first + len(rows)

    def _note(self, case: str, schedule_id: int, rows: list[Row]) -> None:
        """Note a schedule as a named case, if it is one: too few patients cannot book out a clinician."""
        if case != FULLY_BOOKED or all(row[4] == BUSY for row in rows if row[7] is not None):
            self.diary.named.setdefault(case, []).append(schedule_id)

    def _book(self, session: Session, rows: list[Row], taken: list[int]) -> None:
        """Book slots of a session for patients who have nothing else that day, some of them two at a time."""
        for n in taken:
            if rows[n][4] == BUSY:
                continue
            patient_id = self._next_patient()
            if patient_id is None and self._of_made == 1:
                return
            held = [n]
            after = rows[n + 1] if n + 1 < len(rows) and n + 1 not in session.kept else None
            if after and self._chance.random() < self._bookings.double and _continues(rows[n], after):
                held.append(n + 1)
            for place in held:
                rows[place] = (*rows[place][:4], BUSY, *rows[place][5:8], 2)
                self.diary.booked[rows[place][7] or NOT_GP_CONNECT] += 1
            if patient_id is not None:
                self._appointment(session, patient_id, [rows[place] for place in held])

    def _next_patient(self) -> int | None:
        """Return the next patient to book for, each at most once a day.

        None where everyone has come, or where it is somebody who is not in the database.
        """
        if self._due is not None:
            due, self._due = self._due, None
            return due
        if self._of_made < 1 and self._chance.random() >= self._of_made:
            return None
        if len(self._seen) == len(self._callers.ordinary):
            return None
        while True:
            patient_id = pick(self._chance, self._cards)
            if patient_id not in self._seen:
                self._seen.add(patient_id)
                return patient_id

    def _cancel_one(self, patient_id: int, stamps: Sequence[Stamp], place: int) -> int | None:
        """Make a cancelled appointment of a day's first free slot, the day's rows beginning at `place`.

        Returns None; or the patient again, where the day had no slot for it.
        """
        for stamp in stamps:
            for row in self.diary.slots[place : place + len(stamp.slots)]:
                if row[4] == FREE and row[7] is None:
                    self.diary.slots[place] = (*row[:8], 3)
                    self._appointment(stamp.session, patient_id, [row], AppointmentStatus.CANCELLED)
                    return None
                place += 1
        return patient_id

    def _appointment(
        self, session: Session, patient_id: int, slots: list[Row],
        status: AppointmentStatus = AppointmentStatus.BOOKED,
    ) -> None:  # fmt: skip
        """Write an appointment made in the weeks before the diary begins; a cancelled one holds no slot."""
        id_, chance = self._ids.appointment, self._chance
        self._ids.appointment = id_ + 1
        cancelled = status is AppointmentStatus.CANCELLED
        days_ago = 1 + int(chance.random() ** 2 * REMEMBERED_DAYS)
        created = self._opened - days_ago * DAY + 8 * HOUR + int(chance.random() * 10 * HOUR)
        changed = max(created, self._opened - 5 * HOUR) if cancelled else created
        last = slots[-1]
        self.diary.appointments.append(
            (id_, self._organization_id, patient_id, session.location_id, session.practitioner_id, last[1],
             status.value, slots[0][2], last[2] + last[3] * 60, created,
             pick(chance, self._reasons[session.kind]), None, None, None, None, None,
             "No longer needed" if cancelled else None, None, None, 2 if cancelled else 1, changed)
        )  # fmt: skip
        self.diary.appointment_slots += [(id_, slot[0], 0 if cancelled else 1) for slot in slots]


def _continues(row: Row, after: Row) -> bool:
    """Tell whether a free slot follows on from another, of the same type, channel and access."""
    return bool(row[2] + row[3] * 60 == after[2] and after[4] == FREE and row[5:8] == after[5:8])
