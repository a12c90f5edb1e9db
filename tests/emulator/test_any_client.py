"""Clients that know only the vendor's addresses work unchanged behind HTTPS_PROXY and a bundle of certificates.

They run as their users run them: in a process of their own, told nothing but by environment variables.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys

import httpx
import pytest

from cspctl.emulator.launch import attach_or_embed
from cspctl.emulator.settings import Settings

PARTNER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
_NAMES = {"domain": "ours.onmicrosoft.com", "displayName": "Ours", "mpnId": "4391200"}
SEED = {
    "partners": [{"accountId": PARTNER, "tier": "direct", "market": "DE", "currency": "EUR", **_NAMES}],
    "customers": [
        {"partner": PARTNER, "id": CUSTOMER, "domain": "c1.onmicrosoft.com", "companyName": "Contoso", "market": "DE"}
    ],
}
_CLIENT = """
import json, sys
import {library} as http
form = {{"grant_type": "client_credentials", "client_id": "app", "client_secret": "s",
        "resource": "https://api.partnercenter.microsoft.com"}}
token = http.post("https://login.microsoftonline.com/ours.onmicrosoft.com/oauth2/token", data=form).json()
bearer = {{"Authorization": "Bearer " + token["access_token"]}}
listed = http.get("https://api.partnercenter.microsoft.com/v1/customers", headers=bearer)
try:
    elsewhere = http.get("https://example.com/").status_code
except {refused} as error:
    elsewhere = str(error)
print(json.dumps([token, listed.status_code, listed.json(), elsewhere]))
"""


@pytest.fixture
def emulator(tmp_path):
    handle = attach_or_embed(tmp_path / "emulator.db", settings=Settings(rate_limit_per_minute=0))
    headers = {"X-Emulator-Token": handle.control_token}
    with httpx.Client(trust_env=False) as client:
        seeded = client.post(f"{handle.base_url}/_emulator/seed", headers=headers, json=SEED)
        assert seeded.status_code == 200, seeded.text
    yield handle
    handle.close()


@pytest.mark.parametrize(
    ("library", "refused"), [("requests", "http.exceptions.ConnectionError"), ("httpx", "http.ProxyError")]
)
def test_an_unmodified_client_signs_in_the_old_way_and_lists_customers(emulator, library, refused):
    pytest.importorskip(library)
    told = {"HTTPS_PROXY": emulator.proxy_url}
    told |= dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), str(emulator.ca_file))
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [sys.executable, "-c", _CLIENT.format(library=library, refused=refused)],
        env=kept | told,
        capture_output=True,
        text=True,
        check=True,
    )
    token, status, body, elsewhere = json.loads(done.stdout)
    assert (token["token_type"], token["expires_in"]) == ("Bearer", "3599")
    assert int(token["expires_on"]) - int(token["not_before"]) == 3599  # texts, as the v1 route writes them
    assert isinstance(token["expires_on"], str)
    assert token["access_token"].count(".") == 2
    assert status == 200
    assert [item["companyProfile"]["companyName"] for item in body["items"]] == ["Contoso"]
    assert "403" in elsewhere


@pytest.mark.parametrize("host", ["login.microsoftonline.com", "api.partner.microsoft.com", "graph.microsoft.com"])
def test_the_proxy_joins_every_vendor_host(emulator, host):
    assert _asked(emulator, f"CONNECT {host}:443 HTTP/1.1") == 200


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT example.com:443 HTTP/1.1",
        "CONNECT api.partnercenter.microsoft.com.example.com:443 HTTP/1.1",
        "CONNECT api.partnercenter.microsoft.com:22 HTTP/1.1",
        "CONNECT 169.254.169.254:443 HTTP/1.1",
        "GET http://api.partnercenter.microsoft.com/v1/customers HTTP/1.1",
        "nonsense",
    ],
)
def test_the_proxy_refuses_everything_else(emulator, line):
    assert _asked(emulator, line) == 403


def _asked(emulator, line):
    host, _, port = emulator.proxy_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line_out:
        line_out.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
        answer = http.client.HTTPResponse(line_out, method="CONNECT")
        answer.begin()
        return answer.status
