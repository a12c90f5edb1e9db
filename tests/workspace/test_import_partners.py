"""`import partners`: rows to manifests, nothing overwritten, the project valid afterwards."""

from __future__ import annotations

import contextlib
import io
import json

import pytest

from cspctl.cli.main import run as command_line

ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
PROVIDER = {
    "displayName": "Acme", "tier": "indirect-provider", "domain": "acme.onmicrosoft.com", "accountId": ACCOUNT,
    "market": "DE", "currency": "EUR",
}  # fmt: skip  # one block of facts


@pytest.fixture
def project(tmp_path):
    (tmp_path / "cspctl.yaml").write_text("project: partners\n", "utf-8")
    reseller = {"apiVersion": "cspctl/v1", "kind": "Reseller", "metadata": {"name": "acme"}, "spec": PROVIDER}
    (tmp_path / "acme.yaml").write_text(json.dumps(reseller), "utf-8")
    return tmp_path


def run(project, rows, *more):
    (project / "list.csv").write_text("name,mpnId,accountId\n" + "\n".join(rows) + "\n", "utf-8")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        arguments = ["--config", str(project), "import", "partners", str(project / "list.csv"), "--format", "json"]
        code = command_line([*arguments, *more])
    return code, json.loads(out.getvalue()) if out.getvalue() else err.getvalue()


def test_good_rows_pass_and_bad_ones_are_told(project):
    code, report = run(project, ["Nordsoft,4391300,", "Bad,12,", "Süd,4391301,"])
    assert code == 3
    assert [r["address"] for r in report["created"]] == ["Reseller/nordsoft", "Reseller/sud"]
    assert [(p["row"], p["code"]) for p in report["problems"]] == [(3, "E-PARTNER-MPN")]
    text = (project / "resellers/acme.yaml").read_text("utf-8")
    assert 'mpnId: "4391300"' in text
    with contextlib.redirect_stdout(io.StringIO()):
        assert command_line(["--config", str(project), "validate"]) == 0


def test_all_or_nothing(project):
    code, report = run(project, ["Nordsoft,4391300,", "Bad,12,"], "--all-or-nothing")
    assert (code, report["written"]) == (10, False)
    assert not (project / "resellers").exists()


def test_a_second_time_nothing_is_written(project):
    assert run(project, ["Nordsoft,4391300,"])[0] == 0
    file = project / "resellers/acme.yaml"
    before = file.stat().st_mtime_ns
    code, report = run(project, ["Nordsoft renamed,4391300,"])
    assert (code, report["known"], report["created"]) == (0, 1, [])
    assert file.stat().st_mtime_ns == before


def test_names_do_not_collide_and_later_lists_are_appended(project):
    run(project, ["Acme,4391300,"])
    before = (project / "resellers/acme.yaml").read_bytes()
    code, report = run(project, ["Nordsoft,4391301,", "Nordsoft,4391302,"])
    assert code == 0
    assert [r["address"] for r in report["created"]] == ["Reseller/nordsoft-4391301", "Reseller/nordsoft-4391302"]
    assert (project / "resellers/acme.yaml").read_bytes().startswith(before)
    assert b"name: acme-4391300" in before


def test_an_account_belongs_to_one_reseller(project):
    code, report = run(project, [f"Copy,4391300,{ACCOUNT}", "Good,4391301,"])
    assert code == 3
    assert [(p["row"], p["code"]) for p in report["problems"]] == [(2, "E-DUPLICATE-ACCOUNT")]


def test_the_provider_must_be_one(project):
    code, error = run(project, ["Nordsoft,4391300,"], "--provider", "acne")
    assert code == 10
    assert "did you mean 'acme'" in error
