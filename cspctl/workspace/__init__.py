"""The composition root: project file and trust become kinds, ports and a ledger. Used by cli and api."""

from cspctl.workspace.settings import WorkspaceSettings
from cspctl.workspace.workspace import Workspace

__all__ = ["Workspace", "WorkspaceSettings"]
