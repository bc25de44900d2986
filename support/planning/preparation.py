"""From the command line to a plan, step by step, before anything runs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from support.foundation import settings as foundation_settings
from support.foundation.errors import ConfigurationError, EnvironmentUnfitError, SpecificationError
from support.foundation.settings import ROOT, Settings
from support.foundation.text import listed
from support.model.inventory import InstalledSdk, Inventory
from support.planning import inputs, plan_file, shards
from support.planning.plan_file import PlanFile
from support.planning.planner import Basis, Plan, plan
from support.planning.selection import Criteria
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.catalog import Catalog
from support.profiles.profile import Profile
from support.profiles.waivers import fitting as fitting_waivers
from support.sdk import capabilities, digest, discovery
from support.sdk.model import Sdk
from support.specs import checks, reader, requirements, tags
from support.specs.requirements import Requirement
from support.stack import manager

PROFILES = ROOT / "profiles"
CATALOG = PROFILES / "capability-catalog.yaml"
REQUIREMENTS = ROOT / "features" / "requirements.yaml"

Say = Callable[[str, str], None]
AnySdk = TypeVar("AnySdk", Sdk, InstalledSdk)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was asked for: settings, profile and catalog, and the plan file if one was named."""

    settings: Settings
    profile: Profile
    catalog: Catalog
    registry: Mapping[str, Requirement]
    planned: PlanFile | None = None

    @property
    def today(self) -> date:
        """The day on which waivers are judged: that of the profile's base time, else today."""
        return (self.profile.base_time or datetime.now(UTC)).date()


@dataclass(frozen=True, slots=True)
class Preparation:
    """All that is known before the first unit runs.

    Attributes:
        sources: text of each feature file by its path.
        titles: title of each requirement by its id.
        digests: digest of what each unit depends on, by its id.
    """

    settings: Settings
    profile: Profile
    plan: Plan
    sdks: tuple[Sdk, ...]
    sources: Mapping[str, str]
    titles: Mapping[str, str]
    digests: Mapping[str, str]


def configure(defines: Mapping[str, str]) -> Configuration:
    """Read settings, catalog, requirements and profile.

    Raises:
        ConfigurationError: one of them is wrong, or the plan named is for another profile.
    """
    settings = foundation_settings.from_environment(defines)
    catalog = catalogs.load(CATALOG)
    registry = {entry.id: entry for entry in requirements.load(REQUIREMENTS)}
    planned = _planned(settings)
    chosen = settings.get("profile")
    profile_id = settings.require("profile", "to know what to prove")
    if planned is not None:
        if chosen and chosen.origin != "default" and profile_id != planned.stamp.profile_id:
            raise ConfigurationError(
                f"{planned.path} is a plan of the profile {planned.stamp.profile_id}, and "
                f"{chosen.origin} names {profile_id}. Leave the profile out, or plan it."
            )
        profile_id = planned.stamp.profile_id
    profile = profiles.load(settings.profiles, profile_id, catalog, settings)
    settings = settings.with_profile(profile.services, profile.id)
    return Configuration(settings, profile, catalog, registry, planned)


def _planned(settings: Settings) -> PlanFile | None:
    """Return the plan that was named, or the shard of it that was asked for."""
    path, shard = settings.value("plan"), settings.get("shard")
    if path is None:
        if shard is None:
            return None
        raise ConfigurationError(
            f"{shard.origin} names a part of a plan, and no plan is named. Add --define "
            "plan=plan.json."
        )
    planned = plan_file.read(Path(path))
    return planned if shard is None else planned.part(shards.parse(shard.value, shard.origin))


def prepare(
    defines: Mapping[str, str], features: Sequence[Path], say: Say, root: Path = ROOT
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
        EnvironmentUnfitError: the plan to be run was made of something else than what is here.
    """
    configuration = configure(defines)
    settings, profile = configuration.settings, configuration.profile
    announce(configuration, say)
    sources = {spec_path(path, root): reader.read_text(path) for path in features}
    documents = [reader.parse(path, text) for path, text in sources.items()]
    specs = tuple(spec for document in documents for spec in reader.specs_of(document))
    registry = configuration.registry
    problems = [problem for document in documents for problem in checks.problems_of(document)]
    problems += [problem for spec in specs for problem in tags.problems_of(spec, registry)]
    if problems:
        raise SpecificationError(tuple(dict.fromkeys(problems)))
    sdks = discovery.discover(settings.sdk_roots)
    say("SDKs", listed(sdk.id for sdk in sdks))
    inventory = gather(sdks, configuration.catalog, stack_features(profile, settings))
    planned = configuration.planned
    criteria = (
        () if planned is None else (Criteria(wanted=(planned,), slow=True, origin=planned.title),)
    )
    if planned is not None:
        _hold(
            planned, plan_file.stale(planned, plan_file.stamp(profile, CATALOG, sources), inventory)
        )
    made = plan(specs, basis_of(configuration, inventory, criteria))
    if planned is not None:
        _hold(planned, plan_file.unkept(planned, made.units, tuple(sources)))
    fitting = set(fitting_waivers(profile.waivers, specs))
    for note in (*made.notes, *waiver_notes(configuration, fitting)):
        say("note", note)
    ordered = in_profile_order(sdks, profile)
    titles = {entry.id: entry.title for entry in registry.values()}
    digests = inputs.digests_of_units(
        made.units,
        documents,
        plan_file.profile_digest(profile),
        inventory,
        ordered[0].id if ordered else "",
    )
    return Preparation(settings, profile, made, ordered, sources, titles, digests)


def stack_features(profile: Profile, settings: Settings) -> tuple[str, ...]:
    """Return what the profile's stack can serve of what `@needs:` tags ask for."""
    return manager.features(profile.stack, settings, [role.name for role in profile.roles])


def announce(configuration: Configuration, say: Say) -> None:
    """Say which profile and stack were chosen, and by whom."""
    profile, origin = configuration.profile, configuration.settings.get("profile")
    if configuration.planned is not None:
        say("plan", str(configuration.planned.path))
    say("profile", f"{profile.id} ({origin.origin if origin else 'default'})")
    say("stack", profile.stack)


def basis_of(
    configuration: Configuration, inventory: Inventory, criteria: tuple[Criteria, ...] = ()
) -> Basis:
    """Return what a plan is made of, beside the specs."""
    return Basis(
        profile=configuration.profile,
        catalog=configuration.catalog,
        inventory=inventory,
        registry=configuration.registry,
        criteria=criteria,
        today=configuration.today,
    )


def waiver_notes(configuration: Configuration, fitting: Collection[int]) -> list[str]:
    """Return what is to be known of waivers: those that have ended, those that fit nothing.

    Args:
        configuration: has the profile.
        fitting: by their position in the profile, the waivers that fit a scenario.
    """
    notes = []
    for index, waiver in enumerate(configuration.profile.waivers):
        if not waiver.holds_on(configuration.today):
            notes.append(f"{waiver.where}: the waiver ended on {waiver.expires}: {waiver.reason}")
        elif index not in fitting:
            notes.append(f"{waiver.where}: the waiver fits no scenario: {waiver.reason}")
    return notes


def _hold(planned: PlanFile, problems: Sequence[str]) -> None:
    if problems:
        raise EnvironmentUnfitError(plan_file.told(planned.path, problems))


def in_profile_order(sdks: Sequence[AnySdk], profile: Profile) -> tuple[AnySdk, ...]:
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
