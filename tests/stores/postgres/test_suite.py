"""The tests of every store, written for SQLite and run again here on PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.commands import Command
from gateway.stores import open_store
from gateway.stores.engine import tables
from gateway.stores.engine.tenant_rows import CONDITIONS
from gateway.stores.postgres import PostgresStore, queries
from gateway.testing.memory_store import HandClock
from tests import pg
from tests.stores import test_documents, test_records, test_work
from tests.stores.commands import issue, provide_main
from tests.stores.engine import test_catalogue, test_conditions, test_tenant_records, test_tokens, test_unknown_time
from tests.stores.sqlite import test_group_commit, test_opening, test_readers
from tests.stores.test_interleavings import GROUP_LIMITS, NOISY, TOGETHER, WAVES, run_noisy, run_waves

SHARED = (
    test_catalogue.test_exactly_this_is_what_there_is_when_it_is_decided,
    test_catalogue.test_a_seed_that_another_task_has_just_applied_is_not_applied_over_what_clients_did_since,
    test_documents.test_a_read_sees_what_was_acknowledged,
    test_documents.test_a_refused_command_leaves_nothing,
    test_documents.test_documents_are_the_tenants_own,
    test_documents.test_ids_go_on_after_a_restart_whatever_was_proposed,
    test_documents.test_keys_of_creation_survive,
    test_documents.test_many_saves_share_a_commit,
    test_documents.test_number_and_document_are_there_after_a_restart,
    test_documents.test_the_latest_date_of_a_line_survives,
    test_documents.test_every_query_finds_what_was_saved,
    test_documents.test_two_that_change_one_document_at_once,
    test_documents.test_what_cannot_be_kept_fails_alone,
    test_group_commit.test_a_bug_in_one_decision_fails_that_command_alone,
    test_group_commit.test_a_row_that_cannot_be_written_fails_its_command_alone,
    test_group_commit.test_an_answer_is_never_ahead_of_what_peek_shows,
    test_group_commit.test_figures_count,
    test_group_commit.test_refused_neighbours_do_no_harm,
    test_group_commit.test_what_waits_together_is_committed_together,
    test_opening.test_provision_creates_once_and_leaves_what_was_changed_since,
    test_opening.test_provision_says_which_name_is_taken,
    test_opening.test_reading_refuses_what_is_unknown,
    test_readers.test_a_reader_cannot_write,
    test_tenant_records.test_tenants_are_kept_in_the_order_they_were_made,
    test_tenant_records.test_a_tenant_is_not_made_twice,
    test_tenant_records.test_contents_come_back_as_they_were,
    test_tenant_records.test_numbers_go_on_after_a_restoration,
    test_tenant_records.test_what_waits_with_a_replacement_is_neither_lost_nor_mixed_with_it,
    test_tenant_records.test_other_tenants_are_left_alone,
    test_tenant_records.test_series_ids_are_never_used_again,
    test_tenant_records.test_a_document_id_that_is_another_tenants_by_now_is_not_taken_from_it,
    test_tenant_records.test_a_fresh_start_by_the_rules,
    test_tenant_records.test_snapshots_have_names,
    test_tenant_records.test_a_series_made_meanwhile_does_not_get_in_between,
    test_tenant_records.test_the_ledger_can_be_read_from_any_place,
    test_tokens.clock,
    test_tokens.vault,
    test_tokens.test_a_known_token_is_answered_without_the_database,
    test_tokens.test_a_token_is_prolonged,
    test_tokens.test_a_prolongation_changes_no_facts,
    test_tokens.test_a_token_dropped_while_it_is_looked_up_does_not_come_back,
    test_tokens.test_a_token_ends_on_time,
    test_tokens.test_a_token_outlives_a_restart,
    test_tokens.test_put_again_replaces,
    test_tokens.test_a_token_that_was_dropped_is_not_replaced,
    test_tokens.test_of_many_who_drop_a_token_one_has_dropped_it,
    test_tokens.test_a_token_put_again_beside_its_end_is_there_or_not_as_the_order_says,
    test_tokens.test_a_token_whose_end_is_in_doubt_is_looked_up_again,
    test_tokens.test_the_cache_is_bounded_and_forgets_nothing,
    test_tokens.test_what_was_handed_out_cannot_be_changed,
    test_records.test_no_question_harms_the_store,
    test_records.test_a_record_that_no_id_can_name_is_not_there,
    test_work.test_the_next_of_each_lane_and_of_those_that_failed,
    test_work.test_an_item_is_taken_once_and_a_lane_begins_one_first_attempt,
    test_work.test_tenants_with_work_and_the_earliest_moment,
    test_work.test_lists_for_people,
    test_work.test_only_the_last_that_ended_are_kept,
    test_work.test_work_stays_over_a_restart_and_ids_go_on,
    test_work.test_who_watches_is_called_for_work_that_is_free,
    test_work.test_contents_of_a_tenant_have_its_work,
)
globals().update({test.__name__: test for test in SHARED})
WHOLE = (test_tenant_records, test_conditions, test_unknown_time)
globals().update({name: test for room in WHOLE for name, test in vars(room).items() if name.startswith("test_")})

PROPERTY = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
EVERYTHING = ", ".join(table.name for table in CONDITIONS if table is not tables.meta)


def run_on_empty(cluster: pg.Cluster, database: str, work: Any) -> None:
    """Run on an empty database. It keeps the note of the primary's timeline, without which a writer waits for a second."""
    cluster.sql(f"TRUNCATE {EVERYTHING}", database)
    cluster.sql(f"DELETE FROM meta WHERE name <> '{queries.TIMELINE}'", database)
    asyncio.run(work)


@PROPERTY
@given(waves=WAVES, group_limit=GROUP_LIMITS)
def test_any_interleaving_is_some_order(
    cluster: pg.Cluster, database: str, waves: list[list[Command]], group_limit: int
) -> None:
    run_on_empty(cluster, database, run_waves(cluster.url(database), waves, group_limit))


@pytest.mark.parametrize("group_limit", [1, 1024])
@pytest.mark.parametrize("wave", TOGETHER.values(), ids=TOGETHER.keys())
async def test_what_comes_together_sees_what_came_before(
    cluster: pg.Cluster, database: str, wave: list[Command], group_limit: int
) -> None:
    await run_waves(cluster.url(database), [wave, wave], group_limit)


@PROPERTY
@given(requests=NOISY, group_limit=GROUP_LIMITS, cancelled=st.sets(st.integers(0, 59), max_size=8))
def test_issued_is_one_to_n(
    cluster: pg.Cluster, database: str, requests: list[Any], group_limit: int, cancelled: set[int]
) -> None:
    run_on_empty(cluster, database, run_noisy(cluster.url(database), requests, group_limit, cancelled))


@pytest.mark.parametrize("unwritable", ["\ud800", "a\0b"], ids=["no text", "NUL"])
async def test_one_that_cannot_be_written_among_many(store: PostgresStore, unwritable: str) -> None:
    """The group is so large that its rows are copied."""
    await provide_main(store)
    commands = [issue(f"key-{i}", document=unwritable if i == 20 else "fine") for i in range(60)]
    answers = await asyncio.gather(*map(store.execute, commands), return_exceptions=True)
    assert isinstance(answers.pop(20), Exception)
    assert [answer.issued.number for answer in answers] == list(range(1, 60))  # type: ignore[union-attr]
    assert store.stats.replays == 1
    assert (await store.verify())[1] == []


@PROPERTY
@given(
    waves=test_records.WAVES,
    searches=st.lists(st.one_of(test_records.SEARCHES, test_records.SORTED), min_size=1, max_size=6),
    group_limit=GROUP_LIMITS,
    probe=st.sampled_from([1, 2, 1000]),
)
def test_records_are_those_of_some_order(
    cluster: pg.Cluster, database: str, waves: list[list[Command]], searches: list[Any], group_limit: int, probe: int
) -> None:
    async def work() -> None:
        clock = HandClock()
        store = open_store(cluster.url(database), clock=clock)
        store._groups.group_limit = group_limit
        await store.start()
        try:
            await test_records.run_records(store, clock, waves, searches)
        finally:
            await store.close()

    with test_records.probing(probe):
        run_on_empty(cluster, database, work())
