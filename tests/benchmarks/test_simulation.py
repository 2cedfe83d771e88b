"""The deployment on paper adds up: its arithmetic, its two simulations, and the page that shows them."""

import json
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest

from benchmarks.simulation import figures, tables
from benchmarks.simulation.__main__ import made_tables, with_tables
from benchmarks.simulation.deployment import (
    FULL,
    PARTITIONS,
    Load,
    Plan,
    Use,
    busiest,
    cell,
    redis_cores,
    redis_wait,
    rounds,
    settled,
)
from benchmarks.simulation.fanout import fanout
from benchmarks.simulation.zone import LEASE_SECONDS, LOST, RENEW_SECONDS, Clients, lose_a_zone

KNOWN: dict[str, dict[str, Any]] = json.loads(figures.FILE.read_text())
COSTS = figures.load()
LOAD = Load()
PLAN = Plan(20, 8)
PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


# --- where readers are ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("processes", "comes_back"), [(2, 10.0), (10, 60.0), (50, 60.0)])
def test_the_share_of_readers_that_are_away_is_what_arithmetic_says(processes: int, comes_back: float) -> None:
    seen = fanout(streams=4000, processes=processes, answer_seconds=20, comes_back=comes_back, steps=120)
    late = seen.remote[60:]
    assert sum(late) / len(late) == pytest.approx(settled(20, comes_back, processes), abs=0.03)


def test_where_all_come_back_at_once_one_of_as_many_as_there_are_processes_is_at_home() -> None:
    seen = fanout(streams=4000, processes=8, answer_seconds=20, comes_back=1e9, steps=100, all_leave_at=10)
    assert seen.remote[8] == 0
    assert seen.remote[9] == pytest.approx(7 / 8, abs=0.06)  # but for those that ended in that second
    assert seen.remote[-1] < 0.05


def test_with_one_process_all_readers_are_at_home() -> None:
    seen = fanout(streams=100, processes=1, answer_seconds=20, comes_back=1, steps=5, all_leave_at=3)
    assert (seen.remote, seen.fullest) == ([0.0] * 5, 1.0)


# --- what a cell takes ------------------------------------------------------------------------------------------------


def test_there_are_as_many_rounds_as_events_until_the_pause_is_longer_than_the_wait_for_one() -> None:
    assert rounds(0.0, 1.0) == 0
    assert rounds(10.0, 0.0) == 10
    assert rounds(1e9, 0.002) == pytest.approx(500)


@pytest.mark.parametrize(("shards", "share"), [(1, 1.0), (16, 1.0), (12, 1.125), (64, 1.0)])
def test_the_busiest_shard_has_whole_partitions(shards: int, share: float) -> None:
    assert busiest(shards) == share
    assert busiest(shards) * PARTITIONS / shards == int(busiest(shards) * PARTITIONS / shards)


@pytest.mark.parametrize("plan", tables.PLANS)
def test_a_cell_has_as_many_processes_as_its_streams_need(plan: Plan) -> None:
    one = cell(COSTS, LOAD, plan)
    fewer = cell(COSTS, LOAD, plan, one.processes - 1)
    assert one.process_busy <= plan.busy
    assert fewer.process_busy > plan.busy * 0.95
    assert one.streams * plan.cells == LOAD.streams


def test_what_goes_to_clients_and_to_the_disk_is_the_same_in_however_many_cells() -> None:
    cells = [(plan.cells, cell(COSTS, LOAD, plan)) for plan in tables.PLANS]
    assert {round(count * one.network) for count, one in cells} == {round(LOAD.streams * LOAD.rate * LOAD.frame)}
    wal = LOAD.streams * (COSTS.database_turn_wal / LOAD.seconds + COSTS.database_checkpoint_wal / 0.7)
    assert [count * one.database_wal for count, one in cells] == pytest.approx([wal] * len(cells))


def test_a_redis_that_is_full_makes_its_users_wait_until_it_gets_through() -> None:
    plan = Plan(20, 1)
    few, many, more = (Use(streams, streams * 20, streams * 6, 60) for streams in (1_000.0, 60_000.0, 6e8))
    assert redis_wait(COSTS, LOAD, plan, few) == 0
    wait = redis_wait(COSTS, LOAD, plan, many)
    assert 0 < wait < 1
    assert redis_cores(COSTS, LOAD, plan, many, wait) == pytest.approx(FULL, rel=1e-3)
    assert redis_cores(COSTS, LOAD, plan, many, 0.0) > FULL
    assert redis_wait(COSTS, LOAD, plan, more) == inf


def test_readers_that_are_away_cost_the_processes_and_redis_more() -> None:
    usual = cell(COSTS, LOAD, PLAN)
    worst = cell(COSTS, replace(LOAD, all_came_back=True), PLAN, usual.processes)
    assert worst.remote > usual.remote
    assert worst.process_busy > usual.process_busy
    assert worst.redis_busiest > usual.redis_busiest
    assert worst.database_cores == usual.database_cores


# --- a zone is lost ---------------------------------------------------------------------------------------------------


def test_everybody_comes_back_once_where_there_is_enough_to_spare() -> None:
    one = cell(COSTS, LOAD, PLAN)
    storm = lose_a_zone(one, COSTS, LOAD, PLAN, Clients())
    assert storm.attempts == round(one.streams * LOST)
    assert storm.until(storm.away) < 5
    assert storm.away == sorted(storm.away, reverse=True)


def test_who_is_not_answered_in_time_tries_again_and_in_the_end_everybody_is() -> None:
    plan = replace(PLAN, busy=0.95)
    costs = replace(COSTS, attach=COSTS.attach * 10)
    one = cell(costs, LOAD, plan)
    storm = lose_a_zone(one, costs, LOAD, plan, Clients(), seconds=600)
    assert storm.attempts > 1.5 * one.streams * LOST
    assert 10 < storm.until(storm.away) < inf
    assert storm.full(storm.process_busy) > 10


def test_where_nothing_is_spare_nobody_is_answered() -> None:
    one = replace(cell(COSTS, LOAD, PLAN), processes=1)
    storm = lose_a_zone(one, COSTS, LOAD, PLAN, Clients(), seconds=20)
    assert {*storm.away} == {round(one.streams * LOST)}
    assert storm.until(storm.away) == inf


def test_the_dead_are_known_when_their_leases_end_and_their_runs_are_ended_then() -> None:
    storm = lose_a_zone(cell(COSTS, LOAD, PLAN), COSTS, LOAD, PLAN, Clients())
    counts = zip(storm.seconds, storm.orphans, strict=True)
    before = [count for at, count in counts if at < LEASE_SECONDS - RENEW_SECONDS]
    assert set(before) == {max(storm.orphans)}
    assert LEASE_SECONDS - RENEW_SECONDS < storm.until(storm.orphans) < 15
    assert storm.orphans[-1] == 0


# --- figures and page -------------------------------------------------------------------------------------------------


def test_a_runs_figures_replace_those_that_are_known_and_others_stay() -> None:
    ours = {"ours": {"median": 3.0, "median_beside": 4.0}}
    figure = {"name": "pg_turn", "title": "t", "detail": "d", "unit": "us", "contenders": ours}
    run = {"machine": {"commit": "abc", "date": "2026-01-02T03:04:05Z", "cores": 2}}
    results = {**run, "figures": [figure, {**figure, "name": "deltas"}, {**figure, "name": "idle", "contenders": {}}]}
    taken = figures.take(results, {"idle": {"value": 1.0}, "pg_turn": {"value": 2.0}})
    assert taken["idle"] == {"value": 1.0}
    assert {name: taken["pg_turn"][name] for name in ("value", "beside", "commit", "date")} == {
        "value": 3.0,
        "beside": 4.0,
        "commit": "abc",
        "date": "2026-01-02",
    }
    assert taken.keys() == {"idle", "pg_turn"}


def test_costs_are_seconds_and_bytes() -> None:
    made = figures.costs_of({name: {"value": 2.0, "beside": 5.0} for name in figures.WANTED})
    assert (made.entry, made.turn, made.process_memory, made.stream_memory) == (2e-6, 2e-3, 2 * 2**20, 2048)
    assert (made.pipeline, made.database_attach, made.recovery) == (0.0, 5e-3, 5.0)


def test_every_figure_is_there_and_says_where_it_comes_from() -> None:
    assert KNOWN.keys() == set(figures.WANTED)
    for figure in KNOWN.values():
        assert {"value", "unit", "title", "detail", "commit", "date", "cores"} <= figure.keys()


def test_the_page_has_the_tables_that_the_figures_make() -> None:
    page = PAGE.read_text()
    assert with_tables(page, made_tables(KNOWN)) == page


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the table"):
        with_tables("# Scale\n", made_tables(KNOWN))
