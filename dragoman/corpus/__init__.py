"""A corpus of any size → records, tables and an account, on one machine or many.

``plan`` looks at the sources and writes the manifest; ``run`` reads the shards that are missing, however often it is
begun; ``verify`` proves what is there; ``load`` puts it into a store. The same sources, settings and reader give the
same bytes, whatever the engine, the number of workers and what was killed on the way. A folder holds:

=============================  =================================================================================
manifest.json                  sources with digests, shards, reader, settings; written first, never changed
records/part-00000.jsonl.gz    the records of a shard, in the order of its inputs
TABLE/year=…/part-00000.…      the same as tables (``dragoman.export.parquet``), a file for each shard and year
inputs/part-00000.parquet      the account: what every input became; its bytes, signature and gists
shards/00000.json              written last: counts of the shard and the digest of each of its files
copies.parquet                 for every article the one that stands for its cluster of copies
happenings.parquet             for every event the happening it tells, and how many tell it
summary.json                   counts of the whole and the digest of the corpus
=============================  =================================================================================
"""

from dragoman.corpus.engines import ENGINES, Crew, Engine, default_engine
from dragoman.corpus.job import Progress, check_sources, plan, run
from dragoman.corpus.loading import load
from dragoman.corpus.manifest import Manifest, Settings, read_manifest
from dragoman.corpus.proof import Fault, verify

__all__ = [
    "ENGINES",
    "Crew",
    "Engine",
    "Fault",
    "Manifest",
    "Progress",
    "Settings",
    "check_sources",
    "default_engine",
    "load",
    "plan",
    "read_manifest",
    "run",
    "verify",
]
