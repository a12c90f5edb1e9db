"""What a pull request must not be able to do, and what trusted input may allow. Source: contract, section 1.4."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cspctl.errors import InputError
from cspctl.manifests.project import find_project
from cspctl.manifests.trust_file import load_trust
from cspctl.manifests.trust_rules import check, check_state, webhook_problems
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.positions import Origin
from cspctl.model.trust import Trust

ORIGIN = Origin("m/a.yaml", 0)


def codes_of(value: object, root: Path, trust: Trust = Trust()) -> list[str]:  # noqa: B008 # frozen
    return [d.code for d in check("Reseller", {"application": {"secretRef": value}}, ORIGIN, None, root, trust)]


@pytest.mark.parametrize(
    ("value", "trust"),
    [
        ("env:CSPCTL_SECRET", Trust()),
        ("keyring:cspctl/acme", Trust()),
        ("azure-key-vault:acme-vault/secret", Trust()),
        ("file:secrets/acme", Trust()),
        ("env:ACME", Trust(environment=("ACME",))),
        ("exec:pass show acme", Trust(exec=("pass  show 'acme'",))),
        ("file:/etc/acme/secret", Trust(files=("/etc/acme",))),
    ],
)
def test_allowed(value: str, trust: Trust, tmp_path: Path) -> None:
    assert codes_of(value, tmp_path, trust) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("exec:pass show acme", "E-TRUST-EXEC"),
        ("exec:pass 'unclosed", "E-TRUST-EXEC"),
        ("env:PATH", "E-TRUST-ENV"),
        ("env: PATH", "E-TRUST-ENV"),
        ("file:../secret", "E-TRUST-PATH"),
        ("file:/etc/acme/secret", "E-TRUST-PATH"),
        ("file:~/secret", "E-TRUST-PATH"),
        ("file:~nobody-has-this-name/secret", "E-TRUST-PATH"),
        ("azure-key-vault:evil.example/secret", "E-TRUST-ENDPOINT"),
        ("hunter2", "E-SECRET-LITERAL"),
        ("env:", "E-SECRET-LITERAL"),
        ("keyring:no-user", "E-SECRET-LITERAL"),
        (4711, "E-SECRET-LITERAL"),
        (["hunter2"], "E-SECRET-LITERAL"),
    ],
)
def test_refused(value: object, code: str, tmp_path: Path) -> None:
    assert codes_of(value, tmp_path) == [code]


def test_a_link_that_leaves_the_project_is_outside(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "inside").symlink_to(tmp_path / "secret")
    assert codes_of("file:inside", root) == ["E-TRUST-PATH"]


def test_price_sheets_are_relative_to_their_manifest(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()

    def sheet(file: str) -> list[str]:
        return [d.code for d in check("PriceSheet", {"file": file}, ORIGIN, None, tmp_path, Trust())]

    assert sheet("../prices.csv") == []
    assert sheet("../../prices.csv") == ["E-TRUST-PATH"]


@pytest.mark.parametrize(
    "url",
    ["https://hooks.acme.example/a", "https://93.184.216.34/x", "https://[2606:2800:220:1:248:1893:25c8:1946]/"],
)
def test_public_webhooks(url: str) -> None:
    assert webhook_problems(url, Trust()) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.acme.example/a",
        "ftp://hooks.acme.example/a",
        "https://",
        "https://localhost/x",
        "https://LOCALHOST./x",
        "https://intranet/x",
        "https://printer.local/x",
        "https://db.internal/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://0x7f000001/x",
        "https://2130706433/x",
        "https://10.1.2.3/x",
        "https://192.168.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://[fe80::1%25eth0]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[broken/x",
        "https://a.example:99999/x",
    ],
)
def test_private_webhooks(url: str) -> None:
    assert [code for code, _, _ in webhook_problems(url, Trust())] == ["E-TRUST-WEBHOOK"]


def test_trusted_webhooks() -> None:
    assert webhook_problems("http://10.0.0.5/x", Trust(webhooks=("10.0.0.5",))) == []
    assert webhook_problems("http://10.0.0.5:81/x", Trust(webhooks=("10.0.0.5:81",))) == []
    assert webhook_problems("http://10.0.0.5:82/x", Trust(webhooks=("10.0.0.5:81",))) != []


def test_state_urls(tmp_path: Path) -> None:
    origin = Origin("cspctl.yaml", 0)
    url = "postgresql+psycopg://csp:hunter2@db/csp"

    def codes(text: str, trust: Trust = Trust()) -> list[str]:  # noqa: B008 # frozen
        found = check_state(text, tmp_path, trust, origin)
        assert not any("hunter2" in f"{d.message}{d.hint}" for d in found)
        return [d.code for d in found]

    assert codes("sqlite:///.cspctl/state.db") == []
    assert codes("sqlite:////var/lib/state.db") == ["E-TRUST-PATH"]
    assert codes("sqlite:////var/lib/state.db", Trust(files=("/var/lib",))) == []
    assert codes(url) == ["E-TRUST-STATE"]
    assert codes(url, Trust(state=(url,))) == []
    assert codes("mysql://x") == ["E-STATE"]


def test_trusted_input_allows_what_a_manifest_names(
    base_project: Path, validate: Callable[..., list[Diagnostic]]
) -> None:
    file = base_project / "m" / "base.yaml"
    file.write_text(file.read_text().replace("env:CSPCTL_ACME_SECRET", '"exec:pass show acme"'))
    assert [d.code for d in validate(base_project)] == ["E-TRUST-EXEC"]
    assert validate(base_project, trust=Trust(exec=("pass show acme",))) == []
    assert validate(base_project, trust=Trust(exec=("pass show acme",)), cache=True) == []
    assert [d.code for d in validate(base_project, cache=True)] == ["E-TRUST-EXEC"]


def test_the_trust_file(tmp_path: Path) -> None:
    file = tmp_path / "trust.yaml"
    file.write_text("exec: [pass show acme]\nenvironment: [ACME]\nfiles: [~/csp]\nwebhooks: [10.0.0.5]\n")
    trust = load_trust(file)
    assert trust == Trust(exec=("pass show acme",), environment=("ACME",), files=("~/csp",), webhooks=("10.0.0.5",))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("exec: pass\n", ":1:7:"),
        ("exec: []\nexcc: []\n", ":2:1:"),
        ("exec: [&a x]\n", ":1:8"),
        ("- x\n", "one map"),
        ("", ":1:1"),
    ],
)
def test_a_broken_trust_file_trusts_nothing(text: str, place: str, tmp_path: Path) -> None:
    file = tmp_path / "trust.yaml"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        load_trust(file)
    assert caught.value.code == "E-TRUST-FILE"
    assert place in caught.value.message


def test_a_missing_trust_file(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_trust(tmp_path / "nothing.yaml")


def test_the_nearest_project_file_upward(tmp_path: Path) -> None:
    (tmp_path / "cspctl.yaml").write_text('project: outer\nguards: {percent: 20, money: {EUR: "500.00"}}\n')
    (tmp_path / "a" / "b").mkdir(parents=True)
    root, project = find_project(tmp_path / "a" / "b")
    assert root == tmp_path
    assert (project.project, project.guards.percent, project.guards.money) == ("outer", 20, {"EUR": "500.00"})
    assert project.problems == ()
    assert project.state == "sqlite:///.cspctl/state.db"


def test_a_folder_without_project_file_is_the_project(tmp_path: Path) -> None:
    folder = tmp_path / "My Customers_2"
    folder.mkdir()
    (folder / "a.yaml").write_text("")
    assert find_project(folder / "a.yaml")[0] == folder
    assert find_project(folder)[1].project == "my-customers-2"
    with pytest.raises(InputError):
        find_project(tmp_path / "nowhere")


def test_what_is_right_in_a_wrong_project_file_is_used(tmp_path: Path) -> None:
    (tmp_path / "cspctl.yaml").write_text("project: acme\nmanifests: m\nconcurrency: many\n")
    _, project = find_project(tmp_path)
    assert (project.project, project.manifests, project.concurrency) == ("acme", "m", 8)
    assert [(d.code, d.path) for d in project.problems] == [("E-TYPE", ("concurrency",))]
