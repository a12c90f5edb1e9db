"""The files of a new repository, from package data."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from cspctl.cli.files import write_file
from cspctl.errors import InputError

# Where each file of the package goes; names that a tool would act upon are given only here.
LAYOUT: dict[str, str] = {
    "cspctl.yaml": "cspctl.yaml",
    "readme.md": "README.md",
    "gitignore.txt": ".gitignore",
    "github-actions.yaml": ".github/workflows/cspctl.yaml",
    "gitlab-ci.yaml": ".gitlab-ci.yml",
    "reseller.yaml": "manifests/reseller.yaml",
    "plan.yaml": "manifests/plan.yaml",
    "contoso.yaml": "manifests/tenants/contoso.yaml",
    "alerts.yaml": "manifests/alerts.yaml",
    "nce-de.csv": "prices/nce-de.csv",
}


def scaffold(directory: Path) -> tuple[list[Path], list[Path]]:
    """Write what is missing; (written, kept), relative to `directory`. Existing files are never touched."""
    if directory.exists() and not directory.is_dir():
        raise InputError(f"{directory} is not a folder", code="E-PATH")
    source = files("cspctl.cli") / "scaffold"
    written, kept = [], []
    for name, target in LAYOUT.items():
        path = directory / target
        if path.exists() or path.is_symlink():
            kept.append(Path(target))
            continue
        text = (source / name).read_text(encoding="utf-8")
        write_file(path, text.replace("my-csp", project_name(directory)) if name == "cspctl.yaml" else text)
        written.append(Path(target))
    return written, kept


def project_name(directory: Path) -> str:
    """The folder's name as a lower-case DNS label."""
    label = re.sub(r"[^a-z0-9]+", "-", directory.resolve().name.lower()).strip("-")[:63].strip("-")
    return label or "my-csp"
