"""Documented operations, one per line: method, path with "*" for each variable, name.

What is listed here and not built answers 501 with its name, so a caller sees what is missing.
Source: Partner Center docs, the page of each operation (Oct 2023), and its help pages.
"""

from __future__ import annotations

_OPERATIONS = """
GET /auditactivity/v1/auditrecords/* Get an audit record by ID
GET /CustomerServiceAdminApi/Web/v1/delegatedAdminStatistics Get delegated admin relationship statistics
GET /partner/v1/analytics/commercial/deployment/license Get licenses deployment information
GET /partner/v1/analytics/commercial/usage/license Get licenses usage information
GET /partner/v1/analytics/indirectresellers Get all indirect resellers analytics
GET /partner/v1/analytics/referrals Get all referrals analytics information
GET /partner/v1/analytics/search Get all search analytics information
GET /partner/v1/analytics/subscriptions Get all subscription analytics information
GET /partner/v1/analytics/usage/azure Get all Azure usage analytics information
GET /v1.0/engagements/referrals Get a list of leads and opportunities
POST /v1.0/engagements/referrals Create a referral
GET /v1.0/engagements/referrals/* Get a lead or opportunity by ID
PATCH /v1.0/engagements/referrals/* Update a lead or opportunity
POST /v1.0/payouts/payments Create payment export request
GET /v1.0/payouts/payments/* Get payment export request by ID
DELETE /v1.0/payouts/payments/* Delete payment export request by ID
POST /v1.0/payouts/transactionhistory Create earnings export request
GET /v1.0/payouts/transactionhistory/* Get earnings export request by ID
DELETE /v1.0/payouts/transactionhistory/* Delete earnings export request by ID
GET /v1.0/reports/partners/billing/manifests/* Get a billing manifest
GET /v1.0/reports/partners/billing/operations/* Get a billing operation
POST /v1.0/reports/partners/billing/reconciliation/billed/export Export billed invoice reconciliation
POST /v1.0/reports/partners/billing/reconciliation/unbilled/export Export unbilled invoice reconciliation
POST /v1.0/reports/partners/billing/usage/billed/export Export billed daily rated usage
POST /v1.0/reports/partners/billing/usage/unbilled/export Export unbilled daily rated usage
GET /v1.0/sales/*/$value Get a price sheet, an offer matrix or foreign exchange rates
GET /v1.0/tenantRelationships/delegatedAdminCustomers List delegated admin customers
GET /v1.0/tenantRelationships/delegatedAdminCustomers/* Get a delegated admin customer
GET /v1.0/tenantRelationships/delegatedAdminCustomers/*/serviceManagementDetails List service management details
GET /v1.0/tenantRelationships/delegatedAdminRelationships List delegated admin relationships
POST /v1.0/tenantRelationships/delegatedAdminRelationships Create a delegated admin relationship
GET /v1.0/tenantRelationships/delegatedAdminRelationships/* Get a delegated admin relationship
PATCH /v1.0/tenantRelationships/delegatedAdminRelationships/* Update a delegated admin relationship
DELETE /v1.0/tenantRelationships/delegatedAdminRelationships/* Delete a delegated admin relationship
GET /v1.0/tenantRelationships/delegatedAdminRelationships/*/accessAssignments List delegated admin access assignments
POST /v1.0/tenantRelationships/delegatedAdminRelationships/*/accessAssignments Create an access assignment
GET /v1.0/tenantRelationships/delegatedAdminRelationships/*/accessAssignments/* Get a delegated admin access assignment
PATCH /v1.0/tenantRelationships/delegatedAdminRelationships/*/accessAssignments/* Update an access assignment
DELETE /v1.0/tenantRelationships/delegatedAdminRelationships/*/accessAssignments/* Delete an access assignment
GET /v1.0/tenantRelationships/delegatedAdminRelationships/*/operations List delegated admin relationship operations
GET /v1.0/tenantRelationships/delegatedAdminRelationships/*/operations/* Get a delegated admin relationship operation
GET /v1.0/tenantRelationships/delegatedAdminRelationships/*/requests List delegated admin relationship requests
POST /v1.0/tenantRelationships/delegatedAdminRelationships/*/requests Create a delegated admin relationship request
GET /v1.0/tenantRelationships/delegatedAdminRelationships/*/requests/* Get a delegated admin relationship request
GET /v1/agreements Get agreement metadata
GET /v1/agreementtemplates/*/document Get an agreement template document
GET /v1/analytics/commercial/deployment/license Get licenses deployment information
GET /v1/analytics/commercial/usage/license Get licenses usage information
GET /v1/analytics/licenses/deployment Get partner licenses deployment information
GET /v1/analytics/licenses/usage Get partner licenses usage information
GET /v1/applicationmfaadoptionstatus Get the MFA adoption status
GET /v1/auditrecords Get a record of Partner Center activity
GET /v1/compliance/*/agreementstatus Verify an indirect reseller's Microsoft Partner Agreement signing status
GET /v1/countryvalidationrules/* Get country validation rules
GET /v1/customers Get a list of customers
POST /v1/customers Create a customer
GET /v1/customers/* Get a customer by ID
PATCH /v1/customers/* Remove a reseller or DAP relationship with a customer
DELETE /v1/customers/* Delete a customer account from the integration sandbox
GET /v1/customers/*/agreements Get confirmations of agreement acceptance
POST /v1/customers/*/agreements Confirm agreement acceptance
GET /v1/customers/*/analytics/licenses/deployment Get customer licenses deployment information
GET /v1/customers/*/analytics/licenses/usage Get customer licenses usage information
POST /v1/customers/*/applicationconsents Consent to an application in a customer tenant
DELETE /v1/customers/*/applicationconsents/* Withdraw consent in a customer tenant
GET /v1/customers/*/batchJobStatus/* Get the status of a device batch upload
POST /v1/customers/*/carts Create a cart
GET /v1/customers/*/carts/* Get a cart by ID
PUT /v1/customers/*/carts/* Update a cart
POST /v1/customers/*/carts/*/checkout Check out a cart
GET /v1/customers/*/customDomains Get a customer custom domains
GET /v1/customers/*/deviceBatches Get a list of device batches
POST /v1/customers/*/deviceBatches Upload devices to a new batch
GET /v1/customers/*/deviceBatches/*/devices Get a list of devices for the specified batch and customer
POST /v1/customers/*/deviceBatches/*/devices Upload devices to an existing batch
DELETE /v1/customers/*/deviceBatches/*/devices/* Delete a device
PATCH /v1/customers/*/DevicePolicyUpdates Update a list of devices with a policy
GET /v1/customers/*/directoryroles Get directory roles of a customer
GET /v1/customers/*/directoryroles/*/usermembers Get user members of a directory role
POST /v1/customers/*/directoryroles/*/usermembers Set user roles for a customer
DELETE /v1/customers/*/directoryroles/*/usermembers/* Remove a customer user from a role
GET /v1/customers/*/directSignedMicrosoftCustomerAgreementStatus Get direct signing status
GET /v1/customers/*/artifacts/*/groups/*/lineitems/*/resource/* Get the reservation behind an entitlement
GET /v1/customers/*/entitlements Get entitlements of a customer
GET /v1/customers/*/managedservices Get the managed services for a customer by ID
POST /v1/customers/*/migrations/newcommerce Create a new commerce migration
GET /v1/customers/*/migrations/newcommerce/* Get a new commerce subscription migration
GET /v1/customers/*/migrations/newcommerce/events Get migration events
POST /v1/customers/*/migrations/newcommerce/schedules Schedule a new commerce migration
GET /v1/customers/*/migrations/newcommerce/schedules/* Get a new commerce migration schedule
PUT /v1/customers/*/migrations/newcommerce/schedules/* Update a new commerce migration schedule
POST /v1/customers/*/migrations/newcommerce/schedules/*/cancel Cancel a new commerce migration schedule
POST /v1/customers/*/migrations/newcommerce/validate Validate a subscription for migration
GET /v1/customers/*/offercategories Get offer categories for a customer
GET /v1/customers/*/offers Get offers for a customer
GET /v1/customers/*/orders Get all orders of a customer
POST /v1/customers/*/orders Create an order
GET /v1/customers/*/orders/* Get an order by ID
PATCH /v1/customers/*/orders/* Update or cancel an order
POST /v1/customers/*/orders/*/attachment Attach a purchase order
GET /v1/customers/*/orders/*/lineitems/*/activationlinks Get activation link by order line item
GET /v1/customers/*/orders/*/provisioningstatus Get order provisioning status
GET /v1/customers/*/organization Get the organization of a customer
GET /v1/customers/*/policies Get a list of a customer's policies
POST /v1/customers/*/policies Create a new customer configuration policy
GET /v1/customers/*/policies/* Retrieve a customer's configuration policy
PUT /v1/customers/*/policies/* Update a configuration policy
DELETE /v1/customers/*/policies/* Delete a configuration policy
GET /v1/customers/*/products Get products for a customer
POST /v1/customers/*/products Get a list of products (by customer)
GET /v1/customers/*/products/* Get a product by ID (by customer)
POST /v1/customers/*/products/* Get a product by ID (by customer)
GET /v1/customers/*/products/*/skus Get a list of SKUs for a product (by customer)
POST /v1/customers/*/products/*/skus Get a list of SKUs for a product (by customer)
GET /v1/customers/*/products/*/skus/* Get a SKU by ID (by customer)
POST /v1/customers/*/products/*/skus/* Get a SKU by ID (by customer)
GET /v1/customers/*/products/*/skus/*/availabilities Get a list of availabilities for a SKU (by customer)
POST /v1/customers/*/products/*/skus/*/availabilities Get a list of availabilities for a SKU (by customer)
GET /v1/customers/*/products/*/skus/*/availabilities/* Get an availability by ID (by customer)
POST /v1/customers/*/products/*/skus/*/availabilities/* Get an availability by ID (by customer)
GET /v1/customers/*/profiles/billing Get a customer's billing profile
PUT /v1/customers/*/profiles/billing Update a customer's billing profile
GET /v1/customers/*/profiles/company Get a customer's company profile
POST /v1/customers/*/promotionEligibilities Verify promotion eligibility
GET /v1/customers/*/qualification Get a customer's qualification (synchronous)
PUT /v1/customers/*/qualification Update a customer's qualification (synchronous)
GET /v1/customers/*/qualifications Get a customer's qualifications
POST /v1/customers/*/qualifications Update qualifications of a customer
GET /v1/customers/*/relationships Get indirect resellers of a customer
GET /v1/customers/*/servicecosts/* Get a customer's service costs summary
GET /v1/customers/*/servicecosts/*/lineitems Get a customer's service costs line items
GET /v1/customers/*/servicecosts/mostrecent Get the most recent service costs of a customer
GET /v1/customers/*/servicerequests Get all service requests for a customer
GET /v1/customers/*/subscribedskus Get a list of available licenses
GET /v1/customers/*/subscriptions Get all subscriptions of a customer
GET /v1/customers/*/subscriptions/* Get a subscription by ID
PATCH /v1/customers/*/subscriptions/* Update a subscription
POST /v1/customers/*/subscriptions/*/activate Activate a sandbox marketplace subscription
GET /v1/customers/*/subscriptions/*/addons Get a list of add-ons for a subscription
GET /v1/customers/*/subscriptions/*/azureEntitlements Get Azure entitlements of a subscription
GET /v1/customers/*/subscriptions/*/azureEntitlements/* Get an Azure entitlement for a subscription
POST /v1/customers/*/subscriptions/*/azureEntitlements/* Get an Azure entitlement for a subscription
POST /v1/customers/*/subscriptions/*/azureEntitlements/*/cancel Cancel an Azure subscription
POST /v1/customers/*/subscriptions/*/azureEntitlements/*/reactivate Reactivate an Azure entitlement
GET /v1/customers/*/subscriptions/*/conversions Get a list of trial conversion offers
POST /v1/customers/*/subscriptions/*/conversions Convert a trial subscription to paid
GET /v1/customers/*/subscriptions/*/meterusagerecords Get usage records by meter
GET /v1/customers/*/subscriptions/*/provisioningstatus Get subscription provisioning status
POST /v1/customers/*/subscriptions/*/registrations Register a subscription
GET /v1/customers/*/subscriptions/*/registrationstatus Get subscription registration status
GET /v1/customers/*/subscriptions/*/resourceusagerecords Get usage data for subscription by resource
GET /v1/customers/*/subscriptions/*/supportcontact Get a subscription's support contact
PUT /v1/customers/*/subscriptions/*/supportcontact Update a subscription's support contact
GET /v1/customers/*/subscriptions/*/transitionEligibilities Get transition eligibilities
GET /v1/customers/*/subscriptions/*/transitions Get the transitions of a subscription
POST /v1/customers/*/subscriptions/*/transitions Transition a new commerce subscription
GET /v1/customers/*/subscriptions/*/upgrades Get upgrade options of a subscription
POST /v1/customers/*/subscriptions/*/upgrades Transition a subscription
GET /v1/customers/*/subscriptions/*/usagerecords/resources Get all monthly usage records for a subscription
GET /v1/customers/*/subscriptions/*/usagesummary Get a subscription usage summary
GET /v1/customers/*/subscriptions/*/utilizations/azure Get a customer's utilization records for Azure
GET /v1/customers/*/subscriptions/customTermEndDates Get custom term end dates
GET /v1/customers/*/subscriptions/overage Get overage state of a customer
PUT /v1/customers/*/subscriptions/overage Update overage state of a customer
GET /v1/customers/*/subscriptions/usagerecords Get all subscription usage records for a customer
GET /v1/customers/*/transfers Get transfers of a customer
POST /v1/customers/*/transfers Create a transfer
GET /v1/customers/*/transfers/* Get transfer details by ID
PATCH /v1/customers/*/transfers/* Reject a transfer
DELETE /v1/customers/*/transfers/* Withdraw a transfer
POST /v1/customers/*/transfers/*/accept Accept a transfer of subscriptions
GET /v1/customers/*/transferseligibility Get a customer's subscriptions transfer eligibility
GET /v1/customers/*/usagebudget Get a customer's usage spending budget
PATCH /v1/customers/*/usagebudget Update the usage spending budget of a customer
GET /v1/customers/*/usagesummary Get a usage summary for all of a customer's subscriptions
GET /v1/customers/*/users Get a list of all user accounts for a customer
POST /v1/customers/*/users Create a user account for a customer
PATCH /v1/customers/*/users Update user accounts for a customer
GET /v1/customers/*/users/* Get a user account by ID
PATCH /v1/customers/*/users/* Update or restore a user account for a customer
DELETE /v1/customers/*/users/* Delete a user account for a customer
GET /v1/customers/*/users/*/directoryroles Get user roles for a customer
GET /v1/customers/*/users/*/licenses Get licenses assigned to a user
POST /v1/customers/*/users/*/licenseupdates Assign licenses to a user
PATCH /v1/customers/*/users/*/resetpassword Reset user password for a customer
GET /v1/customers/*/validationStatus Retrieve validation status of a customer
POST /v1/customers/*/verifieddomain Add a verified domain for a customer
GET /v1/customers/all/validations Get a partner's Government Community Cloud validation codes
GET /v1/customers/relationshiprequests Retrieve a relationship request URL
GET /v1/customers/usagerecords Get usage records of customers
HEAD /v1/domains/* Verify domain availability
POST /v1/extensions/product/checkInventory Check inventory
GET /v1/fraudEvents Get fraud events
POST /v1/fraudEvents/subscription/*/status Azure fraud notification - Update fraud event status
GET /v1/invoices Get a collection of invoices
GET /v1/invoices/* Get invoice by ID
GET /v1/invoices/*/documents/statement Get invoice statement
GET /v1/invoices/*/lineitems Get invoice line items
GET /v1/invoices/*/lineitems/*/* Get invoice line items
GET /v1/invoices/*/receipts/*/documents/statement Get invoice receipt statement
GET /v1/invoices/estimates/links Get invoice estimate links
GET /v1/invoices/summaries Get invoice summaries
GET /v1/invoices/summary Get the partner's current account balance
GET /v1/invoices/unbilled/lineitems Get unbilled line items
GET /v1/margins Get margins
GET /v1/margins/download Download margins
GET /v1/migrations/newcommerce Query migrated subscriptions
GET /v1/migrations/newcommerce/schedules Get a new commerce migration schedule
GET /v1/nonMfaCompliantPartnerPrincipals Get portal requests without MFA
GET /v1/offercategories Get a list of offer categories by market
GET /v1/offers Get a list of offers for a market
GET /v1/offers/* Get an offer by ID
GET /v1/offers/*/addons Get add-ons for an offer ID
GET /v1/partnerRequests Get a list of all partner user requests
GET /v1/productpromotions Get a list of promotions
GET /v1/productpromotions/* Get a single promotion
GET /v1/products Get a list of products (by country/region)
GET /v1/products/* Get a product by ID
GET /v1/products/*/skus Get a list of SKUs for a product (by country/region)
GET /v1/products/*/skus/* Get a SKU by ID
GET /v1/products/*/skus/*/availabilities Get a list of availabilities for a SKU
GET /v1/products/*/skus/*/availabilities/* Get the availability by ID
POST /v1/productupgrades Create a product upgrade
POST /v1/productUpgrades/*/status Get the product upgrade status for a customer
POST /v1/productUpgrades/eligibility Check a customer's eligibility for upgrading to an Azure plan
GET /v1/profiles/billing Get partner billing profile
PUT /v1/profiles/billing Update the partner billing profile
GET /v1/profiles/legalbusiness Get the partner legal business profile
PUT /v1/profiles/legalbusiness Update the partner legal business profile
GET /v1/profiles/mpn Get partner profile
GET /v1/profiles/organization Get organization profile
PUT /v1/profiles/organization Update an organization profile
GET /v1/profiles/support Get support profile
PUT /v1/profiles/supportprofile Update support profile
GET /v1/ratecards/azure Get prices for Microsoft Azure
GET /v1/ratecards/azure-shared Get prices for Azure partner shared services
GET /v1/relationships Get indirect resellers of an indirect provider
POST /v1/sandboxIndirectReseller Create Indirect Reseller in Sandbox
DELETE /v1/sandboxIndirectReseller/* Delete Indirect Reseller in Sandbox
GET /v1/SelfServePolicy Get a list of self-serve policies
POST /v1/SelfServePolicy Create a self-serve policy
PUT /v1/SelfServePolicy Update a self-serve policy
GET /v1/SelfServePolicy/* Get a self-serve policy by ID
DELETE /v1/SelfServePolicy/* Delete a self-serve policy
GET /v1/servicerequests/* Get service request details by ID
PATCH /v1/servicerequests/* Update a service request
GET /v1/usagesummary Get a usage summary for a partner
POST /v1/validations/address Validate an address
GET /v1/validations/checkdomainavailability/* Verify domain prefix availability
POST /generatetoken Generate a Partner Center token (until February 2025)
POST /v3/generatetoken Generate a Partner Center token
GET /webhooks/v1/registration View webhook registration
POST /webhooks/v1/registration Register to receive webhook events
PUT /webhooks/v1/registration Update webhook registration
GET /webhooks/v1/registration/events List webhook event types
POST /webhooks/v1/registration/validationEvents Send a test webhook event
GET /webhooks/v1/registration/validationEvents/* Verify a test webhook event
"""


def documented() -> list[tuple[str, str, str]]:
    """(method, path, name) of every documented operation."""
    rows = (line.split(" ", 2) for line in _OPERATIONS.strip().splitlines())
    return [(method, path, name) for method, path, name in rows]
