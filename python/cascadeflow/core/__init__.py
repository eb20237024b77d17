"""Batches and cascades."""
