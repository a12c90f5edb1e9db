"""What national clouds do not offer: partners of 21Vianet and of the US Government.

Source: Partner Center docs, page developing-for-partner-center-for-microsoft-national-cloud (Oct 2023), and the notes
of the agreement and relationship request pages. A partner's cloud is `cloud` of its seed entry: `china`,
`us-government` or `global`. The pages name no code; 900127 is the documented one for an environment that lacks an
operation (impl.).
"""

from __future__ import annotations

import re

from cspctl.emulator.context import RouteSpec
from cspctl.emulator.errors import ApiError

_AGREEMENTS = r"/agreements$|directsignedmicrosoftcustomeragreementstatus$|/agreementtemplates/"
_CHINA = re.compile(
    _AGREEMENTS
    + r"|/azureentitlements|/subscriptions/overage$"  # no Azure subscriptions
    + r"|/resetpassword$"
    + r"|/subscribedskus$|/licenses$|/licenseupdates$"  # no licence management
    + r"|/servicerequests"
    + r"|/agreementstatus$"
    + r"|/tenantrelationships/"  # no GDAP
)
_US = re.compile(_AGREEMENTS + r"|/relationshiprequests$")
_US_WRITES = re.compile(r"/users(/|$)|/usermembers(/|$)")  # users are read-only there


def check_cloud(spec: RouteSpec, cloud: str) -> None:
    """Raises 400/900127 for an operation that the cloud of the calling partner does not have."""
    path, absent = spec.path.lower(), None
    if cloud.startswith("china"):
        absent = _CHINA.search(path)
    elif cloud.startswith("us"):
        absent = _US.search(path) or (_US_WRITES.search(path) if spec.method != "GET" else None)
    if absent:
        raise ApiError(400, 900127, "This operation isn't supported in this environment.")
