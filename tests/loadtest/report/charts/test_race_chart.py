from xml.etree.ElementTree import Element, fromstring

from loadtest.report.charts.race_chart import Lane, draw_race

SVG = "{http://www.w3.org/2000/svg}"
WON = Lane("client 1", 0.0, 27.5, "won", "201, appointment 4086")
LOST = Lane("client 2", 0.5, 42.0, "lost", "409 DUPLICATE_REJECTED")


def bars(*lanes: Lane) -> list[Element]:
    svg = fromstring(draw_race("race", "One race", "who won", tuple(lanes)))
    return [each for each in svg.iter(f"{SVG}rect") if "bar" in str(each.get("class"))]


def test_each_request_is_a_bar_as_long_as_it_took_coloured_by_what_came_of_it() -> None:
    won, lost = bars(WON, LOST)

    assert (won.get("class"), lost.get("class")) == ("bar won", "bar lost")
    ratio = float(str(lost.get("width"))) / float(str(won.get("width")))
    assert abs(ratio - 41.5 / 27.5) < 0.02
    assert float(str(won.get("x"))) < float(str(lost.get("x")))
    assert float(str(won.get("y"))) < float(str(lost.get("y")))


def test_colour_is_not_needed_to_tell_who_won() -> None:
    said = [each.text for each in fromstring(draw_race("r", "t", "d", (WON, LOST))).iter(f"{SVG}text")]

    assert "client 1: 201, appointment 4086" in said
    assert "client 2: 409 DUPLICATE_REJECTED" in said


def test_a_moment_in_a_long_time_can_still_be_seen() -> None:
    booked, searched = bars(WON, Lane("survey", 8616.0, 8621.0, "won", "200"))

    assert float(str(booked.get("width"))) >= 3
    assert float(str(searched.get("width"))) >= 3


def test_a_race_of_nobody_is_not_drawn() -> None:
    assert draw_race("race", "One race", "", ()) == ""
