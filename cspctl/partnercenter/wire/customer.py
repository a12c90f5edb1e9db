"""Customers. Source: Partner Center docs, page customer-resources (Oct 2023)."""

from __future__ import annotations

from cspctl.partnercenter.wire.body import Body, Flag, Text
from cspctl.partnercenter.wire.link import Resource


class Address(Body):
    country: Text | None = None
    region: Text | None = None
    city: Text | None = None
    state: Text | None = None
    address_line1: Text | None = None
    address_line2: Text | None = None
    postal_code: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    phone_number: Text | None = None


class CompanyProfile(Resource):
    """`address` and `email` are left out for callers without rights in the customer's tenant."""

    tenant_id: Text | None = None
    domain: Text | None = None
    company_name: Text | None = None
    organization_registration_number: Text | None = None
    address: Address | None = None
    email: Text | None = None


class BillingProfile(Resource):
    id: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    email: Text | None = None
    culture: Text | None = None
    language: Text | None = None
    company_name: Text | None = None
    default_address: Address | None = None


class Customer(Resource):
    """List items carry id, companyProfile and relationshipToPartner only."""

    id: Text | None = None
    commerce_id: Text | None = None
    company_profile: CompanyProfile | None = None
    billing_profile: BillingProfile | None = None
    relationship_to_partner: Text | None = None
    allow_delegated_access: Flag | None = None
    custom_domains: list[Text] | None = None
    associated_partner_id: Text | None = None
