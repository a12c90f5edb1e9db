"""Leads and co-sell opportunities of a partner, on the host of prices and referrals."""
