"""The emulator's control API, from outside."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from cspctl.errors import CspctlError, UnreachableError
from cspctl.secret import Secret

TIMEOUT_SECONDS = 600.0  # seeding a large fleet takes a while


class Control:
    """Calls `/_emulator/<name>`; raises UnreachableError or CspctlError with the emulator's own sentence."""

    def __init__(self, base_url: str, token: Secret) -> None:
        target = urlsplit(base_url)
        self._host, self._port = target.hostname or "127.0.0.1", target.port or 80
        self._token = token

    def __call__(self, method: str, name: str, body: Any = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        payload = None if body is None else json.dumps(body)
        headers = {"X-Emulator-Token": self._token.reveal(), "Content-Type": "application/json"}
        try:
            connection.request(method, f"/_emulator/{name}", payload, headers)
            response = connection.getresponse()
            text = response.read()
        except OSError as error:
            raise UnreachableError(
                f"the emulator does not answer: {error}", code="E-EMULATOR", hint="start it again"
            ) from None
        finally:
            connection.close()
        if response.status >= 400:
            reason = text.decode("utf-8", "replace")[:300]
            raise CspctlError(f"the emulator refused {name}: {reason}", code="E-EMULATOR")
        answer: dict[str, Any] = json.loads(text) if text else {}
        return answer
