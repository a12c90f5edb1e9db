"""Plans one project without reading, in a process of its own; prints what it took as JSON. Imports are not counted."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from benchmarks.report import timed


def main(folder: Path) -> None:
    from cspctl.workspace import Workspace, WorkspaceSettings

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    workspace = Workspace.open(WorkspaceSettings(config=folder))
    with timed() as watch:
        plan = workspace.plan(refresh="none")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = {
        "seconds": watch.seconds,
        "kilobytes": peak - before,
        "changes": len(plan.changes),
        "actions": dict(plan.counts()),
        "gaps": len(plan.gaps),
        "drift": len(plan.drift),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
