"""Who is told about what, and when."""
