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
    """Kill so many runs, each where the one before stopped; a run that ends first gives way to a fresh start."""
    chance = random.Random(seed)
    _forget_results(world)
    hits = 0
    while hits < kills:
        if _kill_at(world, chance.uniform(0.3, seconds * 0.8)):
            hits += 1
        else:
            _forget_results(world)
    world.call("run")
    return world.quads()


@pytest.mark.timeout(600)
def test_a_run_killed_at_four_moments_gives_the_same_graph(world):
    expected, seconds = _undisturbed(world)
    assert _interrupted(world, seed=1, kills=4, seconds=seconds) == expected


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_runs_killed_at_twenty_seeded_moments_give_the_same_graph(world):
    expected, seconds = _undisturbed(world)
    for seed in range(5):
        assert _interrupted(world, seed, kills=4, seconds=seconds) == expected
