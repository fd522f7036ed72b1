"""One module per feature; importing this package fills the registry."""
