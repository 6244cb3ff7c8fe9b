"""What `--help` says: every command whole, and the variable of every option that has one."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from simulator.cli import gpsim


def commands(group: click.Group = gpsim, path: str = "gpsim") -> Iterator[tuple[str, click.Command]]:
    """Yield every command and group with what is typed for it."""
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


ALL = dict(commands())


@pytest.mark.parametrize("path", [path for path, each in ALL.items() if isinstance(each, click.Group)])
def test_a_list_of_commands_cuts_nothing_off(path: str) -> None:
    said = CliRunner().invoke(gpsim, [*path.split()[1:], "--help"]).output
    listed = " ".join(said.partition("Commands:")[2].split())
    assert listed.endswith(".") and "..." not in listed
    if path == "gpsim":
        assert (
            "appointments List appointments, the practices' own ones and cancelled ones included. " in listed
        )


@pytest.mark.parametrize("path", ALL)
def test_every_option_that_names_the_database_shows_its_variable(path: str) -> None:
    for parameter in ALL[path].params:
        if parameter.name == "database":
            said = " ".join(CliRunner().invoke(gpsim, [*path.split()[1:], "--help"]).output.split())
            assert "env var: GPSIM_DATABASE" in said
