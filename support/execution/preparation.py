"""From the command line to a plan, step by step, before anything runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.foundation import settings as foundation_settings
from support.foundation.errors import SpecificationError
from support.foundation.settings import ROOT, Settings
from support.foundation.text import listed
from support.model.inventory import InstalledSdk, Inventory
from support.planning.planner import Plan, plan
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.catalog import Catalog
from support.profiles.profile import Profile
from support.sdk import capabilities, digest, discovery
from support.sdk.model import Sdk
from support.specs import checks, reader, requirements, tags
from support.stack import manager

PROFILES = ROOT / "profiles"
CATALOG = PROFILES / "capability-catalog.yaml"
REQUIREMENTS = ROOT / "features" / "requirements.yaml"


@dataclass(frozen=True, slots=True)
class Preparation:
    """All that is known before the first unit runs.

    Attributes:
        sources: text of each feature file by its path.
        titles: title of each requirement by its id.
    """

    settings: Settings
    profile: Profile
    plan: Plan
    sdks: tuple[Sdk, ...]
    sources: Mapping[str, str]
    titles: Mapping[str, str]


def configure(defines: Mapping[str, str]) -> tuple[Settings, Profile, Catalog]:
    """Read settings, catalog and profile.

    Raises:
        ConfigurationError: one of them is wrong.
    """
    settings = foundation_settings.from_environment(defines)
    catalog = catalogs.load(CATALOG)
    profile_id = settings.require("profile", "to know what to prove")
    return settings, profiles.load(PROFILES, profile_id, catalog), catalog


def prepare(
    defines: Mapping[str, str],
    features: Sequence[Path],
    say: Callable[[str, str], None],
    root: Path = ROOT,
) -> Preparation:
    """Check the features, see what is installed, and plan.

    Args:
        defines: the `--define` values.
        features: the feature files to plan.
        say: gets label and text of each line of the run's header, as soon as it is known.
        root: the project's folder.

    Raises:
        ConfigurationError: settings, profile, the requirement registry or an SDK folder are wrong.
        SpecificationError: a feature file is wrong.
    """
    settings, profile, catalog = configure(defines)
    origin = settings.get("profile")
    say("profile", f"{profile.id} ({origin.origin if origin else 'default'})")
    say("stack", profile.stack)
    sources = {spec_path(path, root): reader.read_text(path) for path in features}
    documents = [reader.parse(path, text) for path, text in sources.items()]
    specs = tuple(spec for document in documents for spec in reader.specs_of(document))
    titles = {entry.id: entry.title for entry in requirements.load(REQUIREMENTS)}
    problems = [problem for document in documents for problem in checks.problems_of(document)]
    problems += [problem for spec in specs for problem in tags.problems_of(spec, titles)]
    if problems:
        raise SpecificationError(tuple(dict.fromkeys(problems)))
    sdks = discovery.discover(settings.sdk_roots)
    say("SDKs", listed(sdk.id for sdk in sdks))
    inventory = gather(sdks, catalog, manager.features(profile.stack, settings))
    planned = plan(specs, profile, catalog, inventory)
    ordered = in_profile_order(sdks, profile)
    return Preparation(settings, profile, planned, ordered, sources, titles)


def in_profile_order(sdks: Sequence[Sdk], profile: Profile) -> tuple[Sdk, ...]:
    """Return the SDKs that a profile names, in its order: the first one stands for all.

    That one serves scenarios that need an SDK and vary none.
    """
    named = profile.capabilities.get("sdk", ())
    return tuple(sdk for value in named for sdk in sdks if value in {sdk.id, sdk.language})


def gather(sdks: Sequence[Sdk], catalog: Catalog, stack_features: tuple[str, ...]) -> Inventory:
    """Ask every SDK for every feature that some value of the catalog needs."""
    return Inventory(
        sdks=tuple(
            InstalledSdk(
                id=sdk.id,
                language=sdk.language,
                version=sdk.version,
                origin=str(sdk.origin),
                features=capabilities.probe_all(sdk, catalog.sdk_features),
                digest=digest.digest_of(sdk),
            )
            for sdk in sdks
        ),
        stack_features=stack_features,
    )


def spec_path(path: Path, root: Path = ROOT) -> str:
    """Return the path by which specs, unit ids and evidence name a feature file."""
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if root in resolved.parents else str(path)
