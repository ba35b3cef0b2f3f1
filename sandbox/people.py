"""Who is in the workspace: people, the bot, groups."""

from dataclasses import dataclass, field
from typing import Any

TEAM_ID = "T0SANDBOX"
APP_ID = "A0BONGSU"
BOT_USER_ID = "U0BONGSU"
BOT_ID = "B0BONGSU"


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace in which the app is installed."""

    id: str
    name: str


FIRST_TEAM = Team(TEAM_ID, "Sandbox")


@dataclass(slots=True)
class User:
    id: str
    name: str
    real_name: str
    is_bot: bool = False
    tz: str = "Asia/Seoul"
    locale: str = "en-US"
    deleted: bool = False
    team_id: str = TEAM_ID

    @property
    def email(self) -> str:
        return f"{self.name}@example.com"

    def as_slack(self, *, with_email: bool, with_locale: bool = False) -> dict[str, Any]:
        profile = {"real_name": self.real_name, "display_name": self.name, "team": self.team_id}
        if with_email and not self.is_bot:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "tz": self.tz,
            "profile": profile,
            **({"locale": self.locale} if with_locale else {}),
        }


@dataclass(slots=True)
class Group:
    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)

    def as_slack(self, *, with_users: bool) -> dict[str, Any]:
        group = {
            "id": self.id,
            "team_id": TEAM_ID,
            "is_usergroup": True,
            "name": self.name,
            "handle": self.handle,
            "user_count": len(self.members),
            "date_delete": 0,
        }
        return {**group, "users": list(self.members)} if with_users else group


def first_users() -> dict[str, User]:
    users = [
        User("U0ALICE", "alice", "Alice Kim"),
        User("U0BOB", "bob", "Bob Park", tz="Europe/Berlin"),
        User("U0CAROL", "carol", "Carol Lee", tz="America/New_York", locale="ko-KR"),
        User(BOT_USER_ID, "bongsu", "Bongsu", is_bot=True),
        User("USLACKBOT", "slackbot", "Slackbot", is_bot=True),
    ]
    return {user.id: user for user in users}


def first_groups() -> dict[str, Group]:
    return {"S0ONCALL": Group("S0ONCALL", "oncall", "On call", ["U0ALICE", "U0BOB"])}
