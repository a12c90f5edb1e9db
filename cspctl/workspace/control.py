"""The emulator's control API, from outside."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from cspctl.errors import CspctlError, InputError, UnreachableError
from cspctl.secret import Secret

TIMEOUT_SECONDS = 600.0  # seeding a large fleet takes a while


class Control:
    """Calls `/_emulator/<name>`; {} stands for an empty answer.

    Raises InputError with the emulator's own sentence for what it refuses (and where it has no control API),
    UnreachableError when it does not answer, CspctlError when it failed.
    """

    def __init__(self, base_url: str, token: Secret) -> None:
        target = urlsplit(base_url)
        self._host, self._port = target.hostname or "127.0.0.1", target.port or 80
        self._token = token

    def __call__(self, method: str, name: str, body: Any = None) -> dict[str, Any]:
        status, text = self._exchange(method, name, None if body is None else json.dumps(body))
        if status == 404:
            raise InputError(
                "the running emulator has no control API",
                code="E-EMULATOR",
                hint="it was started with --no-control; start it again without",
            )
        if status >= 400:
            kind = InputError if status < 500 else CspctlError
            raise kind(f"the emulator refused {name}: {_reason(text)}", code="E-EMULATOR")
        answer: dict[str, Any] = json.loads(text) if text else {}
        return answer

    def _exchange(self, method: str, name: str, payload: str | None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        headers = {"X-Emulator-Token": self._token.reveal(), "Content-Type": "application/json"}
        try:
            connection.request(method, f"/_emulator/{name}", payload, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(
                f"the emulator does not answer: {error}", code="E-EMULATOR", hint="start it again"
            ) from None
        finally:
            connection.close()


def _reason(text: bytes) -> str:
    """The description of an error body, else its text."""
    try:
        body = json.loads(text)
    except ValueError:
        return text.decode("utf-8", "replace")[:500]
    return str(body.get("description") or body) if isinstance(body, dict) else str(body)
