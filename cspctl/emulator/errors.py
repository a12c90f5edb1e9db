"""The documented error answers of the emulated services, as one exception."""

from __future__ import annotations

from typing import Any, Literal

Shape = Literal["classic", "modern", "graph", "throttle"]


class ApiError(Exception):
    """An answer other than success. A handler raises it; the protocol layer writes it.

    Shapes: "classic" {code, description, data, source}; "modern" (agreements, validation status)
    {code, message, description, errorName, isRetryable}; "graph" {"error": {code, message}} for the price
    host and Graph; "throttle" {statusCode, message}.
    Source: Partner Center docs, page error-codes (Oct 2023), and for "graph" partner-rest docs (2022).
    """

    def __init__(
        self,
        status: int,
        code: int | str,
        description: str,
        *,
        data: list[str] | None = None,
        shape: Shape = "classic",
        headers: dict[str, str] | None = None,
        name: str | None = None,
        source: str = "PartnerFD",
    ) -> None:
        super().__init__(f"{status}/{code}: {description}")
        self.status = status
        self.code = code
        self.description = description[:1024]  # the documented maximum
        self.data = data or []
        self.source = source
        self.shape = shape
        self.headers = headers or {}
        self.name = name or "".join(word.capitalize() for word in description.split()[:4])

    def body(self) -> dict[str, Any]:
        """The JSON object that goes over the wire."""
        if self.shape == "throttle":
            return {"statusCode": self.status, "message": self.description}
        if self.shape == "graph":
            return {"error": {"code": str(self.code), "message": self.description}}
        if self.shape == "modern":
            return {
                "code": self.code,
                "message": self.description,
                "description": self.description,
                "errorName": self.name,
                "isRetryable": self.status >= 500,
                "parameters": {},
                "errorMessageExtended": f"InternalErrorCode={self.code}",
            }
        return {"code": self.code, "description": self.description, "data": self.data, "source": self.source}
