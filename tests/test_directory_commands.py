"""`gpsim directory`: what a person changes, and a server goes by."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simulator.cli import gpsim
from tests.diary import Diary
from tests.practice_client import PracticeClient
from tests.spine.through_proxy import ThroughProxy, through_proxy

ADDRESS = "https://other.example.nhs.uk/A99999/STU3/1/gpconnect"
METADATA = "urn:nhs:names:services:gpconnect:fhir:rest:read:metadata-1"


def run(database: Path, command: str, *arguments: str) -> Result:
    """Run `gpsim directory` on a database."""
    return CliRunner().invoke(gpsim, ["directory", command, "--database", str(database), *arguments])


def done(database: Path, command: str, *arguments: str) -> str:
    """Run `gpsim directory` and return what it said."""
    result = run(database, command, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def refused(database: Path, command: str, *arguments: str) -> str:
    """Run `gpsim directory` and return the one line with which it refused."""
    result = run(database, command, *arguments)
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    return line


def listed(database: Path, *arguments: str) -> Any:
    return json.loads(done(database, "list", "--json", *arguments))


@pytest.fixture
def proxied(consumer: PracticeClient) -> ThroughProxy:
    """Return a consumer that calls through the proxy of a running application."""
    return through_proxy(consumer)


def test_the_list_has_a_line_a_system(database: Path) -> None:
    heads, *lines = done(database, "list").splitlines()
    assert heads.split("  ")[0] == "ASID"
    practice = next(line for line in lines if line.startswith("200000100001"))
    assert practice.split() == [
        "200000100001", "Z90001", "Z90001-800001", "Ormeswater", "Web", "15", "3",
        "(this", "simulator)/Z90001/STU3/1/gpconnect",
    ]  # fmt: skip
    assert "https://spine.test/Z90001/STU3" in done(database, "list", "--base-url", "https://spine.test/")
    assert next(line for line in lines if line.startswith("200000000115")).split()[-1] == "3"


def test_the_list_as_json_is_what_the_door_shows(database: Path, proxied: ThroughProxy) -> None:
    door = proxied.http.get("/control/directory?ods_code=Z90001").json()
    assert listed(database, "--ods-code", "Z90001", "--base-url", "http://testserver/") == door


def test_a_provider_is_registered_with_all_that_is_said_of_it(database: Path, diary: Diary) -> None:
    said = done(
        database, "register", "--asid", "200000777777", "--ods-code", "A99999",
        "--party-key", "A99999-0000001", "--url", ADDRESS, "--name", "Elsewhere", "--manufacturer", "YGM",
        "--product", "Product",
        "--interaction", "urn:x:one", "--interaction", "read_metadata", "--no-agreements",
    )  # fmt: skip
    assert said == f"200000777777 is registered: A99999, A99999-0000001, {ADDRESS}\n"
    assert listed(database, "--ods-code", "A99999") == {
        "systems": [
            {
                "asid": "200000777777",
                "ods_code": "A99999",
                "party_key": "A99999-0000001",
                "manufacturer_ods_code": "YGM",
                "product_name": "Product",
                "interactions": ["urn:x:one", METADATA],
                "endpoint": {
                    "cpa_id": "S200000777777",
                    "address": ADDRESS,
                    "here": False,
                    "interactions": ["urn:x:one", METADATA],
                },
            }
        ],
        "agreements": [],
    }
    assert diary.audited()[-1].user_name


def test_a_practice_is_put_elsewhere_and_brought_back(database: Path, proxied: ThroughProxy) -> None:
    done(database, "register", "--asid", "200000100001", "--url", ADDRESS)
    assert "VARIES_FROM_TARGETURL" in proxied.send("read_metadata").text
    done(database, "register", "--asid", "200000100001", "--here")
    assert proxied.send("read_metadata").status_code == 200


def test_the_practices_of_a_system_under_test_are_imported(
    database: Path, proxied: ThroughProxy, tmp_path: Path
) -> None:
    practices = tmp_path / "practices.json"
    elsewhere = [
        {**each, "service_root": each["service_root"].replace("testserver", "127.0.0.1:8001")}
        for each in proxied.http.get("/control/practices").json()
    ]
    new = {"asid": "200000777777", "ods_code": "A99999", "name": "New", "service_root": ADDRESS}
    practices.write_text(json.dumps([*elsewhere, new]))
    assert done(database, "import", str(practices)).startswith("3 practices are registered")
    addresses = [each["endpoint"] and each["endpoint"]["address"] for each in listed(database)["systems"]]
    assert {ADDRESS, "http://127.0.0.1:8001/Z90001/STU3/1/gpconnect"} < set(addresses)
    assert proxied.http.get("/STU3/Organization/A99999").json()["name"] == "NEW"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[1]",
        '[{"asid": "1"}]',
        "5",
        '[{"asid": 200000777777, "ods_code": "A99999", "name": "New", "service_root": "https://a/b"}]',
        '[{"asid": "200000777777", "ods_code": "A99999", "name": null, "service_root": "https://a/b"}]',
    ],
)
def test_what_is_no_list_of_practices_is_not_imported(database: Path, tmp_path: Path, content: str) -> None:
    practices = tmp_path / "practices.json"
    practices.write_text(content)
    assert "is no list of practices" in refused(database, "import", str(practices))


def test_a_list_is_imported_whole_or_not_at_all(database: Path, tmp_path: Path) -> None:
    practices = tmp_path / "practices.json"
    good = {"asid": "200000777777", "ods_code": "A99999", "name": "New", "service_root": ADDRESS}
    practices.write_text(json.dumps([good, good | {"asid": "200000777778", "service_root": "file:///x"}]))
    said = refused(database, "import", str(practices))
    assert "practice A99999: service_root: 'file:///x' was given" in said
    assert listed(database, "--ods-code", "A99999")["systems"] == []


def test_an_interaction_is_forbidden_and_allowed_by_its_name(database: Path, proxied: ThroughProxy) -> None:
    done(database, "forbid", "200000000115", "read_metadata")
    assert "ASID_CHECK_FAILED" in proxied.send("read_metadata").text
    done(database, "allow", "200000000115", METADATA)
    assert proxied.send("read_metadata").status_code == 200


@pytest.mark.parametrize("command", ["allow", "forbid"])
def test_a_mistyped_interaction_is_refused(database: Path, command: str) -> None:
    said = refused(database, command, "200000000115", "red_metadata")
    assert "'red_metadata' is no interaction (did you mean read_metadata?), nor an id" in said
    assert "(there are read_metadata, find_patient," in refused(database, command, "200000000115", "zzz")
    assert "did you mean read_metadata?" in refused(
        database, "register", "--asid", "200000000115", "--interaction", "red_metadata"
    )


def test_an_agreement_is_ended_and_made(database: Path, proxied: ThroughProxy) -> None:
    assert done(database, "unshare", "Z9U01", "Z90001") == "Z9U01 may no longer ask Z90001.\n"
    assert "FOT_CHECK_FAILED" in proxied.send("read_metadata").text
    assert done(database, "share", "Z9U01", "Z90001") == "Z9U01 may ask Z90001.\n"
    assert proxied.send("read_metadata").status_code == 200
    done(database, "unshare", "Z9U01", "Z90001")
    assert "no agreement" in refused(database, "unshare", "Z9U01", "Z90001")


@pytest.mark.parametrize(
    ("sides", "complaint"),
    [
        (("Z90001", "Z9U01"), "Z90001 is the provider and Z9U01 the consumer: they are the wrong way round"),
        (("Z9U1", "Z90001"), "consumer: Z9U1 is no consumer of the directory; register it first"),
        (("Z9U01", "Z9U98"), "provider: Z9U98 is no provider of the directory; register it first"),
        (("Z90001", "Z9A0A"), "consumer: Z90001 is no consumer of the directory; register it first"),
    ],
)
def test_an_agreement_is_between_a_consumer_and_a_provider(
    database: Path, sides: tuple[str, str], complaint: str
) -> None:
    before = listed(database)
    assert complaint in refused(database, "share", *sides)
    assert listed(database) == before


def test_a_consumer_without_agreements_gets_one(database: Path) -> None:
    done(database, "register", "--asid", "200000777777", "--ods-code", "A99999", "--no-agreements")
    assert done(database, "share", "A99999", "Z90001") == "A99999 may ask Z90001.\n"


def test_a_system_is_removed_quietly_where_its_organisation_has_others(database: Path) -> None:
    done(database, "register", "--asid", "200000777777", "--ods-code", "Z9U01")
    assert done(database, "remove", "200000777777") == "200000777777 is removed.\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--asid", "200000777777"), "--ods-code: is needed: no system has ASID 200000777777 yet"),
        (("--asid", "12"), "--asid: '12' was given; expected twelve digits"),
        (("--asid", "200000100001", "--url", "ftp://x"), "--url: 'ftp://x' was given; expected http://"),
        (("--asid", "200000100001", "--url", ADDRESS, "--here"),
         "--url: was given with --here; choose one of the two"),
        (("--asid", "200000100001", "--party-key", "x"), "--party-key: 'x'"),
        (("--asid", "200000100001", "--manufacturer", "?"), "--manufacturer: '?'"),
    ],
)  # fmt: skip
def test_a_registration_is_refused_by_the_names_of_its_options(
    database: Path, options: tuple[str, ...], complaint: str
) -> None:
    assert f"Error: {complaint}" in refused(database, "register", *options)


def test_practices_that_an_import_replaces_are_named_and_all_restored(
    database: Path, proxied: ThroughProxy, tmp_path: Path
) -> None:
    before = listed(database)
    practices = tmp_path / "practices.json"
    practices.write_text(
        json.dumps(
            [
                each | {"service_root": f"https://other.test/{each['ods_code']}"}
                for each in proxied.http.get("/control/practices").json()
            ]
        )
    )
    assert done(database, "import", str(practices)).splitlines() == [
        f"2 practices are registered where {practices} says.",
        "That replaces 2 practices (Z90001, Z9A0A) of this database: `gpsim directory restore` brings back"
        " all, `gpsim directory register --asid 200000100001 --here` one of them.",
    ]
    assert "replaces" not in done(database, "import", str(practices))
    done(database, "remove", "200000100001")
    done(database, "register", "--asid", "200000777777", "--ods-code", "Z90001", "--url", ADDRESS)
    assert done(database, "restore") == (
        "2 practices (Z90001, Z9A0A) of the database brought back: this simulator answers for them all.\n"
    )
    after = listed(database)
    assert [each["asid"] for each in after["systems"]] == [each["asid"] for each in before["systems"]]
    assert [each["endpoint"] for each in after["systems"]] == [each["endpoint"] for each in before["systems"]]
    assert after["agreements"] == before["agreements"]
    assert proxied.send("read_metadata").status_code == 200
    assert done(database, "restore").startswith("No practice was elsewhere")


def test_an_empty_list_says_so(database: Path) -> None:
    assert done(database, "list", "--ods-code", "ZZZ") == "The directory has no system of ZZZ.\n"


def test_a_system_is_removed(database: Path, proxied: ThroughProxy) -> None:
    assert done(database, "remove", "200000000115").splitlines() == [
        "200000000115 is removed.",
        "Z9U01 has no system any more; its 3 agreements stay, for whoever is registered next.",
    ]
    assert "ASID_CHECK_FAILED" in proxied.send("read_metadata").text
    assert "200000000115" in refused(database, "remove", "200000000115")


@pytest.mark.parametrize("command", [("list",), ("remove", "200000000115"), ("share", "Z9U01", "Z90001")])
def test_a_database_that_is_none_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "no such database" in refused(tmp_path / "none.db", *command)
