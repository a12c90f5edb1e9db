"""Webhooks: one registration per partner, signed delivery to loopback targets."""
