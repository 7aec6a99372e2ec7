"""Answers of several workers as one: their metrics, and their health."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gateway.server.supervisor.talk import Answer

if TYPE_CHECKING:
    from prometheus_client.core import Metric


def merged_health(answers: Sequence[Answer]) -> Answer:
    """The health of all workers: what each is answering now is added up.

    A worker that cannot commit makes the whole degraded. When none can, or none may answer, the first one says why.
    """
    good = [answer for answer in answers if answer.status == 200]
    if not good:
        return answers[0]
    shown = [answer.facts() for answer in good]
    in_flight = Counter[str]()
    for dialect in (dialect for facts in shown for dialect in facts["dialects"]):
        in_flight[dialect["name"]] += dialect["in_flight"]
    is_ready = len(good) == len(answers) and all(facts["status"] == "ready" for facts in shown)
    return good[0].with_facts(
        status="ready" if is_ready else "degraded",
        uptime_seconds=max(facts["uptime_seconds"] for facts in shown),
        dialects=[{"name": name, "in_flight": count} for name, count in sorted(in_flight.items())],
    )


def merged_metrics(texts: Iterable[tuple[str, str]]) -> tuple[bytes, str]:
    """Merge the metrics of several workers: each sample gets a `worker` label. Returns body and content type."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
    from prometheus_client.parser import text_string_to_metric_families

    families: dict[str, Metric] = {}
    for worker, text in texts:
        for family in text_string_to_metric_families(text):
            target = families.setdefault(family.name, family)
            samples = [sample._replace(labels={**sample.labels, "worker": worker}) for sample in family.samples]
            if target is family:
                family.samples = samples
            else:
                target.samples.extend(samples)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(families.values()))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Families:
    """What prometheus_client asks of a collector."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families

    def describe(self) -> Iterable[Metric]:
        return ()
