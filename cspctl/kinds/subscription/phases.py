"""Where the changes of a subscription stand in the order of an apply (see cspctl.engine.ordering)."""

from __future__ import annotations

CREATE, DEPENDANT = 30, 40
REACTIVATE, UPDATE, TERM, DECREASE, CANCEL, SCHEDULE = 45, 50, 60, 70, 80, 90
