"""The loader over a project on disk: resources, defaults, cache, digest, order."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from cspctl.kinds.registry import KINDS
from cspctl.manifests import cache as caching
from cspctl.manifests.cache import Cache, cache_directory, decode, encode, schema_version
from cspctl.manifests.examination import examine_files
from cspctl.manifests.loader import LoadResult
from cspctl.manifests.reader import MAX_BYTES
from cspctl.manifests.structure import examine
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic

Load = Callable[..., LoadResult]
Validate = Callable[..., list[Diagnostic]]
TABLE = {kind.name: kind for kind in KINDS}

SUBSCRIPTION = """apiVersion: cspctl/v1
kind: Subscription
metadata: {name: NAME}
spec: {tenant: fabrikam, plan: m365-emea, quantity: 5, REST}
"""


def subscription(name: str, rest: str) -> str:
    return SUBSCRIPTION.replace("NAME", name).replace("REST", rest)


def codes(result: LoadResult) -> list[str]:
    return [d.code for d in result.diagnostics]


def test_resources_by_address(base_project: Path, load_project: Load) -> None:
    result = load_project(base_project)
    assert codes(result) == []
    assert result.files == ["m/base.yaml"]
    assert [str(r.address) for r in result.resources] == [
        "NotificationChannel/mail",
        "Plan/m365-emea",
        "PriceSheet/nce-2026-11",
        "Reseller/acme-eu",
        "Reseller/nordsoft",
        "Subscription/fabrikam-e3",
        "TenantMapping/fabrikam",
    ]
    plan = result.resources.get("Plan", "m365-emea")
    assert plan is not None
    assert plan.spec["pricing"]["percent"] == Decimal(25)
    assert plan.effective is plan.spec
    assert plan.origin == ("m/base.yaml", 4)


def test_the_envelope_reaches_the_resource(base_project: Path, load_project: Load) -> None:
    text = subscription("audio", "item: audio").replace(
        "{name: audio}", "{name: audio, labels: {team: emea}, previousNames: [sound]}"
    )
    text += "lifecycle: {protect: true, ignore: [friendlyName], allowTwin: true}\n"
    (base_project / "m" / "a.yaml").write_text(text)
    for cache in (True, True):
        resource = load_project(base_project, cache=cache).resources.get("Subscription", "audio")
        assert resource is not None
        assert resource.labels == {"team": "emea"}
        assert resource.previous_names == ("sound",)
        lifecycle = resource.lifecycle
        assert (lifecycle.protect, lifecycle.ignore, lifecycle.allow_twin) == (True, ("friendlyName",), True)


def test_a_warm_run_gives_the_same_as_a_cold_one(base_project: Path, load_project: Load) -> None:
    without = load_project(base_project, cache=False)
    cold = load_project(base_project, cache=True)
    warm = load_project(base_project, cache=True)
    assert list(without.resources) == list(cold.resources) == list(warm.resources)
    assert without.digest == cold.digest == warm.digest


def test_a_warm_run_validates_nothing(base_project: Path, load_project: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    load_project(base_project, cache=True)
    monkeypatch.setattr("cspctl.manifests.examination.examine", None)
    assert codes(load_project(base_project, cache=True)) == []


def test_files_with_errors_are_not_cached(base_project: Path, load_project: Load, own_cache: Path) -> None:
    (base_project / "m" / "base.yaml").write_text(subscription("a", "itme: x"))
    assert codes(load_project(base_project, cache=True)) == ["E-UNKNOWN-KEY"]
    assert [p for p in own_cache.rglob("*") if p.is_file()] == []


def test_errors_between_files_are_found_again_on_warm_runs(base_project: Path, load_project: Load) -> None:
    (base_project / "m" / "z.yaml").write_text(subscription("a", "item: audio, requires: nobody"))
    assert codes(load_project(base_project, cache=True)) == ["E-REFERENCE"]
    assert codes(load_project(base_project, cache=True)) == ["E-REFERENCE"]


def test_a_removed_file_is_noticed_although_all_others_are_cached(base_project: Path, load_project: Load) -> None:
    other = base_project / "m" / "z.yaml"
    other.write_text(subscription("a", "item: audio, requires: b"))
    (base_project / "m" / "zz.yaml").write_text(subscription("b", "item: audio"))
    assert codes(load_project(base_project, cache=True)) == []
    (base_project / "m" / "zz.yaml").unlink()
    assert codes(load_project(base_project, cache=True)) == ["E-REFERENCE"]


def test_a_corrupt_cache_is_a_miss(base_project: Path, load_project: Load, own_cache: Path) -> None:
    wanted = list(load_project(base_project, cache=True).resources)
    for path in [p for p in own_cache.rglob("*") if p.is_file()]:
        path.write_bytes(path.read_bytes()[:-3] + b"]]]")
    assert list(load_project(base_project, cache=True).resources) == wanted


@pytest.mark.skipif(os.name != "posix", reason="needs a path that cannot be a folder")
def test_a_cache_that_cannot_be_written_is_no_cache(
    base_project: Path, load_project: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSPCTL_CACHE_DIR", "/dev/null/nowhere")
    assert codes(load_project(base_project, cache=True)) == []


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CSPCTL_CACHE_DIR", str(tmp_path / "named"))
    assert cache_directory() == tmp_path / "named"
    monkeypatch.delenv("CSPCTL_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path / "xdg" / "cspctl"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_directory() == tmp_path / "home" / ".cache" / "cspctl"


def test_entries_round_trip_decimals_exactly(base_project: Path) -> None:
    raw = (base_project / "m" / "base.yaml").read_bytes().replace(b"percent: 25", b"percent: 12.50")
    examined = examine(raw, "x.yaml", TABLE)
    entry = encode(examined)
    assert entry is not None
    kept = decode(entry)
    assert kept is not None
    assert kept.records == examined.records
    percent = kept.records[4].spec["pricing"]["percent"]
    assert isinstance(percent, Decimal)
    assert str(percent) == "12.50"
    assert decode(entry[:-1]) is None
    assert decode(b"") is None


def test_another_version_is_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = schema_version(KINDS)
    monkeypatch.setattr("cspctl.__version__", "999.0")
    two = schema_version(KINDS)
    assert Cache(tmp_path, one).key(b"x") != Cache(tmp_path, two).key(b"x")
    assert schema_version(KINDS[:-1]) != two
    assert caching.FORMAT


def test_the_digest_is_that_of_the_meaning(base_project: Path, load_project: Load) -> None:
    file = base_project / "m" / "base.yaml"
    before = load_project(base_project).digest
    text = file.read_text()
    (base_project / "m" / "other.yml").write_text("# moved and commented\n---\n".join(reversed(text.split("---\n"))))
    file.unlink()
    assert load_project(base_project).digest == before
    (base_project / "m" / "other.yml").write_text(text.replace("quantity: 30", "quantity: 31"))
    assert load_project(base_project).digest != before
    (base_project / "m" / "other.yml").write_text(text)
    (base_project / "cspctl.yaml").write_text("project: case\nmanifests: m\ndefaults: {Subscription: {term: P1Y}}\n")
    assert load_project(base_project).digest != before


def test_hidden_files_and_other_suffixes_are_passed_over(base_project: Path, load_project: Load) -> None:
    for name in (".hidden/a.yaml", ".hidden.yaml", "notes.txt", "a.yaml.bak", "cspctl.yaml"):
        path = base_project / "m" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("not: a manifest\n")
    (base_project / "m" / "b" / "c").mkdir(parents=True)
    (base_project / "m" / "b" / "c" / "deep.yml").write_text(subscription("deep", "item: audio"))
    result = load_project(base_project)
    assert result.files == ["m/b/c/deep.yml", "m/base.yaml"]
    assert codes(result) == []


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
def test_links_out_of_the_project_and_pipes_are_not_read(
    base_project: Path, load_project: Load, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(subscription("stolen", "item: audio"))
    (base_project / "m" / "link.yaml").symlink_to(outside)
    (base_project / "m" / "inside.yaml").symlink_to(base_project / "m" / "base.yaml")
    os.mkfifo(base_project / "m" / "pipe.yaml")
    result = load_project(base_project)
    assert result.files == ["m/base.yaml", "m/inside.yaml"]
    assert set(codes(result)) == {"E-TRUST-PATH", "E-DUPLICATE"}
    assert result.resources.get("Subscription", "stolen") is None


def test_an_oversized_file_does_not_hide_the_others(base_project: Path, validate: Validate) -> None:
    (base_project / "m" / "big.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert [(str(d.pos), d.code) for d in validate(base_project)] == [("m/big.yaml:1:1", "E-SIZE")]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_a_diagnostic(base_project: Path, load_project: Load) -> None:
    path = base_project / "m" / "locked.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)
    assert codes(load_project(base_project)) == ["E-READ"]


def test_references_into_broken_documents_are_not_reported_on_top(base_project: Path, load_project: Load) -> None:
    (base_project / "m" / "broken.yaml").write_text(
        "apiVersion: cspctl/v1\nkind: Subscription\nmetadata: {name: lost}\nspec: {quantity: [}\n"
        "---\n" + subscription("wrong", "itme: x")
    )
    (base_project / "m" / "user.yaml").write_text(
        subscription("a", "item: audio, requires: lost") + "---\n" + subscription("b", "item: audio, requires: wrong")
    )
    result = load_project(base_project)
    assert sorted(codes(result)) == ["E-SYNTAX", "E-UNKNOWN-KEY"]
    assert result.unready == {Address("Subscription", "a"), Address("Subscription", "b")}
    assert [r.name for r in result.of_kind(TABLE["Subscription"])] == ["fabrikam-e3"]


def test_both_files_of_a_tenant_mapped_twice_are_named(base_project: Path, validate: Validate) -> None:
    text = (base_project / "m" / "base.yaml").read_text().split("---\n")[2]
    (base_project / "m" / "again.yaml").write_text(text.replace("name: fabrikam}", "name: zz-fabrikam}"))
    (problem,) = validate(base_project)
    assert problem.code == "E-TENANT-TWICE"
    assert "m/base.yaml" in problem.message
    assert "m/again.yaml" in problem.message


def test_both_places_of_a_duplicate_are_named(base_project: Path, validate: Validate) -> None:
    shutil.copy(base_project / "m" / "base.yaml", base_project / "m" / "copy.yaml")
    problems = [d for d in validate(base_project) if d.code == "E-DUPLICATE"]
    assert len(problems) == 7
    assert "m/copy.yaml" in problems[0].message
    assert "m/base.yaml:4:18" in problems[0].message


def test_hints_name_what_was_meant(base_project: Path, validate: Validate) -> None:
    case = base_project / "m" / "case.yaml"
    wanted = {
        "friendlyname: x": "did you mean friendlyName?",
        "friendly_name: x": "did you mean friendlyName?",
        "state: suspend": "did you mean suspended?",
        "requires: fabrikam-e4": "did you mean fabrikam-e3?",
    }
    for text, hint in wanted.items():
        case.write_text(subscription("case", f"item: audio, {text}"))
        assert [d.hint for d in validate(base_project)] == [hint]
    case.write_text(subscription("case", "item: audio").replace("Subscription", "Subscriptoin"))
    assert [d.hint for d in validate(base_project)] == ["did you mean Subscription?"]
    plan = (base_project / "m" / "base.yaml").read_text()
    (base_project / "m" / "base.yaml").write_text(plan.replace('"0001"', "0001"))
    case.unlink()
    assert [d.hint for d in validate(base_project) if d.code == "E-QUOTE"] == ['write "0001"']


def test_diagnostics_come_in_the_order_of_the_text(base_project: Path, validate: Validate) -> None:
    (base_project / "m" / "a.yaml").write_text(subscription("z", "zzz: 1, aaa: 2"))
    (base_project / "m" / "b.yaml").write_text(subscription("y", "bbb: 2"))
    places = [str(d.pos) for d in validate(base_project)]
    assert places == ["m/a.yaml:4:56", "m/a.yaml:4:64", "m/b.yaml:4:56"]
    assert places == sorted(places)


def test_several_processes_give_the_same(base_project: Path, tmp_path: Path) -> None:
    for n in range(12):
        (base_project / "m" / f"s{n}.yaml").write_text(subscription(f"s{n}", "item: audio"))
    (base_project / "m" / "s5.yaml").write_text(subscription("s5", "itme: audio"))
    files = sorted(f"m/{p.name}" for p in (base_project / "m").iterdir())
    serial, _ = examine_files(base_project, files, TABLE, None, parallel_from=1000)
    cache = Cache(tmp_path / "pool", b"1")
    parallel, key = examine_files(base_project, files, TABLE, cache, parallel_from=1)
    assert [r.records for r in parallel] == [r.records for r in serial]
    assert [r.diagnostics for r in parallel] == [r.diagnostics for r in serial]
    assert key == ""


def test_the_collector_is_on_again_afterwards(base_project: Path, load_project: Load) -> None:
    load_project(base_project)
    assert gc.isenabled()
