"""Catalogue, prices, carts and orders."""
