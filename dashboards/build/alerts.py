"""When somebody is to be told that Bongsu itself is not well. These alerts must come by another way than Bongsu.

A figure that is read from the database is the same on every process, so the greatest is taken, never the sum. Where
there are several organisations, ``tenant`` says whose it is; the first one's has no such label.
"""

from dashboards.build.alerts_inside import DATABASE, KEEPING, PROCESS
from dashboards.build.alerts_outside import INTAKE, PAGING, SLACK

GROUPS = (PROCESS, INTAKE, SLACK, PAGING, DATABASE, KEEPING)
"""All of them. One that is missing here is not built."""
