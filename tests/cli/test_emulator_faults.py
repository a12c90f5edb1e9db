"""`cspctl emulator faults` and the faults file of `emulator serve`: scenarios by name."""

from __future__ import annotations

import asyncio
import json
import threading

import httpx
import pytest
from click.testing import CliRunner

from cspctl.cli.commands.emulator_serve import command as serve_command
from cspctl.cli.main import run
from cspctl.emulator.app import create_app
from cspctl.emulator.launch import attach_or_embed
from cspctl.emulator.serving.instance import Instance
from cspctl.emulator.serving.lockfile import Claim
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.workspace.fault_file import read_faults


@pytest.fixture
def running(tmp_path):
    handle = attach_or_embed(tmp_path / "emulator.db")
    yield str(tmp_path / "emulator.db")
    handle.close()


def test_scenarios_are_listed_and_nothing_changes(running, capsys):
    assert run(["emulator", "faults", "--data", running, "--scenarios"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "throttle-storm         Half of the next hundred calls answer 429 with Retry-After 1."
    assert len(lines) == 14
    assert run(["emulator", "faults", "--data", running]) == 0
    assert json.loads(capsys.readouterr().out) == {"faults": []}


def test_scenarios_are_put_in_force_by_name(running, capsys):
    assert run(["emulator", "faults", "--data", running, "--scenario", "lost-answer"]) == 0
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["method"], fault["path"]) == ("POST", "/v1/customers/*/carts/*/checkout")
    assert run(["emulator", "faults", "--data", running, "--clear"]) == 0
    assert json.loads(capsys.readouterr().out) == {"faults": []}


def test_an_unknown_scenario_is_an_input_error_that_names_the_known_ones(running, capsys):
    assert run(["emulator", "faults", "--data", running, "--scenario", "nonsense"]) == 10
    assert "renewal-night" in capsys.readouterr().err


STORM = [
    '{"scenario": "throttle-storm"}',
    '[{"scenario": "throttle-storm"}]',
    '{"faults": [{"scenario": "throttle-storm"}]}',
    "scenario: throttle-storm\n",
    "# half of them\nfaults:\n- path: /v1/*\n  times: 100\n  probability: 0.5\n  status: 429\n",
]


@pytest.mark.parametrize("content", STORM)
def test_a_faults_file_is_yaml_or_json(tmp_path, content):
    file = tmp_path / "faults.yaml"
    file.write_text(content)
    app = create_app(Store(None), Settings(), control_token="t", faults=read_faults(file))

    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return [(await client.get("/v1/customers")).status_code for _ in range(100)]

    assert set(asyncio.run(ask())) == {401, 429}


WRONG = [
    ("- path: /v1/*\n  status: 5000\n", ":2:11: status must be a whole number from 200 to 599, not 5000"),
    ("faults:\n- status: 500\n- path: /v1/*\n  statsu: 500\n", ":4:3: unknown property 'statsu'"),
    ('{"faults": [{"status": 500},\n {"path": "v1", "status": 500}]}', ':2:11: path must begin with "/" or "*"'),
    ("- scenario: nonsense\n", ":1:13: scenario is one of throttle-storm"),
    ("scenario: lost-answer\nstatus: 200\n", ":2:1: a scenario is narrowed by"),
    ("scenario: revoked-token\ntimes: 2\n", ":2:1: revoked-token has no faults to narrow"),
    ("- status: 500\n  status: 501\n", ":2:3: the key 'status' stands twice"),
    ("- path: '*'\n", ":1:3: a fault needs one of status"),
    ("- drop: before\n  effect: after\n", ":2:3: effect needs a status"),
    ("- delaySeconds: soon\n", ":1:17: delaySeconds must be a number"),
    ("- 5\n", ":1:3: a fault is an object"),
    ("faults: {}\n", ":1:9: faults must be a list"),
    ("faults: []\nmore: 1\n", ":2:1: unknown property 'more'"),
    ("{", ":"),
    ("", ":1:1: this file holds no document"),
    ("5", ":1:1: faults are a list"),
    ("- status: 500\n---\n- status: 500\n", ": a faults file is one document"),
    ("- {status: &a 500, body: *a}\n", ":1:"),
]


@pytest.mark.parametrize(("content", "reason"), WRONG)
def test_a_wrong_faults_file_is_refused_with_its_line_and_column(tmp_path, capsys, content, reason):
    file = tmp_path / "faults.yaml"
    file.write_text(content)
    assert run(["emulator", "serve", "--data", str(tmp_path / "e.db"), "--faults", str(file)]) == 10
    err = capsys.readouterr().err
    assert err.startswith("error[E-EMULATOR-FAULTS]: ")
    assert f"{file}{reason}" in err
    assert not (tmp_path / "e.db").exists()


def test_a_wrong_line_is_shown_with_its_place(tmp_path, capsys):
    file = tmp_path / "faults.yaml"
    file.write_text("- path: /v1/*\n  status: 5000\n")
    run(["emulator", "serve", "--data", str(tmp_path / "e.db"), "--faults", str(file)])
    assert "not 5000\n      status: 5000\n              ^\nhint: " in capsys.readouterr().err


def test_faults_are_added_from_text_and_from_a_file(running, tmp_path, capsys):
    file = tmp_path / "more.yaml"
    file.write_text("- path: /v1/products\n  delaySeconds: 0.5\n")
    text = '{"path": "/v1/*", "status": 500}'
    assert run(["emulator", "faults", "--data", running, "--add", text, "--add", f"@{file}"]) == 0
    first, second = json.loads(capsys.readouterr().out)["faults"]
    assert first == {"method": "*", "path": "/v1/*", "nth": 1, "times": 1, "status": 500, "seen": 0, "struck": 0}
    assert (second["path"], second["delaySeconds"]) == ("/v1/products", 0.5)
    assert run(["emulator", "faults", "--data", running, "--add", '{"status": 1}']) == 10
    assert "--add:1:12: status must be" in capsys.readouterr().err


def test_faults_that_nobody_will_meet_are_warned_of(tmp_path, running, capsys):
    for data, warned in ((str(tmp_path / "other.db"), True), (running, False)):
        assert run(["emulator", "faults", "--data", data, "--scenario", "lost-answer"]) == 0
        assert ("no emulator is running" in capsys.readouterr().err) is warned


def test_a_server_without_a_control_api_says_so(tmp_path, capsys):
    data = tmp_path / "emulator.db"
    claim = Claim(data)
    assert claim.acquire()
    instance = Instance(data, claim, Settings(), control=False)
    thread = threading.Thread(target=lambda: asyncio.run(instance.group.run()))
    thread.start()
    try:
        assert run(["emulator", "reset", "--data", str(data)]) == 10
    finally:
        instance.group.stop()
        thread.join()
        instance.end()
    assert "error[E-EMULATOR]: the running emulator has no control API" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--host", "box"], "--host wants an IP address"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),  # of nobody
        (["--name", "a b"], "--name wants a host name"),
        (["--rate-limit", "-1"], "-1 is not in the range"),
        (["--clock", "tomorrow"], "The clock must be"),
    ],
)
def test_serve_names_the_option_that_is_wrong(tmp_path, capsys, options, reason):
    assert run(["emulator", "serve", "--data", str(tmp_path / "e.db"), *options]) == 10
    assert reason in capsys.readouterr().err


def test_serve_takes_both_names_of_the_option():
    text = CliRunner().invoke(serve_command, ["--help"]).output
    assert "--faults, --faults-file" in text
