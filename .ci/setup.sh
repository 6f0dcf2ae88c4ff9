#!/usr/bin/env bash
# Installs what the tests talk to, where it is missing and apt can: a real broker, a D-Bus daemon and
# systemd's checkers; with `faults` also what makes those. Without root it only says what is missing; those tests
# then say that they were skipped.
set -u
declare -A package=(
  [mosquitto]=mosquitto [mosquitto_sub]=mosquitto-clients [dbus-daemon]=dbus
  [systemd-analyze]=systemd [strace]=strace [openssl]=openssl
)
[ "${1-}" = faults ] && package+=([mkfs.ext4]=e2fsprogs [xfs_io]=xfsprogs [faketime]=faketime)
missing=()
for tool in "${!package[@]}"; do
  PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || missing+=("${package[$tool]}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "setup: installing ${missing[*]}"
sudo=
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"
export DEBIAN_FRONTEND=noninteractive
if ! { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
  >/tmp/tillgate-setup.$$ 2>&1; then
  tail -3 /tmp/tillgate-setup.$$
  echo "setup: could not install ${missing[*]}; the tests that need them will say so"
fi
rm -f /tmp/tillgate-setup.$$
exit 0
