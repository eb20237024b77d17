"""Forks, exits, signals and memory: what happens outside a single run."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ANSWER, QUESTION, Loopback, agent_of, models

from cascadeflow import CascadeAgent, _native

STATM = Path("/proc/self/statm")


def script(
    body: str, *, timeout: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs `body` in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(body)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
        check=False,
    )


def in_child(work: Callable[[], None]) -> int:
    """The exit status of a forked child that does `work`."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
    for _ in range(600):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_an_agent_works_on_both_sides_of_a_fork(loopback: Loopback) -> None:
    agent = CascadeAgent(models(api_key="k", base_url=loopback.url))
    assert asyncio.run(agent.run(QUESTION)).content == ANSWER  # opens a connection to keep

    def work() -> None:
        assert asyncio.run(agent.run(QUESTION)).content == ANSWER
        assert agent.run_sync(QUESTION).content == ANSWER

        def deeper() -> None:
            assert asyncio.run(agent.run(QUESTION)).content == ANSWER

        assert in_child(deeper) == 0

    assert in_child(work) == 0
    assert in_child(work) == 0
    assert asyncio.run(agent.run(QUESTION)).content == ANSWER


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_python_providers_work_after_a_fork() -> None:
    agent = agent_of()
    assert asyncio.run(agent.run(QUESTION)).content == ANSWER

    def work() -> None:
        assert asyncio.run(agent.run(QUESTION)).content == ANSWER

    assert in_child(work) == 0


@pytest.mark.parametrize("how", ["return", "exit", "thread", "abandoned loop"])
def test_the_interpreter_ends_with_work_in_flight(loopback: Loopback, how: str) -> None:
    loopback.hold.clear()
    ended = script(
        f"""
        import asyncio, sys, threading, time, warnings
        from cascadeflow import CascadeAgent, ModelConfig
        model = ModelConfig("m", provider="openai", api_key="k", cost=1, base_url={loopback.url!r})
        agent = CascadeAgent([model])

        async def main():
            task = asyncio.create_task(agent.run("hello there"))
            await asyncio.sleep(0.3)
            if {how!r} == "exit":
                sys.exit(3)

        if {how!r} == "thread":
            threading.Thread(target=agent.run_sync, args=("hello",), daemon=True).start()
            time.sleep(0.3)
        elif {how!r} == "abandoned loop":
            warnings.simplefilter("ignore")
            loop = asyncio.new_event_loop()
            task = loop.create_task(main())
            loop.run_until_complete(asyncio.sleep(0.1))
        else:
            asyncio.run(main())
        """
    )
    assert ended.returncode == (3 if how == "exit" else 0), ended.stderr
    assert "Fatal" not in ended.stderr
    assert "panicked" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals work differently")
def test_an_interrupt_ends_a_synchronous_call(loopback: Loopback) -> None:
    # A process started in the background may ignore interrupts; the test is about one that does
    # not.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    loopback.hold.clear()
    agent = CascadeAgent(models(api_key="k", base_url=loopback.url))
    threading.Thread(
        target=lambda: (loopback.received.wait(10), os.kill(os.getpid(), signal.SIGINT)),
    ).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            agent.run_sync(QUESTION)
    finally:
        signal.signal(signal.SIGINT, before)
    assert loopback.disconnected.wait(10)


def test_a_synchronous_call_leaves_the_interpreter_to_others(loopback: Loopback) -> None:
    loopback.hold.clear()
    agent = CascadeAgent(models(api_key="k", base_url=loopback.url), deadline=0.5)
    counted = 0

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.001)

    done = threading.Event()
    thread = threading.Thread(target=count)
    thread.start()
    with pytest.raises(Exception, match=r"deadline|time"):
        agent.run_sync(QUESTION)
    done.set()
    thread.join()
    assert counted > 20


def test_loops_in_many_threads_with_python_providers() -> None:
    agent = agent_of()
    answers: list[str] = []

    def work() -> None:
        for _ in range(10):
            answers.append(asyncio.run(agent.run(QUESTION)).content)
            answers.append(agent.run_sync(QUESTION).content)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [ANSWER] * 120


def resident_kilobytes() -> int:
    pages = int(STATM.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


@pytest.mark.skipif(not STATM.exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("python_provider", [False, True])
def test_memory_stays_flat(python_provider: bool) -> None:
    agent = agent_of()
    if not python_provider:
        agent.providers = {"openai": _native.bench_instant_provider(ANSWER)}

    async def main(runs: int) -> None:
        for _ in range(runs):
            await agent.run(QUESTION)

    providers = list(agent.model_providers.values())

    def forget() -> None:
        for provider in providers:
            getattr(provider, "calls", []).clear()

    asyncio.run(main(4000))
    forget()
    before = resident_kilobytes()
    for _ in range(4):
        asyncio.run(main(4000))
        forget()
    assert resident_kilobytes() - before < 2048


def test_importing_the_package_imports_little() -> None:
    ended = script(
        """
        import sys
        before = set(sys.modules)
        import cascadeflow
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        assert new <= {"cascadeflow", "__future__"}, new
        from cascadeflow import CascadeAgent, ModelConfig
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        foreign = new - set(sys.stdlib_module_names) - {"cascadeflow"}
        assert not foreign, foreign
        assert "asyncio" not in sys.modules
        assert "inspect" not in new or "dataclasses" in new
        """
    )
    assert ended.returncode == 0, ended.stderr


def test_the_console_script() -> None:
    command = str(Path(sys.executable).with_name("cascadeflow"))
    shown = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0
    assert "2.0.0" in shown.stdout
    wrong = subprocess.run([command, "--nonsense"], capture_output=True, text=True, check=False)
    assert wrong.returncode != 0
