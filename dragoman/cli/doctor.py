"""`dragoman doctor`."""

from __future__ import annotations

import click

from dragoman.cli.base import DONE, UNSOUND, cli


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each finding.")
def doctor(as_json: bool) -> None:
    """Say what is installed and whether all is well (exit code 5 if not)."""
    from dragoman.doctor import examine, healthy, to_json, to_text

    findings = examine()
    click.echo(to_json(findings) if as_json else to_text(findings), nl=False)
    raise SystemExit(DONE if healthy(findings) else UNSOUND)
