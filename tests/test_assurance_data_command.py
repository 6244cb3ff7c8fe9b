import csv
import sys
from pathlib import Path

import pytest

from seed_data.seeding import SeedOptions, seed
from simulator.cli import main
from simulator.store.database import Store
from tests.conftest import TODAY

HEADERS = {
    "NHSNoMap.csv": ["NATIVE_NHS_NUMBER", "PROVIDER_NHS_NUMBER"],
    "ODSCodeMap.csv": ["NATIVE_ODS_CODE", "PROVIDER_ODS_CODE"],
    "PractitionerCodeMap.csv": ["NATIVE_PRACTITIONER_CODE", "PROVIDER_PRACTITIONER_CODE"],
    "LocationLogicalIdentifierMap.csv": ["Location", "LogicalIdentifier"],
    "RegisterPatients.csv": ["SPINE_NHS_NUMBER", "NAME_FAMILY", "NAME_GIVEN", "GENDER", "DOB"],
}


@pytest.fixture
def assurance(tmp_path: Path) -> Path:
    path = tmp_path / "assurance.db"
    seed(path, SeedOptions(TODAY, "assurance", patients=5, practitioners=3, days=2))
    return path


def gpsim(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command in process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["gpsim", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_five_files_are_written_with_the_headers_that_the_suite_reads(
    assurance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "maps"
    assert gpsim(monkeypatch, "assurance-data", "--database", str(assurance), "--out", str(out)) == 0
    assert {path.name: table(path)[0] for path in out.iterdir()} == HEADERS
    assert capsys.readouterr().out.splitlines() == [
        f"{out / name}: {len(table(out / name)) - 1} rows" for name in HEADERS
    ]
    assert table(out / "NHSNoMap.csv")[1][0] == "patient1"
    assert ["patientNotInSystem", "9999999999"] in table(out / "NHSNoMap.csv")
    assert table(out / "ODSCodeMap.csv")[1] == ["ORG1", "Z90001"]
    assert table(out / "PractitionerCodeMap.csv")[1] == ["practitioner1", "555000000001"]
    assert table(out / "LocationLogicalIdentifierMap.csv")[3] == ["SIT3", "3"]


def test_candidates_are_written_as_the_national_record_has_them(
    assurance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gpsim(monkeypatch, "assurance-data", "--database", str(assurance), "--out", str(tmp_path)) == 0
    rows = table(tmp_path / "RegisterPatients.csv")[1:]
    assert len(rows) >= 158
    store = Store(assurance)
    with store.reading() as transaction:
        for number, family, given, gender, born in rows:
            record = transaction.people.trace(number)
            assert record is not None
            assert (family, given, born) == (record.family, record.given, record.birth_date.isoformat())
            assert gender == {"female": "FEMALE", "male": "MALE"}[record.gender]
    store.close()


def test_who_has_been_registered_meanwhile_is_no_candidate(
    assurance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("assurance-data", "--database", str(assurance), "--out", str(tmp_path))
    gpsim(monkeypatch, *arguments)
    first, *others = table(tmp_path / "RegisterPatients.csv")[1:]
    store = Store(assurance)
    with store.writing():
        store.connection.execute("update patients set nhs_number = ? where id = 1", (first[0],))
    store.close()
    gpsim(monkeypatch, *arguments)
    rows = table(tmp_path / "RegisterPatients.csv")[1:]
    assert first not in rows
    assert all(row in rows for row in others)


def test_only_its_own_files_are_overwritten(
    assurance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "maps"
    out.mkdir()
    (out / "PDS.csv").write_text("mine")
    (out / "NHSNoMap.csv").write_text("old\n" * 100)
    assert gpsim(monkeypatch, "assurance-data", "--database", str(assurance), "--out", str(out)) == 0
    assert (out / "PDS.csv").read_text() == "mine"
    assert len(table(out / "NHSNoMap.csv")) == 23


def test_database_of_another_profile_is_refused_in_one_line(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "maps"
    assert gpsim(monkeypatch, "assurance-data", "--database", str(database), "--out", str(out)) == 1
    assert capsys.readouterr().err == (
        f"gpsim: {database}: maps nothing for a conformance run;"
        " `gpsim seed --profile assurance --database FILE` makes one that does\n"
    )
    assert not out.exists()


def test_directory_that_cannot_be_made_is_refused_in_one_line(
    assurance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    out = tmp_path / "file" / "maps"
    assert gpsim(monkeypatch, "assurance-data", "--database", str(assurance), "--out", str(out)) == 1
    assert capsys.readouterr().err == f"gpsim: {out}: cannot be written: Not a directory\n"
