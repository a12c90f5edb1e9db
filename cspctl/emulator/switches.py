"""Switches of the emulated business: settings that may change while the emulator runs, kept in its store.

They are the fields of `Settings` that handlers read per request; what shapes the server itself (sign-in, throttle,
replay) is fixed at start. `POST /_emulator/settings {"provisioning_lag_seconds": 30}` sets, null unsets, `reset` unsets
all; a later process that opens the same data file sees them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from cspctl.emulator.settings import DEFAULTS, Settings
from cspctl.emulator.store import Store

SWITCHES = (
    "availability_rotation_hours",
    "customer_page_size",
    "cart_life_days",
    "cart_update_status",
    "checkout_repeat",
    "checkout_latency_ms",
    "cart_error_form",
    "require_attestation",
    "require_agreement",
    "enforce_prerequisites",
    "provisioning_lag_seconds",
    "order_list_lag_seconds",
    "window_days",
    "full_refund_hours",
    "decrease_consumes",
    "late_decrease_code",
    "suspended_update_code",
    "shorter_term_code",
    "refundable_while_suspended",
    "mid_term_changes",
    "triennial_cycle_change_until",
    "coterm_calendar",
    "coterm_page_size",
    "subscription_etags",
    "patch_mode",
    "patch_delay_seconds",
    "maximum_updates",
)
CHOICES: dict[str, tuple[object, ...]] = {
    "cart_update_status": (200, 201),
    "checkout_repeat": ("replay", "refuse"),
    "cart_error_form": ("number", "name"),
    "decrease_consumes": ("newest", "oldest"),
    "late_decrease_code": (800090, 900257),
    "suspended_update_code": (800091, 2001),
    "shorter_term_code": (900267, 800122),
    "coterm_calendar": ("last", "any"),
    "patch_mode": ("immediate", "accepted"),
}
_AT_LEAST_ONE = ("customer_page_size", "coterm_page_size", "cart_life_days")
_META = "switches"


def effective(store: Store, settings: Settings) -> Settings:
    """The settings of the process with the switches of the store over them."""
    changed = store.meta(_META)
    return replace(settings, **changed) if changed else settings


def view(store: Store, settings: Settings) -> dict[str, Any]:
    """Every switch with its value in force."""
    current = effective(store, settings)
    return {name: getattr(current, name) for name in SWITCHES}


def change(store: Store, wanted: dict[str, Any]) -> None:
    """Set switches, or unset those given as None; none is changed when one is wrong. Raises ValueError."""
    kept = dict(store.meta(_META, {}))
    for name, value in wanted.items():
        if name not in SWITCHES:
            raise ValueError(f"{name} is no switch; switches are {', '.join(SWITCHES)}")
        if value is None:
            kept.pop(name, None)
        else:
            _check(name, value)
            kept[name] = value
    store.set_meta(_META, kept)


def _check(name: str, value: object) -> None:
    kind = type(getattr(DEFAULTS, name))
    if type(value) is not kind:
        raise ValueError(f"{name} takes {kind.__name__}, not {value!r}")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name} takes one of {', '.join(map(str, CHOICES[name]))}, not {value!r}")
    if isinstance(value, int) and value < (name in _AT_LEAST_ONE):
        raise ValueError(f"{name} cannot be {value!r}")
    if name == "triennial_cycle_change_until":
        date.fromisoformat(str(value))
