"""What a watcher counts, and how it is told: /healthz in JSON, /metrics in the text format of Prometheus. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dragoman.store import Feed

LATE = 3
"""Times its own interval that a feed may be overdue before the watcher calls itself late."""


@dataclass
class Meter:
    """Counts since the start. ``lag`` is how long the feed that is due longest has waited, in seconds."""

    role: str = "starting"
    leader: str | None = None
    feeds: Mapping[int, Feed] = field(default_factory=dict)
    looks: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    queues: Mapping[str, Callable[[], int]] = field(default_factory=dict)
    lags: Callable[[], Mapping[int, float]] = dict
    last_commit: float | None = None

    def took(self, stage: str, seconds: float) -> None:
        self.seconds[stage] += seconds  # type: ignore[assignment]
        self.done[stage] += 1

    def states(self) -> Mapping[str, int]:
        """How many feeds are in which state; those that are due are counted in their state too."""
        found = Counter(state_of(feed) for feed in self.feeds.values())
        told = {name: found[name] for name in ("ok", "failing", "gone", "new")}
        return told | {"due": len(self.lags())}

    @property
    def lag(self) -> float:
        return max(self.lags().values(), default=0.0)

    @property
    def is_late(self) -> bool:
        return any(late > LATE * self.feeds[id_].every for id_, late in self.lags().items())


def state_of(feed: Feed) -> str:
    """gone, failing, ok, or new where it was never looked at."""
    if feed.is_gone:
        return "gone"
    return "failing" if feed.failures else "ok" if feed.succeeded else "new"


def health(meter: Meter) -> dict[str, object]:
    """What /healthz tells."""
    return {
        "status": "late" if meter.is_late else "ok",
        "role": meter.role,
        "leader": meter.leader,
        "feeds": dict(meter.states()),
        "items": dict(meter.items),
        "queues": {name: size() for name, size in meter.queues.items()},
        "lag_seconds": round(meter.lag, 1),
        "last_commit": meter.last_commit,
    }


def metrics(meter: Meter) -> str:
    """What /metrics tells."""
    return "".join(f"{line}\n" for line in _lines(meter))


def _lines(meter: Meter) -> Iterator[str]:
    yield from _metric("watch_leading", "gauge", "1 where this process leads.", {"": meter.role == "leading"})
    yield from _metric("watch_feeds", "gauge", "Feeds by state.", _by("state", meter.states()))
    yield from _metric(
        "watch_looks_total", "counter", "Looks at feeds by outcome.", _by("outcome", meter.looks)
    )
    yield from _metric("docs_total", "counter", "Items by what became of them.", _by("outcome", meter.items))
    depths = {name: size() for name, size in meter.queues.items()}
    yield from _metric("queue_depth", "gauge", "What waits for each stage.", _by("queue", depths))
    yield from _metric(
        "watch_lag_seconds", "gauge", "How long the feed due longest has waited.", {"": meter.lag}
    )
    last = {} if meter.last_commit is None else {"": meter.last_commit}
    yield from _metric("watch_last_commit_timestamp_seconds", "gauge", "When something was last kept.", last)
    yield "# HELP dragoman_stage_seconds Seconds that stages took."
    yield "# TYPE dragoman_stage_seconds summary"
    for stage in sorted(meter.done):
        yield f'dragoman_stage_seconds_sum{{stage="{stage}"}} {meter.seconds[stage]:.6f}'
        yield f'dragoman_stage_seconds_count{{stage="{stage}"}} {meter.done[stage]}'


def _metric(name: str, kind: str, what: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP dragoman_{name} {what}"
    yield f"# TYPE dragoman_{name} {kind}"
    for labels, value in values.items():
        yield f"dragoman_{name}{labels} {float(value):.15g}"


def _by(label: str, values: Mapping[str, float]) -> dict[str, float]:
    return {f'{{{label}="{name}"}}': value for name, value in sorted(values.items())}
