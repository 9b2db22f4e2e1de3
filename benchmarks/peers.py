"""Our whole reading beside the models that other coders run, by cost alone: the same texts, one run, one thread.

    python -m benchmarks.peers [--rounds 3] [--quick] [--out FOLDER]

The models have random weights, since cost does not depend on them: these are proxies for what a coder pays for its
model, and leave out all else it does. roberta-base runs in full; of the larger models some layers run on a sample of
the texts, and the times are scaled to the whole (``whole_seconds``, ``pair_seconds``). Rounds are interleaved; figures
are medians over rounds, in processor seconds, so that what else runs on the machine counts little. Results go to
``evaluation/results/peers.{json,md,svg}``; those of ``--quick``, whose tiny models only try the script, to
``build/bench/quick``.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from benchmarks.decoder import Decoder, Part, Timed, whole_seconds
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
from benchmarks.roberta import Encoder, graph_file
from benchmarks.speed import (
    BUILD,
    RESULTS,
    ROOT,
    machine,
    make_documents,
    open_session,
    own_texts,
    ratio,
    windows_of,
    words_in,
)
from dragoman.model import BUNDLE, Model
from dragoman.reader import Reader
from dragoman.record import Document
from dragoman.segment import find_tokens

_T = TypeVar("_T")
MARKS = 4
"""Marks that roberta sets around a sentence and a hypothesis."""
FULL = Plan()
QUICK = Plan(
    articles=2,
    every=1,
    stories=1,
    sentences=2,
    base=Encoder(2, 32, 2, 64, 500),
    large=Encoder(4, 32, 2, 64, 500),
    decoder=Decoder(4, 32, 4, 2, 8, 64, 400),
    layers=2,
    steps=2,
    instruction=20,
    written=8,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a way reads in a round; ``lengths`` are the subwords of each piece that its model takes at once."""

    words: int
    sentences: int
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A way of reading; ``seconds`` runs it once over its sample."""

    name: str
    kind: str
    parameters: int
    how: str
    sample: Sample
    seconds: Callable[[], float]


# --- what is read -------------------------------------------------------------------------------------


def texts(count: int) -> list[str]:
    """``count`` texts of our own, evenly from training and examples and from the sample dossier."""
    rows = (ROOT / "dragoman/sample/articles.jsonl").read_text("utf8").splitlines()
    known = list(dict.fromkeys(own_texts() + [json.loads(row)["text"] for row in rows]))
    return [known[i * len(known) // count] for i in range(count)]


def spread(items: Iterable[_T], count: int, length: Callable[[_T], int]) -> list[_T]:
    """``count`` items: the middle one of each of so many equal groups in order of length."""
    ordered = sorted(items, key=length)
    return [ordered[(2 * i + 1) * len(ordered) // (2 * count)] for i in range(count)]


@dataclass(frozen=True, slots=True)
class Text:
    """A story or a sentence, by what matters here."""

    words: int
    sentences: int
    subwords: int


def sample(pieces: Sequence[Text], *, more: int = 0) -> Sample:
    """Pieces that a model reads one by one, each ``more`` subwords longer than its text."""
    return Sample(
        words=sum(p.words for p in pieces),
        sentences=sum(p.sentences for p in pieces),
        lengths=tuple(p.subwords + more for p in pieces),
    )


def size(text: str, model: Model, sentences: int = 1) -> Text:
    pieces = model.subwords.encode([text[s:e] for s, e in find_tokens(text)])
    return Text(len(text.split()), sentences, sum(map(len, pieces)))


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of some work."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


# --- from a part to the whole -------------------------------------------------------------------------


def pair_seconds(batch_seconds: float, *, batch: int, layers: float) -> float:
    """Seconds of ZSP for a sentence and a pair: layers × hypotheses ÷ batch × the seconds of one batch."""
    return layers * HYPOTHESES / batch * batch_seconds


# --- the ways -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """The texts of all ways: our documents, and of some of them the windows, stories and sentences."""

    documents: Sequence[Document]
    all: Sample
    windows: Sample
    stories: Sequence[Text]
    sentences: Sequence[Text]


def gather(plan: Plan, reader: Reader, model: Model) -> Reading:
    """Read everything once, which warms our reader and says where sentences end."""
    documents = make_documents(texts(plan.articles), plan.articles)
    labelled = reader.label(documents)
    some = labelled[:: plan.every]
    stories = [size(d.document.text, model, len(d.sentences)) for d in some]
    told = [size(d.document.text[s.span.start : s.span.end], model) for d in some for s in d.sentences]
    windows = windows_of(model, documents[:: plan.every])
    return Reading(
        documents,
        Sample(words_in(documents), sum(len(d.sentences) for d in labelled), ()),
        replace(sample(stories), lengths=tuple(w.inputs["ids"].shape[1] for w in windows)),
        spread(stories, plan.stories, _subwords),
        spread(told, plan.sentences, _subwords),
    )


def _subwords(text: Text) -> int:
    return text.subwords


class Contest:
    """All the ways of reading, ready to be timed; graphs are kept in ``folder``."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.reader = plan, Reader(threads=1)
        self.reading = gather(plan, self.reader, Model(threads=1))
        self.timed: list[tuple[int, Timed]] = []
        """Subwords of each prompt that the decoder answered, and what its part took."""
        self._base = open_session(graph_file(folder, plan.base))
        self._large = open_session(graph_file(folder, replace(plan.large, layers=plan.layers)))
        vocabulary = plan.decoder.vocabulary // plan.head_parts
        self._part = Part(
            folder, replace(plan.decoder, layers=plan.layers, vocabulary=vocabulary), open_session
        )
        self._rng = np.random.default_rng(0)

    def ways(self) -> list[Way]:
        plan, reading = self.plan, self.reading
        story = sample(reading.stories)
        prompt = sample(reading.stories, more=plan.instruction)
        asked = sample(reading.sentences, more=plan.hypothesis + MARKS)
        base, large, decoder = plan.base.parameters, plan.large.parameters, plan.decoder.parameters
        return [
            Way(OURS, MEASURED, parameters_in(BUNDLE), _HOW_OURS, reading.all, self._ours),
            Way(
                *("roberta-base, once", MEASURED, base),
                f"the encoder alone, over one article in {plan.every}",
                *(reading.windows, lambda: self._encode(reading.windows.lengths)),
            ),
            Way(
                *("0.8 B decoder, story read once", SCALED, decoder),
                f"{plan.stories} stories as prompts through {plan.layers} of {plan.decoder.layers} layers",
                *(story, lambda: self._answer(story.lengths, 0)),
            ),
            Way(
                *("0.8 B decoder, one event written", SCALED, decoder),
                f"the same, {plan.instruction} subwords of instruction before, {plan.written} tokens written",
                *(prompt, lambda: self._answer(prompt.lengths, plan.written)),
            ),
            Way(
                *(f"roberta-large, {HYPOTHESES} hypotheses", SCALED, large),
                f"{plan.sentences} sentences, one pair each; {plan.batch} of {HYPOTHESES} hypotheses through "
                f"{plan.layers} of {plan.large.layers} layers",
                *(asked, lambda: self._ask(asked.lengths)),
            ),
        ]

    def warm_up(self) -> None:
        """A first run of each model; ours has labelled all by now."""
        self.reader.read(self.reading.documents[0])
        self._encode((8,))
        self._ask((8,))
        self._part.time(8, 1)

    def _ours(self) -> float:
        return seconds(lambda: [record.to_json() for record in self.reader.pipe(self.reading.documents)])

    def _encode(self, lengths: Sequence[int]) -> float:
        ids = [self._ids(1, length, self.plan.base) for length in lengths]
        return seconds(lambda: [self._base.run(None, {"ids": i}) for i in ids])

    def _answer(self, lengths: Sequence[int], tokens: int) -> float:
        """Seconds of the whole decoder for prompts of these lengths, and ``tokens`` written after each."""
        timed = [self._part.time(length, self.plan.steps if tokens else 0) for length in lengths]
        self.timed += zip(lengths, timed, strict=True) if tokens else ()
        return sum(self._whole(t, tokens) for t in timed)

    def _whole(self, timed: Timed, tokens: int) -> float:
        plan = self.plan
        return whole_seconds(timed, tokens, layers=plan.decoder.layers / plan.layers, head=plan.head_parts)

    def _ask(self, lengths: Sequence[int]) -> float:
        """Seconds of ZSP for a pair in each of some sentences; lengths hold the hypothesis."""
        plan = self.plan
        batches = [self._ids(plan.batch, length, plan.large) for length in lengths]
        took = seconds(lambda: [self._large.run(None, {"ids": i}) for i in batches])
        return pair_seconds(took, batch=plan.batch, layers=plan.large.layers / plan.layers)

    def _ids(self, batch: int, length: int, encoder: Encoder) -> npt.NDArray[np.int64]:
        return self._rng.integers(4, encoder.vocabulary, (batch, min(length, encoder.positions)))

    def writing(self) -> Writing:
        """What the whole decoder took for a prompt, and for a token more: medians."""
        return Writing(
            prompt_subwords=statistics.median(length for length, _ in self.timed),
            prompt_seconds=round(statistics.median(self._whole(t, 0) for _, t in self.timed), 2),
            token_seconds=round(
                statistics.median(self._whole(t, 2) - self._whole(t, 1) for _, t in self.timed), 3
            ),
        )


_HOW_OURS = "everything: encoder, rules, record, JSON"


def parameters_in(bundle: Path) -> int:
    """Weights of our encoder, embeddings included."""
    import onnx

    return sum(math.prod(weight.dims) for weight in onnx.load(str(bundle / "model.onnx")).graph.initializer)


# --- all of it ----------------------------------------------------------------------------------------


def measure(plan: Plan, rounds: int, folder: Path) -> Peers:
    """Run every way in every round, one after the other."""
    contest = Contest(plan, folder)
    contest.warm_up()
    ways = contest.ways()
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, taken in zip(ways, times, strict=True):
            taken.append(way.seconds())
    paces = [[w.sample.words / t for t in taken] for w, taken in zip(ways, times, strict=True)]
    return Peers(
        articles=plan.articles,
        words=ways[0].sample.words,
        sentences=ways[0].sample.sentences,
        rounds=rounds,
        rows=[row(way, pace, paces[0]) for way, pace in zip(ways, paces, strict=True)],
        writing=contest.writing(),
        plan=plan,
        machine=machine(),
    )


def row(way: Way, pace: Sequence[float], ours: Sequence[float]) -> Row:
    """``pace`` and ``ours`` are words a second, round by round."""
    return Row(
        name=way.name,
        kind=way.kind,
        parameters=way.parameters,
        how=way.how,
        words=way.sample.words,
        words_per_second=_short(statistics.median(pace)),
        slowest=_short(min(pace)),
        fastest=_short(max(pace)),
        sentences_per_second=_short(statistics.median(pace) * way.sample.sentences / way.sample.words),
        times_slower=_short(ratio(ours, pace)),
    )


def _short(value: float) -> float:
    """Three significant digits."""
    return float(f"{value:.3g}")


# --- the door -----------------------------------------------------------------------------------------


def write(found: Peers, folder: Path) -> None:
    """Table, figures and plot."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"
    (folder / "peers.json").write_text(told, "utf8")
    (folder / "peers.md").write_text(report(found), "utf8")
    draw(found, folder / "peers.svg")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="tiny models and few articles: tries the script")
    parser.add_argument("--out", type=Path, help="where table and plot go")
    options = parser.parse_args(argv)
    plan, out = (QUICK, BUILD / "quick") if options.quick else (FULL, RESULTS)
    out = options.out or out
    found = measure(plan, options.rounds, out if options.quick else BUILD)
    write(found, out)
    print(report(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
