"""Requests that the service sends are received and compared, not taken for granted."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from conformance.callbacks import is_callback, received_problems
from conformance.outcome import judge
from conformance.receiver import Receiver
from conformance.samples import read
from conformance.service import Service
from conformance.world import World

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        yield running


@pytest.fixture(scope="module")
def exchange():
    folder = ROOT / os.environ.get("CSPCTL_SAMPLES", "../shared/partner-center/samples")
    if not folder.is_dir():
        pytest.skip("the documented samples are not here; set CSPCTL_SAMPLES")
    (found,) = [one for one in read(folder).exchanges if is_callback(one)]
    return found


def test_the_documented_event_is_received_and_signed(service, exchange):
    assert exchange.request_body["EventName"] == "test-created"
    assert judge(service, exchange).problems == []


@pytest.mark.parametrize("name", ["subscription-updated", "azure-fraud-event-detected"])
def test_events_of_unseen_pages_are_caused_too(service, exchange, name):
    body = {**exchange.request_body, "EventName": name}
    problems = received_problems(World(service, exchange), replace(exchange, request_body=body))
    assert [one.split(":")[0] for one in problems] == ["ResourceName"], "the sample is of another event"


def test_what_is_not_received_is_a_problem(service, exchange):
    def problems(**changes):
        return received_problems(World(service, exchange), replace(exchange, **changes))

    more = {**exchange.request_body, "SubscriberId": "1"}
    assert problems(request_body=more) == ["SubscriberId: missing"]
    hashed = {**exchange.headers, "X-MS-Signature-Algorithm": "rsa-sha512", "X-Other": "1"}
    assert problems(headers=hashed) == [
        "header X-MS-Signature-Algorithm: rsa-sha256", "header X-Other: missing"
    ]  # fmt: skip  # two problems
    assert problems(path="/elsewhere") == ["path: /webhooks/callback instead of /elsewhere"]
    assert problems(request_body={"EventName": "magic"}) == ["nothing is known that causes the event magic"]


def test_a_receiver_keeps_what_it_is_sent_until_it_is_closed():
    with Receiver() as receiver:
        answer = httpx.post(receiver.url, content=b"abc", headers={"X-A": "1"}, trust_env=False)
    assert answer.status_code == 200
    (one,) = receiver.received
    assert (one.method, one.path, one.body, one.headers["x-a"]) == ("POST", "/webhooks/callback", b"abc", "1")
    with pytest.raises(httpx.ConnectError):
        httpx.post(receiver.url, content=b"abc", trust_env=False)
