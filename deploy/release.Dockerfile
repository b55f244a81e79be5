# The image from the files of a release, for both processors: nothing is compiled or emulated.
#   npm run release
#   docker buildx build --platform linux/amd64,linux/arm64 -f deploy/release.Dockerfile dist/release

FROM --platform=$BUILDPLATFORM debian:12-slim AS unpack
COPY salesboard-*-linux-x64.tar.gz /amd64.tar.gz
COPY salesboard-*-linux-arm64.tar.gz /arm64.tar.gz
ARG TARGETARCH
WORKDIR /release
RUN tar -xzf /$TARGETARCH.tar.gz --strip-components=1 --no-same-owner

FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=unpack /release/salesboard /salesboard
# Starts a dashboard only with --users, --tokens, --trusted-proxy or --insecure-listen.
ENV HOST=0.0.0.0
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s \
  CMD ["/salesboard", "health"]
ENTRYPOINT ["/salesboard"]
