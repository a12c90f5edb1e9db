"""Exceptions of the environment; mistakes in files are diagnostics instead (cspctl.model.diagnostic).

    CspctlError (1)
    ├── InputError (10)            command line, project file or manifests
    │   └── LedgerVersionError (10)  the ledger is newer than this tool
    ├── AccessError (6)            sign-in failed or a right is missing
    ├── CancelledError (9)         drained after SIGINT or SIGTERM
    ├── StalePlanError (5)         plan stale, expired, used or edited
    ├── RefusedError (4)           guard, policy, missing approval or confirmation
    │   └── LeaseHeldError (4)     another apply of this project is running
    ├── PartialError (3)           something failed, is blocked, unknown or unreadable
    ├── UnreachableError (7)       beyond the retry budget
    │   └── ThrottledError (7)
    ├── VerificationError (1)      a check such as the audit chain failed
    └── RemoteError (1)            Partner Center refused a request
        ├── NotFoundError
        ├── ForbiddenError
        ├── ConflictError          409, stale ETag, operation pending
        └── UnknownOutcomeError    no answer arrived; the effect may have happened

Every class owns its exit code. The number in brackets is `exit_code`; only `cspctl.cli.main` catches.
"""

from __future__ import annotations

from typing import ClassVar


class CspctlError(Exception):
    """What is wrong in one sentence, a stable code, what to do about it, and the source line with a caret below."""

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "E-UNEXPECTED"

    def __init__(
        self, message: str, *, code: str | None = None, hint: str | None = None, excerpt: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.excerpt = excerpt


class InputError(CspctlError):
    exit_code = 10
    default_code = "E-INPUT"


class LedgerVersionError(InputError):
    default_code = "E-LEDGER-VERSION"


class AccessError(CspctlError):
    exit_code = 6
    default_code = "E-ACCESS"


class CancelledError(CspctlError):
    exit_code = 9
    default_code = "E-CANCELLED"


class StalePlanError(CspctlError):
    exit_code = 5
    default_code = "E-PLAN-STALE"


class RefusedError(CspctlError):
    exit_code = 4
    default_code = "E-REFUSED"


class LeaseHeldError(RefusedError):
    default_code = "E-LEASE-HELD"


class PartialError(CspctlError):
    exit_code = 3
    default_code = "E-PARTIAL"


class UnreachableError(CspctlError):
    exit_code = 7
    default_code = "E-UNREACHABLE"


class ThrottledError(UnreachableError):
    default_code = "E-THROTTLED"


class VerificationError(CspctlError):
    default_code = "E-VERIFY"


class RemoteError(CspctlError):
    """An answer that Partner Center gave. `status` is HTTP, `remote_code` its own code, ids are for support."""

    default_code = "E-REMOTE"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        remote_code: str | None = None,
        request_id: str | None = None,
        correlation_id: str | None = None,
        code: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.status = status
        self.remote_code = remote_code
        self.request_id = request_id
        self.correlation_id = correlation_id


class NotFoundError(RemoteError):
    default_code = "E-REMOTE-NOT-FOUND"


class ForbiddenError(RemoteError):
    default_code = "E-REMOTE-FORBIDDEN"


class ConflictError(RemoteError):
    default_code = "E-REMOTE-CONFLICT"


class UnknownOutcomeError(RemoteError):
    """A write was sent and no usable answer came back: it may or may not have happened."""

    default_code = "E-UNKNOWN-OUTCOME"


# Where several apply the first in this order wins (product contract, section 3).
EXIT_PRECEDENCE: tuple[int, ...] = (10, 6, 9, 5, 4, 3, 7, 1, 2, 8, 0)


def first_exit_code(*codes: int) -> int:
    """The exit code to end with when several apply; 0 when none is given."""
    return min(codes, key=EXIT_PRECEDENCE.index, default=0)
