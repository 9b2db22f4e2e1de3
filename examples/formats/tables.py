"""Who demands what of whom, and how often: the folder of `dragoman export parquet` with pandas and with DuckDB.

python tables.py press/
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pandas


def demands(folder: Path) -> pandas.DataFrame:
    """Every demand with its words, in the order of days."""
    columns = ["article", "day", "party_name", "target_names", "quote"]
    said = [("act", "==", "demand"), ("status", "==", "said")]
    found = pandas.read_parquet(folder / "statements", columns=columns, filters=said)
    return found.sort_values(["day", "article"], ignore_index=True)


def by_issue(folder: Path) -> pandas.DataFrame:
    """How often each party speaks of each issue, month by month."""
    statements = folder / "statements" / "**" / "*.parquet"
    return duckdb.execute(
        """
        select year, month, party_name, issue, count(*) as times
        from (
            select year, month, party_name, unnest(issues) as issue
            from read_parquet($1, hive_partitioning = true)
            where status = 'said'
        )
        group by all
        order by year, month, times desc, party_name, issue
        """,
        [str(statements)],
    ).df()


def in_context(folder: Path, *, around: int = 30) -> pandas.DataFrame:
    """Each event's words with those beside them; none where the texts were left out."""
    events = pandas.read_parquet(folder / "events", columns=["article", "type", "start", "end"])
    texts = pandas.read_parquet(folder / "articles", columns=["id", "text"])
    found = events.merge(texts.dropna(), left_on="article", right_on="id")
    found["words"] = [
        " ".join(text[max(0, start - around) : end + around].split())
        for text, start, end in zip(found["text"], found["start"], found["end"], strict=True)
    ]
    return found[["article", "type", "words"]]


if __name__ == "__main__":
    for table in (demands, by_issue, in_context):
        sys.stdout.write(f"{table.__doc__}\n{table(Path(sys.argv[1])).to_string(index=False)}\n\n")
