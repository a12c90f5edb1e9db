"""What the emulated service charges: charge lines, invoices, statements, reconciliation exports."""
