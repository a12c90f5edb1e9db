"""Exported JSON Schemas accept what cspctl accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

from jsonschema import Draft202012Validator
from pydantic import Field

from cspctl.kinds.contract import SpecModel
from cspctl.kinds.registry import KINDS
from cspctl.manifests.reader import BROKEN, read
from cspctl.manifests.schema import export, file_name, to_bytes

HERE = Path(__file__).parent


def documents(path: Path) -> list[Any]:
    return read(path.read_bytes(), path.name)[0]


def test_schemas_are_valid_and_named() -> None:
    schemas = export(KINDS)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert set(schemas) == {file_name(k.name) for k in KINDS} | {"manifest.schema.json", "project.schema.json"}
    assert file_name("TenantMapping") == "tenant-mapping.schema.json"


def test_bytes_are_stable_and_hold_no_multiple_of() -> None:
    one = [to_bytes(s) for s in export(KINDS).values()]
    two = [to_bytes(s) for s in export(tuple(reversed(KINDS))).values()]
    assert one == two
    assert not any(b"multipleOf" in text for text in one)
    assert all(text.endswith(b"}\n") for text in one)


def test_valid_manifests_pass_the_schema_of_their_kind_and_the_common_one() -> None:
    schemas = export(KINDS)
    common = Draft202012Validator(schemas["manifest.schema.json"])
    for document in documents(HERE / "valid" / "base.yaml"):
        assert list(common.iter_errors(document)) == []
        assert list(Draft202012Validator(schemas[file_name(document["kind"])]).iter_errors(document)) == []


def test_decimals_of_the_reader_can_be_validated() -> None:
    (document,), _ = read(
        b"apiVersion: cspctl/v1\nkind: Plan\nmetadata: {name: p}\nspec:\n  displayName: P\n  priceBook: nce\n"
        b"  pricing: {method: markup, percent: 12.5}\n  items:\n    - {name: a, product: CFQ7TTC0LFLX, sku: '0001', "
        b"offers: [{term: P1Y, billing: monthly}]}\n",
        "x.yaml",
    )
    assert list(Draft202012Validator(export(KINDS)["manifest.schema.json"]).iter_errors(document)) == []


def test_wrong_structure_is_refused_by_the_schema_too() -> None:
    common = Draft202012Validator(export(KINDS)["manifest.schema.json"])
    for name in ("unknown-key", "unknown-key-envelope", "sku-not-quoted", "float-money", "bad-name",
                 "negative-quantity",
                 "not-a-guid", "wrong-api-version", "missing-quantity", "secret-literal"):  # fmt: skip
        found = [d for d in documents(HERE / "invalid" / f"{name}.yaml") if d is not BROKEN]
        assert any(list(common.iter_errors(d)) for d in found), name


class Priced(SpecModel):
    step: Annotated[int, Field(multiple_of=5)]


class Toy:
    """A kind whose model uses multipleOf."""

    name: ClassVar[str] = "Toy"
    spec = Priced
    references = ()
    mutability: ClassVar[dict[str, Any]] = {}
    remote = None

    def check(self, resource: Any, project: Any) -> list[Any]:
        return []


def test_multiple_of_is_left_out() -> None:
    schema = export([Toy()])["toy.schema.json"]
    assert "multipleOf" not in to_bytes(schema).decode()
    assert schema["properties"]["spec"]["properties"]["step"]["type"] == "integer"


def test_the_project_file_schema() -> None:
    validator = Draft202012Validator(export(KINDS)["project.schema.json"])
    assert list(validator.iter_errors({"project": "a", "guards": {"money": {"EUR": "5"}}})) == []
    assert list(validator.iter_errors({"projekt": "a"}))
