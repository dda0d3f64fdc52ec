"""Measurements of speed and size: figures of the machine they run on, never a test."""
