"""Somebody with the portal open: changes the seats of a subscription through the emulator's REST API.

    python examples/portal.py PROJECT ACCOUNT USER NAME SEATS

Only the standard library is used, as any other client of Partner Center might be written. PROJECT is the folder whose
`.cspctl/emulator.lock` says where the emulator listens, ACCOUNT the partner's account id, USER who signs in, NAME the
friendly name of a subscription.
"""

from __future__ import annotations

import json
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

APPLICATION = "4e1e9d1c-6c4f-4ac4-9b5c-0d5f0a7d1c11"


def call(url: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None) -> Any:
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})  # noqa: S310 # loopback
    with urllib.request.urlopen(request) as response:  # noqa: S310 # loopback only: the lock file names the port
        return json.load(response)


def sign_in(base: str, token: str, account: str, user: str) -> dict[str, str]:
    """A user token: the control API stands for the one interactive consent."""
    wanted = json.dumps({"tenant": account, "application": APPLICATION, "user": user}).encode()
    headers = {"X-Emulator-Token": token, "Content-Type": "application/json"}
    refresh = call(f"{base}/_emulator/consent", method="POST", headers=headers, body=wanted)["refresh_token"]
    form = urllib.parse.urlencode(
        {
            "grant_type": "refresh_token",
            "client_id": APPLICATION,
            "client_secret": "portal",
            "refresh_token": refresh,
            "scope": "https://api.partnercenter.microsoft.com/user_impersonation",
        }
    ).encode()
    access = call(f"{base}/{account}/oauth2/v2.0/token", method="POST", body=form)["access_token"]
    return {"Authorization": f"Bearer {access}", "Content-Type": "application/json"}


def set_seats(base: str, headers: dict[str, str], name: str, seats: int) -> str:
    for customer in call(f"{base}/v1/customers?size=500", headers=headers)["items"]:
        url = f"{base}/v1/customers/{customer['id']}/subscriptions"
        for subscription in call(url, headers=headers)["items"]:
            if subscription["friendlyName"] == name:
                before = subscription["quantity"]
                subscription["quantity"] = seats
                body = json.dumps(subscription).encode()
                call(f"{url}/{subscription['id']}", method="PATCH", headers=headers, body=body)
                return f"{name}: {before} seats became {seats}"
    raise SystemExit(f"no subscription is called {name}")


def main() -> None:
    project, account, user, name, seats = sys.argv[1:]
    lock = json.loads((Path(project) / ".cspctl" / "emulator.lock").read_text("utf-8"))
    base = f"http://127.0.0.1:{lock['port']}"
    headers = sign_in(base, lock["token"], account, user)
    sys.stdout.write(set_seats(base, headers, name, int(seats)) + "\n")


if __name__ == "__main__":
    main()
