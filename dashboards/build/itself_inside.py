"""The rows of *Bongsu itself* on the database, the process, and what is done again and again."""

from dashboards.build.itself_asking import (
    BAD,
    DOUBTFUL,
    GOOD,
    HERE,
    PER_SECOND,
    RATE,
    SECONDS,
    SHARE,
    a_minute,
    bars,
    greatest,
    lines,
    quantile,
    since,
)
from dashboards.build.panels import Kind, Panel, Row
from dashboards.build.queries import Prom

DATABASE = Row(
    "Database",
    [
        lines(
            "Statements (p99)",
            "How long they take, by their first word. A busy event loop is part of it.",
            quantile(0.99, "bongsu_database_statement_seconds", "verb"),
            unit=SECONDS,
        ),
        bars(
            "Slow statements",
            "A minute, of BONGSU_SLOW_QUERY_MS or longer. The log (action=slow_query) has each.",
            a_minute("bongsu_slow_queries_total", "verb"),
        ),
        lines(
            "Connections to the database",
            "In use, who waits for one, and how many there may be at most; sums of all processes, by pool.",
            [
                Prom(f"sum by (pool) (bongsu_database_pool_in_use{{{HERE}}})", "{{pool}} in use", ref="A"),
                Prom(f"sum by (pool) (bongsu_database_pool_waiting{{{HERE}}})", "{{pool}} waiting", ref="B"),
                Prom(f"sum by (pool) (bongsu_database_pool_size{{{HERE}}})", "{{pool}} at most", ref="C"),
            ],
        ),
        lines(
            "Wait for a connection (p99)",
            "Until one was free, or opened. Above 1 s the pool is exhausted.",
            quantile(0.99, "bongsu_database_pool_wait_seconds", "pool"),
            unit=SECONDS,
        ),
        lines(
            "Statements a second",
            "By their first word, of all processes that are chosen.",
            Prom(f"sum by (verb) (rate(bongsu_database_statement_seconds_count{{{HERE}}}[{RATE}]))", "{{verb}}"),
            unit=PER_SECOND,
            width=12,
        ),
        bars(
            "Transactions that ran again",
            "A minute. collision: others were in the way, as happens under load; away: no database.",
            a_minute("bongsu_transactions_again_total", "fault"),
            width=12,
        ),
    ],
)

PROCESS = Row(
    "Process",
    [
        lines(
            "Event loop lag",
            "How long something that is due waits for its turn, 99 % of it. One core does everything: above 0.5 s "
            "clicks feel slow.",
            quantile(0.99, "bongsu_event_loop_lag_seconds", "instance"),
            unit=SECONDS,
        ),
        lines(
            "CPU",
            "Of one core, which is what a process can use.",
            Prom(
                f"rate(process_cpu_seconds_total{{{HERE}}}[{RATE}]) and on (job, instance) bongsu_build_info",
                "{{instance}}",
            ),
            unit=SHARE,
        ),
        lines(
            "Memory",
            "Resident. A line that ends and begins anew is a restart.",
            Prom(f"process_resident_memory_bytes{{{HERE}}} and on (job, instance) bongsu_build_info", "{{instance}}"),
            unit="bytes",
        ),
        lines(
            "Files and connections",
            "Open files, how many may be, and connections of senders among them; connections refused, a minute.",
            [
                Prom(f"process_open_fds{{{HERE}}} and on (job, instance) bongsu_build_info", "{{instance}} files"),
                Prom(
                    f"process_max_fds{{{HERE}}} and on (job, instance) bongsu_build_info",
                    "{{instance}} at most",
                    ref="B",
                ),
                Prom(f"bongsu_connections{{{HERE}}}", "{{instance}} connections", ref="C"),
                Prom(f"sum(rate(bongsu_connections_refused_total{{{HERE}}}[{RATE}])) * 60", "refused", ref="D"),
            ],
        ),
    ],
)

JOBS = Row(
    "Jobs, and what is kept",
    [
        bars(
            "Runs that failed",
            "Jobs a minute that ended by a mistake of Bongsu's. The log has a traceback.",
            a_minute("bongsu_job_runs_total", "name", 'outcome="failed"'),
            width=8,
        ),
        lines(
            "Since the last end",
            "How long ago the jobs ended, the ten longest. Some run only every ten minutes.",
            Prom(f"topk(10, time() - max by (name) (bongsu_job_last_end_timestamp_seconds{{{HERE}}}))", "{{name}}"),
            unit=SECONDS,
            width=8,
        ),
        lines(
            "How long runs take",
            "On average, the ten longest. One that rests in between, such as retention, takes long on purpose.",
            Prom(
                f"topk(10, sum by (name) (rate(bongsu_job_seconds_sum{{{HERE}}}[{RATE}]))"
                f" / sum by (name) (rate(bongsu_job_seconds_count{{{HERE}}}[{RATE}])))",
                "{{name}}",
            ),
            unit=SECONDS,
            width=8,
        ),
        Panel(
            "Hourly sums are behind by",
            "All alerts before that are counted in what dashboards read.",
            since("bongsu_rollups_counted_until_timestamp_seconds", "behind"),
            Kind.STAT,
            unit=SECONDS,
            width=6,
            steps={None: GOOD, 10800: DOUBTFUL},
        ),
        Panel(
            "Last run of retention",
            "How long ago what is old was deleted. Once an hour; nothing where nothing is configured.",
            since("bongsu_retention_last_run_timestamp_seconds", "ago"),
            Kind.STAT,
            unit=SECONDS,
            width=6,
            steps={None: GOOD, 7200: DOUBTFUL, 86400: BAD},
        ),
        Panel(
            "Oldest row",
            "Its age, by table, as of the last run of retention.",
            Prom("max by (table) (bongsu_oldest_row_age_seconds)", "{{table}}"),
            Kind.STAT,
            unit=SECONDS,
            width=6,
        ),
        Panel(
            "Audit log",
            "Entries that claim to be the chain keeper's and are not; seconds since somebody last sealed.",
            [
                greatest("bongsu_audit_forged_entries", "forged"),
                since("bongsu_audit_sealed_timestamp_seconds", "seconds since sealed", ref="B"),
            ],
            Kind.STAT,
            width=6,
            decimals=0,
        ),
    ],
)

ASKED = Row(
    "REST API and Home tabs",
    [
        bars(
            "REST API by status",
            "Requests a minute by the status that they were answered with.",
            a_minute("bongsu_api_requests_total", "status"),
            width=8,
        ),
        lines(
            "REST API (p99)",
            "From the headers of a request to its answer, by operation.",
            quantile(0.99, "bongsu_api_seconds", "operation"),
            unit=SECONDS,
            width=8,
        ),
        lines(
            "Home tabs",
            "Those that are kept up to date, and those that have still to be brought up to date.",
            [
                greatest("bongsu_homes", "kept"),
                Prom("sum(bongsu_homes_waiting)", "waiting", ref="B"),
            ],
            width=8,
        ),
    ],
    collapsed=True,
)
