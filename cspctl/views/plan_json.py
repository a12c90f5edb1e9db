"""A plan as JSON, and the JSON Schema of it."""

from __future__ import annotations

from typing import Any

from cspctl.model.plan import Plan
from cspctl.views import canonical

SCHEMA_FILE = "plan-v1.schema.json"


def render(plan: Plan) -> str:
    """planVersion 1.0; canonical bytes, ending with a newline."""
    return canonical.dumps(plan)


def plan_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of planVersion 1.x.

    Unknown properties are allowed: a minor version may add some, and steps carry the fields of their kind.
    """
    schema = Plan.model_json_schema(by_alias=True, mode="serialization")
    _open(schema)
    schema["properties"]["planVersion"] = {"type": "string", "pattern": r"^1\.[0-9]+$"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cspctl:{SCHEMA_FILE.removesuffix('.schema.json')}",
        **schema,
        "title": "cspctl plan",
    }


def schema_text() -> str:
    """The content of schemas/plan-v1.schema.json."""
    return canonical.dumps(plan_schema())


def _open(node: Any) -> None:
    """Drop `additionalProperties: false` everywhere, in place."""
    if isinstance(node, dict):
        if node.get("additionalProperties") is False:
            del node["additionalProperties"]
        for child in node.values():
            _open(child)
    elif isinstance(node, list):
        for child in node:
            _open(child)
