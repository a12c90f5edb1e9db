"""Offers, orders and subscriptions of the time before new commerce."""
