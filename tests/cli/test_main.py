"""Every way to end a command line, and what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest

from cspctl.cli.main import exit_code, run
from cspctl.errors import (
    AccessError,
    CancelledError,
    InputError,
    PartialError,
    RefusedError,
    RemoteError,
    StalePlanError,
    ThrottledError,
    VerificationError,
)


def _group(error: BaseException | None, result: int | None = None) -> click.Group:
    @click.command("do")
    def do() -> int | None:
        if error:
            raise error
        return result

    return click.Group("cspctl", commands=[do])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), 10),
        (click.UsageError("x"), 10),
        (click.BadParameter("x"), 10),
        (AccessError("x"), 6),
        (CancelledError("x"), 9),
        (click.Abort(), 9),
        (KeyboardInterrupt(), 9),
        (StalePlanError("x"), 5),
        (RefusedError("x"), 4),
        (PartialError("x"), 3),
        (ThrottledError("x"), 7),
        (VerificationError("x"), 1),
        (ZeroDivisionError("x"), 1),
        (BrokenPipeError("a connection, not stdout"), 1),
        (ExceptionGroup("all", [VerificationError("x"), ExceptionGroup("in", [AccessError("y")])]), 6),
        (BaseExceptionGroup("all", [KeyboardInterrupt(), PartialError("y")]), 9),
    ],
)
def test_exit_codes_of_the_contract(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Product contract, section 3."""
    assert run(["do"], _group(error)) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error[E-")


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (2, 2), (8, 8)])
def test_a_command_returns_its_exit_code(result: int | None, code: int) -> None:
    assert run(["do"], _group(None, result)) == code


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["version", "--nonsense"], ["plan", "--format", "xml"], ["--nonsense"], ["version", "extra"], []],
)
def test_usage_errors_are_10_never_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 10
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


def test_a_mistyped_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["vlaidate"]) == 10
    assert capsys.readouterr().err == (
        "error[E-USAGE]: there is no command 'vlaidate'; did you mean 'validate'?\nhint: see 'cspctl --help'\n"
    )


def test_help_is_0_and_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--help"]) == 0
    assert "--detailed-exitcode" in capsys.readouterr().out


def test_error_and_hint_are_shown_without_acting(capsys: pytest.CaptureFixture[str]) -> None:
    run(["do"], _group(RefusedError("tenant \x1b[2J\nevil", code="E-GUARD", hint="use --allow")))
    assert capsys.readouterr().err == "error[E-GUARD]: tenant \\x1b[2J\\nevil\nhint: use --allow\n"


def test_unexpected_errors_are_one_line_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    run(["do"], _group(KeyError("x")))
    err = capsys.readouterr().err
    assert err.startswith("error[E-UNEXPECTED]: KeyError: 'x'\nhint: ")
    assert "-v" in err
    assert "Traceback" not in err


def test_the_traceback_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command("do")
    @click.option("-v", is_flag=True)
    def do(v: bool) -> None:
        raise KeyError("x")

    assert run(["do", "-v"], click.Group("cspctl", commands=[do])) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_json_errors(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSPCTL_LOG_FORMAT", "json")
    error = RemoteError("no", status=409, remote_code="2000", request_id="r", correlation_id="c", hint="wait")
    assert run(["do"], _group(error)) == 1
    record = json.loads(capsys.readouterr().err)
    assert record.pop("ts").endswith("Z")
    assert record == {
        "level": "error",
        "event": "error",
        "code": "E-REMOTE",
        "message": "no",
        "hint": "wait",
        "exitCode": 1,
        "status": 409,
        "remoteCode": "2000",
        "requestId": "r",
        "correlationId": "c",
    }


@pytest.mark.parametrize("arguments", [["--log-format", "json", "nonsense"], ["nonsense", "--log-format=json"]])
def test_json_errors_of_the_command_line_itself(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 10
    assert json.loads(capsys.readouterr().err)["code"] == "E-USAGE"


def test_a_reader_that_leaves_early_is_no_error() -> None:
    """`cspctl --help | true`: the pipe is closed before anything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "cspctl", "--help"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_command_keeps_its_exit_code_when_the_reader_left() -> None:
    code = (
        "import click, sys; from cspctl.cli import main, output\n"
        "@click.command('do')\n"
        "def do():\n    output.write('x' * 100000); output.write('y'); return 3\n"
        "main.sys.exit(main.run(['do'], click.Group('cspctl', commands=[do])))"
    )
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (3, b"")


def test_exit_code_of_an_interrupt() -> None:
    assert exit_code(KeyboardInterrupt()) == 9
