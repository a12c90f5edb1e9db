"""From a kind's proposal to a row of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cspctl.engine.canonical import plain
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Desired, Proposal
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Action, Cause, Change, Finding, Timing, When
from cspctl.model.live import LiveObject


def row(
    situation: Situation,
    want: Desired,
    proposal: Proposal,
    *,
    live: LiveObject | None,
    fingerprint: str,
    binding: Binding | None = None,
    moved_from: Address | None = None,
) -> Change:
    return Change(
        address=str(want.resource.address),
        action=proposal.action,
        timing=proposal.timing,
        cause=_cause(situation, want, proposal, binding),
        attributes=proposal.attributes,
        before=plain(live.attributes) if live else None,
        after=plain(want.attributes if live or proposal.action is Action.BLOCKED else want.bought),
        steps=proposal.steps,
        side_effects=proposal.side_effects,
        findings=proposal.findings,
        reason=proposal.reason,
        live_id=live.live_id if live else None,
        scope=want.scope,
        scope_label=want.scope_label,
        phase=proposal.phase,
        requires=tuple(dict.fromkeys((*want.requires, *proposal.requires))),
        fingerprint=fingerprint,
        binding=binding_data(situation, want.cloud, want.account, want.memory, moved_from),
    )


def blocked_row(situation: Situation, want: Desired, finding: Finding) -> Change:
    proposal = Proposal(
        action=Action.BLOCKED,
        timing=Timing(when=When.BLOCKED, rule=finding.code),
        findings=(finding,),
        reason=finding.message,
    )
    return row(situation, want, proposal, live=None, fingerprint="")


def binding_data(
    situation: Situation, cloud: str, account: str, memory: Mapping[str, Any], moved_from: Address | None
) -> dict[str, Any]:
    """What apply needs to write the binding without the manifests at hand."""
    data: dict[str, Any] = {"realm": situation.realm_of(cloud or "global", account), "memory": plain(memory)}
    if moved_from is not None:
        data["movedFrom"] = str(moved_from)
    return data


def _cause(situation: Situation, want: Desired, proposal: Proposal, binding: Binding | None) -> Cause:
    """`drift` where the manifest still says what was applied and only the live side moved."""
    if binding is not None and proposal.attributes:
        drifted = all(
            plain(binding.applied.get(a.path)) == plain(want.attributes.get(a.path)) for a in proposal.attributes
        )
        if drifted:
            return Cause(type="drift")
    path: tuple[str | int, ...] = (
        ("spec", proposal.attributes[0].path.split(".")[0]) if binding and proposal.attributes else ("metadata", "name")
    )
    return Cause.manifest(situation.pos(want.resource.address, path))
