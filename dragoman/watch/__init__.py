"""Follows feeds for ever: ``listing`` says which, ``plan`` when, ``work`` does it, ``lead`` lets one process do it,
``health`` tells how it is.
"""
