"""New manifests as text, and files written whole or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cspctl.errors import InputError
from cspctl.manifests.reader import read
from cspctl.manifests.writer import appended, flow, scalar, text_of, write_files
from cspctl.model.address import Address
from cspctl.model.document import Document

DOCUMENT = Document(
    Address("Plan", "p"),
    {"displayName": "A: b", "pricing": {"method": "markup", "percent": 25}, "items": [{"name": "e", "sku": "0001"}]},
    lifecycle={"ignore": ["endOfTerm.next"]},
    comments={(): "Müller\n- GmbH", ("spec", "pricing"): "decide"},
)


def test_a_document_has_the_layout_of_people():
    assert text_of([DOCUMENT]) == (
        "# Müller\ufffd- GmbH\n"
        "apiVersion: cspctl/v1\nkind: Plan\nmetadata:\n  name: p\n"
        "lifecycle:\n  ignore: [endOfTerm.next]\n"
        'spec:\n  displayName: "A: b"\n  # decide\n  pricing:\n    method: markup\n    percent: 25\n'
        '  items:\n    - {name: e, sku: "0001"}\n'
    )


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_back_as_it_was(text):
    documents, problems = read(f"key: {scalar(text)}\nlist: [{flow(text)}, {flow({'a': text})}]\n".encode(), "")
    assert problems == []
    assert documents == [{"key": text, "list": [text, {"a": text}]}]


@pytest.mark.parametrize(
    "text", ["0001", "1e3", "true", "null", "~", "yes", "on", "", " a", "a ", "- a", "a: b", "a #b"]
)
def test_text_that_could_be_something_else_is_quoted(text):
    assert scalar(text).startswith('"')


@pytest.mark.parametrize("text", ["contoso", "2027-03-31", "HQ - floor 3", "CFQ7TTC0LFLX", "a.b@c.example"])
def test_plain_text_is_not(text):
    assert scalar(text) == text


def test_appending_keeps_every_byte():
    assert appended("a: 1\r\n# end", [DOCUMENT]).startswith("a: 1\r\n# end\r\n---\r\n# M")
    assert appended("", [DOCUMENT]) == text_of([DOCUMENT])


def test_files_are_written_with_their_folders_and_keep_their_mode(tmp_path):
    (tmp_path / "old.yaml").write_bytes(b"old")
    (tmp_path / "old.yaml").chmod(0o600)
    write_files(tmp_path, {"old.yaml": "new", "a/b.yaml": "ä"}, {"old.yaml": b"old"})
    assert (tmp_path / "old.yaml").read_bytes() == b"new"
    assert (tmp_path / "old.yaml").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a/b.yaml").read_text("utf-8") == "ä"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "b.yaml", "old.yaml"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"theirs")
    with pytest.raises(InputError) as refused:
        write_files(tmp_path, {"a.yaml": "ours", "b.yaml": "ours"}, {"a.yaml": b"before"})
    assert refused.value.code == "E-FILE-CHANGED"
    assert (tmp_path / "a.yaml").read_bytes() == b"theirs"
    assert not (tmp_path / "b.yaml").exists()


def test_no_file_outside_the_project_is_written(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project/tenants").symlink_to(tmp_path)
    with pytest.raises(InputError) as refused:
        write_files(tmp_path / "project", {"tenants/a.yaml": "x"}, {})
    assert refused.value.code == "E-TRUST-PATH"
    assert not (tmp_path / "a.yaml").exists()
