"""The curves of a search's cost as pictures: one SVG each, light or dark as its reader's screen is."""

from pathlib import Path

from loadtest.report.charts.line_chart import LineChart, Series, draw_lines
from loadtest.report.charts.scales import linear
from tests.bench.results import Curve, Run
from tests.bench.search_cost import PASSED_OVER, RETURNED, straight_line

FILES = {RETURNED: "search-cost-returned.svg", PASSED_OVER: "search-cost-not-returned.svg"}
_STYLE = """<style>
svg { background: #f4f6f9; font: 11.5px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
text { fill: #4f5b69; } .legend { fill: #1b2430; } .grid { stroke: #d3dae2; }
.line { fill: none; stroke: #b04f00; stroke-width: 1.8; stroke-dasharray: 6 3; }
.dot { fill: #0b5cad; stroke: #f4f6f9; stroke-width: .8; }
@media (prefers-color-scheme: dark) {
  svg { background: #1a212a; } text { fill: #aab5c2; } .legend { fill: #e7ecf2; } .grid { stroke: #36414d; }
  .line { stroke: #f2a663; } .dot { fill: #79bbff; stroke: #1a212a; }
}
</style>"""


def drawn(run: Run) -> dict[str, str]:
    """Return the pictures of a run by file name."""
    return {FILES[curve.name]: _picture(curve) + "\n" for curve in run.found.curves}


def draw(run: Run, directory: Path) -> list[Path]:
    """Write the pictures of a run into a directory; return their paths."""
    paths = []
    for name, content in drawn(run).items():
        path = directory / name
        path.write_text(content, encoding="utf-8")
        paths.append(path)
    return paths


def _picture(curve: Curve) -> str:
    greatest = max(x for x, _ in curve.points)
    intercept, slope, _ = straight_line(curve.points)
    line = f"{intercept:.0f} µs and {slope:.2f} µs a slot"
    if curve.name == PASSED_OVER:
        line = f"{slope * 1000:+.2f} µs with each 1,000 slots"
    chart = LineChart(
        key=FILES[curve.name].removesuffix(".svg"),
        title=f"Cost of a search over {curve.name}",
        description=f"Microseconds of our own code for one search, in process, over {curve.name}: {line}.",
        x=linear(curve.name, [greatest]),
        y=linear("µs a search", [y for _, y in curve.points]),
        series=(
            Series("measured", "measured", curve.points, "dots"),
            Series(line, "fitted", ((0.0, intercept), (greatest, intercept + slope * greatest))),
        ),
    )
    opening, _, rest = draw_lines(chart).partition(">")
    return f"{opening}>{_STYLE}{rest}"
