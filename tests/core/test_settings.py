"""bifrost.yaml is strict and says what is wrong where."""

import pytest

from bifrost.config import load_settings, read_source
from bifrost.errors import ConfigInvalid


def _settings(folder, text):
    (folder / "bifrost.yaml").write_text(text)
    return load_settings(folder)


def test_a_missing_file_means_the_defaults(tmp_path):
    assert load_settings(tmp_path).linking.precision == 0.95


def test_an_unknown_key_is_named_with_the_valid_ones(tmp_path):
    valid = "ask_above, engine, graph_learning, new_entity_below, precision, refit_after, spark, text_vectors"
    with pytest.raises(ConfigInvalid, match=rf"linking\.precison: unknown key; valid: {valid}$"):
        _settings(tmp_path, "linking: {precison: 0.9}")


def test_a_value_out_of_range_is_named_with_its_path(tmp_path):
    with pytest.raises(ConfigInvalid, match=r"linking\.precision: .*less than 1"):
        _settings(tmp_path, "linking: {precision: 2}")


def test_an_unknown_kind_of_source_lists_the_kinds(tmp_path):
    with pytest.raises(ConfigInvalid, match=r"sources\.crm(.|\n)*unknown kind 'oracl'; valid: .*sqlite"):
        _settings(tmp_path, "sources: {crm: {kind: oracl}}")


def test_a_wrong_setting_of_a_source_names_the_source(tmp_path):
    with pytest.raises(ConfigInvalid, match=r"sources\.crm(.|\n)*pth: unknown key; valid: .*path"):
        _settings(tmp_path, "sources: {crm: {kind: sqlite, pth: crm.db}}")


def test_a_secret_in_clear_is_refused_and_not_repeated():
    entry = {"kind": "postgresql", "host": "h", "database": "d", "user": "u", "password": "hunter2-canary"}
    with pytest.raises(ConfigInvalid, match="give a reference") as caught:
        read_source("crm", entry, where="source 'crm'")
    assert "hunter2-canary" not in str(caught.value)


def test_a_file_that_is_no_yaml_is_named(tmp_path):
    with pytest.raises(ConfigInvalid, match=r"bifrost\.yaml"):
        _settings(tmp_path, "a: [1")


def test_the_base_ends_with_a_slash(tmp_path):
    assert _settings(tmp_path, "base: https://kg.example.com").base == "https://kg.example.com/"
