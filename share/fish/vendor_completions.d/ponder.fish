# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ponder_global_optspecs
    string join \n journal= json v/verbose q/quiet log-format= color= r/retro m/reminisce d/date= wait= no-wait in-place h/help V/version
end

function __fish_ponder_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ponder_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ponder_using_subcommand
    set -l cmd (__fish_ponder_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ponder -n "__fish_ponder_needs_command" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_needs_command" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_needs_command" -s d -l date -d 'The entry of one day: YYYY-MM-DD or YYYYMMDD' -r
complete -c ponder -n "__fish_ponder_needs_command" -l wait -d 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]' -r
complete -c ponder -n "__fish_ponder_needs_command" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_needs_command" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_needs_command" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_needs_command" -s r -l retro -d 'The entries of the last seven days, yesterday\'s first'
complete -c ponder -n "__fish_ponder_needs_command" -s m -l reminisce -d 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
complete -c ponder -n "__fish_ponder_needs_command" -l no-wait -d 'Do not wait: fail at once if somebody has the entry'
complete -c ponder -n "__fish_ponder_needs_command" -l in-place -d 'Open the entry\'s own file and not a draft: for tools that need its real path. Nothing can be kept aside, and others may see half of a save'
complete -c ponder -n "__fish_ponder_needs_command" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_needs_command" -s V -l version -d 'Print version'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "edit" -d 'Open an entry in your editor; what you save is in the journal at once'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "append" -d 'Add text at the end of an entry, without waiting for anybody who edits it'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "show" -d 'Print an entry as it is'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "status" -d 'Show who has which entry, who waits, and which text was kept aside'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "lease" -d 'Run a command while having entries to yourself'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "break" -d 'End somebody\'s lease: ask its holder, and take it away if he does not give it back'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "merge-file" -d 'Merge what two sides made of a text: a merge driver for git'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "recover" -d 'List, show, apply or drop what was kept aside because it could not become an entry\'s text'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "daemon" -d 'Start, stop, restart or look at the daemon. It starts by itself when it is needed'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "service" -d 'Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "doctor" -d 'Look whether everything is as it has to be, and say what to do where it is not'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "completions" -d 'Print what a shell needs to complete command lines of ponder'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "man" -d 'Print the manual page of ponder, or write those of all commands into a directory'
complete -c ponder -n "__fish_ponder_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ponder -n "__fish_ponder_using_subcommand edit" -s d -l date -d 'The entry of one day: YYYY-MM-DD or YYYYMMDD' -r
complete -c ponder -n "__fish_ponder_using_subcommand edit" -l wait -d 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]' -r
complete -c ponder -n "__fish_ponder_using_subcommand edit" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand edit" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand edit" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand edit" -s r -l retro -d 'The entries of the last seven days, yesterday\'s first'
complete -c ponder -n "__fish_ponder_using_subcommand edit" -s m -l reminisce -d 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
complete -c ponder -n "__fish_ponder_using_subcommand edit" -l no-wait -d 'Do not wait: fail at once if somebody has the entry'
complete -c ponder -n "__fish_ponder_using_subcommand edit" -l in-place -d 'Open the entry\'s own file and not a draft: for tools that need its real path. Nothing can be kept aside, and others may see half of a save'
complete -c ponder -n "__fish_ponder_using_subcommand edit" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand edit" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand edit" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand edit" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand append" -s d -l date -d 'The entry of one day: YYYY-MM-DD or YYYYMMDD [default: today]' -r
complete -c ponder -n "__fish_ponder_using_subcommand append" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand append" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand append" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand append" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand append" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand append" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand append" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand show" -s d -l date -d 'The entry of one day: YYYY-MM-DD or YYYYMMDD' -r
complete -c ponder -n "__fish_ponder_using_subcommand show" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand show" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand show" -s r -l retro -d 'The entries of the last seven days, yesterday\'s first'
complete -c ponder -n "__fish_ponder_using_subcommand show" -s m -l reminisce -d 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
complete -c ponder -n "__fish_ponder_using_subcommand show" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand show" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand show" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand show" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand status" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand status" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand status" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand status" -s f -l follow -d 'Stay, and tell every change until Ctrl-C'
complete -c ponder -n "__fish_ponder_using_subcommand status" -l history -d 'List the leases that were ended by force: when, whose, why, and by whom'
complete -c ponder -n "__fish_ponder_using_subcommand status" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand status" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand status" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand status" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand lease" -s d -l date -d 'An entry to have: YYYY-MM-DD or YYYYMMDD; may be repeated [default: today]' -r
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l purpose -d 'What others are told about why you have the entries' -r
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l wait -d 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]' -r
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l hold -d 'How long to have the entries at most: 90s, 5m, 2h30m; then the lease is ended by force [default: until the command ends]' -r
complete -c ponder -n "__fish_ponder_using_subcommand lease" -s E -l conflict-exit-code -d 'Exit with CODE instead of 65 and 69 to 78, to tell them from the command\'s own status' -r
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l shared -d 'Share the entries with other readers: a stable view, and nothing is committed'
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l no-draft -d 'Make no drafts and touch no file: pure exclusion'
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l no-wait -d 'Do not wait: fail at once if somebody has the entry'
complete -c ponder -n "__fish_ponder_using_subcommand lease" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand lease" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand lease" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand lease" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand break" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand break" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand break" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand break" -l now -d 'Do not ask the holder first'
complete -c ponder -n "__fish_ponder_using_subcommand break" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand break" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand break" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand break" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand merge-file" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand merge-file" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand merge-file" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand merge-file" -s p -l print -d 'Print the result and leave OURS as it is'
complete -c ponder -n "__fish_ponder_using_subcommand merge-file" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand merge-file" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand merge-file" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand merge-file" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -f -a "list" -d 'List what is kept: when, why, for which entry, how much of it differs. This is the default'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -f -a "show" -d 'Show the difference from the entry to a kept draft, as `diff -u` does'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -f -a "apply" -d 'Put a kept draft into its entry: merged, or both in your editor where they overlap'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -f -a "drop" -d 'Delete a kept draft for good, after asking'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and not __fish_seen_subcommand_from list show apply drop help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from list" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from list" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from list" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from show" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from show" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from show" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -l wait -d 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]' -r
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -l no-wait -d 'Do not wait: fail at once if somebody has the entry'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from drop" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from drop" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from drop" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from drop" -l yes -d 'Do not ask'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from drop" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from drop" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from drop" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from drop" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from help" -f -a "list" -d 'List what is kept: when, why, for which entry, how much of it differs. This is the default'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the difference from the entry to a kept draft, as `diff -u` does'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from help" -f -a "apply" -d 'Put a kept draft into its entry: merged, or both in your editor where they overlap'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from help" -f -a "drop" -d 'Delete a kept draft for good, after asking'
complete -c ponder -n "__fish_ponder_using_subcommand recover; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -f -a "start" -d 'Start the daemon, if there is none'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -f -a "stop" -d 'Stop the daemon. What was saved is committed first; who waits is told'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -f -a "restart" -d 'End the daemon and start another one. Who has an entry or waits for one keeps his place'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -f -a "status" -d 'Show whether a daemon runs'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and not __fish_seen_subcommand_from start stop restart status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from start" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from start" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from start" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from start" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from stop" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from stop" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from stop" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from stop" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from restart" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from restart" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from restart" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from restart" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from restart" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from restart" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from restart" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from status" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from status" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from status" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from status" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from help" -f -a "start" -d 'Start the daemon, if there is none'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from help" -f -a "stop" -d 'Stop the daemon. What was saved is committed first; who waits is told'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from help" -f -a "restart" -d 'End the daemon and start another one. Who has an entry or waits for one keeps his place'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show whether a daemon runs'
complete -c ponder -n "__fish_ponder_using_subcommand daemon; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -f -a "install" -d 'Put the daemon of this journal under your service manager. Shows what it writes before it does'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -f -a "uninstall" -d 'Take away what `install` has put there, and nothing else. Your journal is left alone'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -f -a "print" -d 'Print what `install` writes'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -f -a "status" -d 'Show whether the service is there, and how it is'
complete -c ponder -n "__fish_ponder_using_subcommand service; and not __fish_seen_subcommand_from install uninstall print status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from install" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from install" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from install" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from install" -l dry-run -d 'Only show what would be written and run'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from install" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l dry-run -d 'Only show what would be removed and run'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from uninstall" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from uninstall" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from uninstall" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from print" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from print" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from print" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from print" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from print" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from print" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from print" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from status" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from status" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from status" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from status" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "install" -d 'Put the daemon of this journal under your service manager. Shows what it writes before it does'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "uninstall" -d 'Take away what `install` has put there, and nothing else. Your journal is left alone'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "print" -d 'Print what `install` writes'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show whether the service is there, and how it is'
complete -c ponder -n "__fish_ponder_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ponder -n "__fish_ponder_using_subcommand doctor" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand doctor" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand doctor" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand doctor" -l log -d 'Print the records of the daemon\'s write-ahead log, without anybody\'s text'
complete -c ponder -n "__fish_ponder_using_subcommand doctor" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand doctor" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand doctor" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand completions" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand completions" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand completions" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand completions" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand completions" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand completions" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand man" -l journal -d 'The journal\'s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]' -r -f -a "(__fish_complete_directories)"
complete -c ponder -n "__fish_ponder_using_subcommand man" -l log-format -d 'The log format of a daemon that is started on the way' -r -f -a "text\t''
json\t''"
complete -c ponder -n "__fish_ponder_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ponder -n "__fish_ponder_using_subcommand man" -l json -d 'Print results and messages as JSON, one object a line; the last is the result'
complete -c ponder -n "__fish_ponder_using_subcommand man" -s v -l verbose -d 'Say more'
complete -c ponder -n "__fish_ponder_using_subcommand man" -s q -l quiet -d 'Say nothing but errors'
complete -c ponder -n "__fish_ponder_using_subcommand man" -s h -l help -d 'Print help'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "edit" -d 'Open an entry in your editor; what you save is in the journal at once'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "append" -d 'Add text at the end of an entry, without waiting for anybody who edits it'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "show" -d 'Print an entry as it is'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "status" -d 'Show who has which entry, who waits, and which text was kept aside'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "lease" -d 'Run a command while having entries to yourself'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "break" -d 'End somebody\'s lease: ask its holder, and take it away if he does not give it back'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "merge-file" -d 'Merge what two sides made of a text: a merge driver for git'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "recover" -d 'List, show, apply or drop what was kept aside because it could not become an entry\'s text'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "daemon" -d 'Start, stop, restart or look at the daemon. It starts by itself when it is needed'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "service" -d 'Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "doctor" -d 'Look whether everything is as it has to be, and say what to do where it is not'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "completions" -d 'Print what a shell needs to complete command lines of ponder'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "man" -d 'Print the manual page of ponder, or write those of all commands into a directory'
complete -c ponder -n "__fish_ponder_using_subcommand help; and not __fish_seen_subcommand_from edit append show status lease break merge-file recover daemon service doctor completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from recover" -f -a "list" -d 'List what is kept: when, why, for which entry, how much of it differs. This is the default'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from recover" -f -a "show" -d 'Show the difference from the entry to a kept draft, as `diff -u` does'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from recover" -f -a "apply" -d 'Put a kept draft into its entry: merged, or both in your editor where they overlap'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from recover" -f -a "drop" -d 'Delete a kept draft for good, after asking'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from daemon" -f -a "start" -d 'Start the daemon, if there is none'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from daemon" -f -a "stop" -d 'Stop the daemon. What was saved is committed first; who waits is told'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from daemon" -f -a "restart" -d 'End the daemon and start another one. Who has an entry or waits for one keeps his place'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from daemon" -f -a "status" -d 'Show whether a daemon runs'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "install" -d 'Put the daemon of this journal under your service manager. Shows what it writes before it does'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "uninstall" -d 'Take away what `install` has put there, and nothing else. Your journal is left alone'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "print" -d 'Print what `install` writes'
complete -c ponder -n "__fish_ponder_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "status" -d 'Show whether the service is there, and how it is'
