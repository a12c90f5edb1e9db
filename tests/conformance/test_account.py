"""Every exchange of the folder is sent, excepted or reported: counted here without the harness's own reader."""

from __future__ import annotations

import json
import re

import pytest

from conformance import __main__ as command
from conformance import exceptions, report
from conformance.samples import read
from tests.conformance.unsampled import ROWS, entry, page

NAMED = {row[0]: row for row in ROWS}


def write(folder, name, document):
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """`python -m conformance` over the pages written into tmp_path."""
    monkeypatch.setenv("CSPCTL_SAMPLES", str(tmp_path))

    def ask(*arguments):
        status = command.main([*arguments, "--table", str(tmp_path / "table.md")])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    return ask


def test_no_exchange_of_the_samples_is_left_out(folder):
    counted = {
        file.stem: len(json.loads(file.read_text(encoding="utf-8"))["exchanges"])
        for file in folder.glob("*.json")
        if file.name != "index.json"
    }
    found = read(folder)
    assert found.unreadable == []
    assert sorted(found.pages) == sorted(counted)
    assert {page: sum(one.page == page for one in found.exchanges) for page in counted} == counted
    index = folder / "index.json"
    if index.is_file():
        assert sum(counted.values()) == json.loads(index.read_text(encoding="utf-8"))["stats"]["exchanges"]


def test_the_whole_folder_is_accounted_for(service, folder):
    from conformance.outcome import judge

    found = read(folder)
    outcomes = [judge(service, one) for one in found.exchanges]
    tally = report.tally(outcomes, exceptions.load(), found.pages, found.unreadable)
    assert tally.documented.total() + tally.excepted.total() == len(found.exchanges)
    assert tally.stale == []
    assert tally.passed
    unsent = [one.exchange.name for one in outcomes if one.status is None]
    excepted = {f"{one.page}#{one.number}" for one in exceptions.load() if one.what == exceptions.WHOLE}
    assert set(unsent) <= excepted, "what is not sent must be excepted by name"
    assert f"{len(found.exchanges)} exchanges in {len(found.pages)} pages: " in tally.account


def test_pages_are_counted_and_the_table_is_written(run, tmp_path):
    write(tmp_path, "one", page(entry(NAMED["get-directory-roles"]), entry(NAMED["get-offer-categories"])))
    write(tmp_path, "two", page(entry(NAMED["get-a-rate"])))
    write(tmp_path, "index", {"stats": {}, "pages": []})
    status, shown = run()
    assert status == 0
    assert re.search(r"^ +2 +2 +0  one$", shown, re.M)
    assert re.search(r"^ +1 +1 +0  two$", shown, re.M)
    assert "3 exchanges in 2 pages: 3 sent and compared" in shown
    assert "| one | 2 | 2 | 0 |" in (tmp_path / "table.md").read_text(encoding="utf-8")


def test_an_open_exchange_fails_the_run_and_is_named(run, tmp_path):
    wrong = {**entry(NAMED["get-directory-roles"]), "response_body": {"items": [{"unheardOf": 1}]}}
    write(tmp_path, "one", page(entry(NAMED["get-offer-categories"]), wrong))
    status, shown = run()
    assert status == 1
    assert "open: one#1 (REST response > Response example)" in shown
    assert "items[].unheardOf: missing" in shown
    assert "1 of 2 documented exchanges answered (50.0%)" in shown


GOOD = entry(NAMED["get-directory-roles"])


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{ not json", "unreadable: bad: Expecting property name"),
        ("[1, 2]", "unreadable: bad: the file is no page: it must be an object with a list `exchanges`"),
        ({"page": "x"}, "unreadable: bad: the file is no page"),
        ({"exchanges": {"a": 1}}, "unreadable: bad: the file is no page"),
        (page("text"), "unreadable: bad: exchange 0: it must be an object"),
        (page({}), "exchange 0: it has no method, response_status, response_body (null where the page prints none)"),
        (page({**GOOD, "method": "FETCH"}), "exchange 0: FETCH is no method of HTTP"),
        (page({**GOOD, "method": 7}), "exchange 0: method must be str, not int"),
        (page({**GOOD, "response_status": "200"}), "exchange 0: response_status must be int, not str"),
        (page({**GOOD, "request_headers": ["a"]}), "exchange 0: request_headers must be dict, not list"),
        (page({**GOOD, "path_template": None, "path_sample": None}), "neither path_template nor path_sample"),
    ],
)
def test_what_is_no_page_is_said_and_fails_the_run(run, tmp_path, document, said):
    write(tmp_path, "bad", document)
    write(tmp_path, "good", page(GOOD))
    status, shown = run()
    assert status == 1
    assert said in shown
    assert "1 of 2 documented exchanges answered" in shown
    assert "1 files or exchanges unreadable" in shown


def test_one_bad_exchange_does_not_hide_the_others_of_its_page(run, tmp_path):
    write(tmp_path, "mixed", page(GOOD, {"method": "GET"}, GOOD))
    status, shown = run()
    assert status == 1
    assert "unreadable: mixed: exchange 1: it has no response_status, response_body" in shown
    assert "2 of 3 documented exchanges answered" in shown


@pytest.mark.parametrize(
    "odd",
    [
        {"path_template": "nonsense", "path_sample": "nonsense"},
        {"path_template": "/v1/{", "path_sample": "/v1/{"},
        {"host": "unheard.example.com"},
        {"request_body": "text", "method": "POST"},
        {"request_body": [1, [None]], "method": "PUT"},
        {"request_body": {"id": [], "lineItems": "x", "offerId": {}}, "method": "PATCH"},
        {"response_body": True},
        {"response_body": "<html>"},
        {"response_body": [[]]},
        {"request_headers": {"Überschrift": "ü"}},
    ],
)
def test_odd_exchanges_are_open_or_answered_and_never_a_crash(run, tmp_path, odd):
    write(tmp_path, "odd", page({**GOOD, **odd}))
    status, shown = run()
    assert status in (0, 1)
    assert "1 exchanges in 1 pages" in shown


def test_a_folder_without_pages_compares_nothing(run, tmp_path):
    status, shown = run()
    assert status == 2
    assert f"There is no page in {tmp_path}" in shown


def test_a_page_that_is_asked_for_must_be_there(run, tmp_path):
    write(tmp_path, "one", page(GOOD))
    assert run("two")[0] == 2
    assert run("one")[0] == 0
    assert not (tmp_path / "table.md").exists(), "a part of the pages is no table"


def test_pages_without_an_exchange_compare_nothing(run, tmp_path):
    write(tmp_path, "prose", page())
    status, shown = run()
    assert (status, f"No page in {tmp_path} has an exchange" in shown) == (2, True)


def test_the_table_of_the_documentation_is_about_the_default_folder(tmp_path, monkeypatch, capsys):
    write(tmp_path, "one", page(GOOD))
    before = command.TABLE.read_bytes()
    monkeypatch.setenv("CSPCTL_SAMPLES", str(tmp_path))
    assert command.main([]) == 0
    assert "No table is written" in capsys.readouterr().out
    assert command.main(["--no-table"]) == 0
    assert "No table is written" not in capsys.readouterr().out
    assert command.main(["--table", str(tmp_path / "mine.md")]) == 0
    assert "| one | 1 | 1 | 0 |" in (tmp_path / "mine.md").read_text(encoding="utf-8")
    assert command.TABLE.read_bytes() == before


def test_the_default_folder_fills_the_table_of_the_documentation(monkeypatch):
    monkeypatch.delenv("CSPCTL_SAMPLES", raising=False)
    asked = [command.table_of(command._arguments(one)) for one in ([], ["--no-table"], ["get-a-cart"])]
    assert asked == [command.TABLE, None, None]
    monkeypatch.setenv("CSPCTL_SAMPLES", command._DEFAULT)
    assert command.table_of(command._arguments([])) == command.TABLE, "the same folder by its name"


def test_a_page_may_be_a_link_have_blanks_in_its_name_and_a_mark_in_front(run, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    marked = "\ufeff" + json.dumps(page(GOOD))
    write(elsewhere, "a page", marked)
    (tmp_path / "a linked page.json").symlink_to(elsewhere / "a page.json")
    write(tmp_path, "index", {"pages": [{"file": "never there.json"}]})
    status, shown = run()
    assert status == 0
    assert "1 exchanges in 1 pages" in shown
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere.json")
    assert run()[0] == 1, "a link to nowhere is a page that cannot be read"
