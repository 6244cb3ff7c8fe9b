"""The Spine Secure Proxy in front of our own practices: what it sends on, and how."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.domain.directory import GP_CONNECT_INTERACTIONS, DataSharingAgreement
from simulator.interactions.registry import INTERACTIONS
from simulator.settings import Settings
from simulator.spine.accreditation import Accreditation, Relation
from simulator.store.database import Store
from tests.conftest import STOPPED, a_consumer, serving
from tests.diary import Diary
from tests.interactions.conftest import sds_user_id
from tests.interactions.every_response import every_response
from tests.interactions.registrations import ADA
from tests.practice_client import BY_NAME, PracticeClient, assert_operation_outcome
from tests.spine.through_proxy import ThroughProxy, through_proxy

PUBLIC = "https://gp.example.nhs.uk"


Wire = dict[str, tuple[int, list[tuple[str, str]], bytes]]


def everything(path: Path, way: Callable[[PracticeClient], PracticeClient]) -> Wire:
    """Return what every interaction answers on a database of its own: status, headers and body."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        Diary(connection).national_record(ADA)
    with serving(path) as http:
        answers = every_response(way(a_consumer(http, STOPPED, 0)), sds_user_id(path))
    return {
        name: (each.status_code, sorted(each.headers.items()), each.content) for name, each in answers.items()
    }


def test_every_interaction_answers_through_the_proxy_what_it_answers_directly(
    template_database: Path, tmp_path: Path
) -> None:
    direct = everything(
        Path(shutil.copy(template_database, tmp_path / "direct.db")), lambda consumer: consumer
    )
    proxied = everything(Path(shutil.copy(template_database, tmp_path / "proxied.db")), through_proxy)
    assert direct.keys() == {each.name for each in INTERACTIONS}
    assert proxied == direct


@pytest.mark.parametrize(
    "way",
    [
        lambda url: url,
        lambda url: quote(url, safe=""),
        lambda url: url.replace("://", ":/"),
        lambda url: url.replace("://", "%3A%2F%2F"),
    ],
    ids=["raw", "encoded", "collapsed", "scheme encoded"],
)
def test_the_published_url_may_be_put_after_the_proxy_in_any_of_its_forms(
    proxied: ThroughProxy, address: str, way: Callable[[str], str]
) -> None:
    headers = proxied.headers(BY_NAME["search_for_free_slots"])
    response = proxied.http.get(f"/{way(f'{address}/Slot')}?{proxied.slot_query()}", headers=headers)
    assert response.status_code == 200
    assert response.json()["entry"]


def test_a_url_may_be_encoded_with_its_query(proxied: ThroughProxy, address: str) -> None:
    headers = proxied.headers(BY_NAME["search_for_free_slots"])
    url = quote(f"{address}/Slot?{proxied.slot_query()}", safe="")
    assert proxied.http.get(f"/{url}", headers=headers).json()["entry"]


def test_a_refusal_of_the_practice_comes_through_as_it_is(proxied: ThroughProxy) -> None:
    response = proxied.send("read_patient", resource_id="nobody")
    assert_operation_outcome(response, 404, "PATIENT_NOT_FOUND")


def test_a_practice_that_is_switched_off_refuses_for_itself(proxied: ThroughProxy, store: Store) -> None:
    with store.writing() as transaction:
        transaction.practices.switch(1, None, False)
    assert_operation_outcome(proxied.send("search_for_free_slots", query=""), 403, "ACCESS_DENIED")


def test_a_change_by_another_process_counts_from_the_next_request_on(
    proxied: ThroughProxy, database: Path
) -> None:
    assert proxied.send("read_metadata").status_code == 200
    with closing(Store(database)) as other:
        for may in (False, True):
            with other.writing() as transaction:
                agreement = DataSharingAgreement("Z9U01", "Z90001")
                if may:
                    transaction.directory.share(agreement)
                else:
                    transaction.directory.stop_sharing(agreement)
            assert proxied.send("read_metadata").status_code == (200 if may else 403)


def test_practices_may_be_published_elsewhere_than_they_are_asked(
    database: Path, store: Store, clock: Clock
) -> None:
    app = create_app(replace(Settings(), database=database, public_url=f"{PUBLIC}/"), store, clock)
    with TestClient(app, raise_server_exceptions=False) as http:
        published = through_proxy(a_consumer(http, clock, 0))
        assert published.practice["service_root"] == f"{PUBLIC}/Z90001/STU3/1/gpconnect"
        booked = published.send("read_organization", resource_id="1")
        assert booked.headers["content-location"].startswith(published.practice["service_root"])
        asked = through_proxy(published, service_root="http://testserver/Z90001/STU3/1/gpconnect")
        assert asked.send("read_metadata").status_code == 400


def test_the_base_url_of_the_settings_is_an_address_too(proxied: ThroughProxy) -> None:
    """It is what a directory says that is not asked over HTTP."""
    root = f"{Settings().base_url}/Z90001/STU3/1/gpconnect"
    assert through_proxy(proxied, service_root=root).send("read_metadata").status_code == 200


def test_the_directory_knows_every_interaction_of_the_registry() -> None:
    assert tuple(each.id for each in INTERACTIONS) == GP_CONNECT_INTERACTIONS


def test_a_relation_is_looked_up_once_until_the_directory_changes(
    proxied: ThroughProxy, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []
    look_up = Accreditation._look_up

    def counted(self: Accreditation, *asked: str) -> Relation:
        looked_up.append(asked)
        return look_up(self, *asked)

    monkeypatch.setattr(Accreditation, "_look_up", counted)
    for _ in range(3):
        proxied.send("read_metadata")
    assert len(looked_up) == 1
    with store.writing() as transaction:
        transaction.directory.share(DataSharingAgreement("Z9U98", "Z90001"))
    for _ in range(3):
        proxied.send("read_metadata")
    assert len(looked_up) == 2
