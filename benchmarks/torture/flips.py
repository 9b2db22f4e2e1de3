"""One bit of the weights is wrong: the bundle is refused, by the name of the file."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

from benchmarks.torture.work import Bench, Broken
from dragoman.errors import ModelError
from dragoman.model import BUNDLE, FILES, Model

NAMES = (*FILES, "manifest.json")


def keep(bench: Bench, count: int) -> Counter[str]:
    """Flip that many bits, one at a time and the files in turn; how many of each file were refused."""
    draw = random.Random(bench.seed)
    bundle = bench.folder / "weights"
    bundle.mkdir()
    for name in NAMES:
        shutil.copy(BUNDLE / name, bundle / name)
    refused: Counter[str] = Counter()
    for number in range(count):
        name = NAMES[number % len(NAMES)]
        bit = draw.randrange(8 * (bundle / name).stat().st_size)
        _flip(bundle / name, bit)
        _expect_refusal(bundle, name, bit)
        _flip(bundle / name, bit)
        refused[name] += 1
    Model(bundle)
    return refused


def _flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        (byte,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def _expect_refusal(bundle: Path, name: str, bit: int) -> None:
    try:
        Model(bundle)
    except ModelError as error:
        if name in str(error):
            return
        raise Broken(f"bit {bit} of {name}: {error}") from error
    raise Broken(f"bit {bit} of {name} was not noticed")
