"""A pin on one price sheet file."""
