"""A press archive is read in shards: the same bytes for any engine and number of workers, and nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.invented import MADE_BY, open_worker, read, write_corpus
from dragoman.cli import cli
from dragoman.corpus import (
    Crew,
    Manifest,
    Progress,
    Settings,
    check_sources,
    default_engine,
    files,
    load,
    plan,
    read_manifest,
    run,
    verify,
    work,
)
from dragoman.corpus.engines import Engine
from dragoman.corpus.files import hold
from dragoman.corpus.manifest import Piece, to_json
from dragoman.corpus.pieces import read_piece
from dragoman.corpus.sources import fitting, look, share
from dragoman.errors import DragomanError
from dragoman.extract import find_inputs
from dragoman.ingest import Account, add
from dragoman.query import audit
from dragoman.record import Document, Labelled, Record
from dragoman.store import open_store

ROOT = Path(__file__).parents[1]
SMALL = Settings(shard_bytes=6_000, seconds=60)
REPORTS = 24
RAY = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "RAY_AUTH_MODE": "disabled"}
"""Nodes of this machine alone; a cluster of a site has the tokens of that site."""


def go(folder: Path, engine: str = "pool", workers: int = 2, **crew: Any) -> Progress:
    """Have a planned corpus read by the invented reader."""
    made = Crew(engine, workers, open_worker=open_worker, **crew)  # type: ignore[arg-type]
    *_, last = run(folder, made)
    return last


def digest(folder: Path) -> str:
    """One digest over the names and bytes of all files."""
    found = sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("archive") / "press.jsonl", REPORTS)


@pytest.fixture(scope="module")
def quiet(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, read by one worker without a disturbance."""
    folder = tmp_path_factory.mktemp("quiet") / "out"
    plan([str(archive)], folder, SMALL, MADE_BY)
    last = go(folder, workers=1)
    assert last.shards == last.of > 3
    assert last.counts == {"read": REPORTS}
    return folder


@pytest.fixture
def planned(archive: Path, tmp_path: Path) -> Path:
    plan([str(archive)], tmp_path / "out", SMALL, MADE_BY)
    return tmp_path / "out"


# --- shards ---------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.integers(0, 60), max_size=30), end=st.sampled_from(["", "\n"]), size=st.integers(1, 200)
)
def test_the_parts_of_a_file_of_rows_are_the_file(
    rows: list[int], end: str, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    lines = [json.dumps({"id": f"{n}", "text": "é" * length}) for n, length in enumerate(rows)]
    path.write_text("\n".join(lines) + end, "utf8")
    source, cuts = look(str(path), "jsonl", size)
    found = [
        each
        for cut in cuts
        for each in read_piece(source, Piece(0, cut.start, cut.end, cut.row), published=None)
    ]
    assert _plain(found) == _plain(find_inputs([str(path)]))
    assert sum(cut.bytes for cut in cuts) == source.bytes == path.stat().st_size


def _plain(found: Any) -> list[Any]:
    return [(i.place, i.data, str(i.outcome)) for i in found]


def test_parquet_is_cut_between_row_groups(tmp_path: Path) -> None:
    import pyarrow

    path = tmp_path / "press.parquet"
    table = pyarrow.table(
        {"id": [str(n) for n in range(40)], "text": [f"Talks day {n}. " * 9 for n in range(40)]}
    )
    parquet.write_table(table, path, row_group_size=8)
    source, cuts = look(str(path), "parquet", 1)
    assert [(cut.start, cut.end) for cut in cuts] == [(n, n + 8) for n in range(0, 40, 8)]
    found = [each for cut in cuts for each in read_piece(source, Piece(0, cut.start, cut.end, cut.row))]
    assert _plain(found) == _plain(find_inputs([str(path)]))


def test_small_files_share_a_shard_and_other_files_are_named(tmp_path: Path) -> None:
    for n in range(6):
        (tmp_path / f"{n}.txt").write_text(f"Ostrania said report {n} was false.", "utf8")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    manifest = plan([str(tmp_path)], tmp_path.parent / "shared", Settings(shard_bytes=80), MADE_BY)
    assert [len(shard.pieces) for shard in manifest.shards] == [2, 2, 3]
    png = next(n for n, source in enumerate(manifest.sources) if source.form is None)
    (found,) = read_piece(manifest.sources[png], Piece(png))
    assert "the suffix is none of" in str(found.outcome)


def test_the_size_of_a_shard_follows_from_the_corpus_alone() -> None:
    assert [fitting(n) for n in (1_000, 64_000_000, 10**12)] == [256_000, 1_000_000, 4_000_000]
    assert share([], 100) == []


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nothing.jsonl", "no such file"),
        ("-", "standard input"),
        ("empty", "holds no files"),
        ("nosuch://a/b", "nosuch"),
    ],
)
def test_a_source_that_is_not_there_stops_the_plan(tmp_path: Path, source: str, says: str) -> None:
    (tmp_path / "empty").mkdir()
    name = source if source == "-" or "://" in source else str(tmp_path / source)
    with pytest.raises(DragomanError, match=says):
        plan([name], tmp_path / "out", SMALL, MADE_BY)
    assert not (tmp_path / "out").exists()


def test_sources_can_lie_at_an_address(archive: Path, quiet: Path, tmp_path: Path) -> None:
    manifest = plan([f"file://{archive}"], tmp_path / "out", SMALL, MADE_BY)
    (there,), (here,) = manifest.sources, read_manifest(quiet).sources
    assert (there.sha256, there.bytes) == (here.sha256, here.bytes)
    pieces = [piece for shard in manifest.shards for piece in shard.pieces]
    assert len(pieces) > 3
    told = [(i.data, i.outcome) for piece in pieces for i in read_piece(there, piece)]
    assert told == [(i.data, i.outcome) for i in find_inputs([str(archive)])]


# --- the same bytes -------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Daft leaves pipes for the collector
@pytest.mark.parametrize(("engine", "workers"), [("pool", 4), ("daft", 2)])
def test_any_engine_and_number_of_workers_gives_the_same_bytes(
    engine: str, workers: int, planned: Path, quiet: Path
) -> None:
    go(planned, engine, workers)
    assert digest(planned) == digest(quiet)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Two Ray nodes on this machine."""
    pytest.importorskip("ray")
    command = [str(Path(sys.executable).with_name("ray"))]
    size = ["--num-cpus=1", "--object-store-memory=80000000", "--disable-usage-stats"]
    port = 20_000 + os.getpid() % 20_000
    quietly: dict[str, Any] = {"check": True, "capture_output": True, "env": RAY}
    head = ["start", "--head", f"--port={port}", "--include-dashboard=false"]
    try:
        subprocess.run([*command, *head, *size], **quietly)
        subprocess.run([*command, "start", f"--address=127.0.0.1:{port}", *size], **quietly)
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run([*command, "stop", "--force"], **quietly)


@pytest.mark.slow
def test_a_ray_cluster_of_two_nodes_gives_the_same_bytes(planned: Path, quiet: Path, cluster: str) -> None:
    script = (
        "import sys; from pathlib import Path; from dragoman.corpus import Crew, run;"
        "from benchmarks.invented import open_worker;"
        "*_, last = run(Path(sys.argv[1]), Crew('ray', 2, sys.argv[2], open_worker)); print(last.shards)"
    )
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(planned), cluster],
        cwd=ROOT,
        env=RAY,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    assert digest(planned) == digest(quiet)


@pytest.mark.parametrize("engine", ["daft"])
def test_a_run_that_was_killed_goes_on_where_it_was(engine: str, planned: Path, quiet: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from dragoman.corpus import Crew, run;"
        "from benchmarks.invented import open_worker;"
        "[None for _ in run(Path(sys.argv[1]), Crew(sys.argv[2], 1, None, open_worker))]"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", script, str(planned), engine], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not list((planned / "shards").glob("0*.json")) and time.monotonic() < deadline:
        time.sleep(0.01)
    driver.kill()
    driver.wait()
    before = len(list((planned / "shards").glob("0*.json")))
    assert before
    last = go(planned)
    assert last.shards == last.of
    assert digest(planned) == digest(quiet)


# Daft leaves the pipe of a lost one
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("engine", ["pool", "daft"])
def test_a_worker_that_is_killed_costs_its_shard_only(engine: Engine, planned: Path, quiet: Path) -> None:
    killer = threading.Thread(target=_kill_a_worker, args=(planned,), daemon=True)
    killer.start()
    seen = list(run(planned, Crew(engine, 2, open_worker=slow_worker)))
    killer.join()
    assert seen[-1].lost
    assert seen[-1].shards == seen[-1].of
    assert digest(planned) == digest(quiet)


def test_a_folder_has_one_driver(planned: Path) -> None:
    with hold(planned), pytest.raises(DragomanError, match="another run is at work in this folder"):
        go(planned)
    assert go(planned).shards > 3


def test_a_shard_whose_files_are_taken_away_is_not_told_as_done(
    planned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken_away(path: Path, *told: object, **options: object) -> None:
        shutil.rmtree(path.parents[1])

    monkeypatch.setattr(work, "write_inputs", taken_away)
    with pytest.raises(FileNotFoundError):
        open_worker(str(planned))(0)
    assert not (planned / "shards").exists()


def slow_worker(folder: str) -> Callable[[int], int]:
    """A worker that is still at a shard when it is killed, and that can be found by its file."""
    worker = open_worker(folder)
    (Path(folder).parent / f"{os.getpid()}.pid").touch()

    def read_slowly(number: int) -> int:
        time.sleep(0.3)
        return worker(number)

    return read_slowly


def _kill_a_worker(planned: Path) -> None:
    """Kill the first process that reads shards, at its first."""
    while not (found := list(planned.parent.glob("*.pid"))):
        time.sleep(0.01)
    os.kill(int(found[0].stem), signal.SIGKILL)


# --- documents that break their reader -------------------------------------------------------------------------------


def test_a_report_that_takes_its_reader_along_is_quarantined_and_the_others_are_read(tmp_path: Path) -> None:
    broken = {3: "crash", 8: "hang", 17: "swell"}
    path = write_corpus(tmp_path / "press.jsonl", 20, broken)
    folder = tmp_path / "out"
    plan([str(path)], folder, Settings(shard_bytes=12_000, seconds=1, memory=1 << 30), MADE_BY)
    last = go(folder)
    assert last.counts == {"read": 17, "quarantined": 3}
    assert last.refused == {"killed": 1, "too_slow": 1, "memory": 1}
    rows = parquet.read_table(folder / "inputs").to_pylist()
    told = {row["place"].rpartition(":")[2]: row for row in rows if row["outcome"] == "quarantined"}
    assert sorted(told) == ["18", "4", "9"]
    assert "took the reader along twice" in told["4"]["reason"]
    text = json.loads(told["4"]["raw"])["text"]
    assert sha256(text.encode()).hexdigest() in told["4"]["reason"]


# --- proof ----------------------------------------------------------------------------------------------------------


def test_a_corpus_that_is_whole_has_no_fault(quiet: Path) -> None:
    assert list(verify(quiet)) == []


def test_every_fault_is_named(quiet: Path, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(quiet, folder)
    changed = folder / "records" / "part-00001.jsonl.gz"
    changed.write_bytes(changed.read_bytes()[:-1] + b"!")
    (folder / "inputs" / "part-00000.parquet").unlink()
    (folder / "notes.txt").write_text("mine", "utf8")
    (folder / "shards" / "00002.json").unlink()
    said = {(fault.name, fault.what) for fault in verify(folder)}
    assert ("records/part-00001.jsonl.gz", "changed since it was written") in said
    assert ("inputs/part-00000.parquet", "missing") in said
    assert ("notes.txt", "belongs to no shard") in said
    assert ("shards/00002.json", "missing: the shard is not done") in said
    assert ("summary.json", "does not add up with the shards") in said
    go(folder, workers=1)
    assert not list((folder / "shards").glob("*.tmp"))
    assert (folder / "shards" / "00002.json").exists()


def test_a_source_that_changed_is_named_and_not_gone_on_with(tmp_path: Path) -> None:
    path = write_corpus(tmp_path / "press.jsonl", 4)
    folder = tmp_path / "out"
    manifest = plan([str(path)], folder, SMALL, MADE_BY)
    go(folder)
    path.write_text(path.read_text("utf8").replace("must", "will"), "utf8")
    assert [fault.what for fault in verify(folder)] == ["the source has changed"]
    with open(path, "a", encoding="utf8") as file:
        file.write("\n")
    with pytest.raises(DragomanError, match="not as it was"):
        check_sources(manifest)


def test_another_run_does_not_go_into_the_same_folder(archive: Path, planned: Path, tmp_path: Path) -> None:
    assert isinstance(plan([str(archive)], planned, SMALL, MADE_BY), Manifest)
    with pytest.raises(DragomanError, match="holds another run"):
        plan([str(archive)], planned, Settings(shard_bytes=5_000), MADE_BY)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("…", "utf8")
    with pytest.raises(DragomanError, match="is no corpus"):
        plan([str(archive)], tmp_path / "mine", SMALL, MADE_BY)


# --- the whole ------------------------------------------------------------------------------------------------------


def test_copies_and_happenings_are_told_over_all_shards(tmp_path: Path) -> None:
    rows = [
        json.loads(line) for line in write_corpus(tmp_path / "a.jsonl", 12).read_text("utf8").splitlines()
    ]
    rows.append({**rows[0], "publisher": "Another outlet"})  # the same story once more, in another shard
    path = tmp_path / "press.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    folder = tmp_path / "out"
    plan([str(path)], folder, SMALL, MADE_BY)
    go(folder)
    copies = parquet.read_table(folder / "copies.parquet").to_pylist()
    assert sorted(row["copies"] for row in copies) == [1] * 11 + [2, 2]
    (copy,) = [row for row in copies if row["shard"] != row["cluster_shard"]]
    assert copy["article"] == copy["cluster"] == rows[0]["id"]
    told = parquet.read_table(folder / "happenings.parquet").to_pylist()
    assert len(told) == sum(len(_record(row).events) for row in rows)
    twice = [row for row in told if row["article"] == rows[0]["id"]]
    assert all(row["mentions"] >= 2 > row["reports"] for row in twice)


def _record(row: dict[str, Any]) -> Record:
    from benchmarks.invented import record

    return record(int(row["id"][1:]))


class InventedReader:
    """The reader of the invented reports, as an ingest wants it."""

    made_by = MADE_BY

    def label(self, documents: list[Document]) -> list[Labelled]:
        return [Labelled(document, (), ()) for document in documents]

    def compose(self, labelled: Labelled) -> Record:
        made = read(labelled.document)
        assert isinstance(made, tuple)
        return made[0]


def test_a_loaded_corpus_is_the_store_that_adding_would_have_made(
    archive: Path, quiet: Path, tmp_path: Path
) -> None:
    with open_store(tmp_path / "added.db", create=True) as store:
        reader: Any = InventedReader()
        for _ in add(store, find_inputs([str(archive)]), reader):
            pass
        with store.view() as view:
            wanted = list(view.dump())
    account = Account()
    with open_store(tmp_path / "loaded.db", create=True) as store:
        for _ in load(quiet, store, account=account):
            pass
        with store.view() as view:
            assert list(view.dump()) == wanted
            assert all(row["holds"] for row in audit(view))
    assert account.to_dict() == {
        "given": REPORTS,
        "read": REPORTS,
        "known": 0,
        "skipped": 0,
        "quarantined": 0,
    }


def test_a_corpus_that_is_not_done_is_not_loaded(planned: Path, tmp_path: Path) -> None:
    with (
        open_store(tmp_path / "press.db", create=True) as store,
        pytest.raises(DragomanError, match="shards are not done"),
    ):
        next(load(planned, store))


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_commands_from_sources_to_a_store(tmp_path: Path) -> None:
    path = tmp_path / "press.jsonl"
    texts = [
        "Ostrania denied on Tuesday that it had moved troops.",
        "Lomira accused Ostrania of an attack.",
        " ",
    ]
    path.write_text(
        "".join(json.dumps({"id": f"n{i}", "text": t}) + "\n" for i, t in enumerate(texts)), "utf8"
    )
    out, store = str(tmp_path / "out"), str(tmp_path / "press.db")
    runner = CliRunner()
    made = runner.invoke(
        cli, ["corpus", "run", str(path), "--out", out, "--engine", "pool", "--workers", "1"]
    )
    assert made.exit_code == 3, made.output
    assert "read 2, skipped 1, quarantined 0 of 3 (empty 1); shards 1 of 1" in made.output
    again = runner.invoke(cli, ["corpus", "resume", out, "--quiet"])
    assert (again.exit_code, again.output) == (3, "")
    proof = runner.invoke(cli, ["corpus", "verify", out])
    assert (proof.exit_code, proof.output) == (0, "all is as it was written\n")
    loaded = runner.invoke(cli, ["corpus", "load", out, "--store", store])
    assert "read 2, known 0, skipped 1, quarantined 0 of 3" in loaded.output
    asked = runner.invoke(cli, ["statements", "--store", store, "--format", "jsonl"])
    assert {json.loads(line)["act"] for line in asked.output.splitlines()} >= {"deny", "accuse"}


def test_a_corpus_keeps_the_size_it_was_planned_with(tmp_path: Path) -> None:
    path, out = tmp_path / "press.jsonl", tmp_path / "out"
    path.write_text(json.dumps({"id": "n1", "text": "Ostrania denied that it had moved troops."}), "utf8")
    crew = ("--engine", "pool", "--workers", "1", "--quiet")
    runner = CliRunner()
    begin = ["corpus", "run", str(path), "--out", str(out), *crew]
    made = runner.invoke(cli, [*begin, "--size", "small"])
    assert made.exit_code == 0, made.output
    manifest = read_manifest(out)
    assert manifest.made_by.model.endswith("-small")
    assert json.loads((out / "manifest.json").read_bytes())["settings"]["size"] == "small"
    (out / "shards" / "00000.json").unlink()
    again = runner.invoke(cli, ["corpus", "resume", str(out), *crew])
    assert again.exit_code == 0, again.output
    (line,) = gzip.decompress((out / "records" / "part-00000.jsonl.gz").read_bytes()).splitlines()
    assert json.loads(line)["made_by"]["model"] == manifest.made_by.model
    other = runner.invoke(cli, begin)
    assert other.exit_code == 5
    assert "holds another run" in other.output


def test_a_corpus_of_before_there_were_sizes_was_read_in_full_and_stays_proved(
    quiet: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    shutil.copytree(quiet, folder)
    here = folder / "manifest.json"
    told = json.loads(here.read_bytes())
    assert told["settings"].pop("size") == "full"
    here.write_bytes(to_json(told))
    assert read_manifest(folder) == read_manifest(quiet)
    fault = "belongs to another manifest"
    marks = sorted((folder / "shards").iterdir())
    assert [f.what for f in verify(folder) if f.what == fault] == [fault] * len(marks)
    for mark in marks:
        found = json.loads(mark.read_bytes()) | {"manifest": files.digest(here)}
        mark.write_bytes(to_json(found))
    assert not [f for f in verify(folder) if f.what == fault]


def test_a_fault_ends_the_proof_with_five(quiet: Path, tmp_path: Path) -> None:
    shutil.copytree(quiet, tmp_path / "out")
    (tmp_path / "out" / "copies.parquet").unlink()
    proof = CliRunner().invoke(cli, ["corpus", "verify", str(tmp_path / "out")])
    assert proof.exit_code == 5
    assert "copies.parquet: missing\n" in proof.output


def test_what_is_no_corpus_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for command in ("resume", "verify"):
        said = CliRunner().invoke(cli, ["corpus", command, str(tmp_path / "mine")])
        assert said.exit_code == 5
        assert "no corpus here: manifest.json is missing" in said.output


def test_daft_is_the_engine_where_it_is_installed() -> None:
    assert default_engine() == "daft"
