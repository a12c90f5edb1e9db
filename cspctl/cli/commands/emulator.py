"""`cspctl emulator`: the group."""

from __future__ import annotations

from cspctl.cli.options import Group

command = Group(
    "emulator",
    table={
        "ca": ("cspctl.cli.commands.emulator_ca:command", "Show the emulator's own certificate authority."),
        "clock": ("cspctl.cli.commands.emulator_clock:command", "Show or move the emulator's clock."),
        "faults": ("cspctl.cli.commands.emulator_faults:command", "Let requests fail on purpose."),
        "reset": ("cspctl.cli.commands.emulator_reset:command", "Forget everything but the clock."),
        "seed": ("cspctl.cli.commands.emulator_seed:command", "Create partners, tenants, catalogue and prices."),
        "serve": ("cspctl.cli.commands.emulator_serve:command", "Run the emulator until interrupted."),
    },
    help="Run and steer the bundled Partner Center.",
)
