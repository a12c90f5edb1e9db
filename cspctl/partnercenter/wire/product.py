"""Products. Source: Partner Center docs, page product-resources (Oct 2023)."""

from __future__ import annotations

from cspctl.partnercenter.wire.body import Body, Flag, Text
from cspctl.partnercenter.wire.link import Resource


class ProductSubType(Body):
    id: Text | None = None
    display_name: Text | None = None


class ProductKind(Body):
    """New commerce licences are `OnlineServicesNCE` and have no subType."""

    id: Text | None = None
    display_name: Text | None = None
    sub_type: ProductSubType | None = None


class Product(Resource):
    id: Text | None = None
    title: Text | None = None
    description: Text | None = None
    product_type: ProductKind | None = None
    is_microsoft_product: Flag | None = None
    publisher_name: Text | None = None
