#!/bin/sh
# Whether ponder can be installed by `cargo install` and as a Debian package: `packaging/check.sh`, as root.
#
# Both are done for real, to places that go again. It needs cargo-deb.
set -eu
umask 022
cd "$(dirname -- "$0")/.."

work=$(mktemp -d)
running=''
trap '[ -z "$running" ] || as_somebody "$running" daemon stop || :; rm -rf "$work"' EXIT
trap 'exit 130' INT HUP TERM

fail() {
    printf 'packaging/check.sh: %s\n' "$*" >&2
    exit 1
}

# A program, its daemon and a journal of their own: they find each other, and write.
works() {
    for dir in home run journal; do
        rm -rf "${work:?}/$dir"
        mkdir -m 700 "$work/$dir"
    done
    running=$1
    as_somebody "$1" append -d 2026-11-23 "written by $1"
    grep -q "written by $1" "$work/journal/20261123.md" || fail "$1 did not write"
    # Its own daemon, and not another one in PATH.
    as_somebody "$1" daemon status | grep -q "^ponderd $(as_somebody "$1" --version | cut -d' ' -f2)" ||
        fail "$1 has no daemon of its version"
    as_somebody "$1" daemon stop
    running=''
}

as_somebody() {
    env -i HOME="$work/home" XDG_RUNTIME_DIR="$work/run" PONDER_DIR="$work/journal" PATH=/usr/bin:/bin "$@"
}

echo "--- cargo install" # unoptimized: what is there already is not compiled again
for member in ponderd ponder-client; do
    cargo install --locked --debug --path "$member" --root "$work/cargo" --no-track
done
works "$work/cargo/bin/ponder"

echo "--- the Debian package"
# What is looked at is the package, and not how fast the programs in it are.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
cargo build --locked --release
cargo deb --locked -p ponder-client --no-build -o "$work/ponder.deb"
root=$work/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
: >"$root/var/lib/dpkg/status"
# What it depends on is on this machine, but not in that root.
debian() {
    dpkg --root="$root" --force-depends --log="$work/log" "$@" >"$work/told" 2>&1 || fail "$(cat "$work/told")"
}
debian --install "$work/ponder.deb"
(cd share/man && find . -type f) | while read -r page; do
    [ -f "$root/usr/share/man/$page.gz" ] || fail "the package has no $page"
done
for file in bash-completion/completions/ponder zsh/vendor-completions/_ponder fish/vendor_completions.d/ponder.fish; do
    [ -f "$root/usr/share/$file" ] || fail "the package has no $file"
done
# A unit is of no use without the drop-in that says which journal it is for: `ponder service install` writes both.
[ ! -e "$root/usr/lib/systemd" ] || fail "the package has units, which know no journal"
(cd "$root/usr/share/doc/ponder" && find . -name '*.md') >"$work/pages"
while read -r page; do
    page=$root/usr/share/doc/ponder/$page
    grep -o '](\([^)]*\))' "$page" | sed 's/^](//; s/)$//; s/#.*//' | while read -r link; do
        case $link in
            '' | *:*) ;; # a heading of its own, or another place
            *) [ -f "$(dirname "$page")/$link" ] || fail "$page has a link to $link, which is not there" ;;
        esac
    done
done <"$work/pages"
works "$root/usr/bin/ponder"
debian --purge ponder
left=$(find "$root" -mindepth 1 ! -type d ! -path "$root/var/*")
[ -z "$left" ] || fail "the package leaves $left"
echo "both work"
