"""Every value of the emulator that the documentation leaves open, and every switch, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PARTNER_CENTER = "https://api.partnercenter.microsoft.com"
PARTNER_CENTER_CHINA = "https://partner.partnercenterapi.microsoftonline.cn"
PARTNER_CENTER_APP = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"
PRICES = "https://api.partner.microsoft.com"
PRICES_APP = "4990cffe-04e8-4e8b-808a-1175604b879f"
GRAPH = "https://graph.microsoft.com"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"

VENDOR_HOSTS = frozenset(
    {
        "api.partnercenter.microsoft.com",
        "partner.partnercenterapi.microsoftonline.cn",
        "api.partner.microsoft.com",
        "graph.microsoft.com",
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
        "login.windows.net",
    }
)
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

AUDIENCES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "partnercenter": frozenset({PARTNER_CENTER, PARTNER_CENTER_CHINA, PARTNER_CENTER_APP}),
        "prices": frozenset({PRICES, PRICES_APP}),
        "graph": frozenset({GRAPH, GRAPH_APP}),
    }
)


@dataclass(frozen=True)
class Settings:
    """Times in the unit of their name. "(impl.)" marks a choice the documentation does not make."""

    # traffic
    rate_limit_per_minute: int = 500  # per tenant and resource; 0 = unlimited (page api-throttling-guidance)
    latency_ms: int = 0
    max_body_bytes: int = 4_194_304  # (impl.)
    max_control_body_bytes: int = 268_435_456  # (impl.) a seed document may hold a whole fleet

    # identity
    enforce_mfa: bool = True
    audiences: Mapping[str, frozenset[str]] = field(default_factory=lambda: AUDIENCES)
    access_token_seconds: int = 3599
    refresh_idle_days: int = 90  # page partner-center-authentication
    code_seconds: int = 600  # (impl.) life of authorization and device codes
    device_pending_polls: int = 1  # (impl.) polls answered authorization_pending before approval
    device_interval_seconds: int = 1  # (impl.)
    reading_roles: frozenset[str] = frozenset(
        {"adminagent", "globaladmin", "salesagent", "helpdeskagent", "billingadmin"}
    )
    writing_roles: frozenset[str] = frozenset({"adminagent", "globaladmin", "salesagent"})
    csp_tiers: frozenset[str] = frozenset({"direct", "indirect-provider"})  # others have no API access
    rejected_secrets: Mapping[str, tuple[str, int]] = field(
        default_factory=lambda: MappingProxyType(
            {"wrong": ("invalid_client", 7000215), "expired": ("invalid_client", 7000222)}
        )
    )  # (impl.) client secrets refused on purpose; every other one is accepted

    # protocol
    replay_hours: int = 24  # (impl.) how long an MS-RequestId stays answered
    replay_conflict_status: int = 409  # (impl.) same id, other body
    etag_mismatch_status: int = 400  # 400/2055 is documented, 412 is the general alternative
    page_size: int = 500  # (impl.)
    page_size_maximum: int = 2000

    # audit records
    audit_page_size: int = 500
    audit_oldest_days: int = 90
    audit_window_days: int = 30

    # catalogue, carts and orders
    availability_rotation_hours: int = 0  # (impl.) availability ids are reissued this often; 0 = never
    customer_page_size: int = 500  # (impl.) customers per page where the request names no size
    cart_life_days: int = 7  # samples of 2022 and 2023
    cart_update_status: int = 201  # the page's sample; 200 is as plausible
    checkout_repeat: str = "replay"  # or "refuse": 400/800065 on the second checkout of an ordered cart
    checkout_latency_ms: int = 0  # (impl.) real time one checkout holds its cart; a second one answers 409/800064
    cart_error_form: str = "number"  # (impl.) errorCode of a cart line on the wire; or "name"
    require_attestation: bool = True  # 400/900206 without partnerOnRecordAttestationAccepted
    require_agreement: bool = True  # 403/13605 at checkout and order without a customer agreement
    enforce_prerequisites: bool = True  # (impl.) an add-on needs an active prerequisite, else line error 10006
    provisioning_lag_seconds: int = 0  # virtual time until subscriptionId and subscription appear
    order_list_lag_seconds: int = 0  # virtual time until an order is listed; the page says up to 900

    # subscriptions
    window_days: int = 7  # cancellation, and seats of one batch; page create-a-new-subscription
    full_refund_hours: int = 24  # first entry of refundOptions; page new-commerce-cancellation-policy
    decrease_consumes: str = "newest"  # (impl.) which refundable batch a decrease takes first; or "oldest"
    late_decrease_code: int = 800090  # the page's sample; 900257 is the wording of the newer table
    suspended_update_code: int = 800091  # or 2001, the older code for a quantity while suspended
    shorter_term_code: int = 900267  # or 800122
    refundable_while_suspended: bool = False  # (impl.) community pack of 2026: null while suspended
    mid_term_changes: bool = True  # term and cycle of a running term; the pack of 2026 denies them
    triennial_cycle_change_until: str = "2025-03-31"  # last day of the P3Y monthly/annual switch
    coterm_calendar: str = "last"  # the last month end inside the term; or "any" month end inside it
    coterm_page_size: int = 300  # page custom-term-end-dates
    subscription_etags: bool = False  # samples of new-commerce subscriptions carry no etag
    patch_mode: str = "immediate"  # or "accepted": 202 + Location, the change lands after the delay
    patch_delay_seconds: int = 60  # (impl.) virtual time until an accepted PATCH has landed
    maximum_updates: int = 1200  # updates of one subscription before 400/900311


DEFAULTS = Settings()
