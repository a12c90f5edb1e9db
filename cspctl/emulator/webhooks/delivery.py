"""Delivery of queued events: signed POSTs to loopback targets, up to ten attempts on the virtual clock (rule 49).

Everything that is due by the virtual clock is delivered after the write that caused it and whenever the clock is
moved; between attempts only virtual time passes. With a running clock a timer wakes the pump.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.terms import parse_moment, stamp
from cspctl.emulator.webhooks.events import EVENT, REGISTRATION, TEST
from cspctl.emulator.webhooks.registration import VALIDATION
from cspctl.emulator.webhooks.signing import ALGORITHM, chain_of
from cspctl.emulator.webhooks.targets import Target, target_of

CERTIFICATE_PATH = "/webhooks/certificates/signing.cer"
_WORDS = {200: "OK", 201: "Created", 202: "Accepted", 204: "NoContent"}
_LONGEST_SLEEP = 3600.0


@dataclass(frozen=True)
class Outcome:
    """`status` is 0 when no answer came."""

    status: int
    text: str = ""

    @property
    def delivered(self) -> bool:
        return 200 <= self.status < 300


class Pump:
    """One per server. `base` is where the certificate can be fetched."""

    def __init__(
        self, store: Store, clock: VirtualClock, settings: Callable[[], Settings], base: Callable[[], str]
    ) -> None:
        self._store, self._clock, self._settings, self._base = store, clock, settings, base
        self._running = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Deliver what is due in the background; costs nothing while no event waits."""
        if self._store.count(EVENT) and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while True:
            await self.drain()
            following = min((parse_moment(one["due"]) for one in self._store.list(EVENT, "")), default=None)
            if following is None or self._clock.mode != "real":
                return
            wait = (following - self._clock.now()).total_seconds()
            await asyncio.sleep(min(max(wait, 0.05), _LONGEST_SLEEP))

    async def drain(self) -> int:
        """Make every attempt that is due, in the order of the virtual clock; answers how many were made."""
        made = 0
        async with self._running:
            while (event := self._due()) is not None:
                await self._attempt(event)
                made += 1
        return made

    def _due(self) -> dict[str, Any] | None:
        now = self._clock.now()
        waiting = [one for one in self._store.list(EVENT, "") if parse_moment(one["due"]) <= now]
        return min(waiting, key=lambda one: (one["due"], one["id"]), default=None)

    async def _attempt(self, event: dict[str, Any]) -> None:
        settings = self._settings()
        registration = self._store.get(REGISTRATION, "", event["partner"])
        if registration is None:
            self._store.delete(EVENT, "", event["id"])
            return
        body = orjson.dumps(event["payload"])
        header = "x-ms-signature" if registration["other_header"] else "Authorization"
        headers = {
            header: f"Signature {chain_of(self._store).sign(body)}",
            "X-MS-Certificate-Url": self._base() + CERTIFICATE_PATH,
            "X-MS-Signature-Algorithm": ALGORITHM,
            "Content-Type": "application/json; charset=utf-8",
        }
        outcome = await post(registration["url"], headers, body, settings.webhook_timeout_seconds)
        attempts = event["attempts"] + 1
        at = parse_moment(event["due"])  # the virtual instant of this attempt
        self._note(event, outcome, at)
        if outcome.delivered or attempts >= settings.webhook_attempts:
            self._store.delete(EVENT, "", event["id"])
            return
        following = at + timedelta(seconds=settings.webhook_retry_seconds)
        self._store.put(EVENT, "", event["id"], {**event, "attempts": attempts, "due": stamp(following)})

    def _note(self, event: dict[str, Any], outcome: Outcome, at: datetime) -> None:
        """The result of a test event is kept for the one who asked for it."""
        if event["payload"]["EventName"] != TEST:
            return
        id = event["payload"]["ResourceUri"].rsplit("/", 1)[-1]
        validation = self._store.get(VALIDATION, event["partner"], id)
        if validation is None:
            return
        result = {
            "responseCode": _WORDS.get(outcome.status, str(outcome.status)) if outcome.status else "",
            "responseMessage": outcome.text,
            "systemError": outcome.status == 0,
            "dateTimeUtc": at.replace(tzinfo=None).isoformat(),
        }
        after = {**validation, "status": "completed", "results": [*validation["results"], result]}
        self._store.put(VALIDATION, event["partner"], id, after)


async def post(url: str, headers: dict[str, str], body: bytes, seconds: float) -> Outcome:
    """One POST to a loopback address; every failure is an outcome with status 0. Redirects are not followed."""
    try:
        target = target_of(url)
    except ValueError as error:
        return Outcome(0, f"the address {error}")
    try:
        return await asyncio.wait_for(_exchange(target, headers, body), seconds)
    except TimeoutError:
        return Outcome(0, f"no answer within {seconds:g} seconds")
    except (OSError, ValueError, asyncio.IncompleteReadError) as error:
        return Outcome(0, str(error) or type(error).__name__)


async def _exchange(target: Target, headers: dict[str, str], body: bytes) -> Outcome:
    reader, writer = await _connect(target)
    try:
        lines = [f"POST {target.resource} HTTP/1.1", f"Host: {target.authority}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        status = (await reader.readline()).split(b" ", 2)
        return Outcome(int(status[1])) if len(status) > 1 else Outcome(0, "the target sent no HTTP answer")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To the first of its addresses that answers. Raises OSError of the last one."""
    # The listener may have any certificate: the connection does not leave this machine.
    context = ssl._create_unverified_context() if target.secure else None  # noqa: S323 - loopback only, by its type
    name = target.host if context else None
    *others, last = target.addresses
    for address in others:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(address, target.port, ssl=context, server_hostname=name)
    return await asyncio.open_connection(last, target.port, ssl=context, server_hostname=name)
