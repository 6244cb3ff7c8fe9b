"""The page's colours: text 4.5 to 1 against what it stands on, lines of charts 3 to 1 (WCAG 2, level AA)."""

import re
from pathlib import Path

import pytest

import loadtest.report.page

STYLE = (Path(loadtest.report.page.__file__).parent / "page.css").read_text()
TEXTS = ("ink", "soft", "accent", "good", "bad", "fair")
GROUNDS = ("paper", "panel")


def scheme(number: int) -> dict[str, str]:
    """The colours of the so manieth `:root`: light first, then dark."""
    block = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[number]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("number", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(number: int) -> None:
    colours = scheme(number)
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [(text, f"{tone}-wash") for tone in ("good", "bad", "fair") for text in (tone, "ink", "soft")]
    pairs += [("accent", f"{tone}-wash") for tone in ("good", "bad", "fair")]
    pairs += [("paper", tone) for tone in ("good", "bad", "fair")]

    poor = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("number", [0, 1], ids=["light", "dark"])
def test_lines_of_charts_can_be_seen(number: int) -> None:
    colours = scheme(number)
    lines = [*(f"s{each}" for each in range(1, 9)), "good", "bad"]

    ratios = {line: contrast(colours[line], colours["panel"]) for line in lines}
    assert {line: ratio for line, ratio in ratios.items() if ratio < 3} == {}


def test_every_colour_of_one_scheme_is_in_the_other() -> None:
    assert scheme(0).keys() == scheme(1).keys()
