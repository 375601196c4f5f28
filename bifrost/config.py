"""bifrost.yaml: typed, strict, and clear about what is wrong where."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bifrost import plugins
from bifrost.credentials import bare_secrets, references
from bifrost.errors import ConfigInvalid
from bifrost.model import Source

FILE_NAME = "bifrost.yaml"
SOURCE_NAME = r"^[a-z][a-z0-9_-]*$"
RESERVED_NAMES = frozenset({"kinds"})


class Strict(BaseModel):
    """A section that refuses unknown keys; plug-ins derive their configuration from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AcceptedFiles(Strict):
    """Which files a script reads: all that is stated must fit."""

    suffixes: list[str] = Field(default=[], description="endings of names, such as .spx")
    magic: str = Field(default="", description="the first bytes of the files, in hexadecimal")

    @field_validator("suffixes")
    @classmethod
    def _begin_with_a_dot(cls, values: list[str]) -> list[str]:
        return [value.lower() if value.startswith(".") else f".{value.lower()}" for value in values]

    @field_validator("magic")
    @classmethod
    def _is_hexadecimal(cls, value: str) -> str:
        return bytes.fromhex(value).hex()

    @model_validator(mode="after")
    def _say_something(self) -> "AcceptedFiles":
        if not self.suffixes and not self.magic:
            raise ValueError("give suffixes, magic or both")
        return self


class FileScript(Strict):
    """A script that reads files of a type of its own; see docs/write-an-extractor.md."""

    name: str = Field(pattern=SOURCE_NAME, description="what rejects and the log call it")
    command: list[str] = Field(
        min_length=1,
        description="the executable and its arguments; words that begin with ./ start at the project's home",
    )
    accepts: AcceptedFiles = Field(description="which files it reads")
    media_type: str = Field(default="application/octet-stream", description="what these files are")
    settings: dict[str, str | int | float | bool] = Field(
        default={}, description="what the script is told on standard input"
    )
    timeout_seconds: float = Field(default=120, gt=0, description="longest time for one file")
    memory_mb: int = Field(default=2048, ge=32, description="most address space of each of its processes")
    output_mb: int = Field(default=256, ge=1, description="largest answer")

    def at(self, home: Path) -> "FileScript":
        """Let the paths in the command start at the project's home."""
        words = [str(home / word) if word.startswith(("./", "../")) else word for word in self.command]
        return self.model_copy(update={"command": words})


class VisionTask(Strict):
    """A model that looks at pictures."""

    task: Literal["zero-shot-classification", "detection", "captioning"] = Field(description="what it is asked")
    model: str = Field(description="the model's folder, as transformers saves it, relative to the project's home")
    labels: list[str] = Field(default=[], description="what to look for; only for zero-shot classification")
    threshold: float = Field(default=0.5, ge=0, le=1, description="least score of what is kept")

    @model_validator(mode="after")
    def _has_labels_where_they_count(self) -> "VisionTask":
        if (self.task == "zero-shot-classification") != bool(self.labels):
            raise ValueError("labels belong to zero-shot-classification, and to nothing else")
        return self

    def at(self, home: Path) -> "VisionTask":
        """Let the model's folder start at the project's home."""
        return self.model_copy(update={"model": str(home / self.model)})


class Extraction(Strict):
    """How files are read."""

    workers: int = Field(default=2, ge=1, description="worker processes for files")
    item_timeout_seconds: float = Field(
        default=600, gt=0, description="time limit for one file, counted anew while a file of many pages gets further"
    )
    item_memory_mb: int = Field(default=4096, ge=256, description="memory limit of a worker process")
    ocr: bool = Field(default=True, description="read scanned pages and images with Tesseract")
    ocr_languages: str = Field(default="eng", description="Tesseract's languages, joined with +")
    recogniser: Literal["auto", "tesseract", "rapid"] = Field(
        default="auto",
        description="who reads pictures: Tesseract, the networks of rapidocr, or these where Tesseract is doubtful",
    )
    forms_model: str | None = Field(
        default=None, description="folder of a model of your own forms; see extractors.forms.training"
    )
    annotators: list[str] = Field(
        default=["identifiers", "names", "quantities"], description="who finds mentions in texts"
    )
    packs: list[str] = Field(
        default=["general"],
        description="domain packs whose names and identifiers are found: names, or folders such as ./our-pack",
    )
    name_engine: Literal["accurate", "fast", "rules"] = Field(
        default="accurate", description="what finds names: a transformer, a small network, or rules alone"
    )
    embeddings: bool = Field(default=True, description="compare names of fields by meaning, with the installed model")
    scripts: list[FileScript] = Field(default=[], description="scripts that read types of files of your own")
    vision: list[VisionTask] = Field(default=[], description="local models that look at pictures")

    def at(self, home: Path) -> "Extraction":
        """Let relative paths start at the project's home."""
        scripts, vision = ([each.at(home) for each in entries] for entries in (self.scripts, self.vision))
        packs = [str(home / name) if name.startswith(("./", "../")) else name for name in self.packs]
        return self.model_copy(update={"scripts": scripts, "vision": vision, "packs": packs})


class Linking(Strict):
    """How proposals are routed."""

    precision: float = Field(default=0.95, gt=0.5, lt=1, description="precision of what is accepted without asking")
    ask_above: float = Field(default=0.3, ge=0, lt=1, description="below this probability nobody is asked")
    new_entity_below: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="a name in a text that no record bears with this probability becomes an entity; 0: none does",
    )
    graph_learning: bool = Field(default=True, description="train the graph learner for predicted links")
    refit_after: int = Field(
        default=20, ge=1, description="answers on single links after which the graph learner is trained anew"
    )
    text_vectors: bool = Field(
        default=False, description="let the graph learner read texts by meaning; some 10 ms per new text"
    )
    engine: Literal["duckdb", "spark"] = Field(default="duckdb", description="what compares records of large tables")
    spark: dict[str, str] = Field(
        default_factory=lambda: {"spark.master": "local[2]"}, description="properties of the session, for engine spark"
    )


class Stores(Strict):
    """Which projections are fed."""

    projections: list[str] = Field(default=["triples", "search"], description="names of projections")
    query_timeout_seconds: float = Field(default=30, gt=0, description="time limit for one query")
    semantic_search: bool = Field(
        default=False, description="also search by meaning; encoding takes some 10 ms per changed entity"
    )


class Serving(Strict):
    """Where the server listens."""

    host: str = Field(default="127.0.0.1", description="address to bind; loopback unless told otherwise")
    port: int = Field(default=8765, ge=0, le=65535)
    allowed_hosts: list[str] = Field(
        default_factory=list,
        description="names under which browsers may reach the server, besides localhost and addresses",
    )
    user_header: str | None = Field(
        default=None, description="header with the person's name, set by a proxy that everybody must pass"
    )
    body_limit_mb: float = Field(default=8, gt=0, description="largest request body")


class Logging(Strict):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "warning"
    format: Literal["console", "json"] = "console"


class KeptSecrets(Strict):
    """How secrets that are given through the API are encrypted."""

    key_file: str | None = Field(
        default=None,
        description="file with their key, relative to the project's home; "
        "keep it out of what is backed up with the catalog",
    )


class TableSelection(Strict):
    """What every kind of source with tables lets people choose; kinds of databases derive their settings from it."""

    include: list[str] = Field(default=["*"], description="patterns of wanted tables, such as sales.*")
    exclude: list[str] = Field(default=[], description="patterns of unwanted tables; they win")
    rows: dict[str, str] = Field(
        default={},
        description="pattern of a table -> condition in SQL that wanted rows meet; the last that fits counts",
    )
    fields: dict[str, Literal["copy", "link-only"]] = Field(
        default={},
        description="pattern of table.field -> copy, or link-only for values that stay at the source; "
        "the last that fits counts",
    )
    changed_by: dict[str, str] = Field(
        default={}, description="pattern of a table -> column that grows with every change of a row, such as updated_at"
    )


TABLE_SELECTION = ("include", "exclude", "rows", "fields")
"""Settings of `TableSelection` that choose what is listed and read."""


class Settings(Strict):
    """The whole of bifrost.yaml."""

    base: str = Field(default="https://graph.example.org/", description="base of all IRIs")
    sources: dict[str, dict[str, Any]] = Field(default_factory=dict, description="name -> kind and its settings")
    retraction_guard: float = Field(
        default=0.2, ge=0, le=1, description="largest share of a source's items that one crawl may retract"
    )
    extraction: Extraction = Extraction()
    linking: Linking = Linking()
    stores: Stores = Stores()
    serving: Serving = Serving()
    logging: Logging = Logging()
    secrets: KeptSecrets = KeptSecrets()

    @field_validator("base")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        if "://" not in value:
            raise ValueError("must be an absolute IRI such as https://graph.example.org/")
        return value if value.endswith(("/", "#")) else value + "/"


class SourceEntry(Strict):
    """What every kind of source has in common; the rest of its keys belong to the kind."""

    name: str = Field(pattern=SOURCE_NAME)
    kind: str
    schedule: str | None = Field(default=None, description="cron expression, for the orchestrator")
    paused: bool = Field(default=False, description="keep what is known of it, and crawl it only when it is named")
    description: str = Field(default="", description="what it holds")
    owner: str = Field(default="", description="who answers for it")
    rate_limit: float | None = Field(default=None, gt=0, description="most items fetched per second")

    @field_validator("name")
    @classmethod
    def _is_free(cls, value: str) -> str:
        if value in RESERVED_NAMES:
            raise ValueError("is a word of the REST interface; choose another name")
        return value

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, value: str | None) -> str | None:
        from croniter import croniter

        if value is not None and not croniter.is_valid(value):
            raise ValueError("must be a cron expression of five fields such as '0 3 * * *' (daily at 3), or '@daily'")
        return value


def load_settings(home: Path) -> Settings:
    """Read bifrost.yaml in `home`; a missing file means the defaults.

    Raises:
        ConfigInvalid: the file is no YAML, or holds unknown or wrong values.
    """
    path = home / FILE_NAME
    try:
        content = yaml.safe_load(path.read_text()) if path.exists() else {}
    except yaml.YAMLError as error:
        raise ConfigInvalid(str(path), [_yaml_problem(error)]) from None  # its context shows lines of the file
    settings: Settings = checked(Settings, content or {}, str(path))
    for name, entry in settings.sources.items():
        read_source(name, entry, where=f"{path}: sources.{name}")
    return settings.model_copy(update={"extraction": settings.extraction.at(home.absolute())})


def _yaml_problem(error: yaml.YAMLError) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "is no YAML"
    return f"line {error.problem_mark.line + 1}: {error.problem or error.context}"


def read_source(name: str, entry: Mapping[str, Any], *, where: str, declared: bool = False) -> Source:
    """Check one source's entry against the settings of its kind.

    Raises:
        ConfigInvalid: the kind is unknown, or a setting is.
    """
    common = {key: value for key, value in entry.items() if key in SourceEntry.model_fields}
    head: SourceEntry = checked(SourceEntry, {**common, "name": name}, where)
    if head.kind not in plugins.names(plugins.CRAWLERS):
        valid = ", ".join(plugins.names(plugins.CRAWLERS))
        raise ConfigInvalid(where, [f"kind: unknown kind {head.kind!r}; valid: {valid}"])
    config = {key: value for key, value in entry.items() if key not in SourceEntry.model_fields}
    objections = [*_bare(config), *_foreign(name, config)]
    if objections:
        raise ConfigInvalid(where, objections)
    checked(plugins.load(plugins.CRAWLERS, head.kind).Config, config, where)
    return Source(
        name=name,
        kind=head.kind,
        config=config,
        schedule=head.schedule,
        paused=head.paused,
        description=head.description,
        owner=head.owner,
        rate_limit=head.rate_limit,
        declared=declared,
    )


def _bare(config: Mapping[str, Any]) -> list[str]:
    return [f"{place}: give a reference such as ${{env:NAME}}, not the secret" for place in bare_secrets(config)]


def _foreign(name: str, config: Mapping[str, Any]) -> list[str]:
    """A secret serves the source that it was given for: another one could send it elsewhere."""
    foreign = [place for scheme, place in references(config) if scheme == "secret" and not place.startswith(f"{name}/")]
    return [f"${{secret:{place}}} belongs to another source; those of this one start with {name}/" for place in foreign]


def checked(model: type[Any], content: Any, where: str) -> Any:
    """Validate `content`, and turn what is wrong into sentences with paths and valid choices.

    Raises:
        ConfigInvalid: at least one value is wrong.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigInvalid(where, [_sentence(model, problem) for problem in error.errors()]) from error


def _sentence(model: type[BaseModel], problem: Mapping[str, Any]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"]).lstrip(".")
    if problem["type"] == "extra_forbidden":
        valid = ", ".join(sorted(_fields_at(model, problem["loc"][:-1])))
        return f"{path}: unknown key; valid: {valid}"
    # Never the value itself: it may be a secret.
    return f"{path or 'content'}: {problem['msg']}"


def _fields_at(model: type[BaseModel], steps: tuple[Any, ...]) -> set[str]:
    for step in steps:
        field = model.model_fields.get(str(step))
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return set()
        model = field.annotation
    return set(model.model_fields)
