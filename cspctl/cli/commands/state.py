"""`cspctl state`."""

from __future__ import annotations

from cspctl.cli import options

TABLE = {
    "backup": ("cspctl.cli.commands.state_backup:command", "Copy the ledger, consistently."),
    "mv": ("cspctl.cli.commands.state_mv:command", "Give a binding another address."),
    "restore": ("cspctl.cli.commands.state_restore:command", "Put a backup in the place of the ledger."),
    "rm": ("cspctl.cli.commands.state_rm:command", "Forget a binding; nothing is sent."),
}

command = options.Group("state", table=TABLE, help="The ledger: copies, and corrections by hand.")
