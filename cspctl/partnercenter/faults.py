"""Error answers of every documented shape -> the exception tree.

Shapes: classic `{code, description, data, source}`; newer services `{code, message, errorName, …}`;
`{"error": {code, message}}` of the price host and Graph; `{statusCode, message}` of a 429; HTML; empty.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cspctl.errors import (
    AccessError,
    ConflictError,
    CspctlError,
    ForbiddenError,
    NotFoundError,
    RemoteError,
)
from cspctl.partnercenter.calls import Call, Reply
from cspctl.partnercenter.fault_hints import FAULTS, STALE, FaultHint
from cspctl.partnercenter.json_text import decode
from cspctl.secret import Secret

TEXT_LIMIT = 300
# HTTP statuses in which the stale-ETag family shows itself, besides 400 with code 2055.
_STALE_STATUSES = (412, 417)
_ERROR_KEYS = frozenset(
    {
        "code",
        "description",
        "data",
        "source",
        "message",
        "errorname",
        "isretryable",
        "parameters",
        "errormessageextended",
    }
)
_NO_HINT = FaultHint(None, "")


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` is Partner Center's, as text; `text` is its own, shortened and without control characters."""

    code: str | None
    text: str


def read_fault(content: bytes, *, spoken: Secret | None = None) -> Fault:
    """Any body; a shape that is not known gives an empty text rather than a quotation."""
    try:
        value = decode(content)
    except ValueError:
        return Fault(None, "")
    if not isinstance(value, Mapping):
        return Fault(None, clean(value, spoken) if isinstance(value, str) else "")
    fields = {str(key).casefold(): item for key, item in value.items()}
    nested = fields.get("error")
    if isinstance(nested, Mapping):
        fields = {str(key).casefold(): item for key, item in nested.items()}
    elif isinstance(nested, str):
        fields = {"code": nested, "description": fields.get("error_description")}
    text = fields.get("description") or fields.get("message") or fields.get("errorname")
    return Fault(_code(fields.get("code")), clean(text, spoken))


def is_hidden_fault(body: Any) -> bool:
    """Some calls answer 200 with an error inside, such as 400072. Source: page error-codes (Oct 2023)."""
    if not isinstance(body, Mapping):
        return False
    keys = {str(key).casefold() for key in body}
    return "code" in keys and bool(keys & {"description", "message"}) and keys <= _ERROR_KEYS


def to_error(call: Call, reply: Reply) -> CspctlError:
    """The exception that says what this answer means; the caller raises it."""
    fault = read_fault(reply.content, spoken=reply.spoken)
    known = FAULTS.get(fault.code or "", _NO_HINT)
    message = _sentence(call, reply, fault)
    if reply.status == 401:
        return AccessError(
            f"{message} (request {reply.request_id})",
            code=known.code or "E-ACCESS-TOKEN",
            hint=known.hint or "Run `cspctl auth doctor`; the token was refused even after a renewal.",
        )
    kind, code = _class(reply.status, fault, known)
    hint = known.hint or (FAULTS["2055"].hint if code == STALE else None)
    return kind(
        message,
        status=reply.status,
        remote_code=fault.code,
        request_id=reply.request_id,
        correlation_id=reply.correlation_id,
        code=code,
        hint=hint,
    )


def _class(status: int, fault: Fault, known: FaultHint) -> tuple[type[RemoteError], str | None]:
    if known.code == STALE or status in _STALE_STATUSES:
        return ConflictError, STALE
    if status == 409:
        return ConflictError, known.code
    if status == 403:
        return ForbiddenError, known.code
    if status == 404:
        return NotFoundError, known.code
    if status in (405, 501):
        return RemoteError, "E-REMOTE-UNSUPPORTED"
    return RemoteError, known.code


def _sentence(call: Call, reply: Reply, fault: Fault) -> str:
    code = f", code {fault.code}," if fault.code else ""
    text = f": {fault.text}" if fault.text else ""
    return f"Partner Center answered {reply.status}{code} to {call.method} {call.route}{text}"


def clean(text: Any, spoken: Secret | None = None) -> str:
    """Server text for a terminal or log: one line, no control or invisible characters, no token, bounded."""
    if not isinstance(text, str):
        return ""
    if spoken:
        text = text.replace(spoken.reveal(), "***")
    visible = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text[: TEXT_LIMIT * 4])
    line = " ".join(visible.split())
    return line if len(line) <= TEXT_LIMIT else f"{line[: TEXT_LIMIT - 1]}…"


def _code(value: Any) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    return clean(str(value))[:64] or None
