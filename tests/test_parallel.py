"""``parallel_map`` gives what ``map`` gives, and leaves nothing behind whatever happens."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from contextlib import closing

import pytest
from armsbench.corpus.errors import ArmsBenchError
from armsbench.corpus.parallel import parallel_map

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="one process does everything where none can be forked")

HERE = os.getpid()


def square(number: int) -> int:
    return number * number


@pytest.mark.parametrize("jobs", [0, 1, 2, 7])
@pytest.mark.parametrize("processes", [0, 1, 2, 3, 20])
def test_results_come_in_order(jobs: int, processes: int) -> None:
    assert list(parallel_map(square, range(jobs), processes)) == [n * n for n in range(jobs)]
    assert not multiprocessing.active_children()


def test_this_process_and_the_helpers_take_turns() -> None:
    found = list(parallel_map(lambda job: os.getpid(), range(6), 3))
    assert found[:3] == found[3:]
    assert found[0] == HERE
    assert len(set(found)) == 3


@pytest.mark.parametrize("bad", [0, 1, 2], ids=["own", "helper's", "other helper's"])
def test_an_exception_is_raised_here_in_its_turn(bad: int) -> None:
    def fails(job: int) -> int:
        if job == bad:
            raise ValueError(f"job {job}")
        return job

    found: list[int] = []
    with pytest.raises(ValueError, match=f"job {bad}"):
        list(map(found.append, parallel_map(fails, range(9), 3)))
    assert found == list(range(bad))
    assert not multiprocessing.active_children()


def test_a_helper_that_is_killed_is_told_of() -> None:
    def dies(job: int) -> int:
        if os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)
        return job

    with pytest.raises(ArmsBenchError, match="ended from outside"):
        list(parallel_map(dies, range(4), 2))
    assert not multiprocessing.active_children()


def test_a_helper_that_is_killed_within_a_result_is_told_of() -> None:
    with closing(parallel_map(lambda job: bytes(1 << 20), range(9), 3)) as results:
        next(results)
        for process in multiprocessing.active_children():
            os.kill(process.pid or 0, signal.SIGKILL)
        with pytest.raises(ArmsBenchError, match="ended from outside"):
            next(results)


def test_results_larger_than_a_pipe_holds() -> None:
    assert [len(b) for b in parallel_map(lambda job: bytes(job << 20), range(5), 3)] == [j << 20 for j in range(5)]


def test_closing_ends_the_helpers_and_turns_garbage_collection_on_again() -> None:
    with closing(parallel_map(square, range(1000), 3)) as results:
        assert next(results) == 0
        assert len(multiprocessing.active_children()) == 2
        assert not gc.isenabled()
    assert not multiprocessing.active_children()
    assert gc.isenabled()
