"""Links to agreement documents: made for five minutes, opened without a token of the API.

Source: Partner Center docs, page get-agreement-template-document (Oct 2023): a Word file, a new link per call. The text
is not the vendor's: the file says what it stands for. 403 behind an old or changed link is (impl.).
"""

from __future__ import annotations

import hmac
import io
import secrets
import zipfile
from datetime import datetime
from xml.sax.saxutils import escape

from starlette.requests import Request

from cspctl.emulator.clock import VirtualClock, format_instant, parse_instant
from cspctl.emulator.context import Answer
from cspctl.emulator.errors import ApiError
from cspctl.emulator.store import Store

PATH = "/agreementdocuments/{template}/{language}/{country}/{name}"
_KEY = "_agreement_link_key"  # the underscore keeps it out of dumps
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/officeDocument/2006/relationships/officeDocument"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes at every call


def links(store: Store, base: str, names: tuple[str, str, str], until: datetime) -> dict[str, str]:
    """`displayUri` and `downloadUri` of a template in a language for a country, good until an instant."""
    number, end = store.next_number("agreement-link"), format_instant(until)
    query = f"number={number}&until={end}&sig={_signature(store, (*names, str(number), end))}"
    root = f"{base}/agreementdocuments/{'/'.join(names)}"
    return {"displayUri": f"{root}/view.html?{query}", "downloadUri": f"{root}/agreement.docx?{query}"}


def _signature(store: Store, parts: tuple[str, ...]) -> str:
    key = store.meta(_KEY)
    if key is None:
        key = secrets.token_hex(32)
        store.set_meta(_KEY, key)
    return hmac.digest(str(key).encode(), "\n".join(parts).encode(), "sha256").hex()


class AgreementDocuments:
    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self._store, self._clock = store, clock

    async def open(self, request: Request) -> Answer:
        """The file, or a page that shows its text. Raises 403 for a link that is old or not one of ours."""
        names = tuple(request.path_params[name] for name in ("template", "language", "country"))
        given = {name: request.query_params.get(name, "") for name in ("number", "until", "sig")}
        expected = _signature(self._store, (*names, given["number"], given["until"]))
        if not hmac.compare_digest(given["sig"].encode(), expected.encode()):
            raise ApiError(403, 403, "The link does not open this document.")
        if self._clock.now() > parse_instant(given["until"]):
            raise ApiError(403, 403, "The link has expired; ask for a new one.")
        text = f"Agreement template {names[0]} in {names[1]} for {names[2]}, as an emulator has it."
        if request.path_params["name"].lower() == "view.html":
            page = f"<!doctype html><html><body><p>{escape(text)}</p></body></html>"
            return Answer(200, None, {"Content-Type": "text/html; charset=utf-8"}, raw=page.encode())
        return Answer(200, None, {"Content-Type": _WORD}, raw=_word(text))


def _word(text: str) -> bytes:
    """A Word file of one paragraph."""
    kind = _WORD.removesuffix(".document")
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_MAIN}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_OFFICE}/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        f"<w:t>{escape(text)}</w:t></w:r></w:p></w:body></w:document>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            declared = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{body}'
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), declared)
    return buffer.getvalue()
