"""Who a partner deals with: customers, resellers, its own profiles, admin access, users, and what it reports on."""
