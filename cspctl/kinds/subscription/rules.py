"""What must hold for a Subscription beyond its structure.

Runs for every subscription of a project on every command: plain dictionaries, and answers remembered by key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.reports import error, listed, warning
from cspctl.kinds.scalars import as_date
from cspctl.kinds.subscription.offers import CATALOGUE, Catalogue, Choice, Problem
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource

_NOTHING: Mapping[str, Any] = {}
TRIAL_SEATS = 25  # Source: Partner Center docs, create-a-new-subscription (2023): 25 seats, 30 days.


def check(resource: Resource, project: ProjectView) -> list[Diagnostic]:
    """Most have nothing wrong: whatever only some of them hold is asked for before anything is called."""
    spec, catalogue, found = resource.effective, CATALOGUE.of(project), list[Diagnostic]()
    get = spec.get
    if int(get("quantity") or 0) < 1:
        message = "quantity is 1 or more; to end it write state: cancelled"
        found.append(error(resource, "E-QUANTITY", message, "spec", "quantity"))
    choice = catalogue.choose(get("plan"), get("item"), get("term"), get("billing"))
    if choice is not None:
        problem = choice.problem or _price(catalogue, spec, choice)
        if problem is not None:
            found.append(_report(resource, problem, "spec", problem.key))
    end = get("endOfTerm") or _NOTHING
    if not end.get("action"):
        hint = "endOfTerm: {action: renew} or extend or cancel; here, or as a default of plan or tenant"
        message = "nothing says what happens at the end of the term"
        found.append(error(resource, "E-END-OF-TERM", message, "spec", hint=hint))
    if end.get("next"):
        found += _next(resource, catalogue, end, choice)
    if resource.lifecycle.protect:
        found += _protected(resource, end)
    if get("trial") is not None:
        found += _trial(resource, catalogue, spec, choice)
    elif choice is not None and choice.billing == "none":
        found.append(error(resource, "E-TRIAL", "billing none is for trials: state trial: {}", "spec", "billing"))
    if get("endDate"):
        found += _alignment(resource, catalogue, spec, choice)
    if get("requires"):
        found += _same_tenant(resource, catalogue, spec["requires"], "requires")
    if get("upgradeFrom"):
        source = spec["upgradeFrom"].get("subscription")
        found += _same_tenant(resource, catalogue, source, "upgradeFrom", "subscription")
    return found


def _report(resource: Resource, problem: Problem, *path: str | int) -> Diagnostic:
    make = warning if problem.warns else error
    return make(resource, problem.code, problem.message, *path, hint=problem.hint)


def _price(catalogue: Catalogue, spec: Mapping[str, Any], choice: Choice) -> Problem | None:
    """Why it cannot be priced by today's sheets. A purchase needs that; what already runs keeps its locked price.

    So for a subscription that is adopted by its id it only warns (`W-PRICE-…`), until `generation` asks for a new
    purchase. Source: product contract, MONEY "locked price"; Partner Center docs, pricing-and-offers (2023).
    """
    tenant = catalogue.tenant(spec.get("tenant"))
    problem = catalogue.price_problem(spec["plan"], choice, tenant) if tenant is not None else None
    if problem is None or not _runs_already(spec):
        return problem
    return problem._replace(code=problem.code.replace("E-", "W-", 1), warns=True)


def _runs_already(spec: Mapping[str, Any]) -> bool:
    return bool(spec.get("subscriptionId")) and int(spec.get("generation") or 1) == 1


def _next(
    resource: Resource, catalogue: Catalogue, end: Mapping[str, Any], choice: Choice | None
) -> Iterator[Diagnostic]:
    """Source: Partner Center docs, create-scheduled-changes: needs status active, auto-renew on."""
    where = ("spec", "endOfTerm", "next")
    if not end.get("on"):
        yield error(
            resource,
            "E-NEXT-ON",
            "next needs `on`: the last day of the current commitment",
            "spec",
            "endOfTerm",
            hint="endOfTerm: {action: renew, on: 2027-03-31, next: {quantity: 20}}",
        )
    if end.get("action") not in (None, "renew"):
        yield error(
            resource,
            "E-NEXT-ACTION",
            f"next needs action renew; with {end['action']} there is no next term",
            *where,
        )
    state = resource.effective.get("state") or "active"
    if state != "active":
        yield error(resource, "E-NEXT-STATE", f"a {state} subscription has no scheduled changes", *where)
    wanted = end["next"]
    if choice is None or choice.item is None or not (wanted.get("item") or wanted.get("term") or wanted.get("billing")):
        return  # the same offer as now, which was looked at already
    yield from _following(resource, catalogue, wanted, choice, where)


def _following(
    resource: Resource,
    catalogue: Catalogue,
    wanted: Mapping[str, Any],
    choice: Choice,
    where: tuple[str, ...],
) -> Iterator[Diagnostic]:
    """Left-out keys stay as they are now."""
    assert choice.item is not None, "the caller made sure"
    spec = resource.effective
    item = wanted.get("item") or choice.item["name"]
    term, billing = wanted.get("term") or choice.term, wanted.get("billing") or choice.billing
    following = catalogue.choose(spec["plan"], item, term, billing)
    if following is None:
        return
    problem = following.problem or _price(catalogue, spec, following)
    if problem is not None:
        path = (*where, problem.key) if wanted.get(problem.key) else where
        yield _report(resource, problem, *path)


def _protected(resource: Resource, end: Mapping[str, Any]) -> Iterator[Diagnostic]:
    hint = "unprotecting is an apply of its own: set protect: false, apply, then end it"
    if resource.effective.get("state") == "cancelled":
        yield error(resource, "E-PROTECTED", "lifecycle.protect forbids state: cancelled", "spec", "state", hint=hint)
    if end.get("action") == "cancel":
        message = "lifecycle.protect forbids endOfTerm.action: cancel"
        path = ("spec", "endOfTerm", "action") if (resource.spec.get("endOfTerm") or {}).get("action") else ("spec",)
        yield error(resource, "E-PROTECTED", message, *path, hint=hint)


def _trial(
    resource: Resource, catalogue: Catalogue, spec: Mapping[str, Any], choice: Choice | None
) -> Iterator[Diagnostic]:
    """Source: Partner Center docs, create-a-new-subscription (2023)."""
    if spec.get("quantity") != TRIAL_SEATS:
        yield error(resource, "E-TRIAL", f"a trial has {TRIAL_SEATS} seats, no other number", "spec", "quantity")
    if choice is not None and choice.item is not None and choice.billing != "none":
        yield error(
            resource,
            "E-TRIAL",
            "a trial is billed none",
            "spec",
            "billing",
            hint="offer {term: P1M, billing: none}",
        )
    if (spec.get("state") or "active") != "active":
        yield error(resource, "E-TRIAL", "the state of a trial cannot be changed", "spec", "state")
    if spec.get("endDate"):
        yield error(resource, "E-TRIAL", "a trial cannot be aligned", "spec", "endDate")
    target = (spec.get("trial") or {}).get("convertTo")
    if not target:
        return
    where = ("spec", "trial", "convertTo")
    paid = catalogue.choose(spec.get("plan"), target.get("item"), target.get("term"), target.get("billing"))
    if paid is None:
        return
    problem = paid.problem or _price(catalogue, spec, paid)
    if problem is not None:
        yield _report(resource, problem, *where)
    elif paid.billing == "none":
        yield error(resource, "E-TRIAL", "a trial converts to a paid offer", *where)


def _alignment(
    resource: Resource,
    catalogue: Catalogue,
    spec: Mapping[str, Any],
    choice: Choice | None,
) -> Iterator[Diagnostic]:
    """Source: Partner Center docs, align-subscription-end-dates (2023)."""
    target, where = str(spec["endDate"].get("alignTo")), ("spec", "endDate", "alignTo")
    if target == "calendar-month":
        return
    day = as_date(target)
    if day is not None:
        if choice is not None and choice.term == "P1M" and day.day in (28, 29, 30) and not _ends_month(day):
            message = f"{day} is not the last day of its month: a monthly term cannot end on the 28th to 30th"
            yield error(resource, "E-ALIGN-DATE", message, *where)
        return
    other = catalogue.subscriptions.get(target)
    if other is None:
        yield error(
            resource,
            "E-ALIGN-TO",
            f"{target} is neither a Subscription, a day nor calendar-month",
            *where,
            hint=f"subscriptions of tenant {spec.get('tenant')}: {listed(_neighbours(resource, catalogue))}",
        )
        return
    if target == resource.name:
        yield error(resource, "E-ALIGN-TO", "a subscription cannot be aligned to itself", *where)
        return
    yield from _same_tenant(resource, catalogue, target, "endDate", "alignTo")
    if other.effective.get("trial") is not None:
        yield error(resource, "E-ALIGN-TO", f"{target} is a trial; nothing is aligned to a trial", *where)
    theirs = catalogue.choose(*(other.effective.get(k) for k in ("plan", "item", "term", "billing")))
    if choice and theirs and choice.term in ("P1Y", "P3Y") and theirs.term == "P1M":
        yield error(
            resource,
            "E-ALIGN-TERM",
            f"a {choice.term} term cannot be aligned to the monthly {target}",
            *where,
        )


def _ends_month(day: Any) -> bool:
    return bool((day + timedelta(days=1)).day == 1)


def _neighbours(resource: Resource, catalogue: Catalogue) -> list[str]:
    tenant = resource.effective.get("tenant")
    return [
        name
        for name, other in catalogue.subscriptions.items()
        if other.effective.get("tenant") == tenant and name != resource.name
    ][:10]


def _same_tenant(resource: Resource, catalogue: Catalogue, name: Any, *path: str) -> Iterator[Diagnostic]:
    other = catalogue.subscriptions.get(name)
    mine = resource.effective.get("tenant")
    if other is not None and other.effective.get("tenant") != mine:
        theirs = other.effective.get("tenant")
        message = f"{other.address} belongs to tenant {theirs}, this one to {mine}"
        yield error(resource, "E-OTHER-TENANT", message, "spec", *path)
