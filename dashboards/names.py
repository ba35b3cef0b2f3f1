"""Names that dashboards, ``bongsu grafana setup`` and their tests share."""

FOLDER_UID = "bongsu"
FOLDER_TITLE = "Bongsu"
MYSQL_UID = "bongsu-mysql"
"""Of the data source that ``bongsu grafana setup`` makes."""
PROMETHEUS_UID = "prometheus"
"""Of the data source that Grafana-managed alert rules ask. A rule can't have it chosen by a variable."""

DOCS_URL = "https://bongsu.example.com/docs"
"""Where your people read ``docs/``: alerts link to it."""

INCIDENTS_UID = "bongsu-incidents"
QUALITY_UID = "bongsu-alert-quality"
ITSELF_UID = "bongsu-itself"

DATASOURCE = "datasource"
"""The variable that chooses the data source, so that a dashboard imports anywhere."""
TENANT = "tenant"
"""The hidden variable with a tenant's slug."""
SLACK_URL = "slack_url"
"""The hidden variable with what links to Slack begin with."""

ALL = "'(all)'"
"""What a variable of several values is replaced by where all are meant. As SQL, since Grafana quotes it in no format.

``'(all)' IN (${service:sqlstring})`` is true then, whatever the values are, and the database drops what it is part of.
"""
