"""The sign-in hosts: token routes, metadata, tokens."""
