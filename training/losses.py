"""Losses of the heads. Each takes scores and labels and returns a mean over what is labelled."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.example import NO_LABEL

SHUT = -1e4


def tags(scores: Tensor, gold: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy over labelled tokens; scores (B, W, L), gold (B, W). Zero where nothing is labelled."""
    if bool((gold == NO_LABEL).all()):
        return scores.sum() * 0.0
    return F.cross_entropy(
        scores.float().flatten(0, 1), gold.flatten(), ignore_index=NO_LABEL, label_smoothing=smoothing
    )


def spots(scores: Tensor, gold: Tensor) -> Tensor:
    """Cross-entropy of BIO tags, summed over tokens and shared among the spots, since most tokens are none."""
    if bool((gold == NO_LABEL).all()):
        return scores.sum() * 0.0
    total = F.cross_entropy(
        scores.float().flatten(0, 1), gold.flatten(), ignore_index=NO_LABEL, reduction="sum"
    )
    return total / (1 + (gold > 0).sum())


def arcs(scores: Tensor, heads: Tensor, sentence: Tensor, valid: Tensor) -> Tensor:
    """Heads among the words of the same sentence; scores (B, W, W + 1), heads (B, W) with 0 for the root."""
    same = sentence[:, :, None] == sentence[:, None, :]
    same = same & valid[:, None, :].bool()
    open_ = F.pad(same, (1, 0), value=True)
    return tags(scores.float().masked_fill(~open_, SHUT), heads)


def segments(inside: Tensor, first: Tensor, last: Tensor, gold: Tensor, valid: Tensor) -> Tensor:
    """Negative log likelihood of a two-state chain (out, in), one value per row.

    A path scores ``inside`` for each word that is in, ``first`` where a segment begins and ``last`` where it ends.
    All arguments are (N, W); ``gold`` is 0/1.
    """
    inside = inside.float().masked_fill(valid == 0, SHUT)
    first, last = first.float(), last.float()
    before = F.pad(gold[:, :-1], (1, 0))
    after = F.pad(gold[:, 1:], (0, 1))
    path = (gold * (inside + first * (1 - before) + last * (1 - after))).sum(1)
    total: Tensor = _AllPaths.apply(inside, first, last)
    return total - path


class _AllPaths(torch.autograd.Function):
    """Log of the summed scores of all paths (N,); its gradients: how likely each word is in, begins, ends a segment."""

    @staticmethod
    def forward(ctx: Any, inside: Tensor, first: Tensor, last: Tensor) -> Tensor:
        i, f, l = (x.detach().double().numpy() for x in (inside, first, last))
        rows, width = i.shape
        out, in_ = np.zeros((width, rows)), np.zeros((width, rows))
        in_[0] = i[:, 0] + f[:, 0]
        for j in range(1, width):
            out[j] = np.logaddexp(out[j - 1], in_[j - 1] + l[:, j - 1])
            in_[j] = i[:, j] + np.logaddexp(in_[j - 1], out[j - 1] + f[:, j])
        total = np.logaddexp(out[-1], in_[-1] + l[:, -1])
        after_out, after_in = np.zeros((width, rows)), np.zeros((width, rows))
        after_in[-1] = l[:, -1]
        for j in range(width - 2, -1, -1):
            onward = i[:, j + 1] + after_in[j + 1]
            after_out[j] = np.logaddexp(after_out[j + 1], f[:, j + 1] + onward)
            after_in[j] = np.logaddexp(onward, l[:, j] + after_out[j + 1])
        earlier = np.concatenate([np.zeros((1, rows)), out[:-1]])
        later = np.concatenate([after_out[1:], np.zeros((1, rows))])
        grads = (
            np.exp(in_ + after_in - total),
            np.exp(earlier + f.T + i.T + after_in - total),
            np.exp(in_ + l.T + later - total),
        )
        ctx.save_for_backward(*(torch.from_numpy(g.T.copy()).float() for g in grads))
        return torch.from_numpy(total).float()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        return tuple(saved * grads[0][:, None] for saved in ctx.saved_tensors)


def points(scores: Tensor, gold: Tensor, weight: Tensor) -> Tensor:
    """Binary cross-entropy of pointers; scores, gold, weight (N, W); mean per row."""
    loss = F.binary_cross_entropy_with_logits(scores.float(), gold, weight=weight, reduction="none")
    return loss.sum() / max(len(gold), 1)
