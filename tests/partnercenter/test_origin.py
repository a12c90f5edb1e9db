from __future__ import annotations

import pytest

from cspctl.errors import InputError, RemoteError
from cspctl.partnercenter.calls import call
from cspctl.partnercenter.origin import Origin, origin_of, same_origin_target

VENDOR = Origin("https", "api.partnercenter.microsoft.com", 443)


def test_origins_are_compared_with_their_port() -> None:
    assert origin_of("https://API.PartnerCenter.microsoft.com", allow_loopback_http=True) == VENDOR
    assert origin_of("https://api.partnercenter.microsoft.com:443/", allow_loopback_http=False) == VENDOR
    assert str(VENDOR) == "https://api.partnercenter.microsoft.com"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080"])
def test_http_is_for_this_machine(url: str) -> None:
    assert str(origin_of(url, allow_loopback_http=True)) == url
    with pytest.raises(InputError) as caught:
        origin_of(url, allow_loopback_http=False)
    assert caught.value.code == "E-URL-INSECURE"


@pytest.mark.parametrize("url", ["http://example.org", "http://localhost.example.org", "http://127.0.0.1.example.org"])
def test_http_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        origin_of(url, allow_loopback_http=True)
    assert caught.value.code == "E-URL-INSECURE"


@pytest.mark.parametrize(
    "url", ["", "api.example.org", "ftp://a", "https://a/v1", "https://user:pw@a", "https://a?x=1", "https://\x00"]
)
def test_what_is_no_origin_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        origin_of(url, allow_loopback_http=True)
    assert caught.value.code == "E-URL"
    assert "pw" not in caught.value.message


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("/customers?size=2", "/customers?size=2"),
        ("/v1/customers", "/v1/customers"),
        ("customers", "/customers"),
        ("https://api.partnercenter.microsoft.com/v1/customers?a=b", "/v1/customers?a=b"),
        ("https://API.partnercenter.microsoft.com:443/v1", "/v1"),
    ],
)
def test_links_on_the_same_origin(link: str, target: str) -> None:
    assert same_origin_target(VENDOR, link, status=200, what="next link") == target


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1/customers",
        "//evil.example/v1",
        "http://api.partnercenter.microsoft.com/v1",
        "https://api.partnercenter.microsoft.com:444/v1",
        "https://api.partnercenter.microsoft.com@evil.example/",
        "https://a@api.partnercenter.microsoft.com/",
        "https://api.partnercenter.microsoft.com.evil.example/",
        "javascript:alert(1)",
        "https://\x00",
    ],
)
def test_links_elsewhere_are_refused(link: str) -> None:
    with pytest.raises(RemoteError) as caught:
        same_origin_target(VENDOR, link, status=200, what="next link")
    assert caught.value.code == "E-ORIGIN"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_segment_cannot_change_the_path(value: str) -> None:
    with pytest.raises(InputError) as caught:
        call("GET", "/v1/customers/{customer}", family="customers", customer=value)
    assert caught.value.code == "E-ID"


def test_segments_and_queries_are_encoded() -> None:
    made = call("GET", "/v1/a/{x}", family="f", x="P:S/A?b#c", query={"filter": '{"a":"b c"}', "none": None})
    assert made.target == "/v1/a/P%3AS%2FA%3Fb%23c?filter=%7B%22a%22%3A%22b%20c%22%7D"
