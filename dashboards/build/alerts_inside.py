"""Of the process itself, its database, and what it keeps."""

from dashboards.build.alerting import AT, CRITICAL, OF, WARNING, Alert, Group

PROCESS = Group(
    "bongsu-process",
    [
        Alert(
            "BongsuDown",
            CRITICAL,
            "absent(bongsu_build_info)",
            "2m",
            "No Bongsu process answers Prometheus",
            """Alerts are not taken in and nobody is paged by Bongsu. See whether a process runs (kubectl get pods,
            systemctl status bongsu), and what the last lines of its log say. If one runs and /healthz answers, only
            the scraping of /metrics is broken.""",
            "Processes that can work",
        ),
        Alert(
            "BongsuNotReady",
            CRITICAL,
            "max(bongsu_ready) == 0",
            "2m",
            "No Bongsu process can work: webhooks are answered 503",
            """Every process says that it can't work: /readyz says why, mostly the database is away or was not
            migrated. A webhook is held for 20 s, then refused, and Grafana does not send it again before its repeat
            interval.""",
            "Processes that can work",
        ),
        Alert(
            "BongsuProcessNotReady",
            WARNING,
            "(bongsu_ready == 0) and on () (max(bongsu_ready) == 1)",
            "10m",
            "One Bongsu process can't work" + AT,
            """The others do its work. Its /readyz, or its log (action=not_ready, schema_misfit), says what keeps
            it.""",
            "Processes that can work",
        ),
        Alert(
            "BongsuRestarts",
            WARNING,
            "(changes(process_start_time_seconds[30m]) > 3) and on (job, instance) bongsu_build_info",
            "0m",
            "Bongsu starts again and again" + AT,
            """It has started more than three times within half an hour. What it had taken in is stored. The log of
            the one before (kubectl logs --previous) ends with why; without a word it was killed: look for
            OOMKilled.""",
            "Memory",
        ),
        Alert(
            "BongsuLoopLag",
            WARNING,
            """histogram_quantile(0.99,
            sum by (le, job, instance) (rate(bongsu_event_loop_lag_seconds_bucket[5m]))) > 0.5""",
            "5m",
            "Bongsu does not keep up: whatever is due waits {{ $value | humanizeDuration }}" + AT,
            """The process has more to do than one core can, or something holds its event loop. Clicks are slow, from
            3 s on Slack shows an error. See its CPU, and start another process if alerts pour in.""",
            "Event loop lag",
        ),
        Alert(
            "BongsuFilesRunOut",
            WARNING,
            "(process_open_fds / process_max_fds > 0.9) and on (job, instance) bongsu_build_info",
            "5m",
            "Bongsu has nearly no files left to open" + AT,
            """Each connection is a file. Without one left neither alerts nor clicks come in. See who holds
            connections open, then raise the limit (ulimit -n, LimitNOFILE).""",
            "Files and connections",
        ),
        Alert(
            "BongsuJobFails",
            WARNING,
            'sum by (name, tenant) (increase(bongsu_job_runs_total{outcome="failed"}[15m])) > 0',
            "0m",
            'A job of Bongsu fails: "{{ $labels.name }}"' + OF,
            """It is a mistake of Bongsu's, and is tried again at its next turn. The log has a traceback: please
            report it.""",
            "Runs that failed",
        ),
        Alert(
            "BongsuJobStuck",
            WARNING,
            'time() - bongsu_job_last_end_timestamp_seconds{name!="delete what is old, once an hour"} > 3600',
            "5m",
            'A job of Bongsu does not come to its end: "{{ $labels.name }}"' + AT,
            """It has neither ended nor begun for {{ $value | humanizeDuration }}, and is not started again while it
            runs. Other processes do its work. Restart this one; nothing is lost by that.""",
            "Since the last end",
        ),
    ],
)

DATABASE = Group(
    "bongsu-database",
    [
        Alert(
            "BongsuPoolExhausted",
            WARNING,
            """histogram_quantile(0.99,
            sum by (le, job, instance, pool) (rate(bongsu_database_pool_wait_seconds_bucket[5m]))) > 1""",
            "5m",
            "Bongsu waits {{ $value | humanizeDuration }} for a connection to its database" + AT,
            """All connections are in use, or new ones open slowly. See what is slow: statements (then the database),
            or the event loop (then this process). What gets none within 10 s runs again, or fails.""",
            "Connections to the database",
        ),
        Alert(
            "BongsuSlowQueries",
            WARNING,
            "sum by (verb) (increase(bongsu_slow_queries_total[15m])) > 20",
            "0m",
            "The database answers Bongsu slowly: {{ $labels.verb }}",
            """The log (action=slow_query) has each, with its milliseconds and rows. Run EXPLAIN on the one that
            comes most often; if all are slow, the database's disk or a backup is the cause.""",
            "Slow statements",
        ),
        Alert(
            "BongsuGaugesOld",
            WARNING,
            "time() - (max by (tenant) (bongsu_gauges_read_timestamp_seconds) > 0) > 120",
            "5m",
            "Bongsu's figures are old: alerts on Slack and pages may be blind" + OF,
            """For {{ $value | humanizeDuration }} nobody has read the figures that other alerts are built on: what
            they show is old. The database is away or very slow (action=gauges_not_read).""",
            "Processes that can work",
        ),
    ],
)

KEEPING = Group(
    "bongsu-keeping",
    [
        Alert(
            "BongsuConfigInvalid",
            WARNING,
            "min by (tenant) (bongsu_config_valid) == 0",
            "5m",
            "bongsu.yaml has a mistake, and is not in force" + OF,
            "What it said before stays in force. `bongsu config check` says which line, and what to write.",
            "Settings in force",
        ),
        Alert(
            "BongsuRetentionStopped",
            WARNING,
            """(max by (tenant) (bongsu_retention_stopped) == 1) and on (tenant)
            (time() - max by (tenant) (bongsu_retention_last_run_timestamp_seconds) > 7200)""",
            "0m",
            "Old rows are not deleted: the archive fails" + OF,
            """Nothing is deleted that could not be archived, so the database grows. See the archive folder's disk
            and permissions; the log (action=retention_stopped) says which.""",
            "Last run of retention",
        ),
        Alert(
            "BongsuRetentionIdle",
            WARNING,
            "time() - (max by (tenant) (bongsu_retention_last_run_timestamp_seconds) > 0) > 86400",
            "0m",
            "Nothing old was deleted for {{ $value | humanizeDuration }}" + OF,
            "It runs once an hour. The log (action=retention_waits, retention_stopped) says what keeps it.",
            "Last run of retention",
        ),
        Alert(
            "BongsuRollupsBehind",
            WARNING,
            "time() - (max by (tenant) (bongsu_rollups_counted_until_timestamp_seconds) > 0) > 10800",
            "10m",
            "Hourly sums are {{ $value | humanizeDuration }} behind: dashboards show too little" + OF,
            """Alerts and incidents are not concerned. The log (action=rollups_wait) says what keeps them; they catch
            up by themselves.""",
            "Hourly sums are behind by",
        ),
        Alert(
            "BongsuAuditForged",
            CRITICAL,
            "max by (tenant) (bongsu_audit_forged_entries) > 0",
            "0m",
            "Somebody has written into the audit log past Bongsu" + OF,
            """Somebody with access to the database did. Keep a copy of it now; `bongsu audit verify` says which
            entries.""",
            "Audit log",
        ),
        Alert(
            "BongsuAuditUnsealed",
            WARNING,
            "time() - (max by (tenant) (bongsu_audit_sealed_timestamp_seconds) > 0) > 600",
            "5m",
            "The audit log is not sealed" + OF,
            """For {{ $value | humanizeDuration }} no process has sealed new entries, which could be changed unseen
            until then. The database is away, or see the log (action=audit_waits).""",
            "Audit log",
        ),
    ],
)
