"""Clients that know only the vendor's addresses work unchanged behind HTTPS_PROXY and a bundle of certificates.

They run as their users run them: in a process of their own, told nothing but by environment variables.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

LOGIN, API = "https://login.microsoftonline.com", "https://api.partnercenter.microsoft.com"
_SYNCHRONOUS = """
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
_STANDARD = """
import json
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s",
        "resource": "https://api.partnercenter.microsoft.com"}
url = "https://login.microsoftonline.com/ours.onmicrosoft.com/oauth2/token"
token = json.load(urlopen(url, urlencode(form).encode()))
bearer = {"Authorization": "Bearer " + token["access_token"]}
listed = urlopen(Request("https://api.partnercenter.microsoft.com/v1/customers", headers=bearer))
try:
    elsewhere = urlopen("https://example.com/").status
except URLError as error:
    elsewhere = str(error)
print(json.dumps([token, listed.status, json.load(listed), elsewhere]))
"""
_ASYNCHRONOUS = """
import asyncio, json
import aiohttp
form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s",
        "resource": "https://api.partnercenter.microsoft.com"}
async def main():
    async with aiohttp.ClientSession(trust_env=True) as session:
        url = "https://login.microsoftonline.com/ours.onmicrosoft.com/oauth2/token"
        async with session.post(url, data=form) as answer:
            token = await answer.json()
        bearer = {"Authorization": "Bearer " + token["access_token"]}
        async def ask():
            async with session.get("https://api.partnercenter.microsoft.com/v1/customers", headers=bearer) as answer:
                return answer.status, await answer.json()
        every = await asyncio.gather(*(ask() for _ in range(50)))
        assert all(one == every[0] for one in every)
        try:
            async with session.get("https://example.com/") as answer:
                elsewhere = answer.status
        except aiohttp.ClientHttpProxyError as error:
            elsewhere = str(error)
        print(json.dumps([token, *every[0], elsewhere]))
asyncio.run(main())
"""
CLIENTS = {
    "requests": _SYNCHRONOUS.format(library="requests", refused="http.exceptions.ConnectionError"),
    "httpx": _SYNCHRONOUS.format(library="httpx", refused="http.ProxyError"),
    "urllib": _STANDARD,
    "aiohttp": _ASYNCHRONOUS,
}


def environment(served):
    told = {"HTTPS_PROXY": served.handle.proxy_url}
    told |= dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"), str(served.handle.ca_file))
    return told | {
        name: value for name, value in os.environ.items() if "proxy" not in name.lower() and name not in told
    }


def run(served, *command):
    done = subprocess.run(command, env=environment(served), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def python(served, script, *arguments):
    return json.loads(run(served, sys.executable, "-W", "ignore", "-c", script, *arguments))


@pytest.mark.parametrize("library", CLIENTS)
def test_an_unmodified_client_signs_in_the_old_way_and_lists_customers(served, library):
    pytest.importorskip(library)
    token, status, body, elsewhere = python(served, CLIENTS[library])
    assert (token["token_type"], token["expires_in"]) == ("Bearer", "3599")
    assert int(token["expires_on"]) - int(token["not_before"]) == 3599  # texts, as the v1 route writes them
    assert isinstance(token["expires_on"], str)
    assert token["access_token"].count(".") == 2
    assert status == 200
    assert [item["companyProfile"]["companyName"] for item in body["items"]] == ["Contoso"]
    assert "403" in elsewhere


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_curl_signs_in_and_lists_customers(served):
    form = ["-d", "grant_type=client_credentials", "-d", "client_id=app", "-d", "client_secret=s"]
    signed = run(served, "curl", "-sSf", f"{LOGIN}/{served.partner}/oauth2/token", *form, "-d", f"resource={API}")
    bearer = f"Authorization: Bearer {json.loads(signed)['access_token']}"
    for more in (
        (),
        ("--http1.0",),
        ("--compressed",),
        ("--tlsv1.2", "--tls-max", "1.2"),
        ("-H", "Expect: 100-continue"),
    ):
        listed = json.loads(run(served, "curl", "-sSf", *more, f"{API}/v1/customers", "-H", bearer))
        assert listed["totalCount"] == 1


_MSAL = """
import json, re, sys
from urllib.parse import parse_qs, urlsplit
import msal, requests
authority = "https://login.microsoftonline.com/" + sys.argv[1]
scope = ["https://api.partnercenter.microsoft.com/user_impersonation"]
told = {}
app = msal.ConfidentialClientApplication("app", client_credential="s", authority=authority)
told["application"] = app.acquire_token_for_client(["https://api.partnercenter.microsoft.com/.default"])
flow = app.initiate_auth_code_flow(scope, redirect_uri="http://localhost:9/cb")
moved = requests.get(flow["auth_uri"], allow_redirects=False).headers["Location"]
answer = {name: values[0] for name, values in parse_qs(urlsplit(moved).query).items()}
told["code"] = app.acquire_token_by_auth_code_flow(flow, answer)
told["refresh"] = app.acquire_token_by_refresh_token(told["code"]["refresh_token"], scope)
told["other resource"] = app.acquire_token_by_refresh_token(
    told["refresh"]["refresh_token"], ["https://graph.microsoft.com/.default"])
(account,) = app.get_accounts()
told["silent"] = app.acquire_token_silent(scope, account=account, force_refresh=True)
public = msal.PublicClientApplication("other", authority=authority)
told["device"] = public.acquire_token_by_device_flow(public.initiate_device_flow(scope))
refused = msal.ConfidentialClientApplication("app", client_credential="expired", authority=authority)
told["refused"] = refused.acquire_token_for_client(["https://graph.microsoft.com/.default"])
customers = "https://api.partnercenter.microsoft.com/v1/customers"
relationships = "https://graph.microsoft.com/v1.0/tenantRelationships/delegatedAdminRelationships"
for name in ("application", "code", "refresh", "other resource", "silent", "device"):
    url = relationships if name == "other resource" else customers
    bearer = {"Authorization": "Bearer " + told[name]["access_token"]}
    told[name]["status"] = requests.get(url, headers=bearer).status_code
print(json.dumps(told))
"""


def test_msal_signs_in_by_every_flow_and_the_tokens_open_the_hosts_they_are_for(served):
    told = python(served, _MSAL, served.partner)
    assert told.pop("refused")["error_codes"] == [7000222]
    assert {name: answer["status"] for name, answer in told.items()} == dict.fromkeys(told, 200)
    assert all(answer["expires_in"] == 3599 for name, answer in told.items() if name != "silent")
    people = {"code", "refresh", "other resource", "device"}
    assert {name for name, answer in told.items() if "refresh_token" in answer} >= people
    assert told["code"]["id_token_claims"]["tid"] == served.partner


_AZURE = """
import asyncio, json, sys
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, DeviceCodeCredential
from azure.identity.aio import ClientSecretCredential as Later
tenant, told = sys.argv[1], {}
id = "11111111-1111-4111-8111-111111111111"
graph, centre = "https://graph.microsoft.com/.default", "https://api.partnercenter.microsoft.com/.default"
told["secret"] = ClientSecretCredential(tenant, id, "s").get_token(centre).token
told["person"] = DeviceCodeCredential(id, tenant_id=tenant, prompt_callback=lambda *_: None).get_token(graph).token
async def later():
    async with Later(tenant, id, "s") as credential:
        return (await credential.get_token(centre)).token
told["later"] = asyncio.run(later())
def ask(url, token):
    return requests.get(url, headers={"Authorization": "Bearer " + token}).status_code
customers = "https://api.partnercenter.microsoft.com/v1/customers"
relationships = "https://graph.microsoft.com/v1.0/tenantRelationships/delegatedAdminRelationships"
answers = [ask(customers, told["secret"]), ask(customers, told["later"]), ask(relationships, told["person"])]
answers.append(ask(customers, told["person"]))
try:
    ClientSecretCredential(tenant, id, "wrong").get_token(centre)
except ClientAuthenticationError as error:
    answers.append(str(error)[:60])
print(json.dumps(answers))
"""


def test_the_vendors_own_sign_in_library_works(served):
    pytest.importorskip("azure.identity")
    pytest.importorskip("aiohttp")
    *answers, refused = python(served, _AZURE, served.partner)
    assert answers == [200, 200, 200, 401]  # a token for one host does not open another
    assert "AADSTS7000215" in refused
