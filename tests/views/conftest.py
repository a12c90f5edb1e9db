"""One plan with every kind of row, hostile names among them, and the golden files it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cspctl.model.address import Address
from cspctl.model.change import Action, AttributeChange, Cause, Change, Finding, Step, Timing, When
from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.model.plan import DriftRow, GapRow, GuardResult, Plan, Unmanaged
from cspctl.model.positions import Origin, SourcePos
from cspctl.model.result import ChangeResult, ChangeStatus, RunReport

GOLDEN = Path(__file__).parent / "golden"
FABRIKAM = "0d2a6f5e-1f43-4f0b-b7a3-6a1b0b7c9d01"
CONTOSO = "5b1f0a77-93a5-4a53-8a0e-2f1f2d7c4b02"
EVIL = "Evil\x1b[2J\u202e | [x](http://evil.example) @org/team\n::error::pwned"
AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare text with a file that a person has read; a missing file is an error, never written here."""

    def compare(name: str, text: str) -> None:
        assert text == (GOLDEN / name).read_bytes().decode("utf-8"), f"differs from golden/{name}"

    return compare


def create() -> Change:
    return Change(
        address="Subscription/fabrikam-e3",
        action=Action.CREATE,
        timing=Timing(when=When.NOW),
        cause=Cause.manifest(SourcePos("manifests/fabrikam.yaml", 12, 3)),
        attributes=(
            AttributeChange(path="quantity", after=30),
            AttributeChange(path="endOfTerm", after={"action": "renew", "next": {"quantity": 20}}),
            AttributeChange(path="commitmentEnd", after_unknown=True),
        ),
        steps=(Step(type="subscription.purchase", scope=FABRIKAM, summary="Buy 30 seats"),),
        side_effects=("the commitment starts today and cannot be cancelled after 168 hours",),
        reason="no live subscription is bound to this name",
        scope=FABRIKAM,
        scope_label="fabrikam.onmicrosoft.com",
        live_id=None,
    )


def update() -> Change:
    return Change(
        address="Subscription/contoso-e3",
        action=Action.UPDATE,
        timing=Timing(when=When.NOW),
        cause=Cause(type="drift"),
        attributes=(
            AttributeChange(path="quantity", before=25, after=30),
            AttributeChange(path="friendlyName", before=EVIL, after="Contoso E3"),
            AttributeChange(
                path="scheduled",
                before={"quantity": 20, "term": "P1Y", "tags": ["a"]},
                after={"quantity": 20, "term": "P1M", "tags": ["a", "b"]},
            ),
            AttributeChange(path="promotion", before="39NFJQT1PXQZ:0001", after=None),
        ),
        money={
            "cost": {"amount": "240.00", "currency": "EUR", "basis": "term", "priceSource": "sheet"},
            "margin": None,
        },
        findings=(
            Finding(
                code="W-SEATS",
                severity="warning",
                message="5 seats are added to a locked commitment",
                hint="reduce them within 168 hours",
            ),
        ),
        scope=CONTOSO,
        scope_label=EVIL,
        live_id="a1b2",
    )


def other_changes() -> tuple[Change, ...]:
    tenant = {"scope": FABRIKAM, "scope_label": "fabrikam.onmicrosoft.com"}
    manifest = Cause.manifest(SourcePos("manifests/fabrikam.yaml", 40, 3))
    return (
        Change(
            address="Subscription/fabrikam-audio",
            action=Action.SCHEDULE,
            timing=Timing(when=When.AT_RENEWAL, on=date(2027, 3, 31)),
            cause=manifest,
            attributes=(AttributeChange(path="quantity", before=5, after=3),),
            **tenant,
        ),
        Change(
            address="Subscription/fabrikam-power-bi",
            action=Action.BLOCKED,
            timing=Timing(when=When.BLOCKED, rule="E-DECREASE-WINDOW", first_legal=date(2027, 4, 1)),
            cause=manifest,
            attributes=(AttributeChange(path="quantity", before=50, after=10),),
            findings=(Finding(code="E-DECREASE-WINDOW", severity="error", message="the refund window is over"),),
            **tenant,
        ),
        Change(
            address="Subscription/fabrikam-visio",
            action=Action.RELEASE,
            timing=Timing(when=When.NOW),
            cause=manifest,
            reason="nothing is sent; it keeps billing monthly until 2027-06-30 and then renews",
            **tenant,
        ),
        Change(
            address="PriceSheet/nce-de",
            action=Action.LOCAL,
            timing=Timing(when=When.NOW),
            cause=Cause.manifest(SourcePos("manifests/prices.yaml", 1, 1)),
            reason="3 price rows are new",
        ),
    )


def drift() -> tuple[DriftRow, ...]:
    return (
        DriftRow(
            address="Subscription/contoso-e3",
            live_id="a1b2",
            scope=CONTOSO,
            path="quantity",
            old=30,
            new=25,
            principal="admin@contoso.example",
            application="Partner Center",
            at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
            operation="update_subscription",
            revertible=True,
            revertible_until=datetime(2026, 11, 27, 9, 30, tzinfo=UTC),
        ),
        DriftRow(address="Subscription/contoso-visio", live_id="c3d4", scope=CONTOSO, path="", klass="missing"),
    )


@pytest.fixture
def drift_rows() -> tuple[DriftRow, ...]:
    return drift()


def _plan(**more: object) -> Plan:
    return Plan.model_validate(
        {
            "id": "plan-1",
            "createdAt": AS_OF,
            "expiresAt": datetime(2026, 11, 22, 12, tzinfo=UTC),
            "asOf": AS_OF,
            "digest": "sha256:1111",
            "project": "acme",
            "realm": "acme|global||emulator",
            **more,
        }
    )


@pytest.fixture
def plan() -> Plan:
    return _plan(
        changes=(create(), update(), *other_changes()),
        drift=drift(),
        gaps=(GapRow(scope=CONTOSO, reason="403: no delegated admin rights", affects=("contoso",)),),
        findings=(Finding(code="W-LANDED", severity="warning", message="a change of the last term has landed"),),
        guards=(
            GuardResult(name="seats", refused=True, message="55 seats are added, the limit is 50"),
            GuardResult(name="count", refused=True, allowed=True, message="6 changes, the limit is 5"),
            GuardResult(name="percent", refused=False, message="6 of 30 objects"),
        ),
        unmanaged=(
            Unmanaged(
                scope=FABRIKAM,
                scope_label="fabrikam.onmicrosoft.com",
                live_id="e5f6",
                title="Visio Plan 2",
                quantity=1,
            ),
        ),
        scope={"target": ["Subscription/fabrikam-e3"]},
    )


@pytest.fixture
def empty_plan() -> Plan:
    return _plan()


@pytest.fixture
def diagnostics() -> list[Diagnostic]:
    return [
        Diagnostic(
            Severity.WARNING,
            "W-LANDED",
            "the next term has begun; 100% of `next` is in force",
            path=("spec", "endOfTerm", "next"),
            address=Address("Subscription", "fabrikam-e3"),
            origin=Origin("manifests/fabrikam.yaml", 1),
        ),
        Diagnostic(
            Severity.ERROR,
            "E-UNKNOWN-KEY",
            "unknown key 'quantitty'",
            path=("spec", "items", 0, "quantitty"),
            address=Address("Subscription", "fabrikam-e3"),
            pos=SourcePos("manifests/fabrikam.yaml", 12, 3),
            hint="did you mean 'quantity'?",
            excerpt="  quantitty: 30\n  ^^^^^^^^^",
        ),
        Diagnostic(
            Severity.ERROR,
            "E-REFERENCE",
            f"no TenantMapping is named {EVIL!r}",
            pos=SourcePos("manifests/a,b:c.yaml", 3, 11),
            excerpt=f"  tenant: {EVIL.splitlines()[0]}\n          ^",
        ),
        Diagnostic(Severity.INFO, "I-EMPTY", "the project has no manifests"),
    ]


@pytest.fixture
def report() -> RunReport:
    return RunReport(
        run_id="run-1",
        plan_id="plan-1",
        digest="sha256:1111",
        exit_code=3,
        results=(
            ChangeResult("Subscription/fabrikam-e3", "create", ChangeStatus.DONE, live_id="b2c3"),
            ChangeResult("Subscription/contoso-e3", "update", ChangeStatus.FAILED, "quantity is too high", "E-REMOTE"),
            ChangeResult("Subscription/fabrikam-audio", "schedule", ChangeStatus.NOT_TRIED),
            ChangeResult("Subscription/fabrikam-power-bi", "blocked", ChangeStatus.BLOCKED, code="E-DECREASE-WINDOW"),
            ChangeResult("Subscription/fabrikam-visio", "release", ChangeStatus.UNKNOWN, "no answer came within 60 s"),
            ChangeResult("PriceSheet/nce-de", "local", ChangeStatus.DONE),
        ),
    )
