# The program as one static file in an image that holds nothing else: no shell,
# no package manager, no root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w" -o /out/fellesloft ./cmd/fellesloft
# Folders for key files, closed to all but the program's user. An empty volume
# that is mounted on one takes its owner and mode from here.
RUN install -d -m 0700 /out/keys/serve /out/keys/opening /out/keys/master /out/keys/shared

FROM scratch
# Issuers and mail servers are verified against these. The time zones are in the
# program.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/fellesloft /fellesloft
COPY --from=build --chown=65532:65532 /out/keys /keys
USER 65532:65532
EXPOSE 8080 9090
ENTRYPOINT ["/fellesloft"]
CMD ["serve"]
