"""A run that is killed at any moment and run again gives the graph of an undisturbed run."""

import os
import random
import shutil
import signal
import time

import pytest


def _kill_at(world, delay_seconds):
    """Start a run and kill it with its workers; give False when it ended first."""
    process = world.start("run")
    time.sleep(delay_seconds)
    ended = process.poll() is not None
    if not ended:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return not ended


def _undisturbed(world):
    started = time.monotonic()
    world.call("run")
    return world.quads(), time.monotonic() - started


def _forget_results(world):
    for name in ("staging", "stores", "cache"):
        shutil.rmtree(world.home / name, ignore_errors=True)
    for file in world.home.glob("catalog.sqlite*"):
        file.unlink()


def _interrupted(world, seed, kills, seconds):
    chance = random.Random(seed)
    _forget_results(world)
    hits = sum(_kill_at(world, chance.uniform(0.3, seconds)) for _ in range(kills))
    world.call("run")
    return world.quads(), hits


@pytest.mark.timeout(600)
def test_a_run_killed_at_four_moments_gives_the_same_graph(world):
    expected, seconds = _undisturbed(world)
    quads, hits = _interrupted(world, seed=1, kills=4, seconds=seconds * 0.8)
    assert hits
    assert quads == expected


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_runs_killed_at_twenty_seeded_moments_give_the_same_graph(world):
    expected, seconds = _undisturbed(world)
    hits = 0
    for seed in range(5):
        quads, killed = _interrupted(world, seed, kills=4, seconds=seconds)
        hits += killed
        assert quads == expected
    assert hits >= 10
