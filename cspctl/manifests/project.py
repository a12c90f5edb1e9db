"""The project file cspctl.yaml: untrusted, like every manifest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, Strict, TypeAdapter, ValidationError

from cspctl.errors import InputError
from cspctl.kinds.contract import Kind
from cspctl.manifests.discovery import PROJECT_FILE
from cspctl.manifests.reader import BROKEN, MAX_BYTES, marks, oversized, read
from cspctl.manifests.structure_errors import structure_errors
from cspctl.manifests.trust_rules import check_state
from cspctl.model.diagnostic import Diagnostic, DocPath, error
from cspctl.model.positions import Origin
from cspctl.model.trust import Trust

DEFAULT_STATE = "sqlite:///.cspctl/state.db"
_AMOUNT = r"^[0-9]{1,12}(\.[0-9]{1,10})?$"
_NOT_A_NAME = re.compile(r"[^a-z0-9-]+")
_Text = Annotated[str, Strict(), Field(min_length=1)]
_Limit = Annotated[int, Strict(), Field(ge=0)]


class Guards(BaseModel):
    """Limits of one apply. `money` is per currency, as quoted decimal text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    changes: _Limit | None = Field(None, description="Most changes in one plan.")
    percent: Annotated[int, Strict(), Field(ge=0, le=100)] | None = Field(
        None, description="Largest share of the managed objects, in percent; 30 unless stated."
    )
    seats: _Limit | None = Field(None, description="Most seats added or removed by one plan.")
    money: dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], Annotated[str, Strict(), Field(pattern=_AMOUNT)]] = Field(
        default={}, description='Most money committed by one plan, by currency: {EUR: "500.00"}.'
    )


class ProjectFile(BaseModel):
    """What cspctl.yaml says. `problems` is what is wrong with it; the fields then hold what could be used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project: Annotated[str, Strict(), Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")] = Field(
        description="Name of the project: the key of its rows in the ledger."
    )
    manifests: _Text = Field(".", description="Folder of the manifests, inside the project.")
    state: _Text = Field(DEFAULT_STATE, description="URL of the ledger.")
    defaults: dict[str, dict[str, Any]] = Field(default={}, description="Default values by kind: {Subscription: {…}}.")
    guards: Guards = Field(default=Guards(), description="Limits of one apply.")
    concurrency: Annotated[int, Strict(), Field(ge=1, le=64)] = Field(8, description="Requests at the same time.")

    _problems: tuple[Diagnostic, ...] = PrivateAttr(default=())

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        return self._problems


def find_project(path: Path) -> tuple[Path, ProjectFile]:
    """The root and project file of the nearest cspctl.yaml upward; a folder without one is the project itself.

    Raises InputError where `path` does not exist.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist", code="E-PATH")
    folder = (path if path.is_dir() else path.parent).absolute()
    for candidate in (folder, *folder.parents):
        if (candidate / PROJECT_FILE).is_file():
            return candidate, read_project(candidate / PROJECT_FILE)
    return folder, ProjectFile(project=_name_of(folder))


def read_project(path: Path) -> ProjectFile:
    """The project file, with its problems; raises InputError where it cannot be read at all."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as exc:
        raise InputError(f"cannot read {path}: {exc.strerror}", code="E-READ") from exc
    fallback = ProjectFile(project=_name_of(path.parent))
    if raw is None:
        return _with(fallback, [oversized(PROJECT_FILE, path.stat().st_size)])
    documents, problems = read(raw, PROJECT_FILE)
    if len(documents) > 1:
        problems = [*problems, _problem("E-DOCUMENT", "cspctl.yaml holds one document", (), document=1)]
    data = documents[0] if documents and documents[0] is not BROKEN else None
    if not isinstance(data, dict):
        if not problems:
            problems = [_problem("E-DOCUMENT", "cspctl.yaml is a map of settings", ())]
        return _with(fallback, problems)
    try:
        return _with(ProjectFile.model_validate({"project": _name_of(path.parent), **data}), problems)
    except ValidationError as failure:
        found = marks(raw)
        wrong = list(structure_errors(failure, data, ProjectFile, lambda at: found.texts.get((0, *at))))
        problems = [*problems, *(_problem(code, text, at, hint) for code, text, at, hint in wrong)]
        bad = {at[0] for _, _, at, _ in wrong if at}
        usable = {k: v for k, v in data.items() if k not in bad}
        return _with(ProjectFile.model_validate({"project": _name_of(path.parent), **usable}), problems)


def project_problems(project: ProjectFile, root: Path, trust: Trust, kinds: Sequence[Kind]) -> list[Diagnostic]:
    """What is wrong with the project file: its structure, its defaults, and what only trusted input may say."""
    found = list(project.problems)
    if project.model_fields_set & {"state"}:
        found += check_state(project.state, root, trust, Origin(PROJECT_FILE, 0))
    model = _defaults_model(kinds)
    if project.defaults and model is not None:
        try:
            TypeAdapter(model).validate_python(project.defaults, by_alias=True, by_name=False)
        except ValidationError as failure:
            wrong = structure_errors(failure, project.defaults, model, _no_source, ("defaults",))
            found += [_problem(code, text, at, hint) for code, text, at, hint in wrong]
    return found


def _defaults_model(kinds: Sequence[Kind]) -> Any:
    """The model of `defaults`, from the kind of tenants, where there is one."""
    for kind in kinds:
        field = kind.spec.model_fields.get("defaults")
        if kind.name == "TenantMapping" and field is not None:
            return _model_of(field.annotation)
    return None


def _model_of(annotation: Any) -> Any:
    arms = getattr(annotation, "__args__", (annotation,))
    return next((arm for arm in arms if isinstance(arm, type) and issubclass(arm, BaseModel)), None)


def _no_source(_path: DocPath) -> str | None:
    return None


def _problem(code: str, message: str, path: DocPath, hint: str | None = None, *, document: int = 0) -> Diagnostic:
    return error(code, message, path=path, origin=Origin(PROJECT_FILE, document), hint=hint)


def _with(project: ProjectFile, problems: Sequence[Diagnostic]) -> ProjectFile:
    project._problems = tuple(problems)
    return project


def _name_of(folder: Path) -> str:
    """A project name from a folder's name."""
    return _NOT_A_NAME.sub("-", folder.name.lower()).strip("-")[:63].strip("-") or "project"
