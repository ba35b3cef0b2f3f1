"""What can be wrong with tenants. The words are for whoever runs Bongsu."""

from incidents.errors import BongsuError, Refused


class UnknownTenant(BongsuError):
    """No tenant has that slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"there is no tenant '{slug}': `bongsu tenant list` names them all, `bongsu tenant create` makes one"
        )


class SlugTaken(Refused):
    """Slugs name tenants, so each has its own."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is a tenant '{slug}' already: choose another name for the new one.")


class InvitationOver(BongsuError):
    """Its address was used, is too old, or was never given out."""

    def __init__(self) -> None:
        super().__init__(
            "this address was used already, or it is too old: ask who runs Bongsu for a new one "
            "(`bongsu tenant invite` prints it)"
        )


class WorkspaceTaken(BongsuError):
    """A workspace belongs to one tenant."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the Slack workspace {name} belongs to another organisation of this Bongsu, so it can't be connected "
            "with this one"
        )


class AnotherWorkspace(BongsuError):
    """A tenant has one workspace."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"this organisation is connected with the Slack workspace {name} already: remove the app there first, or "
            "choose that workspace"
        )
