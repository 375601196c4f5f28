"""What all tests share."""

import os
from pathlib import Path

import hypothesis
import pytest

# How fast examples are made tells how busy the machine is, and nothing about our code.
_BUSY = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("local", suppress_health_check=_BUSY)
# A change must not fail for an example that chance found elsewhere; locally every run looks for new ones.
hypothesis.settings.register_profile("ci", derandomize=True, suppress_health_check=_BUSY)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def keys_of_this_run(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep keys that a test makes out of the configuration of whoever runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "config"))
    monkeypatch.delenv("BIFROST_SECRET_KEY", raising=False)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Find the public data with ground truth beside the project, or skip with the reason."""
    folder = Path(__file__).parent.parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the data with ground truth is not beside the project ({folder})")
    return folder
