"""Traces are wanted where OpenTelemetry's own variables say so; what can't be meant stops the start in one line."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from bongsu import otel, tracing
from bongsu.environment import Environment
from bongsu.tracing import build
from bongsu.tracing_settings import Batching, check
from incidents.errors import InvalidInput

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_SERVICE_NAME": "bongsu", "OTEL_TRACES_SAMPLER": "always_on"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
        {**ENDPOINT, "OTEL_SDK_DISABLED": "TRUE"},
        {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318"},
    ],
)
def test_nobody_wants_traces(environ: dict[str, str]) -> None:
    assert build(environ) is None


@pytest.mark.parametrize(
    "environ",
    [
        ENDPOINT,
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector.example.com/v1/traces"},
        {"OTEL_TRACES_EXPORTER": "console"},
        {**ENDPOINT, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"},
        {**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
        {
            **ENDPOINT,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
        },
        {**ENDPOINT, "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20a==, x-team = some ops,"},
        {**ENDPOINT, "OTEL_EXPORTER_OTLP_COMPRESSION": "GZIP", "OTEL_EXPORTER_OTLP_TIMEOUT": "2.5"},
        {**ENDPOINT, "OTEL_SDK_DISABLED": "false", "OTEL_ATTRIBUTE_COUNT_LIMIT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://[::1]:4318/"},
    ],
)
def test_somebody_wants_traces(environ: dict[str, str]) -> None:
    traces = build(environ)
    assert traces is not None
    traces.stop()


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            "OTEL_TRACES_EXPORTER: 'zipkin' is not known: write otlp, console or none",
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' is no"),
        ({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL: traces are sent by http"),
        ({**ENDPOINT, "OTEL_TRACES_SAMPLER": "some"}, "OTEL_TRACES_SAMPLER: 'some' is not known: write one of"),
        (
            {**ENDPOINT, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "10 %"},
            "OTEL_TRACES_SAMPLER_ARG: '10 %' is no share",
        ),
        (
            {**ENDPOINT, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "nan"},
            "OTEL_TRACES_SAMPLER_ARG: 'nan' is no share",
        ),
        (
            {**ENDPOINT, "OTEL_SDK_DISABLED": "yes"},
            "OTEL_SDK_DISABLED: 'yes' is neither: write true, which leaves out all traces, or false",
        ),
        (
            {**ENDPOINT, "OTEL_EXPORTER_OTLP_COMPRESSION": "zip"},
            "OTEL_EXPORTER_OTLP_COMPRESSION: 'zip' is not known: write one of none, gzip, deflate",
        ),
        (
            {**ENDPOINT, "OTEL_RESOURCE_ATTRIBUTES": "a=b,prod"},
            "OTEL_RESOURCE_ATTRIBUTES: 'prod' is not of the form name=value: write them such as deployment.",
        ),
    ],
)
def test_what_can_not_be_meant_stops_the_start(environ: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        build(environ)
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


def test_where_it_is_asked_for_but_not_installed_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        if name.startswith("opentelemetry"):
            raise ModuleNotFoundError(name)
        return find_spec(name)

    monkeypatch.setattr(tracing, "find_spec", missing)
    assert build({}) is None
    with pytest.raises(InvalidInput, match=r"OTEL_EXPORTER_OTLP_ENDPOINT: .*`pip install 'bongsu\[otel\]'"):
        build(ENDPOINT)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://", "'http://' is no http(s) URL: it has no host"),
        ("http://:4318", "'http://:4318' is no http(s) URL: it has no host"),
        ("http://[bad:xx", "'http://[bad:xx' is no http(s) URL: its host can't be read"),
        ("http://127.0.0.1:notaport", "'http://127.0.0.1:notaport' is no http(s) URL: its port is no number"),
        ("http://127.0.0.1:65536", "'http://127.0.0.1:65536' is no http(s) URL: its port is no number"),
        ("http://127.0.0.1:0", "'http://127.0.0.1:0' is no http(s) URL: its port is no number"),
        ("http://a b:4318", "'http://a b:4318' is no http(s) URL: there is white space in it"),
        ("http://me:canary@collector:port", "it is no http(s) URL: its port is no number"),
        ("ftp://collector/?token=canary", "it is no http(s) URL"),
    ],
)
def test_an_endpoint_that_is_none_is_told_with_an_example_and_without_its_secrets(url: str, said: str) -> None:
    for name, example in (
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces"),
    ):
        told = refused({name: url})
        assert told.startswith(f"{name}: {said}")
        assert told.endswith(f": write one such as {example}")
        assert "canary" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, value)
        for value in ("x", "-5", "1.5", "99999999999")
        for name in (
            "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY",
            "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
            "OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_SPAN_LINK_COUNT_LIMIT",
        )
    ]
    + [
        (name, "0")
        for name in ("OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY")
    ],
)  # fmt: skip
def test_a_number_that_is_none_is_told_with_those_that_may_be_written(name: str, value: str) -> None:
    told = refused({**ENDPOINT, name: value})
    assert told.startswith(f"{name}: '{value}' is no number of ")
    assert ": write a whole number from " in told


@pytest.mark.parametrize("value", ["x", "0", "-1", "nan", "inf"])
def test_a_timeout_that_is_none_is_told(value: str) -> None:
    told = refused({**ENDPOINT, "OTEL_EXPORTER_OTLP_TIMEOUT": value})
    assert told.startswith(
        f"OTEL_EXPORTER_OTLP_TIMEOUT: '{value}' is no number of seconds above 0: write one such as 10"
    )


@pytest.mark.parametrize(
    "header", ["canary", "=canary", "a b=canary", 'a="canary"', "a=canary;b", "a=canary%0A", "a=canary%E2%82%AC", "a=ü"]
)
def test_headers_that_are_none_are_told_without_what_stands_in_them(header: str) -> None:
    told = refused({**ENDPOINT, "OTEL_EXPORTER_OTLP_HEADERS": f"x-team=ops,{header}"})
    assert told.startswith("OTEL_EXPORTER_OTLP_HEADERS: entry 2 is not of the form name=value")
    assert "authorization=Bearer%20" in told
    assert "canary" not in told


def test_a_certificate_that_can_not_be_used_is_told(tmp_path: Path) -> None:
    absent, garbage = tmp_path / "absent.pem", tmp_path / "garbage.pem"
    garbage.write_text("x", "utf-8")
    for name in ("CERTIFICATE", "TRACES_CERTIFICATE", "CLIENT_CERTIFICATE"):
        told = refused({**ENDPOINT, f"OTEL_EXPORTER_OTLP_{name}": str(absent)})
        assert told.startswith(
            f"OTEL_EXPORTER_OTLP_{name}: '{absent}' can't be used (No such file or directory): write"
        )
        assert refused({**ENDPOINT, f"OTEL_EXPORTER_OTLP_{name}": str(garbage)}).startswith(
            f"OTEL_EXPORTER_OTLP_{name}: '{garbage}' can't be used ("
        )
    told = refused({**ENDPOINT, "OTEL_EXPORTER_OTLP_CLIENT_KEY": str(absent)})
    assert told.startswith(
        "OTEL_EXPORTER_OTLP_CLIENT_KEY: it is the key of no certificate: write OTEL_EXPORTER_OTLP_CL"
    )
    assert check(Environment({"OTEL_EXPORTER_OTLP_CERTIFICATE": str(tmp_path)}), "otlp") == Batching()


@pytest.mark.parametrize(
    ("environ", "batching"),
    [
        ({}, Batching(queue=2048, batch=512, delay=5000)),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "10"}, Batching(queue=10, batch=10, delay=5000)),
        (
            {
                "OTEL_BSP_MAX_QUEUE_SIZE": "4096",
                "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4096",
                "OTEL_BSP_SCHEDULE_DELAY": "9",
            },
            Batching(queue=4096, batch=4096, delay=9),
        ),
    ],
)
def test_a_small_queue_makes_the_batches_smaller(environ: dict[str, str], batching: Batching) -> None:
    assert check(Environment(environ), "otlp") == batching
    otel.exporting("otlp", batching).stop()


def test_a_batch_that_is_larger_than_the_queue_is_told() -> None:
    told = refused({**ENDPOINT, "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "20"})
    assert told == (
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 20 spans are more than the 10 of OTEL_BSP_MAX_QUEUE_SIZE: write 10 or less"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER", "RuntimeError: Requested component 'absent' not found"),
        ("OTEL_PYTHON_METER_PROVIDER", "StopIteration"),
    ],
)
def test_whatever_else_the_sdk_does_not_like_is_told_in_its_words(
    name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "absent")
    told = refused(ENDPOINT)
    assert told.startswith(f"OTEL_EXPORTER_OTLP_ENDPOINT: it asks for traces, but OpenTelemetry can't begin ({said}")
    assert told.endswith("correct its variable, or write OTEL_SDK_DISABLED=true, which leaves out traces")


def refused(environ: dict[str, str]) -> str:
    with pytest.raises(InvalidInput) as error:
        build(environ)
    [line] = str(error.value).splitlines()
    return line
