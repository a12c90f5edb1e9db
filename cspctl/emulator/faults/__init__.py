"""Faults and the named scenarios made of them."""
