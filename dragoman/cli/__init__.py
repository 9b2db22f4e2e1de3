"""The command line. Results go to standard output, everything else to standard error; exit codes are in ``base``."""

from dragoman.cli import audit, corpus, doctor, export, imports, read, serve, store, watch
from dragoman.cli.base import cli, main

__all__ = ["audit", "cli", "corpus", "doctor", "export", "imports", "main", "read", "serve", "store", "watch"]
