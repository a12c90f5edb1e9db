"""Exports of earnings and payments, on the host of prices and referrals."""
