#!/usr/bin/env bash
# Puts the peers into a folder of their own, not into the system. What cannot be had is left out; the comparison then
# says "not here" in its row.
set -u
folder=$1
mkdir -p "$folder"
cd "$folder" || exit 0
log=$folder/install.log
: >"$log"

say() { echo "peers: $*"; }

if [ ! -x venv/bin/python ] || ! venv/bin/python -c 'import paho.mqtt, serial' 2>>"$log"; then
  say "paho-mqtt and pyserial from PyPI"
  { python3 -m venv venv && venv/bin/pip install -q 'paho-mqtt>=2,<3' 'pyserial>=3.5,<4'; } >>"$log" 2>&1 ||
    say "no Python client: see $log"
fi

if [ ! -e node-red/node_modules/node-red/red.js ]; then
  say "node-red and node-red-node-serialport from npm"
  mkdir -p node-red
  # The fifth one wants a newer Node than some distributions have.
  version=$(node -p 'process.versions.node.split(".")[0] < 22 ? 4 : 5')
  # With versions: a folder of that name must not be taken for the package.
  npm install --prefix node-red --no-fund --no-audit "node-red@$version" node-red-node-serialport@2 >>"$log" 2>&1 ||
    say "no Node-RED: see $log"
fi

if [ ! -x syslog-ng/usr/sbin/syslog-ng ]; then
  say "syslog-ng-core from apt, unpacked here"
  mkdir -p packages syslog-ng
  (
    cd packages &&
      apt-get download syslog-ng-core libivykis0 libnet1 libwrap0 libjson-c5 libglib2.0-0 libpcre3 &&
      for package in *.deb; do dpkg-deb -x "$package" ../syslog-ng; done
  ) >>"$log" 2>&1 || say "no syslog-ng: see $log"
fi
exit 0
