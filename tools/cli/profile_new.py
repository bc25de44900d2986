"""`acceptance profile new`: asks what a profile shall prove, and writes its three files."""

import argparse
import re
import secrets
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from support.foundation import settings as foundation_settings
from support.foundation.errors import ConfigurationError
from support.planning.preparation import CATALOG
from support.planning.tag_expressions import parse as parse_tags
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.wizard import NO, Question, interview, render
from tools.cli import profile_check

PATTERN = "embedded"  # gives the defaults where nothing is extended
_ID = re.compile(r"[a-z][a-z0-9-]*")


def run(options: argparse.Namespace) -> int:
    """Ask, write all three files or none, and check the result."""
    folder = foundation_settings.from_environment().profiles
    _require_free(folder, options.profile)
    catalog = catalogs.load(CATALOG)
    ask = _default if options.yes else _asked
    known = profiles.available(folder)
    extends = options.extends
    if extends is None:
        default = PATTERN if PATTERN in known else NO
        extends = ask(Question("Which profile does it extend?", default, (*known, NO)))
    if extends != NO:
        profiles.require(folder, extends, "--extends" if options.extends else "")
    base = "" if extends == NO else extends
    pattern = base or (PATTERN if PATTERN in known else "")
    loaded = profiles.load(folder, pattern, catalog) if pattern else None
    draft = interview(ask, catalog, loaded, base, _tags_problem)
    _write(folder, options.profile, render(draft))
    sys.stdout.write(f"{folder / options.profile} is written. It runs with: ")
    sys.stdout.write(f"behave --define profile={options.profile}\n")
    checked = argparse.Namespace(profiles=[str(folder / options.profile)], all=False, json=False)
    return profile_check.run(checked)


def _require_free(folder: Path, profile_id: str) -> None:
    if not _ID.fullmatch(profile_id):
        raise ConfigurationError(
            f'"{profile_id}" cannot be the id of a profile. Use lower-case letters, digits and '
            "hyphens, a letter first, such as cross-sdk-basic."
        )
    if (folder / profile_id).exists():
        raise ConfigurationError(
            f"{folder / profile_id} exists already and is never overwritten. Choose another id, or "
            "edit its files."
        )


def _default(question: Question) -> str:
    return question.default


def _asked(question: Question) -> str:
    """Ask on the terminal until the answer is right; an answer from a pipe has to be right at once.

    Raises:
        ConfigurationError: the answers from a pipe end too early, or one of them is wrong.
    """
    choices = f" ({', '.join(question.choices)})" if question.choices else ""
    while True:
        sys.stdout.write(f"{question.text}{choices} [{question.default}] ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise ConfigurationError(
                f'\nThe answers end before "{question.text}". Answer every question (an empty line '
                "takes the default), or give --yes. Nothing was written."
            )
        if not sys.stdin.isatty():
            sys.stdout.write("\n")  # a terminal shows the one that ended the answer
        answer = line.strip() or question.default
        problem = question.problem_with(answer)
        if not problem:
            return answer
        if not sys.stdin.isatty():
            raise ConfigurationError(f"{question.text} {problem} Nothing was written.")
        sys.stdout.write(f"{problem}\n")


def _tags_problem(text: str) -> str:
    try:
        parse_tags(text, "the answer")
    except ConfigurationError as error:
        return str(error)
    return ""


def _write(folder: Path, profile_id: str, files: Mapping[str, str]) -> None:
    """Write all files or none: they come into being under another name, and move as one."""
    draft = folder / f".{profile_id}-{secrets.token_hex(4)}.part"
    try:
        draft.mkdir()
        for name, text in files.items():
            (draft / f"{name}.yaml").write_text(text, encoding="utf-8")
        draft.rename(folder / profile_id)
    except OSError as error:
        raise ConfigurationError(
            f"{folder / profile_id} cannot be written: {error.strerror}. Nothing was written."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
