"""Sends every documented exchange to an embedded emulator over HTTP and compares the raw JSON (a developer's tool)."""
