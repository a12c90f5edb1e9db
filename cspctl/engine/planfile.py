"""Plan files: what was reviewed, sealed so that an edit shows."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cspctl.engine.canonical import canonical_json
from cspctl.engine.planner import PLAN_LIFE, plan_digest
from cspctl.errors import InputError, StalePlanError
from cspctl.model.change import Step
from cspctl.model.plan import Plan

SEAL = "seal"


def is_plan_file(path: Path) -> bool:
    """A regular file that starts like JSON; manifests are folders or YAML."""
    if not path.is_file() or path.suffix.lower() in (".yaml", ".yml"):
        return False
    with path.open("rb") as stream:
        return stream.read(64).lstrip().startswith(b"{")


def write_plan(plan: Plan, path: Path) -> None:
    """Mode 0600, written whole or not at all."""
    body = plan.model_dump(mode="json", by_alias=True)
    body[SEAL] = _seal(body)
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_plan(path: Path, step_types: Sequence[type[Step]]) -> Plan:
    """Raises InputError where it is no plan file, StalePlanError where it was edited after it was made."""
    body = _load(path)
    seal = body.pop(SEAL, None)
    if seal != _seal(body):
        raise _edited(path)
    plan = _decode(body, step_types, path)
    if plan.digest != plan_digest(plan) or plan.expires_at > plan.created_at + PLAN_LIFE:
        raise _edited(path)
    return plan


def _load(path: Path) -> dict[str, Any]:
    try:
        # A plan holds no fractions: one that does was edited, which the seal then says.
        body = json.loads(path.read_text("utf-8"), parse_float=str, parse_constant=str)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a readable plan file: {error}", code="E-PLAN-FILE") from None
    if not isinstance(body, dict) or "planVersion" not in body:
        raise InputError(f"{path} is not a plan file", code="E-PLAN-FILE", hint="make one with `cspctl plan --out`")
    if str(body["planVersion"]).partition(".")[0] != "1":
        message = f"{path} has planVersion {body['planVersion']}; this version reads 1.x"
        raise InputError(message, code="E-PLAN-VERSION", hint="make the plan again with this version")
    return body


def _decode(body: dict[str, Any], step_types: Sequence[type[Step]], path: Path) -> Plan:
    """Steps are decoded by their tag: through the base type their own fields would be lost."""
    by_tag = {t.model_fields["type"].default: t for t in step_types}
    try:
        changes = []
        for change in body["changes"]:
            steps = tuple(by_tag[s["type"]].model_validate(s) for s in change["steps"])
            changes.append({**change, "steps": steps})
        return Plan.model_validate({**body, "changes": changes})
    except (ValidationError, KeyError, TypeError, AttributeError) as error:
        detail = str(error).splitlines()[0]
        raise InputError(f"{path} is not a plan of this version: {detail}", code="E-PLAN-FILE") from None


def _seal(body: Mapping[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(canonical_json(body).encode("utf-8")).hexdigest()


def _edited(path: Path) -> StalePlanError:
    return StalePlanError(
        f"{path} was edited after it was made: its seal does not fit its content",
        code="E-PLAN-EDITED",
        hint="make the plan again; what is applied is exactly what was reviewed",
    )


def check_fresh(plan: Plan, *, now: datetime, realm: str, skew: timedelta = timedelta(minutes=5)) -> None:
    """Raises StalePlanError when the plan is over, from another realm, or from the future."""
    if plan.realm != realm:
        message = f"the plan was made for {plan.realm}, this is {realm}"
        raise StalePlanError(message, code="E-PLAN-REALM", hint="plan again here")
    if now > plan.expires_at:
        message = f"the plan expired on {plan.expires_at:%Y-%m-%d %H:%M} UTC"
        raise StalePlanError(message, code="E-PLAN-EXPIRED", hint="plan again")
    if plan.created_at > now + skew:
        message = f"the plan says it was made on {plan.created_at:%Y-%m-%d %H:%M} UTC, which lies ahead"
        raise StalePlanError(message, code="E-PLAN-CLOCK", hint="check the clocks, then plan again")
