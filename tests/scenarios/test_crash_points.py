"""A crash between any two points of I/O: running again converges, with the purchases asked for and never one more."""

from __future__ import annotations

import asyncio
import inspect
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cspctl.workspace.applying import ApplyRequest, apply
from cspctl.workspace.run import open_run

WRITING = ("put_", "delete_", "append_", "journal_", "settle_", "begin_", "finish_", "record_")
REMOTE = ("create_cart", "checkout_cart", "patch_subscription")
MOST_POINTS = 400
END = {"action": "renew", "on": "2027-11-01", "next": {"quantity": 7}}


class Crash(BaseException):
    """Not an Exception: nobody may catch it and go on."""


class Fuse:
    """Counts points of I/O; at number `at` the process is dead, and a dead process does nothing more."""

    def __init__(self, at: int) -> None:
        self.left = at

    def tick(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Crash


class Frail:
    """Everything of `inner`, but each writing call is a point before it and a point after it."""

    def __init__(self, inner: Any, fuse: Fuse, names: tuple[str, ...]) -> None:
        self._inner, self._fuse, self._names = inner, fuse, names

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not name.startswith(self._names):
            return value
        return self._slow(value) if inspect.iscoroutinefunction(value) else self._quick(value)

    def _slow(self, call: Any) -> Any:
        async def guarded(*args: Any, **more: Any) -> Any:
            self._fuse.tick()
            result = await call(*args, **more)
            self._fuse.tick()
            return result

        return guarded

    def _quick(self, call: Any) -> Any:
        def guarded(*args: Any, **more: Any) -> Any:
            self._fuse.tick()
            result = call(*args, **more)
            self._fuse.tick()
            return result

        return guarded

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if not self._names:
            with self._inner.transaction():
                yield
            return
        self._fuse.tick()
        with self._inner.transaction():
            yield
            self._fuse.tick()  # everything is written, nothing is committed
        self._fuse.tick()


def crashed(world, point: int, saved=None, ledger=WRITING, remote=REMOTE) -> bool:
    """An apply that dies at that point; False where it ended before. `ledger`, `remote`: the calls that count."""

    async def whole() -> bool:
        workspace = world.workspace()
        run = await open_run(workspace.settings, workspace.place(), writing_ledger=True, writing_remote=True)
        async with run.exits:
            fuse = Fuse(point)
            run.ledger = Frail(run.ledger, fuse, ledger)
            run.connections.clients = {a: Frail(c, fuse, remote) for a, c in run.connections.clients.items()}
            try:
                await apply(run, ApplyRequest(saved=saved))
            except Crash:
                return True
            return False

    return asyncio.run(whole())


@pytest.fixture
def base(make_world):
    """Something is bought and scheduled; the manifests want more seats of it, and to buy something else."""
    world = make_world("alpha")
    world.project.sub("alpha-e3", endOfTerm=END)
    world.applied()
    world.project.sub("alpha-e3", quantity=12, endOfTerm=END)
    world.project.sub("alpha-e5", item="e5", quantity=3)
    return world


@pytest.fixture
def worlds(base, make_world, tmp_path):
    """The same start for every point: `(point, world)` pairs."""
    base.emulator.handle.close()

    def copies(points):
        for point in points:
            root = tmp_path / f"copy{point}"
            shutil.copytree(base.root, root)
            yield point, make_world.reopen(root, base.project)

    return copies


def assert_as_asked(world):
    assert world.emulator.purchases == 1  # the other one was bought before this emulator started
    stored = world.emulator.control("GET", "dump")["documents"]["subscription"]
    live = {one["body"]["friendlyName"]: one["body"] for one in stored}
    assert {name: s["quantity"] for name, s in live.items()} == {"alpha-e3": 12, "alpha-e5": 3}
    assert live["alpha-e3"]["scheduledNextTermInstructions"]["quantity"] == 7
    assert {n: b.live_id for n, b in world.bindings().items()} == {n: s["id"] for n, s in live.items()}


@pytest.mark.parametrize("first", range(1, 7))
def test_a_crash_at_every_point(worlds, first):
    for point, world in worlds(range(first, MOST_POINTS, 6)):
        died = crashed(world, point)
        assert world.apply().code == 0, f"point {point}"
        assert_as_asked(world)
        assert point % 4 or world.plan().changes == ()
        if not died:
            assert point > 20  # there were points to die at
            world.workspace().audit_verify()
            return
    pytest.fail("an apply of two subscriptions has more points than that?")


@pytest.mark.parametrize("first", (2, 6))
def test_two_crashes_in_a_row(worlds, first):
    """The second one hits the recovery from the first."""
    for point, world in worlds(range(first, MOST_POINTS, 11)):
        died = crashed(world, point)
        crashed(world, point // 2 + 1)
        assert world.apply().code == 0, f"point {point}"
        assert_as_asked(world)
        if not died:
            return


BEFORE, AFTER = 1, 2


@pytest.mark.parametrize(
    "deaths",
    [(BEFORE,), (AFTER,), (BEFORE, BEFORE), (BEFORE, AFTER), (BEFORE, BEFORE, BEFORE), (BEFORE, BEFORE, AFTER)],
    ids=str,
)
@pytest.mark.parametrize("is_saved", [False, True], ids=["fresh", "saved"])
def test_dying_again_and_again_at_the_same_checkout(world, deaths, is_saved):
    world.project.sub("alpha-e3")
    saved = world.save_plan() if is_saved else None
    for point in deaths:
        assert crashed(world, point, saved=saved, ledger=(), remote=("checkout_cart",))
    assert world.apply(saved=saved).code == 0
    assert world.emulator.purchases == 1
    assert world.emulator.stats()["created"] == 1  # one cart for all of it
    assert world.bindings()["alpha-e3"].live_id == world.portal.only("alpha")["id"]
    world.assert_converged()


@pytest.fixture
def left_to_others(bought):
    """Somebody scheduled seven seats in the portal, and the manifest that leaves it to them wants twelve now."""
    product = bought.portal.only("alpha")
    bought.portal.patch("alpha", product["id"], scheduledNextTermInstructions=instructions(bought, product, 7))
    bought.project.sub("alpha-e3", quantity=12, lifecycle={"ignore": ["endOfTerm.next"]})
    return bought


@pytest.mark.parametrize("point", range(1, 5))  # before and after the seats, before and after the schedule
@pytest.mark.parametrize("is_saved", [False, True], ids=["fresh", "saved"])
def test_a_schedule_that_is_left_to_others_survives_a_crash(left_to_others, point, is_saved):
    saved = left_to_others.save_plan() if is_saved else None
    assert crashed(left_to_others, point, saved=saved, ledger=(), remote=("patch_subscription",))
    assert left_to_others.apply(saved=saved).code == 0
    live = left_to_others.portal.only("alpha")
    assert live["quantity"] == 12
    assert live["scheduledNextTermInstructions"]["quantity"] == 7
    left_to_others.assert_converged()
    assert not [i for i in left_to_others.intents() if i.status in ("planned", "intent", "unknown")]


def test_a_schedule_that_is_still_to_be_restored_survives_other_seats_and_another_crash(left_to_others):
    assert crashed(left_to_others, AFTER, ledger=(), remote=("patch_subscription",))
    assert left_to_others.row("alpha-e3").action == "schedule"
    left_to_others.project.sub("alpha-e3", quantity=13, lifecycle={"ignore": ["endOfTerm.next"]})
    assert crashed(left_to_others, AFTER, ledger=(), remote=("patch_subscription",))
    left_to_others.applied()
    live = left_to_others.portal.only("alpha")
    assert (live["quantity"], live["scheduledNextTermInstructions"]["quantity"]) == (13, 7)
    left_to_others.assert_converged()


def test_a_schedule_that_somebody_wrote_since_the_crash_stays_and_so_does_its_removal(left_to_others):
    assert crashed(left_to_others, AFTER, ledger=(), remote=("patch_subscription",))
    product = left_to_others.portal.only("alpha")
    theirs = instructions(left_to_others, product, 5)
    left_to_others.portal.patch("alpha", product["id"], scheduledNextTermInstructions=theirs)
    left_to_others.applied()
    assert left_to_others.portal.only("alpha")["scheduledNextTermInstructions"]["quantity"] == 5
    left_to_others.portal.patch("alpha", product["id"], scheduledNextTermInstructions=None)
    left_to_others.applied()
    assert not left_to_others.portal.only("alpha").get("scheduledNextTermInstructions")


def instructions(world, live, quantity):
    product, sku, availability = live["offerId"].split(":")
    term = {"billingCycle": live["billingCycle"], "termDuration": live["termDuration"]}
    return {
        "product": {"productId": product, "skuId": sku, "availabilityId": availability, **term},
        "quantity": quantity,
    }


def test_a_schedule_that_is_left_to_others_survives_a_change_of_seats(bought):
    product = bought.portal.only("alpha")
    bought.portal.patch("alpha", product["id"], scheduledNextTermInstructions=instructions(bought, product, 7))
    bought.project.sub("alpha-e3", quantity=12, lifecycle={"ignore": ["endOfTerm.next"]})
    bought.applied()
    live = bought.portal.only("alpha")
    assert (live["quantity"], live["scheduledNextTermInstructions"]["quantity"]) == (12, 7)
    bought.assert_converged()


def test_a_crash_while_a_saved_plan_is_carried_out(base, worlds):
    base.save_plan()
    for point, world in worlds(range(3, MOST_POINTS, 13)):
        mine = world.root / "the.plan"
        died = crashed(world, point, saved=mine)
        # Its very last points lie after the run was noted as done.
        assert world.apply(saved=mine).code in ((0, 5) if point > 45 else (0,)), f"point {point}"
        assert_as_asked(world)
        assert world.apply(saved=mine).code == 5
        if not died:
            return
