# The image: a binary, the shared libraries it needs, CA certificates, a user. No shell.
#
#   docker build -t sluice:0.1.0 .
#   docker run --rm -p 8080:8080 -p 8443:8443 sluice:0.1.0 dev --demo --bind-address 0.0.0.0
#
# Builds for the platform it runs on (amd64 and arm64); the last layer is made by scripts/rootfs.sh, which the tests
# run without Docker.

FROM swift:6.3-bookworm AS build
WORKDIR /source
COPY scripts/packages.sh scripts/
RUN scripts/packages.sh build runtime && apt-get clean
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY scripts scripts
RUN scripts/build.sh
RUN scripts/rootfs.sh .build/release/sluice /image

FROM scratch
ARG REVISION=unknown
LABEL org.opencontainers.image.title="sluice" \
      org.opencontainers.image.description="Kubernetes ingress controller with its HTTP engine in the same process" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="scratch"
COPY --from=build /image /
USER 65532:65532
EXPOSE 8080 8443 10254
ENTRYPOINT ["/usr/bin/sluice"]
CMD ["controller"]
