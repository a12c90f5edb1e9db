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
DELEGATION = "https://api.partnercustomeradministration.microsoft.com"
DELEGATION_APP = "2832473f-ec63-45fb-976f-5d45a7d4bb91"
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
        "traf-pcsvcadmin-prod.trafficmanager.net",
    }
)
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

AUDIENCES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "partnercenter": frozenset({PARTNER_CENTER, PARTNER_CENTER_CHINA, PARTNER_CENTER_APP}),
        "prices": frozenset({PRICES, PRICES_APP}),
        "referrals": frozenset({PRICES, PRICES_APP}),
        "payouts": frozenset({PRICES, PRICES_APP, PARTNER_CENTER, PARTNER_CENTER_APP}),  # two pages, two hosts
        "delegation": frozenset({DELEGATION, DELEGATION_APP, PARTNER_CENTER, PARTNER_CENTER_APP}),
        "graph": frozenset({GRAPH, GRAPH_APP}),
    }
)
_EU_AND_EFTA = frozenset({
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip  # a list of countries


@dataclass(frozen=True)
class Settings:
    """Times in the unit of their name. "(impl.)" marks a choice the documentation does not make."""

    # traffic
    rate_limit_per_minute: int = 500  # per tenant and resource; 0 = unlimited (page api-throttling-guidance)
    consents_per_second: int = 50  # application consents, and their removals, per application id; 0 = unlimited
    latency_ms: int = 0  # (impl.) wall time added to every answer
    max_body_bytes: int = 4_194_304  # (impl.)
    max_control_body_bytes: int = 268_435_456  # (impl.) a seed document may hold a whole fleet

    # identity
    enforce_mfa: bool = True  # 401/900421 for users without MFA, as since 2026; False only notes them
    audiences: Mapping[str, frozenset[str]] = field(default_factory=lambda: AUDIENCES)
    access_token_seconds: int = 3599  # page partner-center-authentication
    refresh_idle_days: int = 90  # page partner-center-authentication
    old_exchange_path_until: str = "2025-02-27"  # day from which generatetoken answers below /v3 only
    code_seconds: int = 600  # (impl.) life of authorization and device codes
    device_pending_polls: int = 1  # (impl.) polls answered authorization_pending before approval
    device_interval_seconds: int = 1  # (impl.)
    reading_roles: frozenset[str] = frozenset(
        {"adminagent", "globaladmin", "salesagent", "helpdeskagent", "billingadmin"}
    )  # (impl.) partner roles that may read where a page names none
    writing_roles: frozenset[str] = frozenset(
        {"adminagent", "globaladmin", "salesagent"}
    )  # (impl.) partner roles that may write where a page names none
    csp_tiers: frozenset[str] = frozenset({"direct", "indirect-provider"})  # others have no API access
    rejected_secrets: Mapping[str, tuple[str, int]] = field(
        default_factory=lambda: MappingProxyType(
            {"wrong": ("invalid_client", 7000215), "expired": ("invalid_client", 7000222)}
        )
    )  # (impl.) client secrets refused on purpose; every other one is accepted

    # protocol
    replay_hours: int = 24  # (impl.) how long an MS-RequestId stays answered
    replay_conflict_status: int = 409  # (impl.) same id, other body
    etag_mismatch_status: int = 400  # 400/2055 is documented; 412 and 417/800036 are the general alternatives
    page_size: int = 500  # (impl.) users per page where the request names no size
    page_size_maximum: int = 2000  # (impl.) of customers, users and audit records; no page names a limit

    # audit records
    audit_page_size: int = 500  # (impl.) as the self link of the page's sample shows
    audit_oldest_days: int = 90  # page get-a-record-of-partner-center-activity-by-user
    audit_window_days: int = 30  # of one query; the service's own description (2021)
    audit_lag_seconds: int = 0  # (impl.) virtual time until a record can be read; minutes, not documented

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
    additional_reseller_markets: frozenset[str] = _EU_AND_EFTA  # homes of partners that name additional resellers
    customer_subscriptions: int = 0  # (impl.) most of one customer before 400/900419; 0 = no limit, none is published
    enforce_prerequisites: bool = True  # (impl.) an add-on needs an active prerequisite, else line error 10006
    provisioning_lag_seconds: int = 0  # virtual time until subscriptionId and subscription appear
    order_list_lag_seconds: int = 0  # virtual time until an order is listed; the page says up to 900

    # subscriptions
    window_days: int = 7  # cancellation, and seats of one batch; page create-a-new-subscription
    full_refund_hours: int = 24  # first entry of refundOptions; page new-commerce-cancellation-policy
    software_window_days: int = 7  # the page's text; a sample of 2021 shows 30
    marketplace_monthly_hours: int = 24  # 2023; the community pack of 2026 says 72
    marketplace_yearly_hours: int = 336  # 14 days, for every term but a monthly one
    marketplace_late_cancel: str = "refuse"  # 400/900213; or "at_renewal": auto-renew goes off instead
    decrease_consumes: str = "newest"  # (impl.) which refundable batch a decrease takes first; or "oldest"
    late_decrease_code: int = 800090  # the page's sample; 900257 is the wording of the newer table
    suspended_update_code: int = 800091  # or 2001, the older code for a quantity while suspended
    shorter_term_code: int = 900267  # or 800122
    refundable_while_suspended: bool = False  # (impl.) community pack of 2026: null while suspended
    mid_term_changes: bool = True  # term and cycle of a running term; the pack of 2026 denies them
    term_change_keeps_schedule: bool = False  # whether a longer term, taken at once, keeps the scheduled changes
    triennial_cycle_change_until: str = "2025-03-31"  # last day of the P3Y monthly/annual switch
    coterm_calendar: str = "last"  # the last month end inside the term; or "any" month end inside it
    coterm_cycles: str = "end"  # cycles of an aligned term count back from its end; or "start": the last one is cut
    coterm_page_size: int = 300  # page custom-term-end-dates
    subscription_etags: bool = False  # samples of new-commerce subscriptions carry no etag
    patch_mode: str = "immediate"  # or "accepted": 202 + Location, the change lands after the delay
    patch_delay_seconds: int = 60  # (impl.) virtual time until an accepted PATCH has landed
    reseller_change: str = "refuse"  # (impl.) partnerId by PATCH: 400/800098, or "ignore", or "allow"
    transfer_blocks_writes: bool = True  # community pack of 2026: 409/900278 while a transfer is open
    trial_days: int = 30  # length of a trial; page create-a-new-subscription
    trial_auto_renew_fixed: bool = False  # (impl.) whether auto-renew of a trial is locked like its status
    maximum_updates: int = 1200  # updates of one subscription before 400/900311

    # terms and their ends
    renewal_seconds: int = 3600  # (impl.) virtual time from 00:00 UTC until a renewal is done; documented: up to 24 h
    renewal_wait: str = "all"  # (impl.) writes refused until then; or "documented": the four read-only things alone
    cycle_charge_seconds: int = 3600  # (impl.) nextChargeInstructions are read-only so long from 00:00 UTC
    suspended_end_status: str = "disabled"  # at term end; one sentence of the page says "expired"
    expired_days: int = 30  # page subscription-lifecycle
    disabled_days: int = 90  # page subscription-lifecycle
    legacy_suspended_days: int = 90  # then deleted; page suspend-a-subscription
    clipped_month_returns: bool = False  # (impl.) 31 Jan, 28 Feb, then 31 Mar instead of 28 Mar
    late_anchor: str = "clip"  # (impl.) cycles of a year from the 29th or a short month's last day; or "end"
    extended_service_term: bool = True  # auto-renew off rolls into a paid month instead of expiring
    extended_service_since: str = "2026-05-04"  # first end of a term that rolls
    extended_service_bought_since: str = "2025-04-01"  # and the term must have begun on or after this day
    old_agreement_before: str = "2023-04-01"  # a customer agreement accepted before this day ...
    old_agreement_until: str = "2025-10-07"  # ... stops counting on this one

    # billing
    clipped_cycle_days: str = "month"  # days of the month the cycle starts in; or "real" days of the cycle
    invoice_day: int = 7  # (impl.) of the next month; the page says between the sixth and the eighth
    payment_days: int = 60  # an invoice is taken as paid after this
    tax_percent: int = 0  # (impl.) tax rate of markets that `market_tax_percent` does not name
    market_tax_percent: str = ""  # (impl.) such as "DE=19,US=8.875"; no page prints rates
    telephony_tax_percent: int = 0  # (impl.) on top, for the telephony part of a price
    legacy_suspension_refunds: bool = True  # (impl.) suspending a legacy subscription gives the rest of the cycle back
    line_item_page_size: int = 2000  # default and maximum
    longer_term_charge_type: str = "extendTerm"  # (impl.) the page has it for a longer trial only; or "convert"
    line_order: str = "time"  # or "mixed": the page says that lines are in no order of time; mixed within a page
    pdf_link_minutes: int = 30  # page invoice-resources
    export_seconds: int = 10  # (impl.) virtual time until an export is ready; Retry-After of the 2023 text
    export_link_minutes: int = 60  # (impl.) then 410
    export_blob_lines: int = 10_000  # (impl.) line items of one blob

    # catalogue, prices, moves, Azure, webhooks (everything that is not a plain purchase)
    require_client_request_id: bool = False  # (impl.) the price host documents the header, clients forget it
    price_sheet_segment_column: bool = True  # newer sheets carry Segment as their last column
    require_purchase_order: bool = False  # orders wait as pending_po_upload until a purchase order is attached
    sandbox_subscriptions: int = 5  # per customer of a sandbox partner; page test-and-debug
    sandbox_licences: int = 25  # per subscription of a sandbox partner
    sandbox_azure_plans: int = 10  # per sandbox partner
    sandbox_azure_approved: bool = True  # (impl.) Azure plans need an approval there; without: 403/900322
    sandbox_customer_plans: int = 3  # Azure plans of one customer of a sandbox provider, each of another reseller
    sandbox_customer_plans_direct: int = 1  # Azure plans of one customer of a direct sandbox partner
    sandbox_reservations: int = 2  # reserved instances of one customer of a sandbox partner
    order_cancel_days: int = 30  # perpetual software, through the order
    sandbox_order_cancel_days: int = 60  # older sandbox orders cannot be cancelled
    transition_seconds: int = 60  # (impl.) virtual time from event Started to Completed
    transition_keeps_window: bool = False  # the pack of 2026 lets an upgrade inherit the source's window
    migration_seconds: int = 300  # (impl.) virtual time from Processing to Completed; usually 0 to 6 hours
    migration_minimum_days: int = 31  # younger subscriptions are refused with 403/900226
    migration_creates_per_window: int = 100  # per partner in five minutes (page api-throttling-guidance)
    migration_validates_per_window: int = 450  # per partner and customer in five minutes
    migration_page_size: int = 300  # then a continuation token in the response header
    registration_seconds: int = 60  # (impl.) virtual time until an Azure plan is registered
    product_upgrade_seconds: int = 300  # (impl.) virtual time until an Azure upgrade is completed
    utilization_page_size: int = 1000  # default and largest size of one page
    analytics_page_size: int = 10000  # default and largest `top`
    validation_events_per_minute: int = 2  # page api-throttling-guidance
    validation_event_days: int = 7  # how long the result of a test event is kept
    webhook_delay_seconds: int = 0  # virtual time from a change to its event; the page says up to 48 h
    webhook_attempts: int = 10  # then the event is dropped
    webhook_retry_seconds: int = 300  # (impl.) virtual time between two attempts
    webhook_timeout_seconds: float = 5.0  # (impl.) wall time one attempt may take

    # customers, partner, GDAP, users (registration, vetting, admin access)
    require_write_ids: bool = True  # customer create and sandbox resellers state that both MS-* ids are required
    domain_taken_code: int = 1003  # (impl.) 409 of POST /customers for a domain in use
    registration_format: str = r"^[A-Za-z0-9/.\-]{5,22}$"  # (impl.) where no market format is known
    registration_formats: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType(
            {"PL": r"^\d{10}$", "BR": r"^\d{14}$", "RU": r"^(\d{10}|\d{12})$", "UA": r"^(\d{8}|\d{10})$"}
        )
    )  # (impl.) the pages show the form of such an expression only
    country_rules_form: str = "recorded"  # or "documented": the page prints another form than was recorded in 2019
    production_delete_status: int = 403  # (impl.) DELETE of a customer outside the sandbox; or 405
    removal_needs_suspension: bool = True  # the page's walk-through; whether the service enforces it is unknown
    consent_removal_status: int = 200  # the page lists 200 and 201 for it, and no 204
    customer_address_check: bool = False  # (impl.) POST /customers refuses an address that is not verified
    provider_search_field: str = "IndirectCloudSolutionProvider"  # (impl.) the page has it in words only
    vetting_hours: int = 24  # (impl.) virtual time until a qualification is decided
    vetting_outcome: str = "Approved"  # (impl.) or "Denied"
    sandbox_customers: int = 75  # of a sandbox partner; page test-and-debug
    sandbox_resellers: int = 5  # of a sandbox partner; page create-indirect-reseller-in-sandbox
    agreement_link_minutes: int = 5  # page get-agreement-template-document
    gdap_gate: str = "relationship"  # any active GDAP relationship opens; "roles" asks for a fitting role; "off"
    gdap_denied_code: int = 900308  # (impl.) code of the 403 behind a closed gate
    gdap_activation_seconds: int = 0  # (impl.) virtual time from approval to active
    gdap_settle_seconds: int = 0  # (impl.) virtual time until assignments and operations are done
    gdap_state_status: int = 409  # (impl.) PATCH, DELETE or request in the wrong state; or 400
    gdap_page_size: int = 300  # Graph: $top up to 300
    licence_lag_seconds: int = 0  # (impl.) virtual time from a purchase until its licences can be assigned
    conditional_access_block: bool = False  # licence updates answer 403/900309
    user_restore_days: int = 30  # page restore-a-user-for-a-customer
    device_page_size: int = 100  # page get-a-list-of-devices-for-the-specified-batch-and-customer
    telemetry_requests: int = 10_000  # page get-api-request-details

    # referrals, payouts
    referral_create_status: int = 200  # (impl.) the page prints no status; or 201
    own_referrals_accepted: bool = True  # sample of create-a-referral: New and Pending become Active and Accepted
    referral_page_size: int = 100  # page get-a-list-of-referrals
    payout_years: int = 3  # an export without a filter reaches back so far
    dap_until: str = "2023-05-22"  # day from which delegated admin privileges (DAP) open nothing any more
    dap_idle_days: int = 90  # page get-delegated-admin-relation-statistics


DEFAULTS = Settings()
