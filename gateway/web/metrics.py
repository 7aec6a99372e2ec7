"""Counts and durations of requests, kept as plain numbers and turned into Prometheus's form only for a scrape."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Requests by dialect, operation and outcome, and figures of other rooms (`add_gauges`), read when somebody asks."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, str], int] = {}
        self._durations: dict[str, tuple[list[int], list[float]]] = {}
        self._gauges: list[tuple[Callable[[], Mapping[str, float]], Mapping[str, str]]] = []

    def observe(self, dialect: str, operation: str, outcome: str, seconds: float) -> None:
        """Count one answered request."""
        key = (dialect, operation, outcome)
        self._requests[key] = self._requests.get(key, 0) + 1
        counts, total = self._durations.get(dialect) or self._new_durations(dialect)
        counts[bisect_left(_BUCKETS, seconds)] += 1
        total[0] += seconds

    def _new_durations(self, dialect: str) -> tuple[list[int], list[float]]:
        return self._durations.setdefault(dialect, ([0] * (len(_BUCKETS) + 1), [0.0]))

    def add_gauges(self, source: Callable[[], Mapping[str, float]], labels: Mapping[str, str] = _NO_LABELS) -> None:
        """Add a source of named figures, such as a store's. Sources with a name in common differ in their labels' values."""
        self._gauges.append((source, labels))

    def collect(self) -> Iterable[Metric]:
        """What Prometheus reads: the custom-collector protocol of prometheus_client."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        from gateway.web.metrics_help import HELP

        requests = CounterMetricFamily(
            "invoice_gateway_requests", HELP["requests"].help, labels=HELP["requests"].labels
        )
        for key, count in self._requests.items():
            requests.add_metric(key, count)
        yield requests
        durations = HistogramMetricFamily(
            "invoice_gateway_request_seconds", HELP["request_seconds"].help, labels=HELP["request_seconds"].labels
        )
        for dialect, (counts, total) in self._durations.items():
            durations.add_metric([dialect], _cumulated(counts), total[0])
        yield durations
        gauges: dict[str, GaugeMetricFamily] = {}
        for source, of in self._gauges:
            for name, value in source().items():
                family = gauges.get(name)
                if family is None:
                    text = HELP[name].help if name in HELP else name.replace("_", " ")
                    family = GaugeMetricFamily(f"invoice_gateway_{name}", text, labels=list(of))
                    gauges[name] = family
                family.add_metric(list(of.values()), value)
        yield from gauges.values()

    def describe(self) -> Iterable[Metric]:
        """Nothing: families depend on what was seen."""
        return ()

    def exposition(self) -> tuple[bytes, str]:
        """The text for a scrape and its content type."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry), CONTENT_TYPE_LATEST


def _cumulated(counts: list[int]) -> list[tuple[str, float]]:
    running = 0
    result: list[tuple[str, float]] = []
    for bound, count in zip((*map(str, _BUCKETS), "+Inf"), counts, strict=True):
        running += count
        result.append((bound, float(running)))
    return result
