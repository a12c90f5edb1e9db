"""The part of OData's `$filter` that the lists take.

A filter joins comparisons with `and`, `or`, `not` and brackets, looks into lists with `any`, and into text with
`contains`, `startswith` and `endswith`. Text is compared without case, numbers as numbers, instants as instants.
Source: Partner Center docs, pages get-a-list-of-referrals, create-earnings-export-request (there also `=` for `eq`)
and get-subscription-analytics-by-search-query (2018 to 2023).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from cspctl.emulator.clock import parse_instant

Scope = Mapping[str, Any]  # "" is the document, other names are variables of `any`
Test = Callable[[Scope], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<plain>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|[^\s'():,=]+)"
    r"|(?P<mark>[():,=]))"
)
_DEEPEST = 100  # brackets and negations of one filter: each is a level of this descent
_ORDERS = ("eq", "ne", "gt", "ge", "lt", "le", "=")
_WITHIN: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda whole, part: part in whole,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


class ODataError(ValueError):
    """A query that cannot be read; its text says where."""


def predicate(text: str | None, known: Collection[str] | None = None) -> Callable[[Mapping[str, Any]], bool]:
    """A test of documents. `known` names the properties there are. Raises ODataError."""
    if not text or not text.strip():
        return lambda document: True
    test = _Parser(text, known).whole()
    return lambda document: test({"": document})


def value_at(document: Any, path: str) -> Any:
    """The value at `a/b/c`, whatever the case of the names; None where there is none."""
    for name in path.split("/"):
        if not isinstance(document, Mapping):
            return None
        document = next((value for key, value in document.items() if key.lower() == name.lower()), None)
    return document


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, text: str, known: Collection[str] | None) -> None:
        self._text, self._at = text, 0
        self._tokens = self._split(text)
        if sum(word.lower() in ("(", "not") for word in self._tokens) > _DEEPEST:
            raise ODataError("the filter is nested too deeply")
        self._known = None if known is None else {name.lower() for name in known}
        self._variables: list[str] = []

    def _split(self, text: str) -> list[str]:
        found, at, text = [], 0, text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ODataError(f"the filter is not readable at {text[at:]!r}")
            found.append(match.group().strip())
            at = match.end()
        return found

    def whole(self) -> Test:
        test = self._either()
        if self._at != len(self._tokens):
            raise ODataError(f"the filter is not readable at {self._tokens[self._at]!r}")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._accept("or"):
            tests.append(self._both())
        return lambda scope: any(test(scope) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._accept("and"):
            tests.append(self._one())
        return lambda scope: all(test(scope) for test in tests)

    def _one(self) -> Test:
        if self._accept("not"):
            test = self._one()
            return lambda scope: not test(scope)
        if self._accept("("):
            test = self._either()
            self._expect(")")
            return test
        return self._comparison(self._next())

    def _comparison(self, word: str) -> Test:
        if word.lower() in _WITHIN and self._accept("("):
            return self._within(word.lower())
        if word.lower().endswith("/any") and self._accept("("):
            return self._any(word[: -len("/any")])
        read, operator = self._reader(word), self._next().lower()
        if operator not in _ORDERS:
            raise ODataError(f"{operator!r} is no operator")
        wanted = _literal(self._next())
        return lambda scope: _holds(read(scope), operator, wanted)

    def _within(self, name: str) -> Test:
        read = self._reader(self._next())
        self._expect(",")
        part = str(_literal(self._next())).lower()
        self._expect(")")
        return lambda scope: _WITHIN[name](str(read(scope) or "").lower(), part)

    def _any(self, path: str) -> Test:
        read, variable = self._reader(path), self._next()
        self._expect(":")
        self._variables.append(variable)
        test = self._either()
        self._variables.pop()
        self._expect(")")
        return lambda scope: any(test({**scope, variable: one}) for one in read(scope) or ())

    def _reader(self, path: str) -> Callable[[Scope], Any]:
        first, _, rest = path.partition("/")
        if first in self._variables:
            return lambda scope: value_at(scope[first], rest) if rest else scope[first]
        if not re.fullmatch(r"[A-Za-z_@][\w@./]*", path) or (
            self._known is not None and first.lower() not in self._known
        ):
            raise ODataError(f"there is no field {path}")
        return lambda scope: value_at(scope[""], path)

    def _accept(self, word: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at].lower() == word
        self._at += found
        return found

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise ODataError(f"{word!r} is missing in the filter")

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise ODataError("the filter ends too early")
        self._at += 1
        return self._tokens[self._at - 1]


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    if token in ("(", ")", ":", ",", "="):
        raise ODataError(f"a value is missing before {token!r}")
    return {"null": None, "true": True, "false": False}.get(token.lower(), token)


def _holds(actual: Any, operator: str, wanted: Any) -> bool:
    if actual is None or wanted is None:
        same = actual is None and wanted is None
        return same if operator in ("eq", "=") else operator == "ne" and not same
    left, right = _comparable(actual, wanted)
    order = (left > right) - (left < right)
    outcomes: dict[str, bool] = {
        "eq": order == 0,
        "ne": order != 0,
        "gt": order > 0,
        "ge": order >= 0,
        "lt": order < 0,
        "le": order <= 0,
    }
    return outcomes["eq" if operator == "=" else operator]


def _comparable(actual: Any, wanted: Any) -> tuple[Any, Any]:
    if isinstance(actual, int | float | Decimal) and not isinstance(actual, bool):
        number = _number(str(wanted))
        if number is None:
            raise ODataError(f"{wanted!r} is no number")
        return Decimal(str(actual)), number
    moments = _moment(str(actual)), _moment(str(wanted))
    if moments[0] is not None and moments[1] is not None:
        return moments
    return str(actual).lower(), str(wanted).lower()


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _moment(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return parse_instant(text)
    except ValueError:
        return None
