#!/usr/bin/env bash
# Installs the programs that some tests need beside the service, on a Debian machine with root: a browser, promtool, Jaeger, and the
# languages of the receivers' examples (Go is used if it is installed). Installed programs are left as they are. The script names what it
# cannot install, and the tests that need it are skipped: a developer's machine needs none of them.
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
    echo "could not be installed: ${missing[*]}"
elif [ ${#missing[@]} -gt 0 ]; then
  echo "not installed: ${missing[*]}"
fi

# Built from source, since Jaeger's own downloads may be out of reach. This takes 5 to 15 minutes once; the user's cache keeps the binary.
npm run -s jaeger -- --build || echo 'no Jaeger: its tests are skipped'
