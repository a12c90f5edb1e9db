"""Logs on stderr: text for people, JSON lines for machines. `event` names are stable, messages are not."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from cspctl.cli.settings import Settings
from cspctl.views import escape

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"event", "message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """`{"ts", "level", "event", "message", …}`; extra fields of the record follow by name."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "ts": _instant(record.created),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "log"),
            "message": record.getMessage(),
        }
        for key in sorted(set(record.__dict__) - _STANDARD):
            fields[key] = record.__dict__[key]
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return escape.json_document(json.dumps(fields, ensure_ascii=False, default=str))


class Lines(logging.Formatter):
    """`warning: message`, with the names and values of extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        extras = "".join(f" {k}={record.__dict__[k]}" for k in sorted(set(record.__dict__) - _STANDARD))
        text = escape.terminal(f"{record.levelname.lower()}: {record.getMessage()}{extras}")
        if record.exc_info:
            text += "\n" + escape.terminal_block(self.formatException(record.exc_info))
        return text


def setup(settings: Settings) -> None:
    """Point the logger `cspctl` to stderr; other libraries stay silent."""
    logger = logging.getLogger("cspctl")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else Lines())
    logger.addHandler(handler)
    logger.setLevel(level(settings))
    logger.propagate = False
    logging.raiseExceptions = False  # a closed stderr must not fail an apply


def level(settings: Settings) -> int:
    """Warnings; errors with -q; -v adds information, -vv everything."""
    if settings.quiet:
        return logging.ERROR
    return {0: logging.WARNING, 1: logging.INFO}.get(settings.verbosity, logging.DEBUG)


def _instant(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
