"""All dashboards. One that is missing here is not built."""

from dashboards.build.bongsu_itself import BONGSU_ITSELF
from dashboards.build.incident_management import INCIDENT_MANAGEMENT
from dashboards.build.panels import Board

BOARDS: tuple[Board, ...] = (INCIDENT_MANAGEMENT, BONGSU_ITSELF)
