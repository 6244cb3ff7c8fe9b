from pathlib import Path
from typing import Any

import orjson
import pytest

from loadtest.integrity import ProviderStateError, read_provider_state
from loadtest.integrity.provider_state import OwnAppointment

LISTED: dict[str, Any] = {
    "id": "901", "practice": "A81001", "status": "booked", "version": "2",
    "start": "2030-06-04T09:00:00+01:00",
    "end": "2030-06-04T09:20:00+01:00", "slots": ["12", "13"], "patient": "77", "description": "x",
    "booked_by": None,
}  # fmt: skip


def _written(directory: Path, content: object) -> Path:
    path = directory / "appointments.json"
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return path


def test_a_list_as_gpsim_prints_it_is_read(tmp_path: Path) -> None:
    state = read_provider_state(_written(tmp_path, [LISTED, LISTED | {"practice": "B82002"}]))
    assert state.practices["A81001"] == {
        "901": OwnAppointment("901", "A81001", "77", "booked", ("12", "13"), "2")
    }
    assert list(state.practices) == ["A81001", "B82002"]


def test_another_providers_list_needs_no_more_than_five_keys(tmp_path: Path) -> None:
    least = {key: LISTED[key] for key in ("id", "practice", "status", "slots", "patient")}
    state = read_provider_state(_written(tmp_path, [least | {"status": "cancelled"}]))
    own = state.practices["A81001"]["901"]
    assert (own.version, own.live) == (None, False)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("id", None, "'id' must be a text, not absent"),
        ("id", 901, "'id' must be a text, not 901"),
        ("practice", "", "'practice' must be a text, not ''"),
        ("patient", ["77"], "'patient' must be a text"),
        ("status", None, "'status' must be a text, not absent"),
        ("slots", None, "'slots' must be a list of texts, not absent"),
        ("slots", [], "'slots' must be a list of texts"),
        ("slots", "12", "'slots' must be a list of texts, not '12'"),
        ("slots", [12], "'slots' must be a list of texts"),
        ("version", 2, "'version' must be a text, not 2"),
    ],
)
def test_a_wrong_entry_is_refused_with_the_key_that_is_wrong(
    key: str, value: object, complaint: str, tmp_path: Path
) -> None:
    path = _written(tmp_path, [LISTED, LISTED | {"id": "902", key: value}])
    with pytest.raises(ProviderStateError) as refused:
        read_provider_state(path)
    said = str(refused.value)
    assert said.startswith(f"{path}: appointment 2: {complaint}")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{", "is not JSON"),
        ({"appointments": []}, "is not a list"),
        (["901"], "appointment 1 is not an object"),
        ([LISTED, LISTED], "'id' 901 stands twice at practice A81001"),
    ],
)
def test_a_file_that_is_no_list_of_appointments_is_refused(
    content: object, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(ProviderStateError, match=complaint):
        read_provider_state(_written(tmp_path, content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProviderStateError, match="No such file"):
        read_provider_state(tmp_path / "none.json")
