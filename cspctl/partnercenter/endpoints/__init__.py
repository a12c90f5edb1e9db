"""One module per API resource: what can be asked and how, without decisions."""
