#!/bin/sh
# install-clients.sh <major>[,<major>…]: while the image is built, brings Debian's packages up to date and installs the
# PostgreSQL client programs of these major versions.
#
# apt.postgresql.org has the versions that are supported, and those that have ended are taken from it; its archive keeps
# every version that there ever was for this Debian. So the archive is asked only for what the repository no longer has:
# no other version depends on it. https://apt-archive.postgresql.org/
set -eu

OS_RELEASE="${OS_RELEASE:-/etc/os-release}"
SOURCES="${SOURCES:-/etc/apt/sources.list.d}"
PREFERENCES="${PREFERENCES:-/etc/apt/preferences.d}"
KEYS="${KEYS:-/usr/share/postgresql-common/pgdg}"
LISTS="${LISTS:-/var/lib/apt/lists}"

fail() {
  echo "install-clients.sh: $1" >&2
  exit 1
}

case "${1:-}" in
"" | *[!0-9,]* | ,* | *, | *,,*)
  fail "\"${1:-}\" is no list of major versions such as 15,16,17; give databaseTask.postgresqlMajors as --build-arg POSTGRESQL_MAJORS."
  ;;
esac
majors=$(echo "$1" | tr ',' ' ')

. "$OS_RELEASE"
export DEBIAN_FRONTEND=noninteractive

# A list that can't be fetched is an error, not a warning: an old one would install old programs.
update() { apt-get -o APT::Update::Error-Mode=any -o Acquire::Retries=3 update; }
install() { apt-get -o Acquire::Retries=3 install -y --no-install-recommends "$@"; }
has() { [ -n "$(apt-cache madison "postgresql-client-$1")" ]; }

# source <file> <host> <suite>
source_from() {
  cat >"$SOURCES/$1.sources" <<END
Types: deb
URIs: https://$2/pub/repos/apt
Suites: $VERSION_CODENAME-$3
Components: main
Signed-By: $key
END
}

update
apt-get -o Acquire::Retries=3 upgrade -y
install ca-certificates postgresql-common

# The repository's key comes with Debian's own package, which Debian has signed.
key=""
for name in apt.postgresql.org.gpg apt.postgresql.org.asc; do
  if [ -e "$KEYS/$name" ]; then key="$KEYS/$name"; break; fi
done
[ -n "$key" ] || fail "$KEYS has no key of apt.postgresql.org; look where the package postgresql-common keeps it."

source_from pgdg apt.postgresql.org pgdg
update

packages=""
ended=""
for major in $majors; do
  packages="$packages postgresql-client-$major"
  has "$major" || ended="$ended $major"
done

if [ -n "$ended" ]; then
  source_from pgdg-archive apt-archive.postgresql.org pgdg-archive
  # Only what no other source has: the archive's own copies of current packages stay behind theirs.
  printf 'Package: *\nPin: origin apt-archive.postgresql.org\nPin-Priority: 100\n' >"$PREFERENCES/pgdg-archive"
  update
  for major in $ended; do
    has "$major" || fail "neither apt.postgresql.org nor its archive has the client programs of PostgreSQL $major for Debian $VERSION_CODENAME; take $major out of databaseTask.postgresqlMajors."
  done
fi

# shellcheck disable=SC2086
install $packages
rm -rf "${LISTS:?}"/*
