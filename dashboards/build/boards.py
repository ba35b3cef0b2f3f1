"""All dashboards. One that is missing here is not built."""

from dashboards.build.alert_quality import ALERT_QUALITY
from dashboards.build.bongsu_itself import BONGSU_ITSELF
from dashboards.build.incidents.board import INCIDENT_MANAGEMENT
from dashboards.build.panels import Board

BOARDS: tuple[Board, ...] = (INCIDENT_MANAGEMENT, ALERT_QUALITY, BONGSU_ITSELF)
