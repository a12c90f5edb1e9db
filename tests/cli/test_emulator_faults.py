"""`cspctl emulator faults` and the faults file of `emulator serve`: scenarios by name."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from click.testing import CliRunner

from cspctl.cli.commands.emulator_serve import command as serve_command
from cspctl.cli.main import run
from cspctl.emulator.app import create_app
from cspctl.emulator.launch import _read_faults, attach_or_embed
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store


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


@pytest.mark.parametrize(
    "content",
    [{"scenario": "throttle-storm"}, [{"scenario": "throttle-storm"}], {"faults": [{"scenario": "throttle-storm"}]}],
)
def test_a_faults_file_may_name_scenarios(tmp_path, content):
    file = tmp_path / "faults.json"
    file.write_text(json.dumps(content))
    app = create_app(Store(None), Settings(), control_token="t", faults=_read_faults(file))

    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return [(await client.get("/v1/customers")).status_code for _ in range(100)]

    assert set(asyncio.run(ask())) == {401, 429}


def test_serve_takes_both_names_of_the_option():
    text = CliRunner().invoke(serve_command, ["--help"]).output
    assert "--faults, --faults-file" in text
