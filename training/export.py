"""Write the bundle: averaged weights as ONNX with 8-bit matrices, labels, tokenizer, card, manifest.

    python -m training.export training/checkpoints/record.pt dragoman/weights

Matrices are stored as signed bytes with one scale per output row and widened when the model is loaded, so that the
encoder computes in 32-bit floats: the same labels on every machine, a third of the bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from dragoman.model import FILES, Subwords, make_windows
from dragoman.record import Span
from dragoman.segment import find_tokens
from training import sources
from training.net import RELATIONS, Exported, Net
from training.sources import minilm
from training.train import take_weights

LEAST_SIZE = 4096
"""Arrays of fewer values stay in 32-bit floats."""

SAMPLE = (
    'Ostrava talks end without accord\n\nThe envoy of Sarland, Mira Toll, said on Tuesday that "nothing is agreed" and '
    "denied that her country had moved troops. Kestria's foreign ministry called the claim absurd."
)


def load_net(paths: Sequence[Path], labels: dict[str, list[Any]]) -> Net:
    """The mean of the averaged weights of checkpoints that grew from the same first stage, in evaluation mode."""
    net = Net(labels)
    found = [torch.load(path, weights_only=True)["average"] for path in paths]
    take_weights(net, {name: sum(f[name] for f in found) / len(found) for name in found[0]})
    return net.eval()


def sample_inputs() -> list[torch.Tensor]:
    """Arrays of one window for tracing."""
    subwords = Subwords(minilm() / "tokenizer.json")
    tokens: list[Span] = find_tokens(SAMPLE)
    window = next(make_windows(SAMPLE, tokens, subwords))
    return [torch.from_numpy(np.ascontiguousarray(window.inputs[name])) for name in Exported.INPUTS]


def to_onnx(net: Net) -> onnx.ModelProto:
    """The network as an ONNX graph for one unpadded window; S subwords and W words are free."""
    buffer = io.BytesIO()
    axes: dict[str, dict[int, str]] = {
        name: {1: "words" if name in {"begins", "ends", "opens"} else "subwords"} for name in Exported.INPUTS
    }
    wide = {
        "arc": {1: "words", 2: "heads"},
        "pair": {2: "words", 3: "words"},
        "link": {2: "words", 3: "words"},
    }
    for name in Exported.OUTPUTS:
        axes[name] = wide.get(name, {1: "words"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Exported(net),
            tuple(sample_inputs()),
            buffer,
            input_names=list(Exported.INPUTS),
            output_names=list(Exported.OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    return onnx.load_from_string(buffer.getvalue())


def shrink(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store every large array as bytes: Cast and Mul nodes, which the runtime folds on load, widen it again."""
    graph = model.graph
    kept, nodes = [], []
    for array in graph.initializer:
        values = numpy_helper.to_array(array)
        if values.dtype != np.float32 or values.size < LEAST_SIZE or values.ndim < 2:
            kept.append(array)
            continue
        axis = _scale_axis(graph, array.name, values)
        top = np.abs(values).max(axis=axis, keepdims=True)
        scale = (np.where(top == 0, 1, top) / 127).astype(np.float32)
        small = np.clip(np.rint(values / scale), -127, 127).astype(np.int8)
        kept += [
            numpy_helper.from_array(small, array.name + ".bytes"),
            numpy_helper.from_array(scale, array.name + ".scale"),
        ]
        nodes += [
            helper.make_node("Cast", [array.name + ".bytes"], [array.name + ".wide"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [array.name + ".wide", array.name + ".scale"], [array.name]),
        ]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    old = list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes + old)
    onnx.checker.check_model(model)
    return model


def _scale_axis(graph: onnx.GraphProto, name: str, values: np.ndarray) -> int | tuple[int, ...]:
    """Axes to take the scale over: a row for look-up tables, a column for right factors of products."""
    used = {node.op_type for node in graph.node if name in node.input}
    if used & {"MatMul", "Gemm"} and not _transposed(graph, name):
        return tuple(range(values.ndim - 1))
    return values.ndim - 1


def _transposed(graph: onnx.GraphProto, name: str) -> bool:
    for node in graph.node:
        if name in node.input and node.op_type == "Gemm":
            return any(a.name == "transB" and a.i for a in node.attribute)
    return False


def write_bundle(net: Net, folder: Path, card: str, trained_on: dict[str, str]) -> dict[str, str]:
    """Write all files of the bundle; the manifest last. Returns the digests."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(shrink(to_onnx(net)).SerializeToString())
    shutil.copyfile(minilm() / "tokenizer.json", folder / "tokenizer.json")
    labels = net.labels | {"pair": list(RELATIONS)}
    (folder / "labels.json").write_text(
        json.dumps(labels, ensure_ascii=False, indent=0) + "\n", encoding="utf8"
    )
    (folder / "card.md").write_text(card, encoding="utf8")
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    manifest = {"format": 1, "made_by": "training/runs/full.sh", "sha256": digests, "trained_on": trained_on}
    blank = json.dumps({"manifest": "0" * 64} | manifest, indent=1) + "\n"
    itself = hashlib.sha256(blank.encode()).hexdigest()
    (folder / "manifest.json").write_text(blank.replace("0" * 64, itself, 1), encoding="utf8")
    return digests


def main() -> None:
    """Export a checkpoint."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", type=Path, nargs="+", help="one, or several to take the mean of")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    labels = json.loads((arguments.checkpoints[0].parent / "labels.json").read_text("utf8"))
    card = (Path(__file__).parent / "card.md").read_text("utf8")
    net = load_net(arguments.checkpoints, labels)
    for name, digest in write_bundle(net, arguments.folder, card, sources.digests()).items():
        print(f"{digest}  {name}")


if __name__ == "__main__":
    main()
