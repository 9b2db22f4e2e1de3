"""Read the sample dossier anew, or say how many of its readings are not what this reader makes.

python -m evaluation.sample [--check]
"""

from __future__ import annotations

import argparse
import json

from dragoman.ingest import read_whole
from dragoman.ontology import load_ontology
from dragoman.reader import Reader
from dragoman.record import Document
from dragoman.sample import KNOWLEDGE, Reading, inputs, readings, write_readings


def made() -> list[Reading]:
    """The readings that this reader makes of the sample."""
    reader = Reader(ontology=load_ontology(extra=KNOWLEDGE))
    texts = [i.outcome for i in inputs() if isinstance(i.outcome, Document)]
    return [Reading(*read_whole(reader, text)) for text in texts]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    now = made()
    if not options.check:
        write_readings(iter(now))
    stale = sum(
        (a.record.to_json(), a.gists) != (b.record.to_json(), b.gists)
        for a, b in zip(now, readings(), strict=True)
    )
    rows = {
        "reports": len(now),
        "statements": sum(len(r.record.statements) for r in now),
        "events": sum(len(r.record.events) for r in now),
        "stale": stale,
    }
    print(json.dumps(rows))
    raise SystemExit(bool(stale))


if __name__ == "__main__":
    main()
