"""An API key in JSON."""

from incidents.policy import DEFAULTABLE
from receiver.api.models.key import DefaultLabels


def test_a_key_can_have_every_default_label_that_there_is() -> None:
    assert tuple(DefaultLabels.model_fields) == DEFAULTABLE
