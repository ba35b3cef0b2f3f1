"""What counts where an alert's own labels don't say?"""

from incidents.model import Place
from incidents.rules.default_labels import default_labels, filled_in


def test_the_url_beats_the_file_name_by_name() -> None:
    told = default_labels({"cluster": "of-url"}, {"cluster": "of-file", "phase": "prod"})
    assert told == {"cluster": "of-url", "phase": "prod"}


def test_the_alerts_own_labels_beat_every_default() -> None:
    told = Place(cluster="own", service="pay")
    defaults = {"cluster": "x", "namespace": "ns", "service": "x", "phase": "prod"}
    assert filled_in(told, defaults) == Place("own", "ns", "pay", "prod")


def test_without_defaults_nothing_is_made_up() -> None:
    assert filled_in(Place(cluster="own"), {}) == Place(cluster="own")
    assert filled_in(Place(), {"severity": "critical"}) == Place()


def test_a_default_needs_no_permission_since_somebody_wrote_it_on_purpose() -> None:
    assert filled_in(Place(), {"phase": "kr-prod", "service": "cadvisor"}) == Place(phase="kr-prod", service="cadvisor")
