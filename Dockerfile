FROM python:3.13.12-slim-trixie AS build
WORKDIR /src
RUN python -m venv /opt/bongsu
ENV PATH=/opt/bongsu/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/build.txt requirements/run.txt requirements/charts.txt requirements/otel.txt requirements/sbom.txt requirements/
# --build-arg CHARTS=1: with matplotlib, which draws the pictures below digests and weighs 170 MB.
ARG CHARTS=
# --build-arg OTEL=1: with OpenTelemetry, which sends traces to a collector and weighs 3 MB.
ARG OTEL=
# Wheels only: there is no compiler here, and none is wanted.
RUN pip install --require-hashes --only-binary :all: -r requirements/build.txt -r requirements/run.txt \
    ${CHARTS:+-r requirements/charts.txt} ${OTEL:+-r requirements/otel.txt}
COPY . .
RUN pip install --no-deps --no-build-isolation . && pip uninstall --yes setuptools pip
# What is in there, as CycloneDX; by a program that stays behind.
RUN python -m venv /opt/sbom \
    && /opt/sbom/bin/pip install --require-hashes --only-binary :all: -r requirements/sbom.txt \
    && /opt/sbom/bin/cyclonedx-py environment /opt/bongsu --pyproject pyproject.toml --output-reproducible \
       --output-file /opt/bongsu/bongsu.cdx.json

FROM python:3.13.12-slim-trixie
# --build-arg REVISION=$(git rev-parse HEAD)
ARG REVISION=
LABEL org.opencontainers.image.title="Bongsu" \
      org.opencontainers.image.description="Turns Grafana alerts into incidents that a team handles inside Slack" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 bongsu \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin bongsu \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data
COPY --from=build /opt/bongsu /opt/bongsu
ENV PATH=/opt/bongsu/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp \
    BONGSU_HOST=0.0.0.0
# bongsu.yaml is looked for here, and SQLite's file lives here unless BONGSU_DATABASE_URL names another database.
# Nothing else is written, but for /tmp: the rest may be read-only.
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# Without a proxy, whatever HTTP_PROXY says: the question is to this container.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + (os.environ.get('BONGSU_PORT') or '8080') + '/healthz', timeout=4)"]
ENTRYPOINT ["bongsu"]
CMD ["serve"]
