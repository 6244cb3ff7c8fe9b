from loadtest.torture.ordeal import OWN_PLAN, objection_to


def test_a_run_with_all_its_blows_and_its_server_is_not_objected_to() -> None:
    assert objection_to(None, 5, 5, interrupted=False) is None


def test_a_load_too_short_for_the_blows_is_objected_to() -> None:
    assert objection_to(None, 3, 5, interrupted=False) == (
        "3 of 5 kills and stops fell into the load: give it a longer --duration or fewer --kills"
    )


def test_fewer_blows_are_no_objection_where_somebody_ended_the_run() -> None:
    assert objection_to(None, 3, 5, interrupted=True) is None


def test_a_lost_server_is_always_objected_to() -> None:
    assert objection_to("it did not come back", 5, 5, interrupted=True) == "it did not come back"


def test_its_own_plan_books_amends_cancels_and_contends() -> None:
    (phase,) = OWN_PLAN.phases

    assert set(phase.mix) == {"booking", "journey", "churn"}
    assert phase.users is not None, "open arrivals would be missed while the server is down"
