"""The command line. Results go to standard output, everything else to standard error; exit codes are in ``base``."""

from dragoman.cli import doctor, read, serve, store
from dragoman.cli.base import cli, main

__all__ = ["cli", "doctor", "main", "read", "serve", "store"]
