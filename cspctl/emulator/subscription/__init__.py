"""Subscriptions: what they say, and the PATCH that changes them."""
