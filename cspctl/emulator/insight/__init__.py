"""Figures derived from what is stored: analytics and service costs."""
