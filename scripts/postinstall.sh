#!/bin/sh
# What: finishes an installation: patches the database driver (patches/) and links two commands.
# When: npm runs it at the end of `npm ci`; by hand (`npm run postinstall`) after `npm ci --ignore-scripts`.
# Changes: files under node_modules/ only; running it again changes nothing.
set -eu
cd "$(dirname "$0")/.."

if ! node_modules/.bin/patch-package --error-on-fail > node_modules/.patch.log 2>&1; then
  cat node_modules/.patch.log >&2
  exit 1
fi

# npm 10 removes the link to our Node again when it drops the package for the other processor.
for arch in x64 arm64; do
  if [ -x "node_modules/node-linux-$arch/bin/node" ]; then
    ln -sf "../node-linux-$arch/bin/node" node_modules/.bin/node
  fi
done

# `npx storyline` looks here first; with a bin entry of our own it would install the project into its cache.
ln -sf ../../src/cli.ts node_modules/.bin/storyline
