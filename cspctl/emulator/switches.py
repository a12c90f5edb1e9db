"""Switches of the emulated business: settings that may change while the emulator runs, kept in its store.

They are the fields of `Settings` that handlers read per request; what shapes the server itself (sign-in, throttle,
replay) is fixed at start. `POST /_emulator/settings {"provisioning_lag_seconds": 30}` sets, null unsets, `reset` unsets
all; a later process that opens the same data file sees them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from cspctl.emulator.billing.taxes import market_rates
from cspctl.emulator.settings import DEFAULTS, Settings
from cspctl.emulator.store import Store

SWITCHES = (
    "etag_mismatch_status",
    "audit_lag_seconds",
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
    "software_window_days",
    "marketplace_monthly_hours",
    "marketplace_yearly_hours",
    "marketplace_late_cancel",
    "decrease_consumes",
    "late_decrease_code",
    "suspended_update_code",
    "shorter_term_code",
    "refundable_while_suspended",
    "mid_term_changes",
    "term_change_keeps_schedule",
    "triennial_cycle_change_until",
    "coterm_calendar",
    "coterm_cycles",
    "coterm_page_size",
    "subscription_etags",
    "patch_mode",
    "patch_delay_seconds",
    "reseller_change",
    "transfer_blocks_writes",
    "trial_days",
    "trial_auto_renew_fixed",
    "maximum_updates",
    "renewal_seconds",
    "renewal_wait",
    "cycle_charge_seconds",
    "suspended_end_status",
    "expired_days",
    "disabled_days",
    "legacy_suspended_days",
    "clipped_month_returns",
    "late_anchor",
    "extended_service_term",
    "extended_service_since",
    "extended_service_bought_since",
    "old_agreement_before",
    "old_agreement_until",
    "clipped_cycle_days",
    "invoice_day",
    "payment_days",
    "tax_percent",
    "market_tax_percent",
    "telephony_tax_percent",
    "legacy_suspension_refunds",
    "line_order",
    "longer_term_charge_type",
    "pdf_link_minutes",
    "export_seconds",
    "export_link_minutes",
    "export_blob_lines",
    "require_client_request_id",
    "price_sheet_segment_column",
    "require_purchase_order",
    "transition_seconds",
    "transition_keeps_window",
    "migration_seconds",
    "migration_minimum_days",
    "registration_seconds",
    "product_upgrade_seconds",
    "webhook_delay_seconds",
    "webhook_retry_seconds",
    "require_write_ids",
    "domain_taken_code",
    "country_rules_form",
    "production_delete_status",
    "removal_needs_suspension",
    "consent_removal_status",
    "customer_address_check",
    "vetting_hours",
    "vetting_outcome",
    "sandbox_azure_approved",
    "sandbox_customers",
    "sandbox_resellers",
    "gdap_gate",
    "gdap_denied_code",
    "gdap_activation_seconds",
    "gdap_settle_seconds",
    "gdap_state_status",
    "licence_lag_seconds",
    "conditional_access_block",
    "referral_create_status",
    "own_referrals_accepted",
    "referral_page_size",
    "payout_years",
    "dap_until",
    "dap_idle_days",
)
CHOICES: dict[str, tuple[object, ...]] = {
    "etag_mismatch_status": (400, 412, 417),
    "cart_update_status": (200, 201),
    "checkout_repeat": ("replay", "refuse"),
    "cart_error_form": ("number", "name"),
    "marketplace_late_cancel": ("refuse", "at_renewal"),
    "decrease_consumes": ("newest", "oldest"),
    "late_decrease_code": (800090, 900257),
    "suspended_update_code": (800091, 2001),
    "shorter_term_code": (900267, 800122),
    "coterm_calendar": ("last", "any"),
    "coterm_cycles": ("end", "start"),
    "patch_mode": ("immediate", "accepted"),
    "renewal_wait": ("all", "documented"),
    "suspended_end_status": ("disabled", "expired"),
    "reseller_change": ("refuse", "ignore", "allow"),
    "late_anchor": ("clip", "end"),
    "clipped_cycle_days": ("month", "real"),
    "invoice_day": (6, 7, 8),
    "line_order": ("time", "mixed"),
    "longer_term_charge_type": ("extendTerm", "convert"),
    "country_rules_form": ("recorded", "documented"),
    "production_delete_status": (403, 405),
    "consent_removal_status": (200, 201),
    "vetting_outcome": ("Approved", "Denied"),
    "gdap_gate": ("relationship", "roles", "off"),
    "gdap_state_status": (409, 400),
    "referral_create_status": (200, 201),
}
_AT_LEAST_ONE = (
    "trial_days", "customer_page_size", "coterm_page_size", "cart_life_days", "export_blob_lines", "referral_page_size",
)  # fmt: skip  # one list
_DATES = (
    "triennial_cycle_change_until",
    "extended_service_since",
    "extended_service_bought_since",
    "old_agreement_before",
    "old_agreement_until",
    "dap_until",
)
_DAY = 86_400
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
    if name == "renewal_seconds" and int(str(value)) > _DAY:
        raise ValueError(f"{name} cannot be more than the documented {_DAY}")
    if name == "market_tax_percent":
        market_rates(str(value))
    if name in _DATES:
        date.fromisoformat(str(value))
