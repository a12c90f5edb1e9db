"""What the passing of virtual time does to subscriptions: renewals, charge cycles, endings, extended service."""
