"""The user-level trust file: what untrusted manifests may name. Read only where a person or a pipeline names it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from cspctl.errors import InputError
from cspctl.manifests.locate import KEY_CODES, source_of
from cspctl.manifests.reader import BROKEN, MAX_BYTES, read
from cspctl.manifests.structure_errors import structure_errors
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.trust import Trust

_List = Annotated[list[Annotated[str, Strict(), Field(min_length=1)]], Field()]


class TrustModel(BaseModel):
    """Every key is a list; what is not listed is refused."""

    model_config = ConfigDict(extra="forbid")

    exec: _List = Field(default=[], description="Whole command lines, as they stand after exec:.")
    environment: _List = Field(default=[], description="Environment variables outside CSPCTL_*.")
    files: _List = Field(default=[], description="Files or folders outside the project.")
    endpoints: _List = Field(default=[], description="Hosts that are neither the vendor's nor loopback.")
    state: _List = Field(default=[], description="State URLs that a project file may name.")
    webhooks: _List = Field(default=[], description="Webhook targets: URL, HOST or HOST:PORT.")


def load_trust(path: Path) -> Trust:
    """The trust of a file. Raises InputError (E-TRUST-FILE) with file, line and column of the first mistake."""
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise InputError(f"cannot read the trust file {path}: {exc.strerror}", code="E-TRUST-FILE") from exc
    if len(raw) > MAX_BYTES:
        raise InputError(f"the trust file {path} is too large", code="E-TRUST-FILE")
    documents, problems = read(raw, str(path))
    if problems:
        raise _refused(problems[0])
    if len(documents) != 1 or documents[0] is BROKEN or not isinstance(documents[0], dict):
        raise InputError(f"{path}: a trust file is one map of lists", code="E-TRUST-FILE")
    try:
        model = TrustModel.model_validate(documents[0])
    except ValidationError as failure:
        source = source_of(raw)
        code, message, at, hint = next(
            structure_errors(failure, documents[0], TrustModel, lambda p: source.marks.texts.get((0, *p)))
        )
        line, column = source.find(0, at, key=code in KEY_CODES) or (1, 1)
        raise InputError(f"{path}:{line}:{column}: {message}", code="E-TRUST-FILE", hint=hint) from None
    return Trust(
        exec=tuple(model.exec),
        environment=tuple(model.environment),
        files=tuple(model.files),
        endpoints=tuple(model.endpoints),
        state=tuple(model.state),
        webhooks=tuple(model.webhooks),
    )


def _refused(problem: Diagnostic) -> InputError:
    return InputError(f"{problem.pos}: {problem.message}", code="E-TRUST-FILE", hint=problem.hint)
