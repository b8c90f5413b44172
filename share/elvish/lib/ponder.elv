
use builtin;
use str;

set edit:completion:arg-completer[ponder] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'ponder'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'ponder'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand -d 'The entry of one day: YYYY-MM-DD or YYYYMMDD'
            cand --date 'The entry of one day: YYYY-MM-DD or YYYYMMDD'
            cand --wait 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -r 'The entries of the last seven days, yesterday''s first'
            cand --retro 'The entries of the last seven days, yesterday''s first'
            cand -m 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
            cand --reminisce 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
            cand --no-wait 'Do not wait: fail at once if somebody has the entry'
            cand --in-place 'Open the entry''s own file and not a draft: for tools that need its real path. Nothing can be kept aside, and others may see half of a save'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand edit 'Open an entry in your editor; what you save is in the journal at once'
            cand append 'Add text at the end of an entry, without waiting for anybody who edits it'
            cand show 'Print an entry as it is'
            cand status 'Show who has which entry, who waits, and which text was kept aside'
            cand lease 'Run a command while having entries to yourself'
            cand break 'End somebody''s lease: ask its holder, and take it away if he does not give it back'
            cand merge-file 'Merge what two sides made of a text: a merge driver for git'
            cand recover 'List, show, apply or drop what was kept aside because it could not become an entry''s text'
            cand daemon 'Start, stop, restart or look at the daemon. It starts by itself when it is needed'
            cand service 'Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write'
            cand doctor 'Look whether everything is as it has to be, and say what to do where it is not'
            cand completions 'Print what a shell needs to complete command lines of ponder'
            cand man 'Print the manual page of ponder, or write those of all commands into a directory'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ponder;edit'= {
            cand -d 'The entry of one day: YYYY-MM-DD or YYYYMMDD'
            cand --date 'The entry of one day: YYYY-MM-DD or YYYYMMDD'
            cand --wait 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]'
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand -r 'The entries of the last seven days, yesterday''s first'
            cand --retro 'The entries of the last seven days, yesterday''s first'
            cand -m 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
            cand --reminisce 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
            cand --no-wait 'Do not wait: fail at once if somebody has the entry'
            cand --in-place 'Open the entry''s own file and not a draft: for tools that need its real path. Nothing can be kept aside, and others may see half of a save'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;append'= {
            cand -d 'The entry of one day: YYYY-MM-DD or YYYYMMDD [default: today]'
            cand --date 'The entry of one day: YYYY-MM-DD or YYYYMMDD [default: today]'
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;show'= {
            cand -d 'The entry of one day: YYYY-MM-DD or YYYYMMDD'
            cand --date 'The entry of one day: YYYY-MM-DD or YYYYMMDD'
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand -r 'The entries of the last seven days, yesterday''s first'
            cand --retro 'The entries of the last seven days, yesterday''s first'
            cand -m 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
            cand --reminisce 'The entries of 1, 3 and 6 months ago, and of this day in every year before'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;status'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand -f 'Stay, and tell every change until Ctrl-C'
            cand --follow 'Stay, and tell every change until Ctrl-C'
            cand --history 'List the leases that were ended by force: when, whose, why, and by whom'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;lease'= {
            cand -d 'An entry to have: YYYY-MM-DD or YYYYMMDD; may be repeated [default: today]'
            cand --date 'An entry to have: YYYY-MM-DD or YYYYMMDD; may be repeated [default: today]'
            cand --purpose 'What others are told about why you have the entries'
            cand --wait 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]'
            cand --hold 'How long to have the entries at most: 90s, 5m, 2h30m; then the lease is ended by force [default: until the command ends]'
            cand -E 'Exit with CODE instead of 65 and 69 to 78, to tell them from the command''s own status'
            cand --conflict-exit-code 'Exit with CODE instead of 65 and 69 to 78, to tell them from the command''s own status'
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --shared 'Share the entries with other readers: a stable view, and nothing is committed'
            cand --no-draft 'Make no drafts and touch no file: pure exclusion'
            cand --no-wait 'Do not wait: fail at once if somebody has the entry'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;break'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --now 'Do not ask the holder first'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;merge-file'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand -p 'Print the result and leave OURS as it is'
            cand --print 'Print the result and leave OURS as it is'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ponder;recover'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List what is kept: when, why, for which entry, how much of it differs. This is the default'
            cand show 'Show the difference from the entry to a kept draft, as `diff -u` does'
            cand apply 'Put a kept draft into its entry: merged, or both in your editor where they overlap'
            cand drop 'Delete a kept draft for good, after asking'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ponder;recover;list'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;recover;show'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;recover;apply'= {
            cand --wait 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]'
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --no-wait 'Do not wait: fail at once if somebody has the entry'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;recover;drop'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --yes 'Do not ask'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;recover;help'= {
            cand list 'List what is kept: when, why, for which entry, how much of it differs. This is the default'
            cand show 'Show the difference from the entry to a kept draft, as `diff -u` does'
            cand apply 'Put a kept draft into its entry: merged, or both in your editor where they overlap'
            cand drop 'Delete a kept draft for good, after asking'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ponder;recover;help;list'= {
        }
        &'ponder;recover;help;show'= {
        }
        &'ponder;recover;help;apply'= {
        }
        &'ponder;recover;help;drop'= {
        }
        &'ponder;recover;help;help'= {
        }
        &'ponder;daemon'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
            cand start 'Start the daemon, if there is none'
            cand stop 'Stop the daemon. What was saved is committed first; who waits is told'
            cand restart 'End the daemon and start another one. Who has an entry or waits for one keeps his place'
            cand status 'Show whether a daemon runs'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ponder;daemon;start'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;daemon;stop'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;daemon;restart'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;daemon;status'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;daemon;help'= {
            cand start 'Start the daemon, if there is none'
            cand stop 'Stop the daemon. What was saved is committed first; who waits is told'
            cand restart 'End the daemon and start another one. Who has an entry or waits for one keeps his place'
            cand status 'Show whether a daemon runs'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ponder;daemon;help;start'= {
        }
        &'ponder;daemon;help;stop'= {
        }
        &'ponder;daemon;help;restart'= {
        }
        &'ponder;daemon;help;status'= {
        }
        &'ponder;daemon;help;help'= {
        }
        &'ponder;service'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
            cand install 'Put the daemon of this journal under your service manager. Shows what it writes before it does'
            cand uninstall 'Take away what `install` has put there, and nothing else. Your journal is left alone'
            cand print 'Print what `install` writes'
            cand status 'Show whether the service is there, and how it is'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ponder;service;install'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --dry-run 'Only show what would be written and run'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;service;uninstall'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --dry-run 'Only show what would be removed and run'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;service;print'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;service;status'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;service;help'= {
            cand install 'Put the daemon of this journal under your service manager. Shows what it writes before it does'
            cand uninstall 'Take away what `install` has put there, and nothing else. Your journal is left alone'
            cand print 'Print what `install` writes'
            cand status 'Show whether the service is there, and how it is'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ponder;service;help;install'= {
        }
        &'ponder;service;help;uninstall'= {
        }
        &'ponder;service;help;print'= {
        }
        &'ponder;service;help;status'= {
        }
        &'ponder;service;help;help'= {
        }
        &'ponder;doctor'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --log 'Print the records of the daemon''s write-ahead log, without anybody''s text'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;completions'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;man'= {
            cand --journal 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]'
            cand --log-format 'The log format of a daemon that is started on the way'
            cand --color 'When to use colour'
            cand --json 'Print results and messages as JSON, one object a line; the last is the result'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ponder;help'= {
            cand edit 'Open an entry in your editor; what you save is in the journal at once'
            cand append 'Add text at the end of an entry, without waiting for anybody who edits it'
            cand show 'Print an entry as it is'
            cand status 'Show who has which entry, who waits, and which text was kept aside'
            cand lease 'Run a command while having entries to yourself'
            cand break 'End somebody''s lease: ask its holder, and take it away if he does not give it back'
            cand merge-file 'Merge what two sides made of a text: a merge driver for git'
            cand recover 'List, show, apply or drop what was kept aside because it could not become an entry''s text'
            cand daemon 'Start, stop, restart or look at the daemon. It starts by itself when it is needed'
            cand service 'Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write'
            cand doctor 'Look whether everything is as it has to be, and say what to do where it is not'
            cand completions 'Print what a shell needs to complete command lines of ponder'
            cand man 'Print the manual page of ponder, or write those of all commands into a directory'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ponder;help;edit'= {
        }
        &'ponder;help;append'= {
        }
        &'ponder;help;show'= {
        }
        &'ponder;help;status'= {
        }
        &'ponder;help;lease'= {
        }
        &'ponder;help;break'= {
        }
        &'ponder;help;merge-file'= {
        }
        &'ponder;help;recover'= {
            cand list 'List what is kept: when, why, for which entry, how much of it differs. This is the default'
            cand show 'Show the difference from the entry to a kept draft, as `diff -u` does'
            cand apply 'Put a kept draft into its entry: merged, or both in your editor where they overlap'
            cand drop 'Delete a kept draft for good, after asking'
        }
        &'ponder;help;recover;list'= {
        }
        &'ponder;help;recover;show'= {
        }
        &'ponder;help;recover;apply'= {
        }
        &'ponder;help;recover;drop'= {
        }
        &'ponder;help;daemon'= {
            cand start 'Start the daemon, if there is none'
            cand stop 'Stop the daemon. What was saved is committed first; who waits is told'
            cand restart 'End the daemon and start another one. Who has an entry or waits for one keeps his place'
            cand status 'Show whether a daemon runs'
        }
        &'ponder;help;daemon;start'= {
        }
        &'ponder;help;daemon;stop'= {
        }
        &'ponder;help;daemon;restart'= {
        }
        &'ponder;help;daemon;status'= {
        }
        &'ponder;help;service'= {
            cand install 'Put the daemon of this journal under your service manager. Shows what it writes before it does'
            cand uninstall 'Take away what `install` has put there, and nothing else. Your journal is left alone'
            cand print 'Print what `install` writes'
            cand status 'Show whether the service is there, and how it is'
        }
        &'ponder;help;service;install'= {
        }
        &'ponder;help;service;uninstall'= {
        }
        &'ponder;help;service;print'= {
        }
        &'ponder;help;service;status'= {
        }
        &'ponder;help;doctor'= {
        }
        &'ponder;help;completions'= {
        }
        &'ponder;help;man'= {
        }
        &'ponder;help;help'= {
        }
    ]
    $completions[$command]
}
