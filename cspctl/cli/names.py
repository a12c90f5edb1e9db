"""Names for shell completion, from the ledger: no network, and never an error in the middle of typing."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem


def addresses(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`Kind/name` of everything bound."""
    return [CompletionItem(text) for text in _bound(ctx) if text.startswith(incomplete)]


def plain_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names alone."""
    found = sorted({text.partition("/")[2] for text in _bound(ctx)})
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]


def tenants(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of tenant mappings."""
    found = [t.partition("/")[2] for t in _bound(ctx) if t.startswith("TenantMapping/")]
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]


def _bound(ctx: click.Context) -> list[str]:
    try:
        from cspctl.cli.project import open_workspace

        workspace: Any = open_workspace(ctx)
        return [str(address) for address in workspace.bound()]
    except Exception:  # a broken project must not break the shell's line editor
        return []
