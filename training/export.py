"""Write the bundle: averaged weights as ONNX with 8-bit matrices, labels, tokenizer, card, manifest.

    python -m training.export training/checkpoints/polish.pt … dragoman/weights --small training/checkpoints/small.pt

Matrices are stored as signed bytes with a scale a column. The full encoder widens them when it is loaded and computes
in 32-bit floats, so that labels are the same on every machine. The large products of the small one are computed in 8
bits as well (``training.graph``, with the ranges that ``training.ranges`` finds). Both share the table of subwords.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from dragoman.model import GRAPHS, Subwords, make_windows, verify
from dragoman.ngrams import Ngrams
from dragoman.record import Span
from dragoman.segment import find_tokens
from training import sources
from training.example import SHARED
from training.graph import Ranges, to_onnx
from training.manifest import write_manifest
from training.net import KEPT, LAYERS, RELATIONS, Exported, Net
from training.ranges import find_ranges
from training.sources import minilm
from training.train import take_weights

SAMPLE = (
    'Ostrava talks end without accord\n\nThe envoy of Sarland, Mira Toll, said on Tuesday that "nothing is agreed" and '
    "denied that her country had moved troops. Kestria's foreign ministry called the claim absurd."
)
EVERY = 12
"""Ranges are taken from every so many of the reports that are trained on."""


def load_net(paths: Sequence[Path], labels: dict[str, list[Any]], layers: int = LAYERS) -> Net:
    """The mean of the averaged weights of checkpoints that grew from the same first stage, in evaluation mode."""
    net = Net(labels, layers=layers)
    found = [torch.load(path, weights_only=True)["average"] for path in paths]
    take_weights(net, {name: sum(f[name] for f in found) / len(found) for name in found[0]})
    return net.eval()


def sample_inputs() -> list[torch.Tensor]:
    """Arrays of one window for trying a network."""
    subwords = Subwords(minilm() / "tokenizer.json")
    tokens: list[Span] = find_tokens(SAMPLE)
    window = next(make_windows(SAMPLE, tokens, subwords))
    return [torch.from_numpy(np.ascontiguousarray(window.inputs[name])) for name in Exported.INPUTS]


def range_texts() -> Iterator[str]:
    """Some of the reports that are trained on: ours and records-train."""
    for path in sorted(sources.OWN.glob("*.json"))[::EVERY]:
        yield json.loads(path.read_text("utf8"))["text"]
    lines = (SHARED / "corpora" / "records-train.jsonl").read_text("utf8").splitlines()
    for line in lines[::EVERY]:
        yield json.loads(line)["text"]


TABLE = "encoder.words.weight.bytes"
"""The table of subwords. No stage trains it, so that every size has the same."""


def split_table(model: onnx.ModelProto) -> tuple[bytes, bytes]:
    """A graph that looks for the table of subwords in ``words.bin`` beside it, and that file."""
    (table,) = (array for array in model.graph.initializer if array.name == TABLE)
    raw = bytes(table.raw_data)
    table.ClearField("raw_data")
    table.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "words.bin"), ("offset", "0"), ("length", str(len(raw)))):
        table.external_data.add(key=key, value=value)
    return model.SerializeToString(), raw


def write_bundle(full: Net, small: Net, ranges: Ranges, folder: Path, card: str) -> None:
    """Write all files of the bundle, the manifest last; its n-grams know nothing yet (``training.ngrams``)."""
    folder.mkdir(parents=True, exist_ok=True)
    (graph, table), (small_graph, small_table) = map(split_table, (to_onnx(full), to_onnx(small, ranges)))
    if table != small_table:
        raise SystemExit("the small encoder has another table of subwords: it was taught by another full one")
    for name, data in ((GRAPHS["full"], graph), (GRAPHS["small"], small_graph), ("words.bin", table)):
        (folder / name).write_bytes(data)
    shutil.copyfile(minilm() / "tokenizer.json", folder / "tokenizer.json")
    (folder / "ngrams.npz").write_bytes(
        Ngrams.empty(len(full.labels["act"]), len(full.labels["issue"])).to_bytes()
    )
    labels = full.labels | {"pair": list(RELATIONS)}
    (folder / "labels.json").write_text(
        json.dumps(labels, ensure_ascii=False, indent=0) + "\n", encoding="utf8"
    )
    (folder / "card.md").write_text(card, encoding="utf8")
    digests = sources.digests()
    write_manifest(folder, digests, digests)


def main() -> None:
    """Export a checkpoint."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", type=Path, nargs="+", help="one, or several to take the mean of")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--small", type=Path, required=True, help="checkpoint of the small encoder")
    arguments = parser.parse_intermixed_args()  # --small may stand before the folder
    labels = json.loads((arguments.checkpoints[0].parent / "labels.json").read_text("utf8"))
    card = (Path(__file__).parent / "card.md").read_text("utf8")
    full = load_net(arguments.checkpoints, labels)
    small = load_net([arguments.small], labels, layers=len(KEPT))
    ranges = find_ranges(small, range_texts())
    write_bundle(full, small, ranges, arguments.folder, card)
    print(f"{arguments.folder}: {verify(arguments.folder)}")


if __name__ == "__main__":
    main()
