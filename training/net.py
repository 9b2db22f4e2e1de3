"""The network: a six-layer encoder read once per window, and its heads.

Words are what the heads see: the sum of a word's first and last subword. Two learnt mixtures of the layers feed the
heads, one for syntax and names, one for the record.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dragoman.segment import SHAPES

KEPT = (1, 3, 5)
"""Layers of the full encoder that the small one begins with."""
WIDTH, LAYERS, HEADS, INNER, POSITIONS, VOCABULARY = 384, 6, 12, 1536, 512, 30522
MAX_DISTANCE = 512

STATEMENT_SPANS = ("cue", "source", "content")
EVENT_SPANS = ("event_source", "event_target")
SPAN_ROLES = STATEMENT_SPANS + EVENT_SPANS
"""Roles decoded as spans: each has three scores per pair of words: inside, first word, last word."""
STATEMENT_POINTERS = ("target", "addressee")
EVENT_POINTERS = ("doer", "undergoer")
POINTER_ROLES = STATEMENT_POINTERS + EVENT_POINTERS
"""Roles decoded as heads of mentions: one score per pair of words."""
RELATIONS = tuple(f"{r}.{part}" for r in SPAN_ROLES for part in ("inside", "first", "last")) + POINTER_ROLES


TAGS = ("sentence", "upos", "xpos", "lemma", "name", "entity")
"""Labels of words that are shipped; what happened (``happened``) only teaches."""
CUE_FLOOR, TRIGGER_FLOOR = 0.1, 0.25
"""Least chances with which a word is an anchor: a word that may begin a cue or a trigger, and so is asked what it
points at and what it means. They lie well below the thresholds of ``dragoman.decode``."""


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Attention in plain products: on a CPU twice as fast to go back through as the fused form."""
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e4)
    return scores.softmax(-1).to(v.dtype) @ v


class Layer(nn.Module):
    """A transformer layer as BERT has it (post-norm)."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        y = (
            attend(q, k, v, mask)
            if self.training
            else F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        )
        y = self.out(y.transpose(1, 2).reshape(batch, length, WIDTH))
        x = self.norm1(x + self.dropout(y))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))


class Encoder(nn.Module):
    """Word pieces, positions and signs (shape, quotation, paragraph) → the hidden states of every layer."""

    def __init__(self, dropout: float, layers: int = LAYERS) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.shapes = nn.Embedding(len(SHAPES), WIDTH)
        self.quotes = nn.Embedding(4, WIDTH)
        self.paragraphs = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        for table in (self.shapes, self.quotes, self.paragraphs):
            nn.init.zeros_(table.weight)

    def forward(self, batch: dict[str, Tensor], mask: Tensor | None) -> list[Tensor]:
        ids = batch["ids"]
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.words(ids) + self.positions(places)[None] + self.kind
        x = (
            x
            + self.shapes(batch["shapes"])
            + self.quotes(batch["quotes"])
            + self.paragraphs(batch["paragraphs"])
        )
        x = self.dropout(self.norm(x))
        states = [x]
        for layer in self.layers:
            x = layer(x, mask)
            states.append(x)
        return states

    def load_minilm(self, path: Path) -> None:
        """Take the weights of a BERT-shaped safetensors file (all-MiniLM-L6-v2)."""
        from safetensors.torch import load_file

        w = load_file(str(path))
        own: dict[str, Tensor] = {
            "words.weight": w["embeddings.word_embeddings.weight"],
            "positions.weight": w["embeddings.position_embeddings.weight"],
            "kind": w["embeddings.token_type_embeddings.weight"][0],
            "norm.weight": w["embeddings.LayerNorm.weight"],
            "norm.bias": w["embeddings.LayerNorm.bias"],
        }
        names = {
            "out": "attention.output.dense",
            "norm1": "attention.output.LayerNorm",
            "up": "intermediate.dense",
            "down": "output.dense",
            "norm2": "output.LayerNorm",
        }
        for i in range(LAYERS):
            base = f"encoder.layer.{i}."
            for part in ("weight", "bias"):
                qkv = [w[f"{base}attention.self.{x}.{part}"] for x in ("query", "key", "value")]
                own[f"layers.{i}.qkv.{part}"] = torch.cat(qkv)
                for ours, theirs in names.items():
                    own[f"layers.{i}.{ours}.{part}"] = w[f"{base}{theirs}.{part}"]
        missing, unexpected = self.load_state_dict(own, strict=False)
        assert not unexpected
        assert {m.split(".")[0] for m in missing} == {"shapes", "quotes", "paragraphs"}


class Mixture(nn.Module):
    """A learnt average of the layers."""

    def __init__(self, layers: int = LAYERS) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.linspace(-1, 1, layers + 1))

    def forward(self, states: list[Tensor]) -> Tensor:
        weights = self.weights.softmax(0)
        mixed = states[0] * weights[0]
        for state, weight in zip(states[1:], weights[1:], strict=True):
            mixed = mixed + state * weight
        return mixed


def mlp(inner: int, outer: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inner, outer), nn.GELU(), nn.Dropout(dropout))


class Parser(nn.Module):
    """Biaffine dependencies: scores of each pair (word, head; head 0 is the root), and of each relation at one head."""

    def __init__(self, relations: int, dropout: float, arc: int = 256, rel: int = 96) -> None:
        super().__init__()
        self.arc_word, self.arc_head = mlp(WIDTH, arc, dropout), mlp(WIDTH, arc, dropout)
        self.rel_word, self.rel_head = mlp(WIDTH, rel, dropout), mlp(WIDTH, rel, dropout)
        self.root = nn.Parameter(torch.randn(1, 1, WIDTH) * 0.02)
        self.arc = nn.Parameter(torch.zeros(arc, arc))
        self.arc_bias = nn.Linear(arc, 1)
        self.rel = nn.Parameter(torch.zeros(relations, rel, rel))
        self.rel_bias = nn.Linear(2 * rel, relations)
        nn.init.xavier_uniform_(self.arc)

    def arcs(self, words: Tensor, heads: Tensor) -> Tensor:
        """(B, W, W + 1) scores of heads."""
        head = self.arc_head(heads)
        return (self.arc_word(words) @ self.arc) @ head.transpose(1, 2) / 8 + self.arc_bias(head).transpose(
            1, 2
        )

    def with_root(self, words: Tensor) -> Tensor:
        return torch.cat([self.root.expand(words.shape[0], 1, WIDTH).to(words.dtype), words], 1)

    def relations(self, words: Tensor, heads: Tensor) -> Tensor:
        """(B, W, R) scores of relations, given for each word the representation of its head (B, W, width)."""
        a, b = self.rel_word(words), self.rel_head(heads)
        projected = torch.einsum("bwi,rij->bwrj", a, self.rel)
        return (projected * b[:, :, None]).sum(-1) + self.rel_bias(torch.cat([a, b], -1))


class Relations(nn.Module):
    """Scores between every two words for each of ``count`` relations, with a bias by distance."""

    def __init__(self, count: int, inner: int, dropout: float, size: int = 48, distance: bool = True) -> None:
        super().__init__()
        self.count, self.size = count, size
        self.left = nn.Sequential(mlp(inner, 256, dropout), nn.Linear(256, count * (size + 1)))
        self.right = nn.Sequential(mlp(inner, 256, dropout), nn.Linear(256, count * (size + 1)))
        self.distance = nn.Embedding(2 * MAX_DISTANCE + 1, count) if distance else None
        if self.distance is not None:
            nn.init.zeros_(self.distance.weight)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """(B, count, W, W): every word of ``a`` with every word of ``b``, both (B, W, width)."""
        left, right = self.sides(a, b)
        scores = left[..., :-1] @ right[..., :-1].transpose(2, 3) / math.sqrt(self.size)
        scores = scores + left[..., -1:] + right[..., -1:].transpose(2, 3)
        if self.distance is not None:
            at = torch.arange(a.shape[1], device=a.device)
            scores = scores + self._bias(at[None] - at[:, None]).permute(2, 0, 1)[None]
        return scores

    def rows(self, a: Tensor, b: Tensor, at: Tensor) -> Tensor:
        """(N, count, W): the words ``at`` (N, 2: batch, word; batches together) of ``a`` with every word of ``b``."""
        left, right = self.sides(a, b)
        windows, counts = at[:, 0].unique_consecutive(return_counts=True)
        parts = []
        for window, row in zip(windows.tolist(), at.split(counts.tolist()), strict=True):
            l, r = left[window][:, row[:, 1]], right[window]
            products = l[..., :-1] @ r[..., :-1].transpose(1, 2) / math.sqrt(self.size)
            parts.append((products + l[..., -1:] + r[:, None, :, -1]).transpose(0, 1))
        scores = torch.cat(parts)
        if self.distance is not None:
            places = torch.arange(b.shape[1], device=b.device)
            scores = scores + self._bias(places[None] - at[:, 1:]).transpose(1, 2)
        return scores

    def sides(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """Left and right vectors, each (B, count, W, size + 1)."""
        shape = (*a.shape[:2], self.count, self.size + 1)
        return self.left(a).view(shape).transpose(1, 2), self.right(b).view(shape).transpose(1, 2)

    def _bias(self, gap: Tensor) -> Tensor:
        assert self.distance is not None
        return self.distance(gap.clamp(-MAX_DISTANCE, MAX_DISTANCE) + MAX_DISTANCE)  # type: ignore[no-any-return]


class Attention(nn.Module):
    """What words read in the part of a window they point at: several heads, each free to look at the telling words."""

    def __init__(self, dropout: float, heads: int = 6, size: int = 48) -> None:
        super().__init__()
        self.heads, self.size = heads, size
        self.ask = nn.Linear(WIDTH, heads * size)
        self.key = nn.Linear(WIDTH, heads * size)
        self.value = nn.Linear(WIDTH, heads * size)
        self.out = mlp(heads * size, WIDTH, dropout)

    def forward(self, words: Tensor, all_words: Tensor, inside: Tensor, valid: Tensor | None) -> Tensor:
        """(…, width): words (B, W, width) over all_words (B, V, width); inside (B, W, V): pointing at a word."""
        ask, key, value = (
            self._split(self.ask(words)),
            self._split(self.key(all_words)),
            self.value(all_words),
        )
        scores = ask @ key.transpose(2, 3) / math.sqrt(self.size) + F.logsigmoid(inside)[:, None]
        if valid is not None:
            scores = scores.masked_fill(valid[:, None, None] == 0, -1e4)
        read = scores.softmax(-1) @ self._split(value)
        return self.out(read.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, self.size)).transpose(1, 2)


class Net(nn.Module):
    """The encoder and every head. ``labels`` maps each head to its list of labels."""

    def __init__(
        self,
        labels: dict[str, list[Any]],
        dropout: float = 0.1,
        head_dropout: float = 0.25,
        layers: int = LAYERS,
    ) -> None:
        super().__init__()
        self.labels = labels
        self.encoder = Encoder(dropout, layers)
        self.syntax, self.meaning = Mixture(layers), Mixture(layers)
        self.drop = nn.Dropout(head_dropout)
        self.tags = nn.ModuleDict({task: nn.Linear(WIDTH, len(labels[task])) for task in (*TAGS, "happened")})
        self.parser = Parser(len(labels["deprel"]), head_dropout)
        self.spots = nn.ModuleDict({task: nn.Linear(WIDTH, len(labels[task])) for task in ("cue", "trigger")})
        self.relations = Relations(len(RELATIONS), WIDTH, head_dropout)
        self.attention = Attention(head_dropout)
        self.summary = mlp(6 * WIDTH, WIDTH, head_dropout)
        self.facets = nn.ModuleDict(
            {task: nn.Linear(WIDTH, len(labels[task])) for task in ("act", "polarity", "form", "issue")}
        )
        self.factuality = nn.Sequential(
            mlp(3 * WIDTH, 192, head_dropout), nn.Linear(192, len(labels["factuality"]))
        )
        self.links = Relations(len(labels["link"]), WIDTH, head_dropout, distance=False)
        self.gist = nn.Linear(WIDTH, WIDTH)

    def words(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Word vectors for syntax and for meaning, each (B, W, width)."""
        syntax, meaning = self.vectors(batch)
        return self.drop(syntax), self.drop(meaning)

    def vectors(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """``words`` before any of them is dropped."""
        mask = batch.get("mask")
        states = self.encoder(batch, mask[:, None, None].bool() if mask is not None else None)
        begins = batch["begins"][..., None].expand(-1, -1, WIDTH)
        ends = batch["ends"][..., None].expand(-1, -1, WIDTH)
        mixed = (self.syntax(states), self.meaning(states))
        syntax, meaning = (m.gather(1, begins) + m.gather(1, ends) for m in mixed)
        return syntax, meaning

    def tag(self, task: str, words: Tensor) -> Tensor:
        head: nn.Module = self.tags[task]
        return head(words)  # type: ignore[no-any-return]

    def pairs(self, words: Tensor) -> dict[str, Tensor]:
        """(B, W, W) scores of each of ``RELATIONS``."""
        return dict(zip(RELATIONS, self.relations(words, words).unbind(1), strict=True))

    def pair_rows(self, words: Tensor, at: Tensor) -> dict[str, Tensor]:
        """(N, W) scores of each of ``RELATIONS`` for the words ``at`` (N, 2: batch, word)."""
        return dict(zip(RELATIONS, self.relations.rows(words, words, at).unbind(1), strict=True))

    def statement(
        self, words: Tensor, all_words: Tensor, pairs: dict[str, Tensor], valid: Tensor | None
    ) -> Tensor:
        """(…, width): words as if they began a cue, with the softly read cue, source and content they point
        at, and what the whole window is about.

        words (B, W, width) with pairs (B, W, W), or one row each: words (N, 1, width) with pairs (N, 1, W). all_words:
        what the pairs point at, (B or N, W, width).
        """
        pooled = [self._pool(all_words, pairs, role, valid) for role in STATEMENT_SPANS]
        read = self.attention(words, all_words, pairs["content.inside"], valid)
        topic = self._mean(all_words, valid).expand_as(words)
        return self.summary(torch.cat([words, *pooled, read, topic], -1))  # type: ignore[no-any-return]

    def event(
        self, words: Tensor, all_words: Tensor, pairs: dict[str, Tensor], valid: Tensor | None
    ) -> Tensor:
        """(…, factualities): words as if they began a trigger; shapes as in ``statement``."""
        pooled = [self._pool(all_words, pairs, role, valid) for role in EVENT_SPANS]
        return self.factuality(torch.cat([words, *pooled], -1))  # type: ignore[no-any-return]

    @staticmethod
    def _mean(words: Tensor, valid: Tensor | None) -> Tensor:
        """(…, 1, width): what the window is about."""
        if valid is None:
            return words.mean(1, keepdim=True)
        weights = valid[..., None].to(words.dtype)
        return (words * weights).sum(1, keepdim=True) / weights.sum(1, keepdim=True)

    @staticmethod
    def _pool(words: Tensor, pairs: dict[str, Tensor], role: str, valid: Tensor | None) -> Tensor:
        weights = pairs[f"{role}.inside"].sigmoid()
        if valid is not None:
            weights = weights * valid[:, None]
        return (weights @ words) / (weights.sum(-1, keepdim=True) + 1.0)


class Exported(nn.Module):
    """What the shipped graph (``training.graph``) computes: one window, no padding, every head; sentences are cut,
    heads and anchors chosen inside."""

    INPUTS = ("ids", "shapes", "quotes", "paragraphs", "begins", "ends", "opens")
    PER_WORD = frozenset({"begins", "ends", "opens"})
    OUTPUTS = (
        "sentence",
        "upos",
        "xpos",
        "lemma",
        "name",
        "entity",
        "arc",
        "deprel",
        "cue",
        "trigger",
        "pair",
        "act",
        "polarity",
        "form",
        "issue",
        "factuality",
        "link",
        "gist",
        "anchors",
    )

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net = net

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        net = self.net
        batch = dict(zip(self.INPUTS, arrays, strict=True))
        syntax, meaning = net.words(batch)
        tags = {task: net.tag(task, syntax) for task in TAGS}
        found = (tags["sentence"][..., 1] > tags["sentence"][..., 0]) & (batch["opens"] == 0)
        sentence = (found | (batch["opens"] > 0)).to(syntax.dtype).cumsum(1)
        arcs, deprel = self._parse(syntax, sentence)
        pairs = net.pairs(meaning)
        statement = net.statement(meaning, meaning, pairs, None)
        facets = {task: net.facets[task](statement) for task in ("act", "polarity", "form", "issue")}
        scores = {
            **tags,
            "arc": arcs,
            "deprel": deprel,
            "cue": net.spots["cue"](meaning),
            "trigger": net.spots["trigger"](meaning),
            "pair": torch.stack([pairs[r] for r in RELATIONS], 1),
            **facets,
            "factuality": net.event(meaning, meaning, pairs, None),
            "link": net.links(statement, statement),
            "gist": net.gist(meaning),
        }
        at = self._anchors(scores["cue"], scores["trigger"])
        for name in (*facets, "factuality"):
            scores[name] = scores[name][:, at]
        scores["pair"] = scores["pair"][:, :, at]
        scores["link"] = scores["link"][:, :, at][:, :, :, at]
        return (*(scores[name][0] for name in self.OUTPUTS[:-1]), at)

    def _anchors(self, cue: Tensor, trigger: Tensor) -> Tensor:
        """The words that may begin a cue or a trigger, and always the first."""
        begins = [i for i, label in enumerate(self.net.labels["trigger"]) if label.startswith("B-")]
        asked = cue.softmax(-1)[0, :, self.net.labels["cue"].index("B")] > CUE_FLOOR
        asked |= trigger.softmax(-1)[0][:, begins].sum(-1) > TRIGGER_FLOOR
        asked[0] = True
        return asked.nonzero()[:, 0]

    def _parse(self, words: Tensor, sentence: Tensor) -> tuple[Tensor, Tensor]:
        """Arc scores with heads of other sentences (and the word itself) shut out, and relations at the best head."""
        parser = self.net.parser
        heads = parser.with_root(words)
        arcs = parser.arcs(words, heads)
        other = (sentence[:, :, None] != sentence[:, None, :]).to(words.dtype)
        shut = other + torch.eye(words.shape[1], dtype=words.dtype, device=words.device)[None]
        arcs = arcs - 1e4 * F.pad(shut, (1, 0))
        best = arcs.argmax(-1)
        chosen = heads.gather(1, best[..., None].expand(-1, -1, WIDTH))
        return arcs, parser.relations(words, chosen)
