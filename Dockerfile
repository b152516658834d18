# One image for every role: worker, beat, receiver, migrate. docker-compose.yml says which container is what.
FROM python:3.13-slim

WORKDIR /app
COPY requirements/runtime.lock requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/runtime.lock

COPY pyproject.toml README.md LICENSE ./
COPY models models
COPY campaign campaign
COPY tasks tasks
COPY console console
COPY sandbox sandbox
COPY migrations migrations
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -e . \
    && useradd --create-home campaign

USER campaign
ENTRYPOINT ["campaign"]
CMD ["--help"]
