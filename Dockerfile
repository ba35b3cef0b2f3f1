FROM python:3.13.12-slim-trixie AS build
WORKDIR /src
RUN python -m venv /opt/bongsu
ENV PATH=/opt/bongsu/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/build.txt requirements/run.txt requirements/charts.txt requirements/
# --build-arg CHARTS=1: with matplotlib, which draws the pictures below digests and weighs 170 MB.
ARG CHARTS=
# Wheels only: there is no compiler here, and none is wanted.
RUN pip install --require-hashes --only-binary :all: -r requirements/build.txt -r requirements/run.txt \
    ${CHARTS:+-r requirements/charts.txt}
COPY . .
RUN pip install --no-deps --no-build-isolation . && pip uninstall --yes setuptools pip

FROM python:3.13.12-slim-trixie
RUN groupadd --gid 10001 bongsu \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin bongsu \
    && install --directory --owner=bongsu --group=bongsu --mode=0750 /data
COPY --from=build /opt/bongsu /opt/bongsu
ENV PATH=/opt/bongsu/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BONGSU_HOST=0.0.0.0
# bongsu.yaml is looked for here, and SQLite's file lives here unless BONGSU_DATABASE_URL names another database.
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
