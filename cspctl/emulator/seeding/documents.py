"""Seed entries turned into stored documents: partner, reseller, customer, product, price. Pure functions.

Every function raises ValueError naming the entry and the key that is missing or wrong.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.terms import cycle_of
from cspctl.emulator.trade.offers import SEGMENTS
from cspctl.emulator.trade.pricing import price_key
from cspctl.emulator.wire.shapes import is_guid, link, stable_guid

Entry = dict[str, Any]
AGREEMENT_TYPE = "MicrosoftCustomerAgreement"
_SEGMENT_WORDS = {"charity": "nonprofit"}
_DEFAULT_TERMS = [
    {"duration": "P1M", "billingCycle": "monthly"},
    {"duration": "P1Y", "billingCycle": "annual"},
    {"duration": "P1Y", "billingCycle": "monthly"},
]
_TRIAL_TERMS = [{"duration": "P1M", "billingCycle": "none"}]
_CYCLE_ORDER = ("annual", "monthly", "triennial", "one_time", "none")


def need(entry: Entry, key: str, where: str) -> str:
    """A required text of a seed entry."""
    value = entry.get(key)
    if value is None or str(value).strip() == "":
        raise ValueError(f"{where} has no {key}")
    return str(value)


def guid(entry: Entry, key: str, where: str) -> str:
    value = need(entry, key, where)
    if not is_guid(value):
        raise ValueError(f"{where}: {key} {value!r} is not a GUID")
    return value.lower()


def segment_of(text: object) -> str:
    """Catalogue spelling of a segment; the price sheets say Charity for nonprofit."""
    word = str(text or "commercial").lower()
    word = _SEGMENT_WORDS.get(word, word)
    if word not in SEGMENTS:
        raise ValueError(f"segment {text!r} is none of {', '.join(SEGMENTS)}")
    return word


def sku_code(text: object) -> str:
    """Four characters; what a spreadsheet made of `0001` gets its zeros back."""
    return str(text).upper().zfill(4)


def partner_document(entry: Entry) -> Entry:
    where = "partner"
    account = guid(entry, "accountId", where)
    return {
        **entry,
        "accountId": account,
        "domain": need(entry, "domain", where).lower(),
        "displayName": str(entry.get("displayName") or entry["domain"]),
        "market": need(entry, "market", where).upper(),
        "currency": need(entry, "currency", where).upper(),
        "mpnId": str(entry.get("mpnId") or ""),
        "tier": str(entry.get("tier") or "indirect-provider"),
        "cloud": str(entry.get("cloud") or "global"),
    }


def reseller_document(entry: Entry) -> Entry:
    mpn = need(entry, "mpnId", "reseller")
    account = entry.get("accountId") or stable_guid("reseller", mpn)
    return {**entry, "mpnId": mpn, "accountId": str(account).lower(), "displayName": entry.get("displayName") or mpn}


def customer_document(entry: Entry, partner: Entry, reseller: Entry | None) -> Entry:
    """A customer tenant; its currency is the partner's billing currency."""
    domain = need(entry, "domain", "customer")
    given = entry.get("id")
    id = guid(entry, "id", f"customer {domain}") if given else stable_guid("customer", partner["accountId"], domain)
    market = str(entry.get("market") or partner["market"]).upper()
    name = str(entry.get("companyName") or domain)
    email = f"admin@{domain}"
    address: Entry = {"country": market, "city": "Springfield", "addressLine1": "1 Main Street", "postalCode": "10001"}
    person = {"firstName": "Ida", "lastName": "Lund", "phoneNumber": "5550100"}
    state = "WA" if market == "US" else None
    path = f"/customers/{id}"
    return {
        "id": id,
        "commerceId": stable_guid("commerce", id),
        "companyProfile": {
            "tenantId": id,
            "domain": domain,
            "companyName": name,
            "address": {**address, "region": (state or market).lower(), "phoneNumber": "5550100"},
            "email": email,
            "links": {"self": link(f"{path}/profiles/company")},
            "attributes": {"objectType": "CustomerCompanyProfile"},
        },
        "billingProfile": {
            "id": stable_guid("billing", id),
            "firstName": "Ida",
            "lastName": "Lund",
            "email": email,
            "culture": f"en-{market}",
            "language": "en",
            "companyName": name,
            "defaultAddress": {**address, "state": state, **person},
            "links": {"self": link(f"{path}/profiles/billing")},
            "attributes": {"etag": _number(id), "objectType": "CustomerBillingProfile"},
        },
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": bool(entry.get("dap")),
        "customDomains": [domain],
        "associatedPartnerId": reseller["accountId"] if reseller else None,
        "links": {"self": link(path)},
        "attributes": {"objectType": "Customer"},
        "_market": market,
        "_currency": str(entry.get("currency") or partner["currency"]),
        "_reseller": reseller["mpnId"] if reseller else None,
        "_segments": [segment_of(one) for one in entry.get("segments") or ["commercial"]],
        "_dapSince": _day(entry, "dap", domain),  # the day DAP was established
        "_dapUsed": _day(entry, "dapUsed", domain) or _day(entry, "dap", domain),
        "_gdap": bool(entry.get("gdap", True)),  # whether an admin relationship comes with the customer
    }


def _number(id: str) -> str:
    """The ETag of a billing profile is a signed 64-bit integer as text."""
    return str(int(id.replace("-", "")[:16], 16) - 2**63)


def agreement_document(customer: Entry, now: datetime) -> Entry:
    return {
        "primaryContact": {"firstName": "Ida", "lastName": "Lund", "email": customer["billingProfile"]["email"]},
        "templateId": stable_guid("template", AGREEMENT_TYPE),
        "dateAgreed": f"{now.date().isoformat()}T00:00:00",
        "type": AGREEMENT_TYPE,
        "agreementLink": "https://aka.ms/customeragreement",
    }


def _day(entry: Entry, key: str, where: str) -> str | None:
    try:
        return format_instant(parse_instant(str(entry[key]))) if entry.get(key) else None
    except ValueError:
        raise ValueError(f"customer {where}: {key} {entry[key]!r} is no day") from None


def product_document(entry: Entry, before: Entry | None) -> Entry:
    """A product with its SKUs; SKUs already known and not named again stay."""
    id = need(entry, "productId", "catalogue entry").upper()
    title = str(entry.get("title") or id)
    kind = entry.get("productType") or "OnlineServicesNCE"
    skus = {sku["id"]: sku for sku in (before or {}).get("_skus", [])}
    for sku in entry.get("skus") or []:
        document = sku_document(sku, id, title)
        skus[document["id"]] = document
    return {
        "id": id,
        "title": title,
        "description": str(entry.get("description") or title),
        "productType": kind if isinstance(kind, dict) else {"id": kind, "displayName": kind},
        "isMicrosoftProduct": bool(entry.get("isMicrosoftProduct", True)),
        "publisherName": str(entry.get("publisherName") or "Microsoft Corporation"),
        "_reservationScopes": list(entry.get("reservationScopes") or ["AzurePlan", "MicrosoftAzure"]),
        "_skus": [skus[key] for key in sorted(skus)],
    }


def sku_document(entry: Entry, product_id: str, product_title: str) -> Entry:
    id = sku_code(need(entry, "id", f"sku of {product_id}"))
    trial = bool(entry.get("isTrial"))
    title = str(entry.get("title") or product_title)
    terms = [
        {"duration": str(term.get("duration") or "").upper() or None, "billingCycle": cycle_of(term["billingCycle"])}
        for term in entry.get("terms") or (_TRIAL_TERMS if trial else _DEFAULT_TERMS)
    ]
    terms = [{key: value for key, value in term.items() if value is not None} for term in terms]
    cycles = {term["billingCycle"] for term in terms}
    return {
        "id": id,
        "productId": product_id,
        "title": title,
        "description": str(entry.get("description") or title),
        "minimumQuantity": int(entry.get("minimumQuantity") or (25 if trial else 1)),
        "maximumQuantity": int(entry.get("maximumQuantity") or (25 if trial else 10_000_000)),
        "isTrial": trial,
        "supportedBillingCycles": [name for name in _CYCLE_ORDER if name in cycles],
        "purchasePrerequisites": list(entry.get("purchasePrerequisites") or ["MicrosoftCloudAgreement"]),
        "inventoryVariables": list(entry.get("inventoryVariables") or []),
        "provisioningVariables": list(entry.get("provisioningVariables") or []),
        "actions": ["Refund"],
        "attestationProperties": entry.get("attestationProperties"),
        "termsOfUseUri": entry.get("termsOfUseUri"),
        "consumptionType": entry.get("consumptionType"),
        "specializedOfferProperties": entry.get("specializedOfferProperties"),
        "dynamicAttributes": {
            "isMicrosoftProduct": True,
            "hasConstraints": True,
            "isAddon": bool(entry.get("isAddon")),
            "prerequisiteSkus": [str(one).upper() for one in entry.get("prerequisiteSkus") or []],
            "isSoftwareAssuranceApplicable": False,
            "upgradeTargetOffers": list(entry.get("upgradeTargetOffers") or []),
            "provisioningId": str(entry.get("provisioningId") or stable_guid("provisioning", product_id, id)),
            "internal": False,
            **(entry.get("dynamicAttributes") or {}),  # those of reservations and savings plans
        },
        "minimumPurchaseCommitment": entry.get("minimumPurchaseCommitment"),
        "_segments": [segment_of(one) for one in entry.get("segments") or ["commercial"]],
        "_terms": terms,
        "_isPurchasable": bool(entry.get("isPurchasable", True)),
        "_convertsTo": entry.get("convertsTo"),
        "_restrictions": list(entry.get("restrictions") or []),  # {type, values}: inventory that is not there
        "_markets": [str(one).upper() for one in entry.get("markets") or []],  # where it is sold; none = everywhere
        "_assetLimit": entry.get("assetOwnershipLimit", 1 if trial else None),  # how often a customer may ever buy it
        "_inventory": entry.get("inventory"),  # units left; None = never runs out
        "_includedQuantityOptions": entry.get("includedQuantityOptions"),
        "_includes": [str(one).upper() for one in entry.get("includes") or []],  # "P:S" that come with this SKU
        "_transferConflicts": bool(entry.get("transferConflicts")),  # licences cannot be moved to this SKU
        "_telephonyShare": _share(entry, id, product_id),  # part of the price charged as a line of its own
    }


def _share(entry: Entry, id: str, product_id: str) -> str | None:
    """`telephonyShare`: decimal text between 0 and 1; None = no telephony part."""
    if entry.get("telephonyShare") is None:
        return None
    share = _amount(entry, "telephonyShare", f"sku {product_id}:{id}")
    if not 0 < Decimal(share) < 1:
        raise ValueError(f"sku {product_id}:{id}: telephonyShare {share} is not between 0 and 1")
    return share


def price_document(entry: Entry) -> tuple[str, Entry]:
    """(key, row). Prices are decimal text: one unit, whole term."""
    where = f"price of {entry.get('productId')}:{entry.get('skuId')}"
    billing = cycle_of(need(entry, "billing", where))
    once = billing == "one_time"  # perpetual software has no term
    row = {
        "productId": need(entry, "productId", where).upper(),
        "skuId": sku_code(need(entry, "skuId", where)),
        "term": "" if once and not entry.get("term") else need(entry, "term", where).upper(),
        "billing": billing,
        "market": need(entry, "market", where).upper(),
        "currency": need(entry, "currency", where).upper(),
        "segment": segment_of(entry.get("segment")),
        "unitPrice": _amount(entry, "unitPrice", where),
        "erpPrice": _amount(entry, "erpPrice", where) if entry.get("erpPrice") is not None else None,
    }
    parts = [str(row[name]) for name in ("productId", "skuId", "term", "billing", "market", "currency", "segment")]
    return price_key(*parts), row


def _amount(entry: Entry, key: str, where: str) -> str:
    text = need(entry, key, where)
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{where}: {key} {text!r} is not a decimal number") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{where}: {key} {text!r} is not a price")
    return str(amount)
