"""The command `gpsim`: a group of commands, each in a module of its own."""

import os
import sqlite3
import sys
from typing import NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from simulator import __version__
from simulator.assurance_data_command import assurance_data
from simulator.audit_command import audit
from simulator.certificates_command import certificates
from simulator.command_group import CommandGroup
from simulator.directory_commands import directory
from simulator.extend_command import extend
from simulator.listing_commands import appointments, practices
from simulator.seed_command import seed
from simulator.serve_command import serve
from simulator.switch_commands import disable, enable


@click.group(cls=CommandGroup)
@click.version_option(__version__, prog_name="gpsim")
def gpsim() -> None:
    """Practices of England as a GP Connect 1.2.7 consumer meets them: seed them, serve them, look at them."""


for command in (
    seed,
    serve,
    practices,
    appointments,
    extend,
    enable,
    disable,
    audit,
    directory,
    assurance_data,
    certificates,
):
    gpsim.add_command(command)


def _stop_writing() -> None:
    """Send what is still to be written to nowhere: a closed pipe or a full disk would refuse it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> NoReturn:
    """Run the command line. Whatever is wrong with it is one line on standard error and a non-zero exit."""
    try:
        code = gpsim.main(standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "gpsim"
        click.echo(f"{command}: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except sqlite3.DatabaseError as error:
        click.echo(f"gpsim: the database cannot be read: {error}; seed a new one with `gpsim seed`", err=True)
        sys.exit(1)
    except OSError as error:
        _stop_writing()
        click.echo(f"gpsim: {error}", err=True)
        sys.exit(1)
    except click.Abort:
        click.echo("gpsim: interrupted", err=True)
        sys.exit(130)
    sys.exit(code or 0)
