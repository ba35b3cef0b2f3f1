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
