"""The outline of land on the map, from the GLOBE data (NOAA, public domain) that ``global-land-mask`` carries.

The grid of 30 seconds is read as a stream and thinned to a third of a degree: no outline is kept in this package, and
no border is drawn, since a border is a claim.
"""

from __future__ import annotations

import zipfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dragoman.web.draw import WORLD, on_map

_ROWS, _COLUMNS = 21600, 43200
_THIN = 40
"""Cells of the grid, each way, that become one of the map."""


@lru_cache(maxsize=1)
def outline() -> str:
    """The land as the path of an SVG: one box for each run of cells. Empty where the data is not installed."""
    try:
        mask = _land()
    except FileNotFoundError:
        return ""
    step_x, step_y = WORLD[0] / mask.shape[1], 180 / mask.shape[0]
    parts = []
    for row, cells in enumerate(mask):
        north = 90 - row * step_y
        if not -60 < north <= 84:
            continue
        y, below = on_map(north, 0)[1], on_map(north - step_y, 0)[1]
        edges = np.flatnonzero(np.diff(np.concatenate(([0], cells.astype(np.int8), [0]))))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            wide = (end - start) * step_x
            parts.append(f"M{start * step_x:.1f} {y}h{wide:.1f}v{below - y:.1f}h-{wide:.1f}z")
    return "".join(parts)


def _land() -> npt.NDArray[np.bool_]:
    """(540, 1080) whether the middle of each cell is land, north to south and west to east."""
    found = find_spec("global_land_mask")  # to import it would unpack a gigabyte
    if found is None or found.origin is None:
        raise FileNotFoundError("global_land_mask")
    path = Path(found.origin).with_name("globe_combined_mask_compressed.npz")
    with zipfile.ZipFile(path) as packed, packed.open("mask.npy") as stream:
        np.lib.format.read_magic(stream)
        np.lib.format.read_array_header_1_0(stream)
        middle = slice(_THIN // 2 * _COLUMNS + _THIN // 2, (_THIN // 2 + 1) * _COLUMNS, _THIN)
        blocks = (stream.read(_THIN * _COLUMNS) for _ in range(_ROWS // _THIN))
        ocean = np.stack([np.frombuffer(block, np.uint8)[middle].copy() for block in blocks])
    land: npt.NDArray[np.bool_] = ocean == 0
    return land
