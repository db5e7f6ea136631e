# The sleeptalk command. Without arguments it serves the sandbox to other containers, as a service container of CI does:
#
#   docker build --tag sleeptalk .
#   docker run --rm --publish 127.0.0.1:8787:8787 sleeptalk
#   docker run --rm sleeptalk fuzz asleep --url http://my-service:8000 --session-id 20220821093117_hz82a
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/sleeptalk \
  && /opt/sleeptalk/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/contract.txt \
  && /opt/sleeptalk/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.13-slim
COPY --from=build /opt/sleeptalk /opt/sleeptalk
ENV PATH=/opt/sleeptalk/bin:$PATH PYTHONUNBUFFERED=1
RUN useradd --create-home --uid 10001 sleeptalk
USER 10001
WORKDIR /home/sleeptalk
EXPOSE 8787
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8787), 2).close()"]
ENTRYPOINT ["sleeptalk"]
CMD ["sandbox", "--host", "0.0.0.0"]
