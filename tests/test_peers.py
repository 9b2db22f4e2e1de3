"""Our reading beside models of the rivals' size: parts scaled rightly to the whole, and told in a table and a plot."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks import speed
from benchmarks.decoder import SMALL, Decoder, Part, Timed, whole_seconds
from benchmarks.peers import QUICK, Text, Way, main, pair_seconds, row, sample, spread
from benchmarks.peers_report import (
    HYPOTHESES,
    MEASURED,
    OURS,
    SCALED,
    Peers,
    Plan,
    Row,
    Writing,
    draw,
    report,
)
from benchmarks.roberta import BASE, LARGE, graph_file
from benchmarks.speed import open_session
from dragoman.model import BUNDLE

TINY = Decoder(layers=2, width=16, heads=4, pairs=2, head=8, inner=32, vocabulary=50)


def way(name: str, kind: str, pace: float) -> Row:
    return Row(name, kind, 26_000_000, "so", 900, pace, pace * 0.9, pace * 1.1, pace / 20, 1700 / pace)


FOUND = Peers(
    articles=200,
    words=40_000,
    sentences=2_000,
    rounds=5,
    rows=[
        way(OURS, MEASURED, 1700.0),
        way("roberta-base, once", MEASURED, 425.0),
        way("roberta-large, 134 hypotheses", SCALED, 0.85),
    ],
    writing=Writing(600, 5.2, 0.17),
    plan=Plan(),
    machine={"cores": "2"},
)


# --- from a part to the whole ---------------------------------------------------------------------------------------


def test_six_layers_of_24_and_a_quarter_of_the_head_count_four_times() -> None:
    part = Timed(prompt=1.0, step=0.1, head=0.01)
    assert whole_seconds(part, 0, layers=4, head=4) == pytest.approx(4.0)
    assert whole_seconds(part, 1, layers=4, head=4) == pytest.approx(4.0 + 0.04), (
        "the prompt gives the first token"
    )
    assert whole_seconds(part, 11, layers=4, head=4) == pytest.approx(4 * (1 + 10 * 0.1) + 11 * 4 * 0.01)


def test_eight_hypotheses_through_six_layers_stand_for_134_through_24() -> None:
    assert HYPOTHESES == 134
    assert pair_seconds(0.5, batch=8, layers=4) == pytest.approx(0.5 * 134 / 8 * 4)


def test_a_way_that_reads_a_quarter_of_the_words_in_the_same_time_is_four_times_slower() -> None:
    story = sample([Text(words=200, sentences=10, subwords=260)], more=300)
    assert story.lengths == (560,)
    found = row(
        Way("x", SCALED, 1, "so", story, lambda: 1.0), [400.0, 410.0, 100.0], [1600.0, 1640.0, 1600.0]
    )
    assert (found.words_per_second, found.slowest, found.fastest) == (400.0, 100.0, 410.0)
    assert found.times_slower == 4.0, "the median of the rounds' own ratios"
    assert found.sentences_per_second == 20.0


def test_a_sample_has_short_and_long_texts_alike() -> None:
    assert spread([9, 1, 5, 3, 7, 11], 3, int) == [3, 7, 11]
    assert spread([4], 2, int) == [4, 4]


@pytest.mark.parametrize(
    ("model", "millions"),
    [(BASE, 124), (LARGE, 354), (SMALL, 695)],
    ids=["roberta-base", "roberta-large", "decoder"],
)
def test_the_models_have_the_sizes_of_those_they_stand_for(model: object, millions: int) -> None:
    assert round(model.parameters / 1e6) == millions  # type: ignore[attr-defined]


# --- the models -----------------------------------------------------------------------------------------------------


def test_a_decoder_that_reads_on_after_its_cache_says_what_it_says_of_all_at_once(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    part = Part(tmp_path, TINY, open_session)
    x = np.random.default_rng(1).standard_normal((1, 7, TINY.width)).astype(np.float32)
    whole, *_ = part.read(x)
    first, *caches = part.read(x[:, :4])
    second, *grown = part.read(x[:, 4:], caches)
    assert np.allclose(np.concatenate([first, second], axis=1), whole, atol=1e-5), "no place sees a later one"
    assert {cache.shape for cache in grown} == {(1, TINY.pairs, 7, TINY.head)}
    assert not np.allclose(whole[:, 0], whole[:, 1])


def test_a_graph_holds_the_weights_that_its_sizes_promise(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    small = replace(BASE, layers=2, width=24, heads=2, inner=48, vocabulary=60, positions=40)
    model = onnx.load(str(graph_file(tmp_path, small)))
    floats = [w for w in model.graph.initializer if w.data_type == onnx.TensorProto.FLOAT and w.dims]
    assert sum(int(np.prod(w.dims)) for w in floats) == small.parameters


# --- what is told ---------------------------------------------------------------------------------------------------


def test_the_table_says_what_was_measured_and_what_was_scaled() -> None:
    table = report(FOUND)
    assert "not measured rivals" in table
    assert "| text → record | 1,700 | 1,530–1,870 | 85 | 1 | 26 M | measured: so |" in table
    assert (
        "| roberta-large, 134 hypotheses | 0.85 | 0.765–0.935 | 0.0425 | 2,000 | 26 M | scaled: so |" in table
    )
    assert "24/6 × (prompt + 95 × token)\n  + 96 × 4 × head" in table
    assert "24/6 × 134/8" in table
    assert max(map(len, table.splitlines())) < 200


def test_the_plot_names_every_way_and_is_the_same_each_time(tmp_path: Path) -> None:
    draw(FOUND, tmp_path / "a.svg")
    draw(FOUND, tmp_path / "b.svg")
    told = (tmp_path / "a.svg").read_text("utf8")
    assert told == (tmp_path / "b.svg").read_text("utf8")
    for words in (OURS, "roberta-base, once", "2,000 times slower", "log scale", "scaled to the whole model"):
        assert words in told


@pytest.mark.skipif(not (BUNDLE / "manifest.json").is_file(), reason="no weights in this checkout")
def test_the_short_form_reads_times_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnx")
    assert main(["--quick", "--rounds", "1", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "peers.json").read_text("utf8"))
    assert [r["kind"] for r in found["rows"]] == [MEASURED, MEASURED, SCALED, SCALED, SCALED]
    for r in found["rows"]:
        assert 0 < r["slowest"] <= r["words_per_second"] <= r["fastest"]
        assert min(r["words"], r["sentences_per_second"], r["times_slower"], r["parameters"]) > 0
    assert found["articles"] == QUICK.articles
    assert found["words"] > found["sentences"] > QUICK.articles
    assert min(found["writing"].values()) > 0
    assert (tmp_path / "peers.md").read_text("utf8") in capsys.readouterr().out
    assert "</svg>" in (tmp_path / "peers.svg").read_text("utf8")


def test_a_run_of_one_size_leaves_the_table_of_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "write", partial(speed.write, folder=tmp_path))
    monkeypatch.setattr(
        speed,
        "bench",
        lambda articles, rounds, sizes: speed.Bench(
            articles, 1, 1, rounds, [speed.Speed(" ".join(sizes), 1.0, 1.0, 1.0)], {}, {}, [], {}
        ),
    )
    for words in ([], ["--size", "small"], ["--size", "full"]):
        speed.main(words)
    found = {path.name: path.read_text("utf8") for path in tmp_path.glob("*.md")}
    assert set(found) == {"bench.md", "bench-small.md", "bench-full.md"}
    assert "| full small | 1 |" in found["bench.md"]
    assert "| small | 1 |" in found["bench-small.md"]
