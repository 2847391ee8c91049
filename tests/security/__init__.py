"""What nobody may see, run, or be served: checked over every route and in a real browser."""
