# The same steps were run in a clean root made with debootstrap; docs/security/container.md says how far.
FROM debian:bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv
WORKDIR /src
COPY requirements.lock ./
RUN python3 -m venv /opt/scanservice \
 && /opt/scanservice/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY scanservice ./scanservice
RUN /opt/scanservice/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/scanservice/bin/pip uninstall -y setuptools wheel pip

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 tesseract-ocr tesseract-ocr-chi-sim \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin scanservice \
 && install -d -o scanservice -g scanservice /data
COPY --from=build /opt/scanservice /opt/scanservice
COPY templates /opt/templates
ENV PATH=/opt/scanservice/bin:$PATH \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    SCANSERVICE_DATA=/data \
    SCANSERVICE_TEMPLATES=/opt/templates \
    SCANSERVICE_HOST=0.0.0.0 \
    SCANSERVICE_PORT=8000
# Nothing outside /data and /tmp is written: run it with --read-only --tmpfs /tmp.
USER scanservice
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"SCANSERVICE_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["scanservice"]
CMD ["serve"]
