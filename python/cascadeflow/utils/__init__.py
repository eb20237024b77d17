"""Presets and small tools."""
