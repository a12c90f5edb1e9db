"""JSON bodies of Partner Center, one module per API resource. Reading and writing back loses nothing."""
