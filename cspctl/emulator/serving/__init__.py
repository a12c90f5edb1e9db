"""Sockets, TLS and the tunnel; from the bytes of a request to its handler and back."""
