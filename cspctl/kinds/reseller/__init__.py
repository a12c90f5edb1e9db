"""A Partner Center account, or an indirect reseller below one."""
