# The origin, and the sandbox provider to try it against. docs/deployment.md says how they are run.
#   docker build --tag headgate-origin:0.1.0 .
#   docker build --tag headgate-sandbox:0.1.0 --target sandbox .

# The compiler of rust-toolchain.toml, in whose place it stands: that file would install what only the edge needs.
FROM rust:1.95.0-slim-trixie AS build
WORKDIR /build
# Cargo reads every member of the workspace, whichever it builds.
COPY Cargo.toml Cargo.lock ./
COPY bench bench
COPY edge edge
COPY origin origin
COPY sandbox sandbox
COPY shared shared
COPY tests tests
COPY xtask xtask
# Such as "origin/nats origin/redis", where a broker carries the events and origins share a cache.
ARG FEATURES=""
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --locked --release --package origin --package sandbox --features "${FEATURES}" \
    && mkdir /out \
    && cp target/release/origin target/release/sandbox /out/

FROM debian:13.2-slim AS base
# For the clients of brokers and of Redis; all others bring their roots along.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
USER 10001:10001
STOPSIGNAL SIGTERM

FROM base AS sandbox
COPY --from=build /out/sandbox /usr/local/bin/
ENV SANDBOX_LISTEN=0.0.0.0:8090
EXPOSE 8090
ENTRYPOINT ["sandbox"]
CMD ["serve"]

FROM base AS origin
COPY --from=build /out/origin /usr/local/bin/
ENV LISTEN=0.0.0.0:8080
EXPOSE 8080
# Ready, and not only alive: who shares out requests and who starts next wait for this.
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 CMD ["origin", "probe"]
ENTRYPOINT ["origin"]
CMD ["run"]
