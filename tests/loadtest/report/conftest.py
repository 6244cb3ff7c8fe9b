"""A browser, where the machine has one."""

from collections.abc import Iterator

import pytest

from tests.loadtest.report.chromium import PROGRAM, Page, a_page
from tests.programs import needs


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A tab of Debian's Chromium; skipped without it, failed where everything is required."""
    needs(PROGRAM)
    with a_page(tmp_path_factory.mktemp("browser") / "profile") as page:
        yield page
