"""Promises of the store and its surroundings, each put to the test by doing the worst to it many times.

One file for each promise, each with a ``keep`` that does the worst ``count`` times, counts what it met, and raises
Broken where the promise does not hold. ``python -m benchmarks.torture`` runs them and writes the results.
"""
