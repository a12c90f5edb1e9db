"""JSON Schemas (draft 2020-12) of manifests and of the project file, for editors and other validators.

They are made from the models that cspctl itself validates with. `multipleOf` is left out: validators in Python
raise on it when a number is a Decimal, which is what the reader yields.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cspctl.kinds.contract import Kind
from cspctl.manifests.envelope import API_VERSION, Envelope
from cspctl.manifests.project import ProjectFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MANIFEST_FILE = "manifest.schema.json"
PROJECT_FILE = "project.schema.json"

Schema = dict[str, Any]


def export(kinds: Sequence[Kind]) -> dict[str, Schema]:
    """File name to schema: one per kind, one for any manifest (chosen by `kind`), one for cspctl.yaml."""
    ordered = sorted(kinds, key=lambda kind: kind.name)
    schemas = {file_name(kind.name): _document(kind) for kind in ordered}
    schemas[MANIFEST_FILE] = _any_manifest(ordered)
    project = _clean(ProjectFile.model_json_schema(by_alias=True))
    project["required"] = []  # the folder's name stands in for the project's
    schemas[PROJECT_FILE] = {"$schema": DIALECT, "$id": PROJECT_FILE, **project}
    return dict(sorted(schemas.items()))


def file_name(kind: str) -> str:
    """`TenantMapping` to `tenant-mapping.schema.json`."""
    dashed = "".join(f"-{c.lower()}" if c.isupper() and place else c.lower() for place, c in enumerate(kind))
    return f"{dashed}.schema.json"


def to_bytes(schema: Schema) -> bytes:
    """Stable bytes: sorted keys, two spaces, a newline at the end."""
    return (json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def _document(kind: Kind) -> Schema:
    body, definitions = _parts(kind)
    return {"$schema": DIALECT, "$id": file_name(kind.name), "title": kind.name, **body, "$defs": definitions}


def _any_manifest(kinds: Sequence[Kind]) -> Schema:
    definitions: Schema = {}
    for kind in kinds:
        body, inner = _parts(kind)
        definitions.update(inner)
        definitions[kind.name] = body
    return {
        "$schema": DIALECT,
        "$id": MANIFEST_FILE,
        "title": "A cspctl manifest",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {"kind": {"enum": [kind.name for kind in kinds]}},
        "discriminator": {"propertyName": "kind"},
        "oneOf": [{"$ref": f"#/$defs/{kind.name}"} for kind in kinds],
        "$defs": dict(sorted(definitions.items())),
    }


def _parts(kind: Kind) -> tuple[Schema, Schema]:
    """The schema of a whole document of this kind, and its definitions; their names begin with the kind's."""
    prefix = f"{kind.name}."
    spec = _clean(kind.spec.model_json_schema(by_alias=True, ref_template=f"#/$defs/{prefix}{{model}}"))
    envelope = _clean(Envelope.model_json_schema(by_alias=True, ref_template=f"#/$defs/{prefix}{{model}}"))
    definitions = {prefix + name: schema for name, schema in {**envelope["$defs"], **spec.pop("$defs", {})}.items()}
    spec.pop("title", None)
    properties = {
        "apiVersion": {"const": API_VERSION},
        "kind": {"const": kind.name},
        "metadata": envelope["properties"]["metadata"],
        "lifecycle": envelope["properties"]["lifecycle"],
        "spec": spec,
    }
    body = {
        "description": spec.get("description", ""),
        "type": "object",
        "additionalProperties": False,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": properties,
    }
    return body, dict(sorted(definitions.items()))


def _clean(schema: Any) -> Any:
    """Without `multipleOf`, and without Python's names as titles of fields."""
    if isinstance(schema, dict):
        cleaned = {key: _clean(value) for key, value in schema.items() if key != "multipleOf"}
        if isinstance(cleaned.get("properties"), dict):
            for field in cleaned["properties"].values():
                if isinstance(field, dict) and isinstance(field.get("title"), str):
                    field.pop("title")
        return cleaned
    if isinstance(schema, list):
        return [_clean(value) for value in schema]
    return schema
