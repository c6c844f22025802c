"""A ``map`` over several processes, for work that comes in many parts and gives back little."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from .errors import ArmsBenchError

Job = TypeVar("Job")
Result = TypeVar("Result")


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parallel_map(
    function: Callable[[Job], Result], jobs: Sequence[Job], processes: int
) -> Generator[Result, None, None]:
    """``function`` of every job, in order, from so many processes: this one, and others that are forked.

    They take the jobs in turn. ``function`` must not need Python's garbage collector, which is off until the iterator
    ends; what it gives and what it raises must survive pickling. An exception is raised here. Closing the iterator ends
    the helping processes, and they end by themselves when this one is gone. Raises ArmsBenchError if one of them is
    ended from outside.
    """
    takers = max(1, min(processes, len(jobs))) if "fork" in multiprocessing.get_all_start_methods() else 1
    helpers: list[tuple[Any, Connection]] = []
    with _no_garbage_collection():
        try:
            for number in range(1, takers):
                helpers.append(_start(function, jobs[number::takers], [connection for _, connection in helpers]))
            for number, job in enumerate(jobs):
                turn = number % takers
                yield _received(helpers[turn - 1][1]) if turn else function(job)
        finally:
            for process, connection in helpers:
                connection.close()
                process.kill()
                process.join()


def _received(connection: Connection) -> Any:
    """The next result of a helper; raises what the helper raised."""
    try:
        failed, result = connection.recv()
    except (EOFError, OSError):  # between two results, or within one
        message = "a process that helped was ended from outside, perhaps for want of memory. Run it again."
        raise ArmsBenchError(message) from None
    if failed:
        raise result
    return result


def _start(function: Callable[[Job], Result], jobs: Sequence[Job], inherited: Sequence[Connection]) -> Any:
    """A process that sends what ``function`` makes of each job, and our end of its pipe."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(function, jobs, sending, [*inherited, receiving]), daemon=True)
    with warnings.catch_warnings():
        # Python warns of forking beside other threads: here they belong to numpy's linear algebra, which is idle, and
        # to the line that shows progress, which the new process does not touch.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sending.close()  # so that the end of the process is the end of the pipe
    return process, receiving


def _work(
    function: Callable[[Job], Result], jobs: Sequence[Job], sending: Connection, inherited: Sequence[Connection]
) -> None:
    gc.disable()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # it ends us without a word; the parent has its own way
    for connection in inherited:
        connection.close()  # so that the pipe breaks when the parent is gone
    try:
        for job in jobs:
            try:
                message = (False, function(job))
            except Exception as error:
                message = (True, error)  # type: ignore[assignment]
            sending.send(message)
    except BrokenPipeError:
        pass


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
