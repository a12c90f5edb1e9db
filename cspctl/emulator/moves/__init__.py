"""Subscriptions that become others: transitions, migrations, transfers."""
