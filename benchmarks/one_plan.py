"""Plans one project without reading, in a process of its own; prints what it took as JSON. Imports are not counted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.report import timed


def main(folder: Path) -> None:
    from cspctl.workspace import Workspace, WorkspaceSettings

    before = peak_kilobytes()
    workspace = Workspace.open(WorkspaceSettings(config=folder))
    with timed() as watch:
        plan = workspace.plan(refresh="none")
    answer = {
        "seconds": watch.seconds,
        "kilobytes": peak_kilobytes() - before,
        "changes": len(plan.changes),
        "actions": dict(plan.counts()),
        "gaps": len(plan.gaps),
        "drift": len(plan.drift),
    }
    print(json.dumps(answer))


def peak_kilobytes() -> int:
    """Resident, of this process alone: what getrusage says begins with the parent's. Zero where there is no /proc."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
