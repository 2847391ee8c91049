"""The REST API: strict input, problem details for every error, answers of the selectors."""
