"""The sign-in routes: both token forms, the grants, refresh life, device and browser flows, and real MSAL."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import jwt
import msal
import pytest

API = "https://api.partnercenter.microsoft.com"


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def token(bench, tenant="", version="v2", **form):
    path = "oauth2/v2.0/token" if version == "v2" else "oauth2/token"
    return bench.client.post(f"/{tenant or bench.partner}/{path}", data=form)


APP = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s"}


def test_v1_answer_has_numbers_as_strings(bench):
    bench.world.clock.freeze(bench.world.clock.now().replace(microsecond=0))
    now = int(bench.world.clock.now().timestamp())
    body = token(bench, version="v1", **APP, resource=API).json()
    assert claims(body.pop("access_token"))["aud"] == API
    assert body == {
        "token_type": "Bearer",
        "expires_in": "3599",
        "ext_expires_in": "3599",
        "expires_on": str(now + 3599),
        "not_before": str(now),
        "resource": API,
    }


def test_v2_answer_has_integers_and_the_audience_of_its_scope(bench):
    body = token(bench, tenant="ACME.onmicrosoft.com", **APP, scope=f"{API}/.default").json()
    assert (body["expires_in"], body["token_type"], body["scope"]) == (3599, "Bearer", f"{API}/.default")
    assert "refresh_token" not in body and "expires_on" not in body
    found = claims(body["access_token"])
    assert (found["aud"], found["tid"], found["appid"]) == (API, bench.partner, "app")
    assert "upn" not in found
    assert found["exp"] - found["iat"] == 3599


@pytest.mark.parametrize(
    ("form", "status", "error", "number"),
    [
        ({**APP, "client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({**APP, "client_secret": "expired"}, 401, "invalid_client", 7000222),
        ({"grant_type": "client_credentials", "client_id": "app"}, 401, "invalid_client", 7000218),
        ({"grant_type": "password", "client_id": "app"}, 400, "interaction_required", 50076),
        ({"grant_type": "barter", "client_id": "app"}, 400, "unsupported_grant_type", 70003),
        ({"grant_type": "refresh_token", "client_id": "app"}, 400, "invalid_request", 900144),
        (
            {"grant_type": "refresh_token", "client_id": "app", "refresh_token": "no"},
            400,
            "invalid_grant",
            9002313,
        ),
    ],
)
def test_refused_grants(bench, form, status, error, number):
    answer = token(bench, **form)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")


def test_unknown_tenant_is_aadsts90002(bench):
    answer = token(bench, tenant="nobody.example", **APP)
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_refresh_rotates_and_the_old_one_stays_valid(bench):
    first = bench.consent()
    body = bench.redeem(first).json()
    assert body["refresh_token"] != first
    assert body["scope"] == "user_impersonation"
    found = claims(body["access_token"])
    assert (found["upn"], found["amr"]) == ("ops@partner.example", ["pwd", "mfa"])
    assert bench.redeem(body["refresh_token"]).status_code == 200
    assert bench.redeem(first).status_code == 200


def test_refresh_dies_of_90_idle_days_and_not_of_90_used_ones(bench):
    idle, used = bench.consent(), bench.consent()
    for _ in range(2):
        bench.control("POST", "clock", {"advance": "P45D"})
        assert bench.redeem(used).status_code == 200
    bench.control("POST", "clock", {"advance": "PT1S"})
    refused = bench.redeem(idle).json()
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [700082])
    assert bench.redeem(used).status_code == 200


def test_refresh_is_bound_to_its_application_and_tenant(bench):
    refresh = bench.consent()
    other = "99999999-2222-4333-8444-555555555555"
    bench.control("POST", "seed", {"partners": [{"accountId": other, "tier": "direct"}]})
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    assert token(bench, **form, client_id="another").json()["error_codes"] == [700007]
    assert token(bench, tenant=other, **form, client_id="app").json()["error_codes"] == [700005]
    assert token(bench, tenant="common", **form, client_id="app").status_code == 200


def test_one_refresh_token_serves_several_audiences(bench):
    refresh = bench.consent()
    form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": refresh}
    prices = token(bench, **form, scope="https://api.partner.microsoft.com/.default offline_access").json()
    assert claims(prices["access_token"])["aud"] == "https://api.partner.microsoft.com"
    assert claims(token(bench, **form).json()["access_token"])["aud"] == API


def test_refresh_tokens_are_not_kept_in_clear(bench):
    refresh = bench.consent()
    found = json.dumps(bench.world.store.list("refresh", bench.partner))
    dumped = bench.control("GET", "dump").text
    assert found != "[]"
    assert refresh not in found and refresh not in dumped
    assert "refresh" not in json.loads(dumped)["documents"]


VERIFIER = "a-verifier-of-at-least-forty-three-characters-length"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
AUTHORIZE = {
    "client_id": "app",
    "response_type": "code",
    "redirect_uri": "http://localhost:9/cb",
    "scope": f"{API}/user_impersonation offline_access openid",
    "state": "s&1",
    "nonce": "n-1",
    "login_hint": "ida@acme.onmicrosoft.com",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def authorize(bench, **changes):
    return bench.client.get(
        f"/{bench.partner}/oauth2/v2.0/authorize", params={**AUTHORIZE, **changes}, follow_redirects=False
    )


def redeem_code(bench, code, **changes):
    form = {
        "grant_type": "authorization_code",
        "client_id": "app",
        "client_secret": "s",
        "code": code,
        "redirect_uri": AUTHORIZE["redirect_uri"],
        "code_verifier": VERIFIER,
        **changes,
    }
    return token(bench, **form)


def code_of(bench):
    answer = authorize(bench)
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["s&1"]
    return query["code"][0]


def test_authorization_code_is_for_one_use_and_checks_pkce(bench):
    code = code_of(bench)
    body = redeem_code(bench, code).json()
    identity = claims(body["id_token"])
    assert (identity["nonce"], identity["aud"]) == ("n-1", "app")
    assert identity["preferred_username"] == "ida@acme.onmicrosoft.com"
    assert claims(body["access_token"])["aud"] == API
    assert redeem_code(bench, code).json()["error_codes"] == [70008]
    assert redeem_code(bench, code_of(bench), code_verifier="no").json()["error_codes"] == [501481]
    assert redeem_code(bench, code_of(bench), redirect_uri="x").json()["error_codes"] == [500112]


@pytest.mark.parametrize(
    "uri",
    ["https://evil.example/cb", "http://localhost@evil.example/", "http://evil.example\\@localhost", "x:1", ""],
)
def test_codes_go_nowhere_but_here(bench, uri):
    assert authorize(bench, redirect_uri=uri).json()["error_codes"] == [50011]


def test_form_post_answers_a_form_with_escaped_values(bench):
    answer = authorize(bench, response_mode="form_post", state='"><script>')
    assert answer.headers["Content-Type"].startswith("text/html")
    assert 'action="http://localhost:9/cb"' in answer.text
    assert "<script>" not in answer.text


def test_device_code_is_pending_once(bench):
    started = bench.client.post(
        f"/{bench.partner}/oauth2/v2.0/devicecode", data={"client_id": "app", "scope": f"{API}/.default"}
    ).json()
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "app"}
    form["device_code"] = started["device_code"]
    pending = token(bench, **form)
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")
    assert claims(token(bench, **form).json()["access_token"])["upn"] == "admin@acme.onmicrosoft.com"


class Answer:
    def __init__(self, response):
        self.status_code, self.text, self.headers = response.status_code, response.text, response.headers

    def raise_for_status(self):
        if self.status_code >= 400:
            raise RuntimeError(self.status_code)


class Bridge:
    """MSAL's http_client protocol: the vendor's addresses, sent to the emulator."""

    def __init__(self, client):
        self._client = client

    def _path(self, url):
        parts = urlsplit(url)
        return parts.path + ("?" + parts.query if parts.query else "")

    def get(self, url, params=None, headers=None, **more):
        return Answer(self._client.get(self._path(url), params=params, headers=headers))

    def post(self, url, params=None, data=None, headers=None, **more):
        return Answer(self._client.post(self._path(url), params=params, data=data, headers=headers))

    def close(self):
        pass


@pytest.mark.parametrize("now", [None, "2024-01-31T00:00:00Z", "2031-01-31T00:00:00Z"])
def test_unmodified_msal_signs_in_whatever_the_clock_says(bench, now):
    if now:
        bench.control("POST", "clock", {"mode": "frozen", "now": now})
    app = msal.ConfidentialClientApplication(
        "app",
        client_credential="s",
        authority=f"https://login.microsoftonline.com/{bench.partner}",
        http_client=Bridge(bench.client),
    )
    by_app = app.acquire_token_for_client([f"{API}/.default"])
    assert claims(by_app["access_token"])["aud"] == API
    by_user = app.acquire_token_by_refresh_token(bench.consent(), [f"{API}/user_impersonation"])
    assert bench.call("GET", token=by_user["access_token"]).status_code == 200
    flow = app.initiate_auth_code_flow([f"{API}/user_impersonation"], redirect_uri="http://localhost:9/cb")
    sent = bench.client.get(Bridge(None)._path(flow["auth_uri"]), follow_redirects=False)
    query = {k: v[0] for k, v in parse_qs(urlsplit(sent.headers["Location"]).query).items()}
    result = app.acquire_token_by_auth_code_flow(flow, query)
    assert result["id_token_claims"]["tid"] == bench.partner
    (account,) = app.get_accounts("admin@acme.onmicrosoft.com")
    silent = app.acquire_token_silent([f"{API}/user_impersonation"], account)
    assert silent["access_token"] == result["access_token"]


CONSENT = {"client_id": "app", "response_type": "code", "redirect_uri": "http://localhost:9/cb", "resource": API}


def consented(bench, shared, **hints):
    return bench.client.get(f"/{shared}/oauth2/authorize", params={**CONSENT, **hints})


@pytest.mark.parametrize("shared", ["common", "organizations", "COMMON"])
def test_the_documented_consent_goes_through_a_shared_tenant(bench, shared):
    """Page partner-center-authentication: the browser goes to {authority}/common/oauth2/authorize."""
    moved = consented(bench, shared)
    (code,) = parse_qs(urlsplit(moved.headers["Location"]).query)["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": "app",
        "code": code,
        "redirect_uri": "http://localhost:9/cb",
    }
    body = token(bench, tenant="common", version="v1", **form, resource=API).json()
    assert claims(body["access_token"])["tid"] == bench.partner
    assert bench.call("GET", token=body["access_token"]).status_code == 200


def test_a_hint_says_whose_tenant_a_shared_sign_in_is_for(bench):
    other = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
    bench.world.store.put("partner", "", other, {"accountId": other, "domain": "other.example", "tier": "direct"})
    refused = consented(bench, "common")
    assert (refused.status_code, refused.json()["error_codes"]) == (400, [50059])
    assert consented(bench, "common", login_hint="ops@somewhere.example").status_code == 400
    for hint in ({"login_hint": "ops@Other.example"}, {"domain_hint": "other.example"}):
        (code,) = parse_qs(urlsplit(consented(bench, "common", **hint).headers["Location"]).query)["code"]
        form = {"grant_type": "authorization_code", "client_id": "app", "code": code}
        body = token(bench, tenant="common", **form, redirect_uri="http://localhost:9/cb").json()
        assert claims(body["access_token"])["tid"] == other


def test_a_device_signs_in_through_a_shared_tenant(bench):
    wanted = {"client_id": "app", "scope": f"{API}/user_impersonation"}
    device = bench.client.post("/organizations/oauth2/v2.0/devicecode", data=wanted).json()["device_code"]
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "app", "device_code": device}
    answers = [token(bench, tenant="organizations", **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 200]
    assert claims(answers[1].json()["access_token"])["tid"] == bench.partner


def test_an_id_token_verifies_against_the_published_keys_as_libraries_do(bench):
    """The way of OpenID Connect: metadata, key set, the key the token names; signature, audience, issuer, nonce."""
    wanted = {"client_id": "app", "response_type": "code", "redirect_uri": "http://localhost:9/cb", "nonce": "n-1"}
    moved = bench.client.get(
        f"/{bench.partner}/oauth2/v2.0/authorize", params={**wanted, "scope": f"openid {API}/user_impersonation"}
    )
    (code,) = parse_qs(urlsplit(moved.headers["Location"]).query)["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": "app",
        "code": code,
        "redirect_uri": "http://localhost:9/cb",
    }
    body = token(bench, **form).json()
    metadata = bench.client.get(f"/{bench.partner}/v2.0/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(bench.client.get(urlsplit(metadata["jwks_uri"]).path).json())
    key = keys[jwt.get_unverified_header(body["id_token"])["kid"]]
    checks = {"algorithms": metadata["id_token_signing_alg_values_supported"], "issuer": metadata["issuer"]}
    assert jwt.decode(body["id_token"], key, audience="app", **checks)["nonce"] == "n-1"
    head, _, signature = body["id_token"].split(".")
    changed = (
        base64.urlsafe_b64encode(json.dumps(claims(body["id_token"]) | {"tid": "x"}).encode()).rstrip(b"=").decode()
    )
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{changed}.{signature}", key, audience="app", **checks)
    assert bench.control("GET", "dump").text.count("PRIVATE KEY") == 0


@pytest.mark.parametrize(("secret", "status"), [("s%26%3A", 200), ("wrong", 401)])
def test_a_client_may_name_itself_in_a_basic_header(bench, secret, status):
    """As libraries of OAuth do by default."""
    packed = base64.b64encode(f"my%20app:{secret}".encode()).decode()
    form = {"grant_type": "client_credentials", "scope": f"{API}/.default"}
    path = f"/{bench.partner}/oauth2/v2.0/token/"
    answer = bench.client.post(path, data=form, headers={"Authorization": f"Basic {packed}"})
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["expires_in"] == 3599  # a number: this is the v2 route, slash or not
        assert claims(answer.json()["access_token"])["appid"] == "my app"


@pytest.mark.parametrize(("mode", "where"), [(None, "fragment"), ("query", "query"), ("fragment", "fragment")])
def test_a_web_application_gets_its_id_token_beside_the_code(bench, mode, where):
    """The hybrid flow, which web frameworks use by default; OpenID Connect Core, section 3.3."""
    wanted = {
        "client_id": "app",
        "response_type": "code id_token",
        "redirect_uri": "http://localhost:9/cb",
        "nonce": "n",
    }
    wanted |= {"scope": "openid", **({"response_mode": mode} if mode else {})}
    moved = bench.client.get(f"/{bench.partner}/oauth2/v2.0/authorize", params=wanted)
    fields = parse_qs(getattr(urlsplit(moved.headers["Location"]), where))
    told = claims(fields["id_token"][0])
    half = hashlib.sha256(fields["code"][0].encode()).digest()[:16]
    assert told["c_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert (told["nonce"], told["aud"]) == ("n", "app")
    form = {"grant_type": "authorization_code", "client_id": "app", "code": fields["code"][0]}
    assert "c_hash" not in claims(token(bench, **form, redirect_uri="http://localhost:9/cb").json()["id_token"])


def test_an_answer_by_a_form_holds_the_id_token_too(bench):
    wanted = {
        "client_id": "app",
        "response_type": "id_token code",
        "redirect_uri": "http://localhost:9/cb",
        "nonce": "n",
    }
    page = bench.client.get(f"/{bench.partner}/oauth2/authorize", params={**wanted, "response_mode": "form_post"}).text
    assert 'name="id_token"' in page
    assert 'name="code"' in page


@pytest.mark.parametrize("kind", ["", "token", "id_token", "code token"])
def test_no_other_answer_of_the_sign_in_page_is_offered(bench, kind):
    wanted = {"client_id": "app", "response_type": kind, "redirect_uri": "http://localhost:9/cb"}
    refused = bench.client.get(f"/{bench.partner}/oauth2/v2.0/authorize", params=wanted)
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_response_type")
