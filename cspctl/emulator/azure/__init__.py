"""The Azure plan and what belongs to it: entitlements, registrations, overage, budgets, usage, upgrades."""
