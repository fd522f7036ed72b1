# The emulator as a service: docs/docker.md.

FROM python:3.13-slim AS build
RUN python -m venv --without-pip /opt/opend
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY opend_pytest opend_pytest
COPY simulator simulator
COPY telnet_ops telnet_ops
RUN python -m pip wheel --quiet --no-cache-dir --no-deps --wheel-dir /wheels . \
 && wheel="$(ls /wheels/*.whl)" \
 && python -m pip --python /opt/opend/bin/python install --quiet --no-cache-dir "${wheel}[admin,postgresql]" \
 && find /opt/opend -type d \( -name tests -o -name SelfTest \) -prune -exec rm -rf {} +

FROM python:3.13-slim
RUN groupadd --gid 10001 opend \
 && useradd --uid 10001 --gid opend --no-create-home --home-dir /var/lib/opend --shell /usr/sbin/nologin opend \
 && install --directory --owner opend --group opend --mode 0700 /var/lib/opend \
 && install --directory /etc/opend
COPY --from=build /opt/opend /opt/opend
ENV PATH="/opt/opend/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# FutuOpenD.xml is looked for here.
WORKDIR /etc/opend
USER 10001:10001
VOLUME /var/lib/opend
EXPOSE 11111
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-m", "gateway.health"]
ENTRYPOINT ["python", "-m", "gateway.container"]
