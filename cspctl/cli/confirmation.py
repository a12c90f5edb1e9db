"""The question before anything is changed."""

from __future__ import annotations

from typing import TextIO

import click

from cspctl.errors import RefusedError

QUESTION = "Carry out these changes? Only 'yes' will be accepted: "


def require_terminal(stdin: TextIO) -> None:
    """Raises RefusedError (4) where nobody can be asked; before anything is read."""
    if not stdin.isatty():
        raise RefusedError(
            "apply needs a confirmation, and there is no terminal to ask",
            code="E-NOT-CONFIRMED",
            hint="add --yes, best with a saved plan: cspctl plan --out plan.json, then cspctl apply plan.json --yes",
        )


def confirm(stdin: TextIO, question: str = QUESTION) -> None:
    """Ask on stderr; raises RefusedError (4) for every answer but `yes`."""
    click.echo(question, nl=False, err=True)
    if stdin.readline().strip() != "yes":
        raise RefusedError("not confirmed; nothing was changed", code="E-NOT-CONFIRMED")
