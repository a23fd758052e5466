#!/usr/bin/env bash
# Programs that some tests run beside the service, for a Debian machine with root: a browser, promtool, Jaeger, and the languages of the
# receivers' examples (Go is taken where it is there). What is there already costs nothing. What cannot be had is said, and its tests are
# skipped: a developer's machine needs none of them.
set -uo pipefail
cd "$(dirname "$0")/.."

missing=()
need() { command -v "$1" > /dev/null || missing+=("${@:2}"); }
need chromium chromium fonts-dejavu-core
need promtool prometheus
need openssl openssl
need ruby ruby ruby-jwt
need javac default-jdk-headless
need mvn maven

if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -qq update && apt-get -qq install -y --no-install-recommends "${missing[@]}"; } > /dev/null ||
    echo "not to be had: ${missing[*]}"
elif [ ${#missing[@]} -gt 0 ]; then
  echo "not there: ${missing[*]}"
fi

# From source, since Jaeger's own downloads may be out of reach: 5 to 15 minutes once, then it is in the user's cache.
npm run -s jaeger -- --build || echo 'no Jaeger: its tests are skipped'
