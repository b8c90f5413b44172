#!/bin/sh
# Puts ponder where its user finds it, and takes it away again: see usage() below, or `install.sh --help`.
#
# What was put where is written down in PREFIX/share/ponder/installed, with checksums. Only what stands
# there and is unchanged is ever replaced or removed: a file of somebody else stays what it is.
set -eu
umask 022
# Checksums and names are bytes.
LC_ALL=C
export LC_ALL

usage() {
    cat <<'TEXT'
Usage: install.sh [--prefix DIR] [--programs DIR] [--service]
       install.sh [--prefix DIR] --uninstall

Installs ponder and ponderd, their man pages and completions: from a clone, where they are built with
cargo, or from an unpacked release, which has them. Once more, it replaces what it has put there.

  --prefix DIR    where to put everything: DIR/bin, DIR/share [default: $PREFIX, else ~/.local]
  --programs DIR  take the programs from DIR, and build nothing
  --service       let your service manager run the daemon, with `ponder service install`
  --uninstall     take away what was put there, and the service; journals and their state stay
  --help          print this

DESTDIR=DIR is put before every path, for packagers. Nothing is read or written outside of these places.
TEXT
}

main() {
    here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
    read_arguments "$@"
    read_parts
    # One that is relative is so to where this was called.
    case ${DESTDIR:-} in
        '' | /*) ;;
        *) DESTDIR=$PWD/$DESTDIR ;;
    esac
    root=${DESTDIR:-}$prefix
    manifest=$root/share/ponder/installed
    mark='# What install.sh of ponder has put there; it knows by this line that the list is its own.'
    left=0 replaced=no renewed=no
    work=$(mktemp -d)
    unfinished=''
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' HUP TERM
    if [ "$action" = uninstall ]; then
        uninstall
    else
        install
    fi
    exit "$left"
}

# shellcheck disable=SC2317 # a trap calls it
clean_up() {
    [ -z "$unfinished" ] || rm -f "$unfinished"
    # Where there is no list yet, nobody would know whose they are.
    [ -f "$manifest" ] || [ ! -f "$work/directories" ] || remove_directories "$work/directories"
    rm -rf "$work"
}

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

read_arguments() {
    action=install service=no programs='' prefix=${PREFIX:-}
    while [ $# -gt 0 ]; do
        case $1 in
            --prefix | --programs)
                [ $# -gt 1 ] || fail "$1 needs a directory"
                if [ "$1" = --prefix ]; then prefix=$2; else programs=$2; fi
                shift
                ;;
            --prefix=*) prefix=${1#*=} ;;
            --programs=*) programs=${1#*=} ;;
            --service) service=yes ;;
            --uninstall) action=uninstall ;;
            --help)
                usage
                exit 0
                ;;
            *)
                usage >&2
                fail "there is no option $1"
                ;;
        esac
        shift
    done
    find_prefix
    [ "$service" = yes ] || return 0
    [ -z "${DESTDIR:-}" ] || fail "a service is installed on the machine that runs it, not below DESTDIR"
    case ${PONDER_DIR:-} in
        *'
'*) fail "PONDER_DIR has a line break in it: no service can have such a journal" ;;
    esac
}

# It has no slash behind it, and `/` is empty.
find_prefix() {
    # The copy that was installed knows where that is.
    case $here in
        */share/ponder) [ ! -f "$here/installed" ] || : "${prefix:=${here%share/ponder}}" ;;
    esac
    : "${prefix:=${HOME:?there is no home directory: name a place with --prefix}/.local}"
    case $prefix in
        *'
'*) fail "the prefix has a line break in it: name another one with --prefix" ;;
        /*) ;;
        *) fail "the prefix $prefix is not an absolute path: name one that is with --prefix" ;;
    esac
    prefix=${prefix%/}
}

# How to deal with services, and how all is taken away, lies where it will be installed, or is.
read_parts() {
    parts=$here/share/ponder
    [ -d "$parts" ] || parts=$here
    for part in services.sh uninstall.sh; do
        [ -f "$parts/$part" ] || fail "there is no $parts/$part: run the install.sh of a clone or a release"
    done
    # shellcheck source=share/ponder/services.sh
    . "$parts/services.sh"
    # shellcheck source=share/ponder/uninstall.sh
    . "$parts/uninstall.sh"
}

# --- what there is to install

# Makes a tree in $work/new like the one below the prefix.
gather() {
    new=$work/new
    mkdir "$new" "$new/bin"
    find_programs
    for program in ponder ponderd; do
        [ -f "$programs/$program" ] || fail "there is no program $programs/$program"
        cp "$programs/$program" "$new/bin/$program"
    done
    [ -d "$here/share/man" ] || fail "there is no $here/share/man: run the install.sh of a clone or a release"
    cp -R "$here/share" "$new/share"
    mkdir -p "$new/share/ponder"
    cp "$here/install.sh" "$new/share/ponder/install.sh"
    find "$new/share" -type f -exec chmod 644 {} +
    chmod 755 "$new/bin/ponder" "$new/bin/ponderd" "$new/share/ponder/install.sh"
    (cd "$new" && find . -type f ! -name '.*' ! -name '*~' -exec cksum {} +) | sed 's, \./, ,' >"$work/files"
}

# The programs are given, lie beside this script, or are built.
find_programs() {
    if [ -n "$programs" ]; then
        return
    elif [ -f "$here/bin/ponder" ]; then
        programs=$here/bin
    elif [ -f "$here/Cargo.toml" ]; then
        command -v cargo >/dev/null || fail "there is no cargo to build with: install Rust, or take a release"
        say "building both programs in $here"
        (cd "$here" && cargo build --release --locked --message-format json-render-diagnostics) >"$work/told"
        # Where they are is a matter of cargo's configuration: its messages tell, in JSON's strings.
        programs=$(sed -nE 's,.*"executable":"(([^"\]|\\.)*)/ponderd".*,\1,p' "$work/told" | sed 's/\\\(.\)/\1/g')
        [ -n "$programs" ] || fail "cargo does not tell where it has put ponderd: name that directory with --programs"
    else
        fail "there are no programs beside $here/install.sh, and nothing to build them from"
    fi
}

# --- what was installed: the mark; lines of checksum, size and path; `dir` and path; `service` and journal

installed() {
    if is_list; then sed 1d "$manifest"; fi
}

# Whether the list is one of ours.
is_list() {
    [ -f "$manifest" ] && [ ! -L "$manifest" ] && [ "$(sed -n 1p "$manifest")" = "$mark" ]
}

# Whether a file below the root is as it was put there.
is_ours() {
    [ -f "$root/$1" ] && [ ! -L "$root/$1" ] || return 1
    sum=$(cksum <"$root/$1")
    installed | grep -Fqx -- "$sum $1"
}

is_there() {
    [ -e "$root/$1" ] || [ -L "$root/$1" ]
}

# The paths of files, from such lines.
paths() {
    sed -n 's/^[0-9][0-9]* [0-9][0-9]* //p' | sort -u
}

# Makes these files' lines the list.
write_down() {
    { say "$mark" && sort -u "$@"; } >"$work/list"
    replace "$work/list" "$manifest"
}

# A reader, and whoever runs the program, has the old file or the new one.
replace() {
    unfinished=$(mktemp "$(dirname -- "$2")/.ponder.XXXXXX")
    cp -p "$1" "$unfinished"
    mv -f "$unfinished" "$2"
    unfinished=''
}

# --- to install

install() {
    gather
    paths <"$work/files" >"$work/paths"
    look_before
    installed >"$work/before"
    missing_directories >"$work/directories"
    mkdir -p "$root/share/ponder"
    # First the list, then the files: whatever ends this script, the next one knows what is ours.
    write_down "$work/before" "$work/files" "$work/directories"
    while IFS= read -r path; do
        put "$path"
    done <"$work/paths"
    remove_obsolete
    # Of files, nothing but what is there now.
    installed | sed -n '/^dir /p; /^service /p' >"$work/others"
    write_down "$work/files" "$work/others"
    if [ -z "${DESTDIR:-}" ]; then
        begin_service
        tell_where
    fi
}

# Nothing is written where a file of somebody else is in the way.
look_before() {
    {
        is_list || ! is_there share/ponder/installed || say "$manifest"
        while IFS= read -r path; do
            if ! is_there "$path"; then
                file_above "$root/$path"
            elif ! is_ours "$path"; then
                say "$root/$path"
            fi
        done <"$work/paths"
    } | sort -u >"$work/foreign"
    [ -s "$work/foreign" ] || return 0
    cat "$work/foreign" >&2
    fail "these are not from this script, or were changed since:" \
        "move them away, or name another --prefix"
}

# What is no directory where a path needs one.
file_above() {
    above=${1%/*}
    while [ -n "$above" ] && [ ! -d "$above" ]; do
        if [ -e "$above" ] || [ -L "$above" ]; then say "$above"; fi
        above=${above%/*}
    done
}

# Directories that this script will make: the prefix itself is a dot, what is above it as many more. What is
# above it in a package is somebody else's where that is unpacked.
missing_directories() {
    above=$root up=.
    while [ "$above" != "${DESTDIR:-}" ] && [ ! -d "$above" ]; do
        say "dir $up"
        [ -z "${DESTDIR:-}" ] || break
        above=${above%/*}
        case $up in
            .) up=.. ;;
            *) up=../$up ;;
        esac
    done
    while IFS= read -r path; do
        while :; do
            case $path in
                */*) path=${path%/*} ;;
                *) break ;;
            esac
            [ -d "$root/$path" ] || say "dir $path"
        done
    done <"$work/paths" | sort -u
}

# Those that are in a list, if nobody else has files in them: the inner ones first.
remove_directories() {
    sed -n 's/^dir \([^.]\)/\1/p' "$1" | sort -r | while IFS= read -r path; do
        rmdir "$root/$path" 2>/dev/null || :
    done
    above=$root
    sed -n 's/^dir \././p' "$1" | sort | while IFS= read -r _; do
        rmdir "$above" 2>/dev/null || :
        above=${above%/*}
    done
}

put() {
    if is_there "$1"; then
        ! cmp -s "$new/$1" "$root/$1" || return 0
        case $1 in bin/ponderd) replaced=yes renewed=yes ;; bin/ponder) renewed=yes ;; esac
    fi
    say "puts $root/$1"
    mkdir -p "$root/$(dirname -- "$1")"
    replace "$new/$1" "$root/$1"
}

# Files of an older version that this one has not.
remove_obsolete() {
    paths <"$work/before" | while IFS= read -r path; do
        if ! grep -Fqx -- "$path" "$work/paths" && is_ours "$path"; then
            say "removes $root/$path"
            rm -f "$root/$path"
        fi
    done
}

tell_where() {
    say "ponder is in $prefix/bin"
    found=$(command -v ponder || :)
    case :$PATH: in
        *:"$prefix/bin":*)
            [ "$found" = "$prefix/bin/ponder" ] || say "but $found comes before it in your PATH"
            ;;
        *) say "which is not in your PATH: export PATH=\"$prefix/bin:\$PATH\", in your shell's start-up file" ;;
    esac
    if [ "$replaced" = yes ]; then
        say "a daemon that runs is still the old one: \`ponder daemon restart\`, and everybody keeps his place"
    fi
    [ "$renewed" = no ] || tell_services # units are of the client
    if command -v zsh >/dev/null; then
        say "zsh completes with: fpath=($prefix/share/zsh/site-functions \$fpath), before compinit"
    fi
    say "to take it away again: $prefix/share/ponder/install.sh --uninstall"
}

main "$@"
