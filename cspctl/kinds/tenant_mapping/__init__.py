"""A customer tenant under a reseller."""
