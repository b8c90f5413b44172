
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'ponder' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'ponder'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'ponder' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The entry of one day: YYYY-MM-DD or YYYYMMDD')
            [CompletionResult]::new('--date', '--date', [CompletionResultType]::ParameterName, 'The entry of one day: YYYY-MM-DD or YYYYMMDD')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'The entries of the last seven days, yesterday''s first')
            [CompletionResult]::new('--retro', '--retro', [CompletionResultType]::ParameterName, 'The entries of the last seven days, yesterday''s first')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The entries of 1, 3 and 6 months ago, and of this day in every year before')
            [CompletionResult]::new('--reminisce', '--reminisce', [CompletionResultType]::ParameterName, 'The entries of 1, 3 and 6 months ago, and of this day in every year before')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait: fail at once if somebody has the entry')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Open the entry''s own file and not a draft: for tools that need its real path. Nothing can be kept aside, and others may see half of a save')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open an entry in your editor; what you save is in the journal at once')
            [CompletionResult]::new('append', 'append', [CompletionResultType]::ParameterValue, 'Add text at the end of an entry, without waiting for anybody who edits it')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print an entry as it is')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show who has which entry, who waits, and which text was kept aside')
            [CompletionResult]::new('lease', 'lease', [CompletionResultType]::ParameterValue, 'Run a command while having entries to yourself')
            [CompletionResult]::new('break', 'break', [CompletionResultType]::ParameterValue, 'End somebody''s lease: ask its holder, and take it away if he does not give it back')
            [CompletionResult]::new('merge-file', 'merge-file', [CompletionResultType]::ParameterValue, 'Merge what two sides made of a text: a merge driver for git')
            [CompletionResult]::new('recover', 'recover', [CompletionResultType]::ParameterValue, 'List, show, apply or drop what was kept aside because it could not become an entry''s text')
            [CompletionResult]::new('daemon', 'daemon', [CompletionResultType]::ParameterValue, 'Start, stop, restart or look at the daemon. It starts by itself when it is needed')
            [CompletionResult]::new('service', 'service', [CompletionResultType]::ParameterValue, 'Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look whether everything is as it has to be, and say what to do where it is not')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print what a shell needs to complete command lines of ponder')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page of ponder, or write those of all commands into a directory')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ponder;edit' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The entry of one day: YYYY-MM-DD or YYYYMMDD')
            [CompletionResult]::new('--date', '--date', [CompletionResultType]::ParameterName, 'The entry of one day: YYYY-MM-DD or YYYYMMDD')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'The entries of the last seven days, yesterday''s first')
            [CompletionResult]::new('--retro', '--retro', [CompletionResultType]::ParameterName, 'The entries of the last seven days, yesterday''s first')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The entries of 1, 3 and 6 months ago, and of this day in every year before')
            [CompletionResult]::new('--reminisce', '--reminisce', [CompletionResultType]::ParameterName, 'The entries of 1, 3 and 6 months ago, and of this day in every year before')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait: fail at once if somebody has the entry')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Open the entry''s own file and not a draft: for tools that need its real path. Nothing can be kept aside, and others may see half of a save')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;append' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The entry of one day: YYYY-MM-DD or YYYYMMDD [default: today]')
            [CompletionResult]::new('--date', '--date', [CompletionResultType]::ParameterName, 'The entry of one day: YYYY-MM-DD or YYYYMMDD [default: today]')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;show' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The entry of one day: YYYY-MM-DD or YYYYMMDD')
            [CompletionResult]::new('--date', '--date', [CompletionResultType]::ParameterName, 'The entry of one day: YYYY-MM-DD or YYYYMMDD')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'The entries of the last seven days, yesterday''s first')
            [CompletionResult]::new('--retro', '--retro', [CompletionResultType]::ParameterName, 'The entries of the last seven days, yesterday''s first')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The entries of 1, 3 and 6 months ago, and of this day in every year before')
            [CompletionResult]::new('--reminisce', '--reminisce', [CompletionResultType]::ParameterName, 'The entries of 1, 3 and 6 months ago, and of this day in every year before')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;status' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Stay, and tell every change until Ctrl-C')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Stay, and tell every change until Ctrl-C')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'List the leases that were ended by force: when, whose, why, and by whom')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;lease' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'An entry to have: YYYY-MM-DD or YYYYMMDD; may be repeated [default: today]')
            [CompletionResult]::new('--date', '--date', [CompletionResultType]::ParameterName, 'An entry to have: YYYY-MM-DD or YYYYMMDD; may be repeated [default: today]')
            [CompletionResult]::new('--purpose', '--purpose', [CompletionResultType]::ParameterName, 'What others are told about why you have the entries')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]')
            [CompletionResult]::new('--hold', '--hold', [CompletionResultType]::ParameterName, 'How long to have the entries at most: 90s, 5m, 2h30m; then the lease is ended by force [default: until the command ends]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit with CODE instead of 65 and 69 to 78, to tell them from the command''s own status')
            [CompletionResult]::new('--conflict-exit-code', '--conflict-exit-code', [CompletionResultType]::ParameterName, 'Exit with CODE instead of 65 and 69 to 78, to tell them from the command''s own status')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--shared', '--shared', [CompletionResultType]::ParameterName, 'Share the entries with other readers: a stable view, and nothing is committed')
            [CompletionResult]::new('--no-draft', '--no-draft', [CompletionResultType]::ParameterName, 'Make no drafts and touch no file: pure exclusion')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait: fail at once if somebody has the entry')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;break' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Do not ask the holder first')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;merge-file' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Print the result and leave OURS as it is')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the result and leave OURS as it is')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ponder;recover' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is kept: when, why, for which entry, how much of it differs. This is the default')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the difference from the entry to a kept draft, as `diff -u` does')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Put a kept draft into its entry: merged, or both in your editor where they overlap')
            [CompletionResult]::new('drop', 'drop', [CompletionResultType]::ParameterValue, 'Delete a kept draft for good, after asking')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ponder;recover;list' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;recover;show' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;recover;apply' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait: fail at once if somebody has the entry')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;recover;drop' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;recover;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is kept: when, why, for which entry, how much of it differs. This is the default')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the difference from the entry to a kept draft, as `diff -u` does')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Put a kept draft into its entry: merged, or both in your editor where they overlap')
            [CompletionResult]::new('drop', 'drop', [CompletionResultType]::ParameterValue, 'Delete a kept draft for good, after asking')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ponder;recover;help;list' {
            break
        }
        'ponder;recover;help;show' {
            break
        }
        'ponder;recover;help;apply' {
            break
        }
        'ponder;recover;help;drop' {
            break
        }
        'ponder;recover;help;help' {
            break
        }
        'ponder;daemon' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start the daemon, if there is none')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop the daemon. What was saved is committed first; who waits is told')
            [CompletionResult]::new('restart', 'restart', [CompletionResultType]::ParameterValue, 'End the daemon and start another one. Who has an entry or waits for one keeps his place')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether a daemon runs')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ponder;daemon;start' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;daemon;stop' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;daemon;restart' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;daemon;status' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;daemon;help' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start the daemon, if there is none')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop the daemon. What was saved is committed first; who waits is told')
            [CompletionResult]::new('restart', 'restart', [CompletionResultType]::ParameterValue, 'End the daemon and start another one. Who has an entry or waits for one keeps his place')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether a daemon runs')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ponder;daemon;help;start' {
            break
        }
        'ponder;daemon;help;stop' {
            break
        }
        'ponder;daemon;help;restart' {
            break
        }
        'ponder;daemon;help;status' {
            break
        }
        'ponder;daemon;help;help' {
            break
        }
        'ponder;service' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put the daemon of this journal under your service manager. Shows what it writes before it does')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take away what `install` has put there, and nothing else. Your journal is left alone')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print what `install` writes')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the service is there, and how it is')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ponder;service;install' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be written and run')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;service;uninstall' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be removed and run')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;service;print' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;service;status' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;service;help' {
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put the daemon of this journal under your service manager. Shows what it writes before it does')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take away what `install` has put there, and nothing else. Your journal is left alone')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print what `install` writes')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the service is there, and how it is')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ponder;service;help;install' {
            break
        }
        'ponder;service;help;uninstall' {
            break
        }
        'ponder;service;help;print' {
            break
        }
        'ponder;service;help;status' {
            break
        }
        'ponder;service;help;help' {
            break
        }
        'ponder;doctor' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Print the records of the daemon''s write-ahead log, without anybody''s text')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;completions' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;man' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal''s directory [default: $PONDER_DIR, else ~/Documents/rubberducks]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'The log format of a daemon that is started on the way')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results and messages as JSON, one object a line; the last is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ponder;help' {
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open an entry in your editor; what you save is in the journal at once')
            [CompletionResult]::new('append', 'append', [CompletionResultType]::ParameterValue, 'Add text at the end of an entry, without waiting for anybody who edits it')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print an entry as it is')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show who has which entry, who waits, and which text was kept aside')
            [CompletionResult]::new('lease', 'lease', [CompletionResultType]::ParameterValue, 'Run a command while having entries to yourself')
            [CompletionResult]::new('break', 'break', [CompletionResultType]::ParameterValue, 'End somebody''s lease: ask its holder, and take it away if he does not give it back')
            [CompletionResult]::new('merge-file', 'merge-file', [CompletionResultType]::ParameterValue, 'Merge what two sides made of a text: a merge driver for git')
            [CompletionResult]::new('recover', 'recover', [CompletionResultType]::ParameterValue, 'List, show, apply or drop what was kept aside because it could not become an entry''s text')
            [CompletionResult]::new('daemon', 'daemon', [CompletionResultType]::ParameterValue, 'Start, stop, restart or look at the daemon. It starts by itself when it is needed')
            [CompletionResult]::new('service', 'service', [CompletionResultType]::ParameterValue, 'Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look whether everything is as it has to be, and say what to do where it is not')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print what a shell needs to complete command lines of ponder')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page of ponder, or write those of all commands into a directory')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ponder;help;edit' {
            break
        }
        'ponder;help;append' {
            break
        }
        'ponder;help;show' {
            break
        }
        'ponder;help;status' {
            break
        }
        'ponder;help;lease' {
            break
        }
        'ponder;help;break' {
            break
        }
        'ponder;help;merge-file' {
            break
        }
        'ponder;help;recover' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is kept: when, why, for which entry, how much of it differs. This is the default')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the difference from the entry to a kept draft, as `diff -u` does')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Put a kept draft into its entry: merged, or both in your editor where they overlap')
            [CompletionResult]::new('drop', 'drop', [CompletionResultType]::ParameterValue, 'Delete a kept draft for good, after asking')
            break
        }
        'ponder;help;recover;list' {
            break
        }
        'ponder;help;recover;show' {
            break
        }
        'ponder;help;recover;apply' {
            break
        }
        'ponder;help;recover;drop' {
            break
        }
        'ponder;help;daemon' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start the daemon, if there is none')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop the daemon. What was saved is committed first; who waits is told')
            [CompletionResult]::new('restart', 'restart', [CompletionResultType]::ParameterValue, 'End the daemon and start another one. Who has an entry or waits for one keeps his place')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether a daemon runs')
            break
        }
        'ponder;help;daemon;start' {
            break
        }
        'ponder;help;daemon;stop' {
            break
        }
        'ponder;help;daemon;restart' {
            break
        }
        'ponder;help;daemon;status' {
            break
        }
        'ponder;help;service' {
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put the daemon of this journal under your service manager. Shows what it writes before it does')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take away what `install` has put there, and nothing else. Your journal is left alone')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print what `install` writes')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the service is there, and how it is')
            break
        }
        'ponder;help;service;install' {
            break
        }
        'ponder;help;service;uninstall' {
            break
        }
        'ponder;help;service;print' {
            break
        }
        'ponder;help;service;status' {
            break
        }
        'ponder;help;doctor' {
            break
        }
        'ponder;help;completions' {
            break
        }
        'ponder;help;man' {
            break
        }
        'ponder;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
