"""The page of the metrics."""

from __future__ import annotations

from docs.generate.markdown import code, page, prose, table
from gateway.web.metrics_help import HELP, LABELS


def text() -> str:
    """The page."""
    intro = (
        "`GET /metrics` on the admin port answers in Prometheus' text form. With several workers it counts all of them. Counts"
        " begin with the start of the gateway."
    )
    rows = (
        (code(f"invoice_gateway_{name}"), own.kind, ", ".join(map(code, own.labels)), prose(own.help))
        for name, own in HELP.items()
    )
    labels = ((code(name), prose(LABELS[name])) for name in LABELS)
    return page(
        "Metrics",
        intro,
        table(("Metric", "Type", "Labels", "Meaning"), rows),
        ["## Labels", "", *table(("Label", "Meaning"), labels)],
    )
