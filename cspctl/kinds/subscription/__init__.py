"""One document, one live subscription."""
