# The image holds the executable, glibc and the certificates of public authorities; no shell.
# amd64 and arm64: docker buildx build --platform linux/amd64,linux/arm64 .

FROM node:22-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make patch libssl-dev zlib1g-dev libzstd-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /salesboard
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

# The same Debian release as above: the executable needs the glibc it was linked with, or a newer one.
FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build /salesboard/dist/salesboard /salesboard
# Starts a dashboard only with --users, --tokens, --trusted-proxy or --insecure-listen.
ENV HOST=0.0.0.0
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s \
  CMD ["/salesboard", "health"]
ENTRYPOINT ["/salesboard"]
