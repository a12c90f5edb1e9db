"""What an answer leaves out or changes is found, at every place of every sampled kind of body."""

from __future__ import annotations

import copy
from dataclasses import replace

import httpx
import pytest

from conformance.comparison import differences, text_differences
from conformance.frames import located, renamed, respelled, somewhere
from conformance.outcome import judge
from conformance.samples import read

PAGES = ("get-a-customer-by-id", "get-a-customer-s-company-profile", "create-a-cart", "get-new-commerce-migration",
         "get-a-subscription-by-id", "update-a-subscription-by-id", "get-user-roles-for-a-customer",
         "get-invoice-by-id", "get-promotion-by-id")  # fmt: skip  # one list


class Forgetful:
    """The running emulator with one property gone from every answer."""

    def __init__(self, service, name):
        self._service, self._name = service, name

    def __getattr__(self, name):
        return getattr(self._service, name)

    def call(self, *arguments, **more):
        answer = self._service.call(*arguments, **more)
        if "json" not in answer.headers.get("content-type", ""):
            return answer
        body = without(answer.json(), self._name)
        headers = {name: text for name, text in answer.headers.items() if name != "content-length"}
        return httpx.Response(answer.status_code, headers=headers, json=body, request=answer.request)


def without(body, name):
    if isinstance(body, list):
        return [without(one, name) for one in body]
    if isinstance(body, dict):
        return {key: without(inner, name) for key, inner in body.items() if key != name}
    return body


@pytest.mark.parametrize("name", ["allowDelegatedAccess", "relationshipToPartner", "commerceId", "objectType"])
def test_an_emulator_that_leaves_a_property_out_is_open(service, folder, name):
    (one,) = [one for one in read(folder).exchanges if one.page == "get-a-customer-by-id"]
    assert judge(service, one).problems == []
    found = judge(Forgetful(service, name), one).problems
    assert found
    assert all(problem.endswith(f"{name}: missing") for problem in found)


def places(body, trail=()):
    """Every place of a body that holds a documented value, but null."""
    if isinstance(body, dict):
        for key, inner in body.items():
            yield from places(inner, (*trail, key))
    elif isinstance(body, list):
        for index, inner in enumerate(body):
            yield from places(inner, (*trail, index))
    if body is not None and trail and isinstance(trail[-1], str):
        yield trail


def changed(body, trail, change):
    fresh = copy.deepcopy(body)
    inner = fresh
    for step in trail[:-1]:
        inner = inner[step]
    change(inner, trail[-1])
    return fresh


def single(body):
    """A body whose lists hold one element, so that no other makes up for what is taken away."""
    if isinstance(body, dict):
        return {key: single(inner) for key, inner in body.items()}
    return [single(one) for one in body[:1]] if isinstance(body, list) else body


def retype(inner, key):
    inner[key] = {"x": 1} if not isinstance(inner[key], dict) else "x"


def nulled(inner, key):
    inner[key] = None


@pytest.mark.parametrize("change", [dict.pop, retype, nulled])
def test_every_documented_property_is_missed_or_found_of_another_type(folder, change):
    tried = 0
    for one in read(folder).exchanges:
        body = single(one.body)
        if not isinstance(body, dict):
            continue
        assert differences(body, body) == [], one.name
        for trail in places(body):
            tried += 1
            assert differences(body, changed(body, trail, change)), (one.name, trail)
    assert tried > 4000


def test_every_list_that_a_page_fills_must_be_filled(folder):
    tried = 0
    for one in read(folder).exchanges:
        body = single(one.body)
        for trail in places(body) if isinstance(body, dict) else ():
            inner = body
            for step in trail:
                inner = inner[step]
            if isinstance(inner, list) and inner and inner != [None]:
                tried += 1
                emptied = changed(body, trail, lambda parent, key: parent.update({key: []}))
                assert differences(body, emptied), (one.name, trail)
    assert tried > 200


@pytest.mark.parametrize(
    ("documented", "answered", "expected"),
    [
        ({"a": None, "b": 1}, {"b": 2.5}, []),
        ({"b": 1}, {"b": "1"}, ["b: number, answered text"]),
        ({"b": "1"}, {"b": 1}, ["b: text, answered number"]),
        ({"b": True}, {"b": 1}, ["b: boolean, answered number"]),
        ({"b": 1}, {"b": None}, ["b: number, answered null"]),
        ({"b": "2020-01-01T00:00:00Z"}, {"b": "2026-03-10"}, []),
        ({"b": "2020-01-01T00:00:00Z"}, {"b": "soon"}, ["b: moment, answered text"]),
        ({"b": "soon"}, {"b": "2026-03-10"}, []),
        ({"Id": "x"}, {"id": "y"}, []),
        ({"id": "x"}, {"Id": "y"}, []),
        ({"id": "x"}, {"ID": "y"}, ["id: missing"]),
        ({"mpnID": "x"}, {"mpnId": "y"}, ["mpnID: missing"]),
        ({"items": [{"a": 1}, {"c": "x"}]}, {"items": [{"c": "y", "a": 3}]}, []),
        ({"items": [{"a": 1, "b": 1}]}, {"items": [{"a": 1}, {"b": 1}]},
         ["items[]: no single answered object has all properties of a documented one"]),
        ({"items": [{"a": 1}]}, {"items": []}, ["items: empty list"]),
        ({"items": ["a"]}, {"items": []}, ["items: empty list"]),
        ({"items": []}, {"items": []}, []),
        ({"items": [{"a": {"b": True}}]}, {"items": [{"a": {}}]}, ["items[].a.b: missing"]),
        ({"a": {}}, {"a": []}, ["a: object, answered list"]),
    ],
)  # fmt: skip  # a table
def test_comparison(documented, answered, expected):
    assert differences(documented, answered) == expected


def test_a_body_is_looked_for_in_one_place_and_the_reading_is_named():
    assert located({"a": 1}, {"a": 2}) == ([], "")
    assert located({"a": 1}, {"items": [{"b": 1}, {"a": 2}]}) == (
        [], "the page prints one object of the answered list without its frame"
    )  # fmt: skip  # a pair
    assert located([{"a": 1}], {"a": 2}) == ([], "the page prints the answered object inside a list")
    assert located({"a": 1, "b": 2}, {"items": [{"a": 1}, {"b": 2}]})[0] == ["b: missing"]
    assert located({"items": [{"a": 1}]}, {"items": [{"items": [{"a": 1}]}]})[0] == ["items[].a: missing"]


def test_other_spellings_and_kinds_are_named():
    assert respelled({"Id": 1, "Links": {"Self": 1}}, {"id": 1, "links": {"self": 1}}) == [
        "the page prints 3 names with the other first letter, such as Id"
    ]
    assert respelled({"id": 1}, {"id": 1, "Id": 2}) == []
    assert renamed({"attributes": {"objectType": "A"}}, {"attributes": {"objectType": "B"}}) == [
        "the page prints objectType A, which the answer does not have"
    ]


def test_a_further_example_must_be_found_whole():
    answer = {"links": {"self": {"uri": "x", "method": "GET"}}}
    assert somewhere({"uri": "y", "method": "GET"}, answer)
    assert not somewhere({"uri": "y", "href": "z"}, answer)


def test_a_table_has_every_documented_column():
    assert text_differences('"A","B"\n"1","2"', '"A","B","C"\n1,2,3') == []
    assert text_differences('"A","B"\n"1","2"', '"A","b"\n1,2') == ["column B: missing"]
    assert text_differences("%PDF", "") == ["body: empty"]


@pytest.mark.parametrize("page", PAGES)
def test_documented_pages_are_answered(service, folder, page):
    exchanges = [one for one in read(folder).exchanges if one.page == page]
    if not exchanges:
        pytest.skip(f"the folder has no page {page}")
    assert [judge(service, one).problems for one in exchanges] == [[]] * len(exchanges)


def test_a_documented_status_is_not_any_of_its_class_unless_the_page_prints_none(service, folder):
    (one,) = [one for one in read(folder).exchanges if one.page == "get-a-customer-by-id"]
    (problem,) = judge(service, replace(one, status=202)).problems
    assert problem.startswith("status 200 instead of 202")
    assumed = judge(service, replace(one, status=202, assumed=True))
    assert assumed.problems == []
    assert assumed.readings == ["the page prints no status, 202 is assumed; answered 200"]


def test_what_a_page_prints_is_sent(service, folder):
    """Nothing of a documented body is left out and nothing is added; ids alone are others."""
    sent = []

    class Listening(Forgetful):
        def call(self, method, path, body=None, **more):
            sent.append((method, path, body))
            return self._service.call(method, path, body, **more)

    checked = 0
    for one in read(folder).exchanges:
        if not isinstance(one.request_body, dict) or one.status is None or one.status >= 400:
            continue
        sent.clear()
        outcome = judge(Listening(service, ""), one)
        if outcome.problems or outcome.subject == "received":
            continue
        method, _, body = sent[-1]
        assert method == one.method
        assert shape(body) == shape(one.request_body), one.name
        checked += 1
    assert checked > 50


def shape(body):
    """The names at every place. What the server alone decides is repeated whole, so it ends there."""
    if isinstance(body, dict):
        ends = {"links", "refundoptions", "attributes", "producttype", "eventids"}
        return {key: None if key.lower() in ends else shape(inner) for key, inner in body.items()}
    return [shape(one) for one in body] if isinstance(body, list) else None


def test_the_table_replaces_only_what_stands_between_its_markers(tmp_path):
    from conformance.report import END, START, write

    file = tmp_path / "emulator.md"
    file.write_text(f"before\n{START}\nold\n{END}\nafter\n")
    write(file, "new")
    assert file.read_text() == f"before\n{START}\nnew\n{END}\nafter\n"
