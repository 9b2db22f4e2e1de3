"""Losses of the heads. Each takes scores and labels and returns a mean over what is labelled."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from training.example import NO_LABEL

SHUT = -1e4


def tags(scores: Tensor, gold: Tensor) -> Tensor:
    """Cross-entropy over labelled tokens; scores (B, W, L), gold (B, W). Zero where nothing is labelled."""
    if bool((gold == NO_LABEL).all()):
        return scores.sum() * 0.0
    return F.cross_entropy(scores.float().flatten(0, 1), gold.flatten(), ignore_index=NO_LABEL)


def arcs(scores: Tensor, heads: Tensor, sentence: Tensor, valid: Tensor) -> Tensor:
    """Heads among the words of the same sentence; scores (B, W, W + 1), heads (B, W) with 0 for the root."""
    same = sentence[:, :, None] == sentence[:, None, :]
    same = same & valid[:, None, :].bool()
    open_ = F.pad(same, (1, 0), value=True)
    return tags(scores.float().masked_fill(~open_, SHUT), heads)


def segments(inside: Tensor, first: Tensor, last: Tensor, gold: Tensor, valid: Tensor) -> Tensor:
    """Negative log likelihood of a two-state chain (out, in) per row.

    A path scores ``inside`` for each word that is in, ``first`` where a segment begins and ``last`` where it ends.
    All arguments are (N, W); ``gold`` is 0/1.
    """
    pad = valid == 0
    inside, first, last = inside.float().masked_fill(pad, SHUT), first.float(), last.float()
    before = F.pad(gold[:, :-1], (1, 0))
    after = F.pad(gold[:, 1:], (0, 1))
    path = (gold * (inside + first * (1 - before) + last * (1 - after))).sum(1)
    out = torch.zeros_like(inside[:, 0])
    in_ = inside[:, 0] + first[:, 0]
    for j in range(1, inside.shape[1]):
        closed = torch.logaddexp(out, in_ + last[:, j - 1])
        in_ = inside[:, j] + torch.logaddexp(in_, out + first[:, j])
        out = closed
    total = torch.logaddexp(out, in_ + last[:, -1])
    return (total - path).mean()


def points(scores: Tensor, gold: Tensor, weight: Tensor) -> Tensor:
    """Binary cross-entropy of pointers; scores, gold, weight (N, W); mean per row."""
    loss = F.binary_cross_entropy_with_logits(scores.float(), gold, weight=weight, reduction="none")
    return loss.sum() / max(len(gold), 1)
