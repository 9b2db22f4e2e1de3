"""Measuring: metrics, the evaluation, the gate with pinned floors, probes. Not in the wheel."""
