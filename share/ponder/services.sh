# shellcheck shell=sh
# What runs what install.sh has put somewhere: the services of a service manager, and daemons.
#
# install.sh reads this in. It knows what it has put where, and which services it has installed, from its
# list; here is what a service manager knows.

begin_service() {
    begun=''
    [ "$service" = yes ] || return 0
    # As its unit calls it: PONDER_DIR may have variables in it that mean something else by and by.
    "$root/bin/ponder" service print >"$work/unit" || fail "ponder is installed, but is no service: see above"
    begun=$(journal_of "$work/unit")
    say "service $begun" >"$work/service"
    installed >"$work/so_far"
    write_down "$work/so_far" "$work/service"
    "$root/bin/ponder" service install || fail "ponder is installed, but is no service: see above"
}

# Each has its units from the version that installed it.
tell_services() {
    services | while IFS= read -r journal; do
        [ "$journal" = "$begun" ] ||
            say "a service has its old units: \`$(for_journal "$root/bin/ponder" "$journal" install)\` gives it the new ones"
    done
}

# Whose file is about to go.
tell_daemons() {
    program=$(daemon)
    for process in /proc/[0-9]*; do
        case $(readlink "$process/exe" 2>/dev/null) in
            "$program" | "$program (deleted)")
                say "a daemon runs on without its file: \`kill ${process#/proc/}\` ends it as \`ponder daemon stop\` does"
                ;;
        esac
    done
}

# --- what a service manager knows

# The journals whose services run our daemon, under systemd or launchd.
services() {
    [ -z "${DESTDIR:-}" ] || return 0
    for unit in "${XDG_CONFIG_HOME:-${HOME:-}/.config}"/systemd/user/ponderd*.service.d/journal.conf \
        "${HOME:-}"/Library/LaunchAgents/ponderd.*.plist; do
        if [ -f "$unit" ] && [ "$(program_of "$unit")" = "$(daemon)" ]; then journal_of "$unit"; fi
    done
}

# What a service runs, and for which journal, from its unit or agent.
program_of() {
    sed -n 's/^ExecStart="\(.*\)" --activated .*/\1/p' "$1" | unquoted
    # One that systemd takes for no program is run by a shell, and has its `$` doubled.
    sed -n 's,^ExecStart=/bin/sh .* "\(/.*\)" --activated .*,\1,p' "$1" | unquoted | sed 's/\$\$/$/g'
    sed -n '/<array>/{n;s,.*<string>\(.*\)</string>.*,\1,p;}' "$1" | unescaped
}
journal_of() {
    sed -n 's/^Environment="PONDER_DIR=\(.*\)"$/\1/p' "$1" | unquoted
    sed -n '/<string>--journal</{n;s,.*<string>\(.*\)</string>.*,\1,p;}' "$1" | unescaped
}

# As systemd.syntax(7) and systemd.unit(5) have it in quotes.
unquoted() {
    sed 's/\\\(["\\]\)/\1/g; s/%%/%/g'
}

# As XML has it.
unescaped() {
    sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

# Our daemon's path, without links: as units and the kernel have it.
daemon() {
    at=$(CDPATH='' cd -- "$root/bin" 2>/dev/null && pwd -P) || at=$root/bin
    say "$at/ponderd"
}

# The command that installs or uninstalls a journal's service with this program, for a shell.
for_journal() {
    say "$(for_a_shell "$1") --journal $(for_a_shell "$2") service $3"
}

for_a_shell() {
    say "'$(say "$1" | sed "s/'/'\\\\''/g")'"
}
