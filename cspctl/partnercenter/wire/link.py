"""`links` and `attributes`, which nearly every resource carries."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from cspctl.partnercenter.wire.body import Body, Text


class LinkHeader(Body):
    key: Text | None = None
    value: Text | None = None


class Link(Body):
    """`uri` is host-relative, mostly without `/v1`, in some samples with it."""

    uri: Text | None = None
    method: Text | None = None
    headers: list[LinkHeader] | None = None


class Attributes(Body):
    etag: Text | None = None
    object_type: Text | None = None


class Resource(Body):
    """What resources have in common."""

    links: dict[str, Link] | None = Field(default=None)
    attributes: Attributes | None = None

    def link(self, name: str) -> Link | None:
        """A link by name, whatever case it came in."""
        return find(self.links or {}, name)

    @property
    def etag(self) -> str | None:
        return self.attributes.etag if self.attributes else None


def find(links: Mapping[str, Link], name: str) -> Link | None:
    wanted = name.casefold()
    return next((link for key, link in links.items() if key.casefold() == wanted), None)
