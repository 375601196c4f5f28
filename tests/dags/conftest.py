"""Airflow for tests, in a process of its own: it changes logging and settings of whatever imports it."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


class Airflow:
    """A running `driver.py`."""

    canary = "canary-4f1d-of-the-lost-source"

    def __init__(self, home):
        self.home = home
        self.log = home / "driver.log"
        self.environment = {
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "BIFROST_RETRY_DELAY_SECONDS": "0.1",
            "BIFROST_MAPPED_TASKS": "2",
            "LOST_PASSWORD": self.canary,
        }

    @contextmanager
    def running(self, project=None):
        if project:
            self.environment["BIFROST_HOME"] = str(project.home)
            migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
            subprocess.run(migrate, env=self.environment, check=True, capture_output=True, timeout=240)
        reading, writing = os.pipe()
        command = [sys.executable, str(Path(__file__).parent / "driver.py"), str(writing)]
        with self.log.open("w") as log, os.fdopen(reading) as self.answers:
            process = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[writing],
                text=True,
            )
            os.close(writing)
            self.commands = process.stdin
            yield self
            process.stdin.close()
            process.wait(30)

    def parse(self, home):
        return self._ask({"parse": str(home)})

    def test(self, dag_id, **conf):
        return self._ask({"test": dag_id, "conf": conf})

    def _ask(self, command):
        self.commands.write(json.dumps(command) + "\n")
        self.commands.flush()
        answer = self.answers.readline()
        assert answer, self.log.read_text()[-4000:]
        return json.loads(answer)


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    return Airflow(tmp_path_factory.mktemp("airflow"))
