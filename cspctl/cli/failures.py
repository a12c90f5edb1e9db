"""An exception as one line, a hint, or a JSON object on stderr. Loaded only when something failed."""

from __future__ import annotations

import json
import sys
import traceback
from datetime import UTC, datetime

import click

from cspctl.errors import CspctlError, RemoteError
from cspctl.views import escape


def leaves(error: BaseException) -> list[BaseException]:
    """The exceptions inside a group, depth first; the exception itself when it is none."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]


def report(error: BaseException, exit_code: int, *, verbose: bool, as_json: bool) -> None:
    """Write to stderr. A traceback is shown only for what nobody expected, and only when asked for."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and not as_json:
        error.show(sys.stderr)
        return
    if not as_json and (diagnostics := getattr(error, "diagnostics", ())):
        from cspctl.views import diagnostics_text

        _write(diagnostics_text.render(diagnostics, 0).rstrip("\n"))
    code, message, hint = _words(error)
    expected = isinstance(error, CspctlError | click.ClickException | click.Abort | KeyboardInterrupt)
    trace = "".join(traceback.format_exception(error)) if verbose and not expected else ""
    excerpt = error.excerpt if isinstance(error, CspctlError) else None
    if as_json:
        _write(_json(error, code, message, hint, exit_code, trace))
    else:
        _write(_text(code, message, hint, excerpt, trace))


def _words(error: BaseException) -> tuple[str, str, str | None]:
    if isinstance(error, CspctlError):
        return error.code, error.message, error.hint
    if isinstance(error, click.UsageError):
        return "E-USAGE", error.format_message(), f"see '{_help_command(error)}'"
    if isinstance(error, click.ClickException):
        return "E-USAGE", error.format_message(), None
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return "E-CANCELLED", "cancelled", None
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return "E-UNEXPECTED", text, "this is a defect of cspctl; run again with -v for the traceback"


def _help_command(error: click.UsageError) -> str:
    return f"{error.ctx.command_path if error.ctx else 'cspctl'} --help"


def _text(code: str, message: str, hint: str | None, excerpt: str | None, trace: str) -> str:
    lines = [escape.terminal_block(trace)] if trace else []
    lines.append(f"error[{code}]: {escape.terminal(message)}")
    lines += [f"    {escape.terminal(line)}" for line in (excerpt or "").splitlines()]
    if hint:
        lines.append(f"hint: {escape.terminal(hint)}")
    return "\n".join(lines)


def _json(error: BaseException, code: str, message: str, hint: str | None, exit_code: int, trace: str) -> str:
    record: dict[str, object] = {
        "ts": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": "error",
        "event": "error",
        "code": code,
        "message": message,
        "hint": hint,
        "exitCode": exit_code,
    }
    if isinstance(error, CspctlError) and error.excerpt:
        record["excerpt"] = error.excerpt
    if isinstance(error, RemoteError):
        record |= {
            "status": error.status,
            "remoteCode": error.remote_code,
            "requestId": error.request_id,
            "correlationId": error.correlation_id,
        }
    if trace:
        record["traceback"] = trace
    return escape.json_document(json.dumps(record, ensure_ascii=False))


def _write(text: str) -> None:
    """Nobody may be listening any more; that must not hide the exit code."""
    try:
        click.echo(text, err=True)
    except OSError:
        return
