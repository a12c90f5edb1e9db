"""Seed documents and made-up fleets."""
