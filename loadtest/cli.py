"""gpload: drive a GP Connect provider, judge what was seen, print headers for a call by hand."""

import click

from loadtest.audit_command import audit
from loadtest.compare_command import compare_runs
from loadtest.headers_command import headers
from loadtest.run_command import run
from loadtest.running.run_record import DISTRIBUTION
from loadtest.torture_command import torture


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=DISTRIBUTION, prog_name="gpload")
def main() -> None:
    """Drive a GP Connect 1.2.7 provider with load and judge whether it kept its promises."""


for command in (run, audit, compare_runs, torture, headers):
    main.add_command(command)
