"""Error bodies as Partner Center answers them.

Source: Partner Center docs, pages error-codes, verify-indirect-reseller-mpa-status, retrieve-validation-status
(Oct 2023). Other hosts say `{"error": …}`, and a 429 has no `code`: those are read as they are.
"""

from __future__ import annotations

from typing import Any

from cspctl.partnercenter.wire.body import Body, Code, Flag, Text


class ErrorBody(Body):
    """`code`, `description`, `data`, `source`; newer services: `message`, `errorName`, `isRetryable`."""

    code: Code | None = None
    description: Text | None = None
    data: Any = None
    source: Text | None = None
    message: Text | None = None
    error_name: Text | None = None
    is_retryable: Flag | None = None
    parameters: Any = None
    error_message_extended: Text | None = None
