#!/bin/sh
# Licences, bans and sources of all dependencies; advisories too where their database is at hand. Offline.
#
# The database is a git bundle, advisory-db.bundle, in $TILLGATE_SHARED (default ../shared). Without cargo-deny
# this says so and passes, unless CI_REQUIRE_DENY=1.
set -eu
cd "$(dirname "$0")/.."

if ! cargo deny --version >/dev/null 2>&1; then
    echo "deny: SKIPPED: cargo-deny is not installed: cargo install --locked cargo-deny" >&2
    [ "${CI_REQUIRE_DENY:-0}" != 1 ]
    exit
fi

# Metadata of every target's dependencies is needed, not only of this machine's.
cargo fetch --locked --quiet
cargo deny --offline --all-features check licenses bans sources

bundle=${TILLGATE_SHARED:-../shared}/advisory-db.bundle
# The name is what cargo-deny derives from the address of the public database.
db=target/advisory-db/advisory-db-3157b0e258782691
if [ -f "$bundle" ]; then
    rm -rf "$db"
    git clone --quiet "$bundle" "$db" 2>/dev/null
fi
if [ -d "$db" ]; then
    # No fetch brought it here, so what cargo-deny takes for the time of the last one is the snapshot's own.
    git -C "$db" log -1 --format=%ct | { read -r seconds; touch -d "@$seconds" "$db/.git/FETCH_HEAD"; }
    cargo deny --offline --all-features check advisories
else
    echo "deny: SKIPPED: no advisory database at $bundle: advisories were not checked" >&2
    [ "${CI_REQUIRE_DENY:-0}" != 1 ]
fi
