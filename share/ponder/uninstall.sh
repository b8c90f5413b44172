# shellcheck shell=sh
# How install.sh takes away what it has put somewhere, and first the services that run it.
#
# install.sh reads this in.

uninstall() {
    if ! is_there share/ponder/installed; then
        say "nothing was installed in ${root:-/} by this script"
        return
    fi
    is_list || fail "$manifest is not from this script: nothing is removed"
    look_for_services
    end_services
    tell_daemons
    installed >"$work/before"
    paths <"$work/before" | while IFS= read -r path; do
        take_away "$path"
    done
    if [ -f "$work/left" ]; then left=1; fi
    rm -f "$manifest"
    remove_directories "$work/before"
    say "ponder is gone from ${root:-/}; journals are where they were, and what is kept aside is in the state directory"
}

take_away() {
    case /$1/ in
        */../*) fail "$manifest names $1, which this script never writes: look at it, and remove that line" ;;
    esac
    if is_ours "$1"; then
        say "removes $root/$1"
        rm -f "$root/$1"
    elif is_there "$1"; then
        say "leaves $root/$1, which was changed since" >&2
        : >"$work/left"
    fi
}

# --- the services

# Nothing is removed while a service that somebody has installed by hand would lose its program.
look_for_services() {
    services >"$work/services"
    installed | sed -n 's/^service //p' >"$work/noted"
    grep -Fvx -f "$work/noted" "$work/services" >"$work/foreign" || return 0
    while IFS= read -r journal; do
        for_journal "$root/bin/ponder" "$journal" uninstall
    done <"$work/foreign" >&2
    fail "services run $root/bin/ponderd that this script has not installed, and nothing is removed:" \
        "end each as above, and run this again"
}

# Where one cannot be ended, everything stays that is needed to end it.
end_services() {
    if ! is_ours bin/ponder; then
        leave_to_another
        return
    fi
    # In a shell of `su` the service manager is out of reach, and with their files gone they would run on.
    while IFS= read -r journal; do
        "$root/bin/ponder" -q --journal "$journal" service uninstall --dry-run </dev/null ||
            fail "the service cannot be taken away whole from here, see above; nothing is removed:" \
                "remove what was changed, if that is named there; if the manager cannot be reached, run this" \
                "again in a shell of your own login, or, where none runs, after \`$(for_journal "$root/bin/ponder" "$journal" uninstall)\`"
    done <"$work/noted"
    while IFS= read -r journal; do
        "$root/bin/ponder" --journal "$journal" service uninstall </dev/null ||
            fail "the service could not be ended, see above; nothing is removed: run this again afterwards"
    done <"$work/noted"
}

# The program that was put there is not there to end them.
leave_to_another() {
    while IFS= read -r journal; do
        command=$(for_journal ponder "$journal" uninstall)
        ! grep -Fqx -- "$journal" "$work/services" ||
            fail "$root/bin/ponder is not what was put there, and is not run; nothing is removed:" \
                "end the service with another one, \`$command\`, and run this again"
        say "there was a service for $journal: if it still is there, \`$command\`" >&2
    done <"$work/noted"
}
