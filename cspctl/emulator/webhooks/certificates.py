"""Where a receiver fetches the certificate that signed an event: outside the API, without a token."""

from __future__ import annotations

import base64

from starlette.requests import Request

from cspctl.emulator.context import Answer
from cspctl.emulator.store import Store
from cspctl.emulator.webhooks.signing import chain_of


class Certificates:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def signing(self, request: Request) -> Answer:
        """The signing certificate in DER."""
        return _der(chain_of(self._store).leaf)

    async def root(self, request: Request) -> Answer:
        """The root that a receiver has to trust, in DER."""
        return _der(chain_of(self._store).root)

    async def chain(self, request: Request) -> Answer:
        """Both in PEM, the signing certificate first."""
        chain = chain_of(self._store)
        return Answer(200, None, {"Content-Type": "application/x-pem-file"}, raw=(chain.leaf + chain.root).encode())


def _der(pem: str) -> Answer:
    lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
    return Answer(200, None, {"Content-Type": "application/pkix-cert"}, raw=base64.b64decode("".join(lines)))
