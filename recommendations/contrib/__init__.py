"""Ready-made adapters for shops that many projects are built on."""
