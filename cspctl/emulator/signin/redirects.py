"""How the sign-in page hands its answer to an application: in the query, the fragment, or a form that posts itself."""

from __future__ import annotations

import html
from urllib.parse import urlencode

from cspctl.emulator.context import Answer


def sent_back(redirect: str, fields: dict[str, str], mode: str) -> Answer:
    """`mode` is the request's response_mode; an unknown one is answered in the query."""
    if mode == "form_post":
        return _form_post(redirect, fields)
    mark = "#" if mode == "fragment" else "&" if "?" in redirect else "?"
    return Answer(302, None, {"Location": redirect + mark + urlencode(fields)})


def _form_post(redirect: str, fields: dict[str, str]) -> Answer:
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    page = (
        '<!doctype html><html><body onload="document.forms[0].submit()">'
        f'<form method="post" action="{html.escape(redirect)}">{inputs}'
        "<noscript><button>Continue</button></noscript></form></body></html>"
    )
    return Answer(200, None, {"Content-Type": "text/html; charset=utf-8"}, raw=page.encode())
