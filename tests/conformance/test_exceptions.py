"""An exception names one property of one exchange, and is needed."""

from __future__ import annotations

import pytest

from conformance.exceptions import Accepted, load, stale
from conformance.outcome import Outcome
from conformance.report import tally
from conformance.samples import Exchange, read


def outcome(problems, page="page", number=0):
    one = Exchange(page, "section", number, "GET", "/v1/x", "/v1/x", "", {}, None, 200, {})
    return Outcome(one, problems, 200)


def accepted(what="b", page="page", number=0, section="section"):
    return Accepted(page, number, section, what, "documentation error: misspelt")


def test_exceptions_cover_one_property_of_one_exchange():
    one = [accepted()]
    assert tally([outcome(["b: missing"])], one).passed
    assert not tally([outcome(["b: missing", "c: missing"])], one).passed
    assert not tally([outcome(["b: missing"]), outcome(["b: missing"], number=1)], one).passed
    found = tally([outcome(["c: missing"]), outcome([], number=1)], [accepted("exchange")])
    assert (found.documented.total(), found.excepted.total()) == (1, 1)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (accepted("c"), "page#0, c: the exchange does not deviate there any more"),
        (accepted(number=7), "page#7, b: the page has no exchange of this number in section 'section'"),
        (accepted(section="other"), "page#0, b: the page has no exchange of this number in section 'other'"),
        (accepted(page="elsewhere"), "elsewhere#0, b: there is no page of this name"),
    ],
)
def test_an_exception_that_matches_nothing_is_an_error(entry, said):
    entries = [accepted(), accepted("d", page="second"), entry]
    outcomes = [outcome(["b: missing"]), outcome(["d: missing"], page="second")]
    found = tally(outcomes, entries)
    assert found.stale == [said]
    assert not found.passed


def test_an_exception_for_a_whole_exchange_that_is_answered_is_an_error():
    found = tally([outcome([])], [accepted("exchange")])
    assert found.stale == ["page#0, exchange: the exchange does not deviate there any more"]


def test_a_folder_of_other_pages_has_a_right_to_lack_those_of_the_list():
    assert stale([accepted(), accepted(page="second")], [outcome([], page="new")], ["new"]) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('- {page: p, number: 0, section: s, what: a, reason: "because"}', "the reason must begin with one of"),
        ('- {page: p, section: s, what: a, reason: "retired: x"}', "must have number, page"),
        (
            '- {page: p, number: 0, section: s, what: "items[].*", reason: "retired: x"}',
            "one exchange and one property",
        ),
        ('- {page: p, number: null, section: s, what: a, reason: "retired: x"}', "one exchange and one property"),
        ('- {page: p, number: 0, section: s, what: a, pattern: x, reason: "retired: x"}', "nothing else"),
        ("- text", "must have"),
    ],
)
def test_a_list_of_patterns_is_refused(tmp_path, text, said):
    file = tmp_path / "exceptions.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match="exception|" + said) as caught:
        load(file)
    assert said in str(caught.value)


def test_nothing_is_excepted_twice(tmp_path):
    file = tmp_path / "exceptions.yaml"
    one = '- {page: p, number: 0, section: s, what: a, reason: "retired: x"}\n'
    file.write_text(one + one)
    with pytest.raises(ValueError, match="excepted twice"):
        load(file)


def test_every_exception_names_a_documented_exchange(folder):
    known = {(one.page, one.section, one.number) for one in read(folder).exchanges}
    assert {(one.page, one.section, one.number) for one in load()} <= known
