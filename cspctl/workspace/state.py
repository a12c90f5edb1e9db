"""Where the ledger is, and who may say so."""

from __future__ import annotations

from cspctl.errors import InputError, RefusedError
from cspctl.workspace.project import Place
from cspctl.workspace.settings import WorkspaceSettings

LIVE_STATE = "sqlite:///.cspctl/state.db"
EMULATOR_STATE = "sqlite:///.cspctl/emulator-state.db"


def state_url(settings: WorkspaceSettings, place: Place, environment: str) -> str:
    """Flag over environment over project file. Raises InputError where the emulator is given another state."""
    named = settings.state
    if environment == "emulator":
        if named is not None and named != EMULATOR_STATE:
            raise InputError(
                "the emulator keeps its own ledger; naming another state with it is refused",
                code="E-STATE-EMULATOR",
                hint="leave --state away, or drop --emulator",
            )
        return _absolute(EMULATOR_STATE, place)
    return _absolute(named or place.file.state or LIVE_STATE, place)


def refuse_sqlite_in_ci(settings: WorkspaceSettings, place: Place, environment: str, url: str) -> None:
    """A ledger on a build machine's disk is lost with it, and with it the memory of what was bought."""
    explicit = settings.state is not None or "state" in place.file.model_fields_set
    in_ci = settings.environ.get("CI", "").lower() in ("1", "true", "yes")
    if environment == "live" and in_ci and url.startswith("sqlite") and not explicit:
        raise RefusedError(
            "CI=true and the ledger is SQLite by default: it would be lost with this machine",
            code="E-STATE-CI",
            hint="name a state that outlives the job: --state or state: in cspctl.yaml",
        )


def refuse_unshared(url: str) -> None:
    """For pipelines that must never run on a private ledger. Raises RefusedError E-STATE-NOT-SHARED."""
    if url.startswith("sqlite"):
        raise RefusedError(
            "--shared was asked for, but the ledger is a SQLite file that only this machine has",
            code="E-STATE-NOT-SHARED",
            hint="name a shared state, or leave --shared away",
        )


def _absolute(url: str, place: Place) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(prefix + "/"):
        return url
    return f"{prefix}{(place.root / url.removeprefix(prefix)).resolve()}"
