"""Configuration, results, usage and errors."""
