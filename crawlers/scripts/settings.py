"""The settings of a source that a script connects."""

import re
from typing import Any

from pydantic import Field, field_validator

from bifrost.config import Strict
from bifrost.secrets import REFERENCE, is_bare_secret

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ScriptConfig(Strict):
    """What to start, what to tell it, and how much it may use."""

    command: list[str] = Field(
        min_length=1,
        description="the executable and its arguments; words that begin with ./ start at the project's home",
    )
    settings: dict[str, str | int | float | bool] = Field(
        default={}, description="what the script is told on standard input; secrets as references"
    )
    environment: dict[str, str] = Field(
        default={}, description="variables that the script gets besides PATH, LANG and HOME; secrets as references"
    )
    include: list[str] = Field(default=["*"], description="patterns of wanted items; * stands for any characters")
    exclude: list[str] = Field(default=[], description="patterns of unwanted items; they win")
    answer_seconds: float = Field(default=3600, gt=0, description="longest time for one answer")
    silence_seconds: float = Field(default=120, gt=0, description="longest time in which the script says nothing")
    cpu_seconds: int = Field(default=3600, ge=1, description="most processor time of each of its processes")
    memory_mb: int = Field(default=2048, ge=32, description="most address space of each of its processes")
    output_mb: int = Field(default=4096, ge=1, description="largest answer")
    open_files: int = Field(default=256, ge=16, description="most open files of each of its processes")

    @field_validator("command")
    @classmethod
    def _has_no_secrets(cls, words: list[str]) -> list[str]:
        if any(REFERENCE.search(word) for word in words):
            raise ValueError("everybody on the machine can read a command line: give secrets in settings")
        if not words[0] or any("\0" in word for word in words):
            raise ValueError("must name an executable")
        return words

    @field_validator("settings", "environment")
    @classmethod
    def _refers_to_secrets(cls, values: dict[str, Any]) -> dict[str, Any]:
        if bare := [name for name, value in values.items() if is_bare_secret(name, value)]:
            raise ValueError(f"{bare[0]}: give a reference such as ${{env:NAME}}, not the secret")
        return values

    @field_validator("environment")
    @classmethod
    def _names_variables(cls, values: dict[str, str]) -> dict[str, str]:
        if wrong := [name for name in values if not _VARIABLE.fullmatch(name)]:
            raise ValueError(f"{wrong[0]!r} is no name of a variable")
        return values
