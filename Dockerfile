# The application with its locked dependencies; runs as a user without rights, data in /data.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements requirements
RUN python -m venv /opt/gateway \
    && /opt/gateway/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt \
    && /opt/gateway/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY . .
RUN /opt/gateway/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
# The image comes without compiled modules of the standard library; a user without rights would compile them at every start.
RUN python -m compileall -q -x "site-packages|idlelib|lib2to3" /usr/local/lib/python3.11
RUN useradd --system --create-home --home-dir /data gateway
COPY --from=build /opt/gateway /opt/gateway
COPY config.example.yaml /etc/invoice-gateway/config.yaml
USER gateway
WORKDIR /data
VOLUME /data
EXPOSE 7070 7071
# Inside a container loopback is the container's own: bind the data port to all addresses; the admin port stays inside.
ENV INVOICE_GATEWAY_CONFIG=/etc/invoice-gateway/config.yaml INVOICE_GATEWAY_HOST=0.0.0.0 INVOICE_GATEWAY_STORE=sqlite:////data/numbers.db
HEALTHCHECK CMD ["/opt/gateway/bin/invoice-gateway", "health"]
ENTRYPOINT ["/opt/gateway/bin/invoice-gateway"]
CMD ["serve"]
