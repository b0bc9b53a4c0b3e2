#!/bin/sh
# Measures every figure of the README on both kinds of server, one after the other, and writes the tables to a file.
#
#   sh scripts/bench/both-servers.sh                            the tables go to bench-figures.md in the working directory
#   sh scripts/bench/both-servers.sh /tmp/figures.md --quick    another file, and options for both runs
#
# When: at a release, on a quiet machine; about 25 minutes and 25 GB of disk under /var/tmp.
# What it changes: the file (written anew), and two lines in scripts/bench/history.ndjson. The second server is Debian's
# PostgreSQL 15 with its own defaults; it is made in a temporary folder and removed. Root starts it as `postgres`.
# PG_BIN names the folder of another one's programs. Exit code 1 when a goal is missed on either.
set -u

PG_BIN=${PG_BIN:-/usr/lib/postgresql/15/bin}
PORT=${BENCH_PG_PORT:-5440}
FILE=$(realpath -m "${1:-bench-figures.md}")
if [ $# -gt 0 ]; then shift; fi
cd "$(dirname "$0")/../.." || exit 1
PATH=$PWD/node_modules/.bin:$PATH
bench() { node --max-semi-space-size=2 scripts/bench/bench.ts --table "$FILE" "$@"; }
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

: > "$FILE"
missed=0
bench "$@" || missed=1

folder=$(mktemp -d /var/tmp/storyline-bench-external-XXXXXX)
stop() {
  as_postgres "$PG_BIN/pg_ctl" -D "$folder/data" -m fast -w stop >&2
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
as_postgres "$PG_BIN/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-instructions >&2 || exit 1
as_postgres "$PG_BIN/pg_ctl" -D "$folder/data" -l "$folder/log" -w \
  -o "-p $PORT -k $folder -c listen_addresses=127.0.0.1" start >&2 || exit 1
bench --url "postgres://postgres@127.0.0.1:$PORT/postgres" --kills 50 \
  --only decisions,telegram,figures,work,latency,kills "$@" || missed=1
cat "$FILE"
exit $missed
