"""Subscriptions at Partner Center: reading them, and performing one step at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cspctl.errors import AccessError, CspctlError, NotFoundError
from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription import purchase
from cspctl.kinds.subscription.audit_records import SubscriptionAuditReader
from cspctl.kinds.subscription.availability import resolve_availability
from cspctl.kinds.subscription.steps import (
    CheckoutCart,
    ClearSchedule,
    CreateCart,
    PatchSubscription,
    ScheduleNextTerm,
)
from cspctl.model.change import Step
from cspctl.model.live import Gap, LiveObject
from cspctl.model.ports import Progress, WriteContext
from cspctl.model.result import StepOutcome, StepStatus
from cspctl.partnercenter.client import ReaderClient, WriterClient
from cspctl.partnercenter.fan_out import fan_out

# Source: Partner Center docs, error-codes, 900278: with an operation pending "try again after 24 hours".
ACCEPTED_LIFE = timedelta(hours=24)


def live_object(body: Mapping[str, Any], scope: str, now: datetime) -> LiveObject:
    return LiveObject(
        kind=shape.KIND,
        live_id=str(body["id"]).lower(),
        scope=scope,
        attributes=shape.live_attributes(body),
        facts=shape.live_facts(body),
        read_at=now,
        body=body,
    )


class SubscriptionObserver:
    """One list of customers per account, and one request per mapped tenant as soon as it was listed."""

    async def observe(
        self, reader: ReaderClient, scopes: Iterable[str], *, now: datetime, progress: Progress
    ) -> tuple[list[LiveObject], list[Gap]]:
        unseen = set(scopes)
        progress.start("reading subscriptions", len(unseen))

        async def known() -> AsyncIterator[list[str]]:
            async for page in reader.customer_pages():
                seen = unseen.intersection(str(customer.get("id", "")).lower() for customer in page)
                unseen.difference_update(seen)
                yield sorted(seen)

        try:
            results = await fan_out(lambda scope: self._tenant(reader, scope, now, progress), known())
        finally:
            progress.finish()
        results.sort(key=lambda result: result[0])
        reason = "not among the account's customers: no reseller relationship, or the tenant id is wrong"
        gaps = [Gap(scope, reason) for scope in sorted(unseen)]
        objects = [o for _, found, _ in results for o in found]
        return objects, gaps + [gap for _, _, gap in results if gap]

    async def _tenant(
        self, reader: ReaderClient, scope: str, now: datetime, progress: Progress
    ) -> tuple[str, list[LiveObject], Gap | None]:
        try:
            return scope, await self.observe_tenant(reader, scope, now=now), None
        except AccessError:
            raise
        except (CspctlError, KeyError, TypeError, ValueError) as error:
            return scope, [], Gap(scope, reason_of(error))
        finally:
            progress.advance()

    async def observe_tenant(self, reader: ReaderClient, scope: str, *, now: datetime) -> list[LiveObject]:
        return [live_object(body, scope, now) for body in await reader.subscriptions(scope)]

    async def observe_one(self, reader: ReaderClient, scope: str, live_id: str, *, now: datetime) -> LiveObject | None:
        try:
            return live_object(await reader.subscription(scope, live_id), scope, now)
        except NotFoundError:
            return None


def reason_of(error: Exception) -> str:
    if isinstance(error, CspctlError):
        return f"{error.code}: {error.message}"
    return f"the answer could not be understood ({type(error).__name__})"


class SubscriptionActuator:
    """Performs and settles the steps of cspctl.kinds.subscription.steps."""

    async def perform(
        self, writer: WriterClient, step: Step, inputs: Mapping[str, Any], context: WriteContext
    ) -> StepOutcome:
        match step:
            case CreateCart():
                return await purchase.create_cart(writer, step, inputs, context)
            case CheckoutCart():
                return await purchase.checkout(writer, step, inputs, context)
            case PatchSubscription():
                return await self._patch(writer, step, step.subscription, dict(step.changes), inputs, context)
            case ScheduleNextTerm():
                return await self._schedule(writer, step, inputs, context)
            case ClearSchedule():
                cleared = {"scheduledNextTermInstructions": None}
                return await self._patch(writer, step, step.subscription, cleared, inputs, context)
        raise TypeError(f"not a step of subscriptions: {step.type}")

    async def _schedule(
        self, writer: WriterClient, step: ScheduleNextTerm, inputs: Mapping[str, Any], context: WriteContext
    ) -> StepOutcome:
        live_id = step.subscription or str(inputs["liveId"])
        body = await writer.subscription(step.scope, live_id)
        end = shape.live_facts(body)["commitmentEnd"]
        if step.on and end != step.on:
            message = f"endOfTerm.on is {step.on}, but the commitment ends on {end}; nothing was scheduled"
            return StepOutcome(StepStatus.FAILED, message, code="E-NEXT-ON")
        availability = await resolve_availability(
            writer, step.scope, step.product, step.sku, step.segment, step.term, step.billing
        )
        instructions: dict[str, Any] = {
            "product": {
                "productId": step.product,
                "skuId": step.sku,
                "availabilityId": availability,
                "billingCycle": step.billing,
                "termDuration": step.term,
            },
            "quantity": step.quantity,
        }
        if step.end_date:
            instructions["customTermEndDate"] = f"{step.end_date}T00:00:00Z"
        changes = {"autoRenewEnabled": True, "scheduledNextTermInstructions": instructions}
        return await self._patch(writer, step, live_id, changes, inputs, context, body=body)

    async def _patch(
        self,
        writer: WriterClient,
        step: Step,
        subscription: str,
        changes: dict[str, Any],
        inputs: Mapping[str, Any],
        context: WriteContext,
        *,
        body: Mapping[str, Any] | None = None,
    ) -> StepOutcome:
        live_id = subscription or str(inputs["liveId"])
        fresh = body if body is not None else await writer.subscription(step.scope, live_id)
        answer = await writer.patch_subscription(step.scope, fresh, changes, context)
        # Accepted is not done: until the change shows, its outcome is unknown and it must not be sent again.
        outputs = {"liveId": live_id} | ({"accepted": step.summary} if answer.pending else {})
        return StepOutcome(
            StepStatus.UNKNOWN if answer.pending else StepStatus.DONE,
            f"{step.summary}: accepted, but it does not show yet" if answer.pending else step.summary,
            outputs=outputs,
            request_ids=(answer.request_id,),
            correlation_id=answer.correlation_id,
            code="E-PENDING" if answer.pending else None,
        )

    async def settle(
        self,
        reader: ReaderClient,
        step: Step,
        inputs: Mapping[str, Any],
        *,
        started_at: datetime,
        now: datetime,
    ) -> StepOutcome:
        match step:
            case CreateCart():
                return purchase.settle_cart(step)
            case CheckoutCart():
                return await purchase.settle_checkout(reader, step, inputs, started_at=started_at, now=now)
            case PatchSubscription() | ScheduleNextTerm() | ClearSchedule():
                return await self._settle_patch(reader, step, inputs, now - started_at)
        raise TypeError(f"not a step of subscriptions: {step.type}")

    async def _settle_patch(
        self,
        reader: ReaderClient,
        step: PatchSubscription | ScheduleNextTerm | ClearSchedule,
        inputs: Mapping[str, Any],
        age: timedelta,
    ) -> StepOutcome:
        live_id = step.subscription or str(inputs["liveId"])
        body = await reader.subscription(step.scope, live_id)
        if _stands(step, body):
            return StepOutcome(StepStatus.DONE, f"{step.summary}: found done", outputs={"liveId": live_id})
        if inputs.get("accepted") == step.summary and age < ACCEPTED_LIFE:
            return StepOutcome(StepStatus.UNKNOWN, f"{step.summary}: accepted, but it does not show yet")
        return StepOutcome(StepStatus.SKIPPED, f"{step.summary}: found not done")


def _stands(step: PatchSubscription | ScheduleNextTerm | ClearSchedule, body: Mapping[str, Any]) -> bool:
    """Whether the resource already is as the step wants it; a write that changes nothing is as good as done."""
    have = shape.live_attributes(body)
    if isinstance(step, ClearSchedule):
        return have.get("next") is None
    if isinstance(step, ScheduleNextTerm):
        wanted = {
            "product": step.product,
            "sku": step.sku,
            "term": step.term,
            "billing": step.billing,
            "quantity": step.quantity,
            "endDate": step.end_date,
        }
        return bool(have.get("next") == wanted)
    return all(_same(body.get(key), value) for key, value in step.changes.items())


def _same(have: Any, want: Any) -> bool:
    if isinstance(have, str) and isinstance(want, str):
        return have.casefold() == want.casefold()
    return bool(have == want)


OBSERVER = SubscriptionObserver()
ACTUATOR = SubscriptionActuator()
AUDIT = SubscriptionAuditReader()
