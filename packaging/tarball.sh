#!/bin/sh
# A release: `packaging/tarball.sh PROGRAMS OUT` makes OUT/ponder-VERSION-TARGET.tar.gz with the programs in
# the directory PROGRAMS, and prints its path. Unpacked it has bin/, share/ as in a prefix, and install.sh.
# The same programs and the same commit give the same bytes.
set -eu
umask 022

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
programs=${1:?name the directory with ponder and ponderd}
out=${2:?name the directory to put the release into}

version=$("$programs/ponder" --version | sed 's/^ponder //')
target=$(rustc -vV | sed -n 's/^host: //p')
name=ponder-$version-$target

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/bin" "$out"
cp "$programs/ponder" "$programs/ponderd" "$work/$name/bin"
cd "$here"
cp -R share docs install.sh README.md CONTRIBUTING.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$work/$name"
# And what the pages have links to.
mkdir -p "$work/$name/systemd" "$work/$name/proto/golden"
cp systemd/README.md "$work/$name/systemd"
cp proto/golden/frames.txt "$work/$name/proto/golden"
chmod -R u=rwX,go=rX "$work/$name"

: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "$name" |
    gzip -9n >"$work/release"
cd - >/dev/null
mv "$work/release" "$out/$name.tar.gz"
printf '%s\n' "$out/$name.tar.gz"
