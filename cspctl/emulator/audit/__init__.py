"""Audit records: written with every change, read with filters."""
