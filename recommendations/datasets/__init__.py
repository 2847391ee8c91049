"""The only bridge between a shop's rows and the engine's arrays."""
