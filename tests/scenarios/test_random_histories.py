"""Random histories of edits by Git, by the portal and by time, over real HTTP.

Whatever happened: no purchase that no manifest asks for, none twice, nothing touched that is not owned, and a repeated
apply has nothing left to do. `make histories` plays thousands of them; CSPCTL_HISTORIES says how many.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from cspctl.workspace.run import ManifestError

MANY = int(os.environ.get("CSPCTL_HISTORIES", "0"))
CHECKOUT = "/v1/customers/{customer_id}/carts/{cart_id}/checkout"
CARTS = "/v1/customers/{customer_id}/carts"
SUBSCRIPTION = "/v1/customers/{customer_id}/subscriptions/{subscription_id}"
# What a person would notice; the rest (entity tags, refund tranches) moves with time alone.
VISIBLE = ("quantity", "status", "autoRenewEnabled", "termDuration", "billingCycle", "friendlyName")
# A guard, a stale plan, manifests that do not go together: nothing may have been sent then.
REFUSED = (4, 5, 10)
Seen = dict[str, dict[str, Any]]

which = st.integers(0, 7)
tenant = st.sampled_from(["alpha", "beta"])
item = st.sampled_from(["e3", "e3", "audio"])
seats = st.integers(1, 30)
fault = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from([("POST", CHECKOUT), ("POST", CHECKOUT), ("POST", CARTS), ("PATCH", SUBSCRIPTION)]),
        st.sampled_from([{"drop": "after"}, {"drop": "before"}, {"status": 500, "effect": "after"}, {"status": 503}]),
        st.integers(1, 6),
    ),
)
edit = st.one_of(
    st.tuples(st.just("quantity"), seats),
    st.tuples(st.just("state"), st.sampled_from(["active", "suspended", "cancelled"])),
    st.tuples(st.just("generation"), st.integers(1, 3)),
    st.tuples(st.just("term"), st.sampled_from(["P1M", "P1Y"])),
    st.tuples(st.just("allowTwin"), st.booleans()),
    st.tuples(st.just("ignore"), st.sampled_from([[], ["endOfTerm.next"], ["quantity"]])),
)
apply = st.tuples(st.just("apply"), fault, st.booleans())
step = st.one_of(
    st.tuples(st.just("add"), tenant, item, seats),
    st.tuples(st.just("remove"), which),
    st.tuples(st.just("bring_back"), which),
    st.tuples(st.just("rename"), which, st.booleans()),
    st.tuples(st.just("edit"), which, edit),
    st.tuples(st.just("portal_seats"), which, seats),
    st.tuples(st.just("portal_status"), which, st.sampled_from(["suspended", "active", "deleted"])),
    st.tuples(st.just("portal_buys"), tenant, item, seats),
    st.tuples(st.just("wait"), st.sampled_from(["P1D", "P8D", "P33D", "P370D"])),
    st.tuples(st.just("lose_ledger")),
    st.tuples(st.just("save_plan")),
    st.tuples(st.just("apply_saved"), fault),
    apply,
    apply,
)
histories = st.lists(step, min_size=3, max_size=8).map(
    lambda steps: [("add", "alpha", "e3", 10), ("apply", None, True), *steps, ("apply", None, True)]
)


class History:
    """One world, and what a person who kept count would know about it.

    `asked` are the manifests as they are on disk. `root` says which request a name stands for: a rename that names
    its predecessor is the same request, any other new name is a new one. `bought` are the purchases of this tool.
    """

    def __init__(self, world: Any) -> None:
        self.world = world
        self.asked: dict[str, dict[str, Any]] = {}
        self.gone: dict[str, dict[str, Any]] = {}
        self.root: dict[str, str] = {}
        self.bought: dict[str, tuple[tuple[str, int], int]] = {}
        self.saved: tuple[Path, dict[str, dict[str, Any]]] | None = None
        self.count = self.epoch = 0
        self.done: Any = None  # the last apply

    # --- what others do -----------------------------------------------------------------------------------------

    def add(self, tenant: str, item: str, quantity: int) -> None:
        name = self._new_name()
        self.root[name] = name
        self._write(name, {"tenant": tenant, "item": item, "quantity": quantity, "term": "P1M"})

    def remove(self, number: int) -> None:
        if name := _pick(self.asked, number):
            self.gone[name] = self.asked.pop(name)
            self.world.project.drop(name)

    def bring_back(self, number: int) -> None:
        if name := _pick(self.gone, number):
            self._write(name, self.gone.pop(name))

    def rename(self, number: int, says_so: bool) -> None:
        old = _pick(self.asked, number)
        if not old:
            return
        spec, name = self.asked.pop(old), self._new_name()
        self.world.project.drop(old)
        self.root[name] = self.root[old] if says_so else name
        previous = [*spec.get("previous", ()), old] if says_so else []
        self._write(name, {**spec, "previous": previous})

    def edit(self, number: int, change: tuple[str, Any]) -> None:
        if name := _pick(self.asked, number):
            self._write(name, {**self.asked[name], change[0]: change[1]})

    def portal_seats(self, number: int, quantity: int) -> None:
        self._by_hand(number, quantity=quantity)

    def portal_status(self, number: int, status: str) -> None:
        self._by_hand(number, status=status)

    def portal_buys(self, tenant: str, item: str, quantity: int) -> None:
        if not self.live():
            return  # nobody has used the emulator yet
        self.world.portal.buy(tenant, item, quantity)

    def wait(self, duration: str) -> None:
        self.world.emulator.advance(duration)

    def lose_ledger(self) -> None:
        self.epoch += 1
        for file in (self.world.root / ".cspctl").glob("emulator-state.db*"):
            file.unlink()

    def save_plan(self) -> None:
        with contextlib.suppress(ManifestError):
            self.saved = self.world.save_plan(), {n: dict(s) for n, s in self.asked.items()}

    # --- what the tool does, and what must be true then -----------------------------------------------------------

    def apply_saved(self, trouble: Any) -> None:
        if self.saved is not None:
            path, asked = self.saved
            self._checked(trouble, asked, saved=path)

    def apply(self, trouble: Any, first: bool) -> None:
        allow = frozenset({"first-apply"} if first else ())
        code = self._checked(trouble, self.asked, allow=allow)
        if trouble is not None:
            code = self._checked(None, self.asked, allow=allow)
        if code in REFUSED:
            return
        writes = self.world.emulator.stats()["writes"]
        again = self.world.apply(allow=allow)
        assert again.plan is not None, again.error
        shown = self._brought_to_light()
        assert all(c.blocked or c.address in shown for c in again.plan.changes), again.plan.changes
        assert shown or self.world.emulator.stats()["writes"] == writes
        self.world.workspace().audit_verify()

    def _brought_to_light(self) -> set[str]:
        """What the last run reactivated while its seats were refused: which can be returned is not shown before."""
        changes = self.done.plan.changes if self.done.plan else ()
        back = {c.address for c in changes if c.action == "reactivate"}
        return {c.address for c in changes if c.address in back and c.timing.rule == "E-DECREASE-WINDOW"}

    def _checked(self, trouble: Any, asked: dict[str, dict[str, Any]], **more: Any) -> int:
        before = self.live()
        if trouble is not None:
            (method, path), how, times = trouble
            self.world.emulator.fault(method, path, times=times, **how)
        writes = self.world.emulator.stats()["writes"]
        done = self.done = self.world.apply(**more)
        self.world.emulator.heal()
        event(f"apply ended {done.code}")
        assert done.report is not None or done.code in REFUSED, done.error
        if done.report is None:
            assert self.world.emulator.stats()["writes"] == writes
        after = self.live()
        self._purchases_were_asked_for(before, after, asked)
        self._others_are_untouched(before, after, asked)
        return int(done.code)

    def _purchases_were_asked_for(self, before: Seen, after: Seen, asked: dict[str, dict[str, Any]]) -> None:
        for live_id in after.keys() - before.keys():
            name = str(after[live_id]["friendlyName"])
            assert name in asked, f"{name} was bought, but only {sorted(asked)} were asked for"
            generation = int(asked[name].get("generation") or 1)
            request = (self.root[name], generation)
            for twin, (earlier, epoch) in self.bought.items():
                # What a lost ledger knew of ended purchases is lost; living ones are still seen.
                remembered = epoch == self.epoch or after[twin]["status"] in ("active", "suspended")
                assert earlier != request or not remembered, f"{name} was bought twice"
            self.bought[live_id] = (request, self.epoch)

    def _others_are_untouched(self, before: Seen, after: Seen, asked: dict[str, dict[str, Any]]) -> None:
        owners = {b.live_id: name for name, b in self._bindings().items() if b.state == "bound"}
        assert before.keys() <= after.keys()
        for live_id, was in before.items():
            now, owner = after[live_id], owners.get(live_id)
            if owner is None and was["commitmentEndDate"] == now["commitmentEndDate"]:
                assert {k: was.get(k) for k in VISIBLE} == {k: now.get(k) for k in VISIBLE}
            if was["status"] in ("active", "suspended") and now["status"] == "deleted":
                assert owner in asked and asked[owner].get("state") == "cancelled", f"{live_id} was cancelled"

    # --- looking ------------------------------------------------------------------------------------------------

    def live(self) -> Seen:
        stored = self.world.emulator.control("GET", "dump")["documents"].get("subscription") or []
        return {one["body"]["id"]: one["body"] for one in stored}

    def _bindings(self) -> dict[str, Any]:
        return self.world.bindings() if (self.world.root / ".cspctl/emulator-state.db").exists() else {}

    # --- small things -------------------------------------------------------------------------------------------

    def _new_name(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def _write(self, name: str, spec: dict[str, Any]) -> None:
        self.asked[name] = spec
        more = {k: v for k, v in spec.items() if k not in ("previous", "allowTwin", "ignore")}
        lifecycle = {"allowTwin": bool(spec.get("allowTwin")), "ignore": spec.get("ignore") or []}
        metadata = {"previousNames": spec["previous"]} if spec.get("previous") else {}
        self.world.project.sub(name, lifecycle=lifecycle, metadata=metadata, **more)

    def _by_hand(self, number: int, **changes: Any) -> None:
        live = self.live()
        if not live:
            return
        chosen = sorted(live)[number % len(live)]
        for name in self.world.project.tenants:
            if any(s["id"] == chosen for s in self.world.portal.subscriptions(name)):
                with contextlib.suppress(AssertionError):  # the service refuses it: then nobody did anything
                    self.world.portal.patch(name, chosen, **changes)


def _pick(names: dict[str, Any], number: int) -> str | None:
    return sorted(names)[number % len(names)] if names else None


@pytest.fixture
def begun(make_world: Any) -> Callable[[], History]:
    """Each call is a new history in the same emulator, which has forgotten the one before."""
    world = make_world("alpha", "beta")

    def begin() -> History:
        for file in (world.root / ".cspctl").glob("emulator-state.db*"):
            file.unlink()
        shutil.rmtree(world.root / "subscriptions")
        (world.root / "subscriptions").mkdir()
        world.emulator.control("POST", "reset")
        world.emulator.freeze()
        return History(world)

    return begin


@settings(
    max_examples=MANY or 10,
    derandomize=not MANY,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink] if MANY else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(history=histories)
def test_no_history_leads_to_a_purchase_that_nobody_asked_for(begun, history):
    story = begun()
    for name, *arguments in history:
        getattr(story, name)(*arguments)
