"""System checks of the contract with the shop."""
