"""Same input, same version: same labels and same bytes, whatever stands beside it and however many threads work."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from dragoman.model import BUNDLE, GRAPHS
from dragoman.reader import Reader
from dragoman.record import Document

pytestmark = pytest.mark.skipif(
    not (BUNDLE / "manifest.json").is_file(), reason="no weights: dragoman/weights holds no bundle"
)

ROOT = Path(__file__).resolve().parents[1]
SHORT = (
    "Korvania denied attacking Selmora.",
    "If Selmora attacks, Korvania will help, its president said.",
    "The minister did not meet the envoy.",
    "“We will not move a single soldier,” Marshal Odo Tarn told parliament on Friday.",
    "Talks.",
)


def documents() -> list[Document]:
    """Texts of very different lengths: one word, one sentence, whole reports, and a report of many windows."""
    reports = [p.read_text("utf8") for p in sorted((ROOT / "examples").glob("*.txt"))]
    texts = [*SHORT, *reports[:3], "\n\n".join([*SHORT, *reports])]
    return [Document(f"d{i}", text, published="2031-05-13") for i, text in enumerate(texts)]


def lines(reader: Reader, inputs: list[Document], batch: int = 8) -> dict[str, str]:
    return {record.document.id: record.to_json() for record in reader.pipe(inputs, batch=batch)}


@pytest.fixture(scope="module", params=GRAPHS)
def reader(request: pytest.FixtureRequest) -> Reader:
    return Reader(size=request.param, threads=1)


@pytest.fixture(scope="module")
def alone(reader: Reader) -> dict[str, str]:
    """Each document read by itself."""
    return {document.id: reader.read(document).to_json() for document in documents()}


@pytest.mark.parametrize("reader", ["full"], indirect=True)
def test_the_texts_give_something_to_differ_in(alone: dict[str, str]) -> None:
    records = [json.loads(line) for line in alone.values()]
    assert sum(len(r["statements"]) for r in records) >= 10
    assert sum(len(r["events"]) for r in records) >= 3


@pytest.mark.parametrize("batch", [1, 8, 64])
def test_batch_size_changes_nothing(reader: Reader, alone: dict[str, str], batch: int) -> None:
    assert lines(reader, documents(), batch) == alone


@pytest.mark.parametrize("seed", [1, 2])
def test_order_and_neighbours_change_nothing(reader: Reader, alone: dict[str, str], seed: int) -> None:
    shuffled = documents()
    random.Random(seed).shuffle(shuffled)
    assert lines(reader, shuffled, batch=4) == alone


def test_a_short_text_beside_a_long_one_is_read_as_if_alone(reader: Reader, alone: dict[str, str]) -> None:
    *short, longest = sorted(documents(), key=lambda d: len(d.text))
    beside = lines(reader, [longest, *short[: len(SHORT)]], batch=64)
    assert beside == {name: alone[name] for name in beside}
    assert len(beside) == len(SHORT) + 1


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_change_nothing(reader: Reader, alone: dict[str, str], threads: int) -> None:
    assert lines(Reader(size=reader.model.size, threads=threads), documents()) == alone


def test_labels_do_not_hang_on_company(reader: Reader) -> None:
    inputs = documents()
    together = reader.label(inputs)
    assert [reader.label([document])[0] for document in inputs] == list(together)


def test_another_process_writes_the_same_bytes(reader: Reader, alone: dict[str, str]) -> None:
    """Hash seeds differ between processes: no order of a set may reach the record."""
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from test_determinism import documents, lines\n"
        "from dragoman.reader import Reader\n"
        "found = lines(Reader(size=sys.argv[1]), documents())\n"
        "sys.stdout.buffer.write(''.join(f'{v}\\n' for v in found.values()).encode())"
    )
    environment = {"PYTHONHASHSEED": "1", "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", script, reader.model.size], cwd=ROOT, env=environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().splitlines() == list(alone.values())
