"""What a run does for the artifact store: says how long it is kept, and packs its files at the end.

All of it happens before the first unit and after the last one; units only append to files.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from support.artifacts import keeping
from support.artifacts.keeping import Hold, Keeping, Retention
from support.artifacts.settling import Settled, settle
from support.foundation.errors import AcceptanceError
from support.foundation.settings import Settings, in_continuous_integration
from support.profiles.profile import Profile


@dataclass(frozen=True, slots=True)
class Kept:
    """A run's folder while the run goes on."""

    folder: Path
    hold: Hold

    def finish(self, warn: Callable[[str], None]) -> Settled | None:
        """Pack the run; what cannot be packed stays as it is, which harms nobody."""
        try:
            return settle(self.folder)
        except (OSError, AcceptanceError) as error:
            warn(f"The files of this run stay unpacked: {error}")
            return None
        finally:
            self.hold.release()


def begin(folder: Path, profile: Profile, settings: Settings) -> Kept:
    """Take the run's lock, and note how long the run is kept."""
    hold = Hold(folder)
    days = profile.retention
    label = settings.value("label")
    keeping.write(
        folder,
        Keeping(
            run_id=folder.name,
            profile_id=profile.id,
            began_at=datetime.now(UTC),
            retention=Retention(
                days.ci_days if in_continuous_integration() else days.local_days,
                days.cold_after_days,
            ),
            labels=(label,) if label else (),
        ),
    )
    return Kept(folder, hold)
