"""pack.yaml: what the file of a domain pack may say, strictly checked."""

import re
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, field_validator

from bifrost.config import Strict, checked
from bifrost.errors import ConfigInvalid, UnknownName
from extractors.packs.checks import check_named
from extractors.packs.shapes import Shape

FILE_NAME = "pack.yaml"

Pattern = str | list[str]


class ShapeEntry(Strict):
    """An identifier."""

    label: str = Field(pattern=r"^[A-Z][A-Z0-9_-]*$", description="label of the mentions")
    pattern: Pattern = Field(description="regular expression; pieces in a list are joined")
    confidence: float = Field(default=0.9, gt=0, le=1, description="of what the pattern finds and the check passes")
    check: str = Field(default="", description="a check of ours, or a module of python-stdnum")
    near: list[str] = Field(default=[], description="words of which one must stand near")
    value: Literal["spaces", "compact", "lower", "upper", "numbered"] = Field(
        default="spaces", description="normal form where no check gives it"
    )

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: Pattern) -> str:
        return compiled(pattern).pattern

    @field_validator("check")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name:
            try:
                check_named(name)
            except UnknownName as error:
                raise ValueError(str(error)) from error
        return name

    def shape(self) -> Shape:
        """Give what finds it."""
        return Shape(
            label=self.label,
            pattern=compiled(self.pattern),
            confidence=self.confidence,
            check=check_named(self.check) if self.check else None,
            near=tuple(word.lower() for word in self.near),
            value=self.value,
        )


class RelationEntry(Strict):
    """A relation that texts state by a phrase between two mentions."""

    name: str = Field(min_length=1, description="name of the relation")
    subject: list[str] = Field(default=[], description="labels of its subject; empty for any")
    object: list[str] = Field(default=[], description="labels of its object; empty for any")
    phrase: Pattern = Field(default="", description="regular expression between subject and object")
    turned: Pattern = Field(default="", description="the same where the object stands first (`is supplied by`)")

    @field_validator("phrase", "turned")
    @classmethod
    def _compiles(cls, pattern: Pattern) -> str:
        return compiled(pattern).pattern


class PackFile(Strict):
    """What pack.yaml holds."""

    description: str = Field(description="what it is for, in a sentence")
    extends: list[str] = Field(default=[], description="packs whose content it takes over")
    labels: list[str] = Field(default=[], description="labels of the names that its models find")
    heads: list[str] = Field(default=[], description="heads of its model that find them, the weightiest first")
    model: str = Field(default="", description="folder of a trained model of its own, relative to the pack's folder")
    identifiers: list[ShapeEntry] = Field(default=[], description="identifiers")
    gazetteers: list[str] = Field(default=[], description="files of terms, relative to the pack's folder")
    relations: list[RelationEntry] = Field(default=[], description="relations between mentions of a sentence")


def compiled(pattern: Pattern) -> re.Pattern[str]:
    """Compile a pattern, or its pieces joined.

    Raises:
        ValueError: it is no regular expression.
    """
    text = pattern if isinstance(pattern, str) else "".join(pattern)
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error


def read_pack_file(folder: Path) -> PackFile:
    """Read a pack's file.

    Raises:
        ConfigInvalid: it is no YAML, or holds something that a pack cannot have.
    """
    file = folder / FILE_NAME
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigInvalid(str(file), [f"it is no YAML: {' '.join(str(error).split())}"]) from error
    read: PackFile = checked(PackFile, content or {}, str(file))
    return read
