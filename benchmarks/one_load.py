"""Validates one project in a process of its own and prints what it took as JSON; imports are not counted."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import timed


def main(folder: Path) -> None:
    from cspctl.kinds.registry import KINDS
    from cspctl.manifests.loader import load
    from cspctl.manifests.project import find_project
    from cspctl.model.diagnostic import has_errors
    from cspctl.model.trust import Trust
    from cspctl.workspace.project import Place, load_project

    root, file = find_project(folder)
    with timed() as all_of_it:
        project = load_project(Place(root, file, Trust()), now=datetime(2026, 11, 21, tzinfo=UTC))
    with timed() as building:
        resources = sum(1 for _ in project.resources)
    answer = {
        "validate": all_of_it.seconds,
        "build": building.seconds,
        "resources": resources,
        "errors": [f"{d.pos} {d.code} {d.message}" for d in project.diagnostics if has_errors([d])][:3],
    }
    del project
    # Again, now that the cache is warm: what reading alone takes of a warm run, without the kinds' rules.
    with timed() as reading:
        load(root, KINDS, project=file, trust=Trust())
    print(json.dumps({**answer, "warmLoad": reading.seconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
