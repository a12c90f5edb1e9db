"""Error bodies in their documented shapes.

Source: Partner Center docs, pages error-codes, api-throttling-guidance, verify-indirect-reseller-mpa-status,
retrieve-validation-status (Oct 2023); the `{"error": …}` form is that of api.partner.microsoft.com and Graph.
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


class NestedError(Body):
    code: Code | None = None
    message: Text | None = None
    target: Any = None
    inner_error: Any = None


class NestedErrorBody(Body):
    error: NestedError | None = None


class ThrottleBody(Body):
    """429 has a shape of its own, without `code`."""

    status_code: Code | None = None
    message: Text | None = None
