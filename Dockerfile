# Winnow in a container: the command line, with S3, Dask, Delta and Iceberg.
#
#   docker build --tag winnow .
#   docker run --rm --volume "$PWD:/data" winnow ingest seeds --output output
#
# Paths are relative to /data, where the caller's folder is mounted. Files in it are made by user 1000; use --user to
# have another.

FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY cleaners ./cleaners
COPY flows ./flows
RUN python -m venv /opt/winnow \
 && /opt/winnow/bin/pip install --no-cache-dir '.[s3,dask,delta,iceberg]' \
 && /opt/winnow/bin/python -m compileall -q /opt/winnow

FROM python:3.11-slim
LABEL org.opencontainers.image.title="winnow" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/newswinnow/newswinnow"
RUN useradd --uid 1000 --create-home winnow \
 && mkdir /data \
 && chown winnow:winnow /data
COPY --from=build /opt/winnow /opt/winnow
# Prefect's database lives for a run only: the lake is the record.
ENV PATH=/opt/winnow/bin:$PATH \
    PREFECT_HOME=/tmp/prefect \
    PYTHONUNBUFFERED=1
USER winnow
WORKDIR /data
ENTRYPOINT ["winnow"]
CMD ["--help"]
