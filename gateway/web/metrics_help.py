"""What each metric means: the help texts of `/metrics`, and the page of the reference that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple


class MetricHelp(NamedTuple):
    """A metric.

    help: what it measures, with its unit.
    labels: the names of its labels, apart from `worker`, which every metric of a gateway with several workers has.
    kind: its type in Prometheus' words.
    """

    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["counter", "gauge", "histogram"] = "gauge"


_STORE: Final = ("store",)
_PORT: Final = ("port",)

HELP: Final[Mapping[str, MetricHelp]] = MappingProxyType(
    {
        "requests": MetricHelp("Requests answered.", ("dialect", "operation", "outcome"), "counter"),
        "request_seconds": MetricHelp("Time to answer a request, in seconds.", ("dialect",), "histogram"),
        "wrong_credentials": MetricHelp("Requests with wrong credentials.", _PORT),
        "wrong_credentials_delayed": MetricHelp("Refusals of wrong credentials that had to wait.", _PORT),
        "wrong_credentials_waiting": MetricHelp("Refusals of wrong credentials that wait now.", _PORT),
        "journal_recorded": MetricHelp("Requests recorded in the journal."),
        "journal_lost": MetricHelp("Requests that the journal could not record."),
        "journal_waiting": MetricHelp("Requests that wait to be written to the journal now."),
        "outbound_answered": MetricHelp("Requests to other servers that got an answer, whatever its status."),
        "outbound_failed": MetricHelp("Requests to other servers that got no answer."),
        "outbound_refused": MetricHelp(
            "Requests to other servers that must not go where they were to go, or cannot be sent."
        ),
        "outbound_under_way": MetricHelp("Requests to other servers that are under way now."),
        "due_work_delivered": MetricHelp("Items of due work that are done."),
        "due_work_failed": MetricHelp("Attempts at items of due work that failed and are made again."),
        "due_work_given_up": MetricHelp("Items of due work that were given up."),
        "due_work_under_way": MetricHelp("Items of due work that this process works on now."),
        "watermark_writes": MetricHelp("Writes of the watermark."),
        "watermark_failures": MetricHelp("Writes of the watermark that failed."),
        "store_groups": MetricHelp("Groups of commands handed to the store.", _STORE),
        "store_jobs": MetricHelp("Commands in those groups.", _STORE),
        "store_largest_group": MetricHelp("Commands in the largest group.", _STORE),
        "store_refused": MetricHelp("Commands that the rules refused, or whose conditions did not hold.", _STORE),
        "store_failed": MetricHelp("Commands that failed in any other way.", _STORE),
        "store_overloaded": MetricHelp("Commands that were not taken, because too many waited.", _STORE),
        "store_commits": MetricHelp("Commits that had something to write.", _STORE),
        "store_commit_seconds": MetricHelp("Seconds spent in commits, the wait for the disk included.", _STORE),
        "store_replays": MetricHelp("Groups that were tried again command by command.", _STORE),
        "store_waiting": MetricHelp("Commands that wait for the store now.", _STORE),
        "store_questions": MetricHelp("Questions that reads asked (PostgreSQL).", _STORE),
        "store_selects": MetricHelp("SELECT statements that answered them (PostgreSQL).", _STORE),
        "store_regressions": MetricHelp("Times a database was seen to have gone back (PostgreSQL).", _STORE),
    }
)
"""By name, without the `invoice_gateway_` in front of each. A figure that a room adds needs a row here."""

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dialect": "The name of the dialect, as in the configuration.",
        "operation": "The vendor's name of the operation; empty where none was recognised.",
        "outcome": "`ok`, `refused`, or a word for what went wrong, such as the name of a refusal or failure.",
        "port": "The port that was asked: `data` or `admin`.",
        "store": "The name of the store; `default` where the configuration names none.",
        "worker": "The number of the worker, where there are several.",
    }
)
"""The labels, and what their values are."""
