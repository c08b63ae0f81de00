"""What every reply needs that does not change while a process runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpdesk.blobs import BlobStore
from helpdesk.errors import SettingsError
from helpdesk.replies import guard, macros, policy
from helpdesk.replies.macros import LANGUAGES, Macros
from helpdesk.replies.policy import Policy
from helpdesk.settings import Agency, Direct, Settings
from helpdesk.tickets.kinds import Channel

TEMPLATES = Path(__file__).parent.parent / "templates" / "replies"


@dataclass(frozen=True, slots=True)
class House:
    """Policy, macros, and who we are. `words` are the agency's placeholders per language."""

    policy: Policy
    macros: Macros
    words: Mapping[str, Mapping[str, str]]
    agency_name: str
    care_address: str
    timezone: ZoneInfo
    blobs: BlobStore
    undo_s: float
    direct: Mapping[Channel, Direct]
    secret: str = field(repr=False)


def open_house(settings: Settings) -> House:
    """Read the policy and the macros.

    Raises:
        SettingsError: one of them, or what the agency's settings say, cannot be used.
    """
    agency = settings.agency
    try:
        timezone = ZoneInfo(agency.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"agency.timezone: there is no time zone {agency.timezone!r}"
        raise SettingsError(msg) from error
    return House(
        policy=policy.load(Path(settings.policy_file)),
        macros=macros.load(TEMPLATES),
        words={language: _words(agency, language) for language in LANGUAGES},
        agency_name=agency.name,
        care_address=agency.care_address,
        timezone=timezone,
        blobs=BlobStore(settings.blob_path),
        undo_s=settings.outbox.undo_s,
        direct={each: settings.direct(each) for each in Channel if each.is_direct},
        secret=settings.secret_key,
    )


def _words(agency: Agency, language: str) -> dict[str, str]:
    english = language == "en"
    words = {
        "agency_name": agency.name,
        "care_address": agency.care_address,
        "website": agency.website,
        "call_centre": agency.call_centre,
        "call_centre_hours": agency.call_centre_hours_en if english else agency.call_centre_hours,
        "branch_hours": agency.branch_hours_en if english else agency.branch_hours,
        "app_name": agency.app_name,
    }
    for name, value in words.items():
        wrong = guard.problems(value)
        if wrong:
            msg = f"agency.{name}: cannot stand in a reply ({wrong[0]})"
            raise SettingsError(msg)
    return words
