"""Exports of earnings and payments: queued, polled, downloaded, deleted."""

from __future__ import annotations

import pytest

OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
HOST = "api.partner.microsoft.com"
EARNINGS, PAYMENTS = "/v1.0/payouts/transactionhistory", "/v1.0/payouts/payments"
SEED = {
    "earnings": [
        {"partner": OURS, "earningForDate": f"{day}T00:00:00Z", "transactionAmount": amount,
         "earningAmount": amount / 10, "engagementName": name}
        for day, amount, name in (("2020-01-31", 90, "Old motion"), ("2026-01-31", 2000, "Azure CSP motion incentives"),
                                  ("2026-02-28", 4000, "Azure CSP and more"))
    ],
    "payments": [{"partner": OURS, "payoutStatusUpdateTS": "2026-02-15T10:00:00Z", "paymentAmount": 609.5,
                  "paymentId": "77", "programName": "CSP Direct Bill Partner", "payoutOrderType": "REBATE"}],
}  # fmt: skip  # a table of rows


@pytest.fixture
def till(shop):
    shop.seed(SEED)

    def call(method, path, *, partner=OURS, resource=f"https://{HOST}", user=True):
        headers = {"Authorization": f"Bearer {shop.bearer(resource, partner, user)}", "Host": HOST}
        return shop.send(method=method, url=path, headers=headers)

    return call


def queued(answer):
    assert answer.status_code == 202, answer.text
    (one,) = answer.json()["value"]
    return one


def rows(till, shop, path):
    """The lines of the file that an export ends in, without its header."""
    made = queued(till("POST", path))
    shop.advance("PT10S")
    (done,) = till("GET", f"{path.partition('?')[0]}/{made['requestId']}").json()["value"]
    assert done["status"] == "Completed"
    file = shop.send(method="GET", url=done["blobLocation"], headers={"Host": HOST})
    assert file.status_code == 200, file.text
    return file.text.splitlines()[1:]


def test_an_export_is_queued_processed_and_completed(till, shop, sample, misfits):
    text = "earningForDate ge 2026-01-01 and earningForDate le 2026-01-31"
    answer = till("POST", f"{EARNINGS}?$filter={text}&fileformat=csv")
    made = queued(answer)
    assert misfits(sample("create-earnings-export-request", 1), answer.json()) == []
    assert (made["status"], made["blobLocation"], made["requestPath"]) == ("Queued", "", EARNINGS)
    assert made["requestQueryString"] == text
    one = f"{EARNINGS}/{made['requestId']}"
    shop.advance("PT4S")
    assert till("GET", one).json()["value"][0]["status"] == "Queued"
    shop.advance("PT1S")
    assert till("GET", one).json()["value"][0]["status"] == "Processing"
    assert till("DELETE", one).status_code == 400, "not while it is being processed"
    shop.advance("PT10S")
    (done,) = till("GET", one).json()["value"]
    assert done["status"] == "Completed"
    file = shop.send(method="GET", url=done["blobLocation"], headers={"Host": HOST})
    assert file.headers["content-type"] == "text/csv"
    assert file.text.splitlines() == [
        "enrollmentParticipantId,engagementName,earningForDate,transactionAmount,earningAmount",
        "4847383,Azure CSP motion incentives,2026-01-31T00:00:00Z,2000,200.0",
    ]
    assert (till("DELETE", one).status_code, till("DELETE", one).status_code) == (200, 404)
    assert shop.send(method="GET", url=done["blobLocation"], headers={"Host": HOST}).status_code == 404


def test_filters_of_the_page(till, shop):
    def names(text):
        return [line.split(",")[1] for line in rows(till, shop, f"{EARNINGS}?$filter={text}")]

    assert names("enrollmentParticipantId=4847383 and transactionAmount ge 2000 and transactionAmount le 5000") == [
        "Azure CSP motion incentives",
        "Azure CSP and more",
    ]
    assert names("engagementName='Azure CSP and more'") == ["Azure CSP and more"]
    assert names("earningAmount lt 10") == ["Old motion"]
    assert names("") == ["Azure CSP motion incentives", "Azure CSP and more"], "three years without a filter"
    for text in ("magic eq 1", "earningForDate", "transactionAmount eq 'much'"):
        assert till("POST", f"{EARNINGS}?$filter={text}").status_code == 400, text
    assert till("POST", f"{EARNINGS}?fileformat=xlsx").status_code == 400


def test_payments_have_the_same_three_calls(till, shop):
    text = (
        "(enrollmentParticipantId eq '4847383') and (programName eq 'CSP Direct Bill Partner') and (paymentId eq '77')"
    )
    (line,) = rows(till, shop, f"{PAYMENTS}?$filter={text}&fileformat=tsv")
    assert line.split("\t") == [
        "4847383", "CSP Direct Bill Partner", "77", "REBATE", "2026-02-15T10:00:00Z", "609.5"
    ]  # fmt: skip  # the columns
    made = queued(till("POST", PAYMENTS))
    assert till("GET", f"{EARNINGS}/{made['requestId']}").status_code == 404, "of the other kind"
    assert till("DELETE", f"{PAYMENTS}/{made['requestId']}").status_code == 200, "queued ones can be deleted"
    missing = till("GET", f"{PAYMENTS}/{made['requestId']}")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "itemNotFound")


def test_links_expire_and_belong_to_one_file(till, shop):
    made = queued(till("POST", EARNINGS))
    shop.advance("PT10S")
    link = till("GET", f"{EARNINGS}/{made['requestId']}").json()["value"][0]["blobLocation"]

    def status(url):
        return shop.send(method="GET", url=url, headers={"Host": HOST}).status_code

    assert status(link[:-1] + ("0" if link[-1] != "0" else "1")) == 403
    assert status(link.split("?")[0]) == 403
    assert status(link.replace("se=20", "se=30")) == 403
    shop.advance("PT61M")
    assert status(link) == 410
    again = till("GET", f"{EARNINGS}/{made['requestId']}").json()["value"][0]["blobLocation"]
    assert status(again) == 200, "each look at the request gives a fresh link"


def test_exports_belong_to_a_partner_and_take_tokens_of_both_hosts(till):
    made = queued(till("POST", EARNINGS, user=False))
    one = f"{EARNINGS}/{made['requestId']}"
    assert till("GET", one, resource="https://api.partnercenter.microsoft.com").status_code == 200
    assert till("GET", one, partner=THEIRS).status_code == 404
    assert till("GET", one, resource="https://graph.microsoft.com").status_code == 401


def test_rows_that_cannot_be_seeded(shop):
    bad = ({"earningAmount": 1}, {"earningForDate": "soon"}, {"earningForDate": "2026-01-01", "earningAmount": "1"})
    for entry in bad:
        assert shop.control("POST", "seed", {"earnings": [{"partner": OURS, **entry}]}).status_code == 400
