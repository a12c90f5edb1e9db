"""Errors of pydantic as diagnostics: stable codes, exact paths, sentences that say what to write instead.

An input is shown only where it cannot be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from cspctl.manifests.fields import did_you_mean, known_keys, nearest
from cspctl.manifests.secrecy import is_reference_key, is_secret_key
from cspctl.manifests.text import shown
from cspctl.model.diagnostic import DocPath

# pydantic error type -> code. Types that are not listed become "E-" and their own name.
CODES: Mapping[str, str] = {
    "missing": "E-REQUIRED",
    "union_tag_not_found": "E-REQUIRED",
    "extra_forbidden": "E-UNKNOWN-KEY",
    "literal_error": "E-ENUM",
    "enum": "E-ENUM",
    "union_tag_invalid": "E-ENUM",
    "string_type": "E-TYPE",
    "int_type": "E-TYPE",
    "int_parsing": "E-TYPE",
    "int_from_float": "E-TYPE",
    "bool_type": "E-TYPE",
    "bool_parsing": "E-TYPE",
    "list_type": "E-TYPE",
    "tuple_type": "E-TYPE",
    "dict_type": "E-TYPE",
    "model_type": "E-TYPE",
    "model_attributes_type": "E-TYPE",
    "decimal_type": "E-TYPE",
    "decimal_parsing": "E-TYPE",
    "percent": "E-TYPE",
    "none_required": "E-TYPE",
    "float_type": "E-TYPE",
    "date_type": "E-DATE",
    "date_parsing": "E-DATE",
    "date_from_datetime_parsing": "E-DATE",
    "date_from_datetime_inexact": "E-DATE",
    "iso_date": "E-DATE",
    "duration": "E-DURATION",
    "greater_than": "E-RANGE",
    "greater_than_equal": "E-RANGE",
    "less_than": "E-RANGE",
    "less_than_equal": "E-RANGE",
    "too_short": "E-RANGE",
    "too_long": "E-RANGE",
    "string_too_short": "E-RANGE",
    "string_too_long": "E-RANGE",
    "finite_number": "E-RANGE",
    "decimal_max_digits": "E-RANGE",
    "decimal_max_places": "E-RANGE",
    "decimal_whole_digits": "E-RANGE",
    "string_pattern_mismatch": "E-PATTERN",
    "uuid_parsing": "E-GUID",
    "uuid_type": "E-GUID",
    "guid": "E-GUID",
    "money_text": "E-MONEY",
    "secret_literal": "E-SECRET-LITERAL",
    "not_allowed_here": "E-NOT-ALLOWED-HERE",
    "value_error": "E-VALUE",
    "assertion_error": "E-VALUE",
}

_NEEDS = {
    "string_type": "text", "int_type": "a whole number", "int_parsing": "a whole number",
    "int_from_float": "a whole number", "bool_type": "true or false", "bool_parsing": "true or false",
    "list_type": "a list", "tuple_type": "a list", "dict_type": "a map", "model_type": "a map",
    "model_attributes_type": "a map", "decimal_type": "a number", "decimal_parsing": "a number",
    "float_type": "a number",
}  # fmt: skip
_MISSING_TYPES = ("missing", "union_tag_not_found")
_OWN_CODE = re.compile(r"(?P<code>[EW]-[A-Z][A-Z0-9-]+): ")
_NAMED = re.compile(r"'((?:[^'\\]|\\.)*)'")

SourceText = Callable[[DocPath], str | None]
StructureError = tuple[str, str, DocPath, str | None]  # code, message, path, hint


def structure_errors(
    failure: ValidationError,
    data: Any,
    model: type[BaseModel],
    source: SourceText,
    prefix: DocPath = (),
) -> Iterator[StructureError]:
    """One error per place. `source` gives the unquoted source text at a path of the document."""
    seen: set[DocPath] = set()
    items = [(_path(item, data), item) for item in failure.errors(include_url=False)]
    above = {path[:length] for path, _ in items for length in range(len(path))}
    for inner, item in items:
        if inner in seen or (item["type"] == "too_short" and inner in above):
            continue  # told already; or too short only because its entries are wrong
        seen.add(inner)
        path = prefix + inner
        code, message, hint = _describe(item, path, inner, data, model, source)
        yield code, message, path, hint


def _path(item: Mapping[str, Any], data: Any) -> DocPath:
    """The error's place in the document; labels of union variants that pydantic puts between are left out."""
    path: list[str | int] = []
    here = data
    loc = item["loc"]
    for place, part in enumerate(loc):
        if (isinstance(here, Mapping) and part in here) or (
            isinstance(here, list | tuple) and isinstance(part, int) and 0 <= part < len(here)
        ):
            here = here[part]
            path.append(part)
        elif place == len(loc) - 1 and item["type"] in _MISSING_TYPES:
            path.append(part)
    if item["type"] in ("union_tag_invalid", "union_tag_not_found"):
        path.append(item["ctx"]["discriminator"].strip("'"))
    return tuple(path)


def _describe(
    item: Mapping[str, Any],
    path: DocPath,
    inner: DocPath,
    data: Any,
    model: type[BaseModel],
    source: SourceText,
) -> tuple[str, str, str | None]:
    kind = str(item["type"])
    code = CODES.get(kind) or (kind if kind.startswith(("E-", "W-")) else "E-" + kind.upper().replace("_", "-"))
    value = _value(data, inner)
    name = str(path[-1]) if path else "this document"
    where = f"{name}:" if not isinstance(path[-1] if path else "", int) else f"entry {int(name) + 1}:"
    if code == "E-SECRET-LITERAL" or (is_reference_key(name) and code not in ("E-UNKNOWN-KEY", "E-REQUIRED")):
        return _secret(name, kind, str(item["msg"]))
    if code == "E-REQUIRED":
        return code, f"{name} is required", None
    if code == "E-UNKNOWN-KEY":
        return _unknown_key(name, known_keys(model, inner[:-1]))
    if any(isinstance(part, str) and is_secret_key(part) for part in path):
        return code, f"{where} {_NEEDS.get(kind, 'another value')} is needed; the value is not shown here", None
    if code == "E-ENUM":
        return _enum(item, where, value)
    number = isinstance(value, int | Decimal)
    if number and code != "E-MONEY" and (kind == "string_type" or _wants_text(kind)):
        if name == "amount" and not isinstance(value, bool):
            code = "E-MONEY"
        else:
            return _quote(where, path, value, source)
    if code == "E-MONEY":
        return _money(where, path, value, source, str(item["msg"]))
    if kind in _NEEDS:
        return code, f"{where} {_NEEDS[kind]} is needed, not {_kind_of(value)}", None
    return _sentence(code, where, str(item["msg"]), item, value)


def _wants_text(kind: str) -> bool:
    return kind in ("string_pattern_mismatch", "uuid_type")


def _secret(name: str, kind: str, message: str) -> tuple[str, str, str | None]:
    if kind == "store_ref":
        return "E-STORE-REF", f"{name}: {message}", None
    return (
        "E-SECRET-LITERAL",
        f"{name}: a reference to a secret is needed, not the secret itself (it is not shown here)",
        "write env:CSPCTL_NAME, file:PATH, keyring:SERVICE/USER or azure-key-vault:VAULT/NAME; "
        "a secret that was committed must be replaced",
    )


def _unknown_key(name: str, known: list[str]) -> tuple[str, str, str | None]:
    hint = did_you_mean(name, known)
    if hint is None and known:
        hint = "known here: " + ", ".join(known)
    return "E-UNKNOWN-KEY", f"unknown key {shown(name)}", hint


def _enum(item: Mapping[str, Any], where: str, value: Any) -> tuple[str, str, str | None]:
    context = item.get("ctx", {})
    allowed = _NAMED.findall(str(context.get("expected") or context.get("expected_tags") or ""))
    near = nearest(value, allowed) if isinstance(value, str) else None
    choice = ", ".join(allowed)
    hint = f"did you mean {near}?" if near else None
    what = f"not {shown(value)}" if value is not None else "not this"
    return "E-ENUM", f"{where} one of {choice} is needed, {what}", hint


def _quote(where: str, path: DocPath, value: Any, source: SourceText) -> tuple[str, str, str | None]:
    text = source(path) or shown(value)
    return "E-QUOTE", f"{where} text is needed, and {shown(text)[1:-1]} without quotes is not text", f'write "{text}"'


def _money(where: str, path: DocPath, value: Any, source: SourceText, message: str) -> tuple[str, str, str | None]:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        text = source(path) or shown(value)
        return "E-MONEY", f"{where} an amount of money is text, and {text} without quotes is not", f'write "{text}"'
    return "E-MONEY", f"{where} {message}", 'write the amount as quoted decimal text such as "12.50"'


def _sentence(code: str, where: str, message: str, item: Mapping[str, Any], value: Any) -> tuple[str, str, str | None]:
    if item["type"] == "value_error":
        message = message.removeprefix("Value error, ")
        own = _OWN_CODE.match(message)
        if own:
            code, message = own["code"], message[own.end() :]
    if code == "E-RANGE":
        message = _limit(item, message)
    if "[0-9a-fA-F]{8}" in message or "[0-9a-f]{8}" in message:
        code, message = "E-GUID", "must be a GUID (8-4-4-4-12 hexadecimal digits)"
    if isinstance(value, str | int | Decimal):
        message += f", not {shown(value)}"
    return code, f"{where} {message}", None


def _limit(item: Mapping[str, Any], message: str) -> str:
    context = item.get("ctx", {})
    words = {
        "greater_than_equal": "must be {ge} or more",
        "greater_than": "must be more than {gt}",
        "less_than_equal": "must be {le} or less",
        "less_than": "must be less than {lt}",
        "too_short": "at least {min_length} needed",
        "too_long": "at most {max_length} allowed",
        "string_too_short": "must have at least {min_length} characters",
        "string_too_long": "must have at most {max_length} characters",
    }
    sentence = words.get(str(item["type"]))
    return sentence.format(**context) if sentence else message.removeprefix("Input ").removeprefix("Value ")


def _kind_of(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool | None):
        return "nothing (null)" if value is None else shown(value)
    return shown(value)


def _value(data: Any, path: DocPath) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data
