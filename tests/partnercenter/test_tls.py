"""TLS with a CA of our own: refused at once when it is not trusted, whatever the transport."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from cspctl.errors import InputError, UnreachableError
from cspctl.partnercenter.client import Wiring, connect

both_transports = pytest.mark.parametrize("concurrency", [2, 30])


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secured(partner: Any, say: Any, authority: trustme.CA) -> str:
    """The partner's address, now speaking TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = partner._server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    partner.answer = lambda _: say(body={"id": "x"})
    return str(partner.url).replace("http://", "https://")


def customer(url: str, clock: Any, tokens: Any, concurrency: int, verify: str | None) -> Any:
    async def main() -> Any:
        wiring = Wiring(verify=verify)
        client = connect(url, tokens, reader_only=True, clock=clock, concurrency=concurrency, wiring=wiring)
        try:
            return await client.customer("c")
        finally:
            await client.aclose()

    return asyncio.run(main())


@both_transports
def test_a_ca_file_is_trusted(
    secured: str, authority: trustme.CA, clock: Any, tokens: Any, tmp_path: Path, concurrency: int
) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    assert customer(secured, clock, tokens, concurrency, str(file)) == {"id": "x"}


@both_transports
def test_an_unknown_authority_is_refused_without_trying_again(
    secured: str, partner: Any, clock: Any, tokens: Any, concurrency: int
) -> None:
    with pytest.raises(UnreachableError) as caught:
        customer(secured, clock, tokens, concurrency, None)
    assert caught.value.code == "E-TLS"
    assert clock.sleeps == []
    assert partner.seen == [], "no token was sent"


def test_a_ca_file_that_cannot_be_read(clock: Any, tokens: Any, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(InputError) as caught:
            customer("https://127.0.0.1:1", clock, tokens, 2, str(tmp_path / name))
        assert caught.value.code == "E-CA-FILE"
