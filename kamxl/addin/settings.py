"""What a user set at installation: rule file, language; and the places of log and undo. Read from the user's folder.

Never read from a workbook or its folder: a workbook comes from anywhere, and its settings would choose what runs.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from kamxl.addin.functions import Language
from kamxl.addin.machine import Machine, this_machine
from kamxl.problems import KamxlError, Place, Problem
from kamxl.records import dataclass
from kamxl.shipped import shipped

SETTINGS_NAME, LOG_NAME = "settings.yml", "kamxl.log"
RULES_NAME = "kam.yml"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this user's files are and which language the add-in speaks."""

    folder: Path
    rules: Path
    language: Language

    @property
    def log(self) -> Path:
        """The log file that `Open log` opens."""
        return self.folder / LOG_NAME

    @property
    def undo_folder(self) -> Path:
        """Where the state before the last KAM action is kept."""
        return self.folder / "undo"

    def rules_named(self, name: str) -> Path:
        """The rule file of a name, beside the one in use.

        Errors: KamxlError (KX001) for a name that is a path: formulas in a workbook from outside must not make
        this machine read from foreign folders or network shares.
        """
        wanted = name.strip()
        stem = wanted.removesuffix(".yml").removesuffix(".yaml")
        if not stem or any(letter in stem for letter in '/\\:*?"<>|') or stem.startswith("."):
            raise KamxlError(
                Problem(
                    "KX001",
                    f"`{wanted}` is not the name of a rule file",
                    help=f"give the name of a file in {self.rules.parent}, without folders",
                )
            )
        return self.rules.parent / f"{stem}.yml"


def read_settings(machine: Machine | None = None) -> Settings:
    """The settings of the user; defaults where none were written.

    Errors: KamxlError (KX001, KX003, KX103) when the settings file cannot be understood.
    """
    folder = (machine or this_machine()).user_folder
    path = folder / SETTINGS_NAME
    given = _read_mapping(path) if path.exists() else {}
    rules, language = given.get("rules"), given.get("language", "en")
    if not isinstance(rules, str | None) or language not in ("en", "fr"):
        raise KamxlError(
            Problem(
                "KX103",
                "settings need `rules: a path` and `language: en` or `fr`",
                Place(str(path)),
                help="run `kamxl install` again",
            )
        )
    return Settings(folder, Path(rules) if rules else default_rules(folder), "fr" if language == "fr" else "en")


def default_rules(folder: Path) -> Path:
    """The rule file in a user folder; the shipped one where nothing was installed."""
    installed = folder / "rules" / RULES_NAME
    return installed if installed.exists() else shipped("rules", RULES_NAME)


def settings_text(rules: Path, language: Language) -> str:
    """The content of a settings file."""
    return yaml.safe_dump({"language": language, "rules": str(rules)}, allow_unicode=True)


def _read_mapping(path: Path) -> dict[str, object]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        code = "KX003" if isinstance(error, yaml.YAMLError) else "KX001"
        problem = Problem(code, "settings cannot be read", Place(str(path)), help="run `kamxl install` again")
        raise KamxlError(problem) from error
    return content if isinstance(content, dict) else {}
