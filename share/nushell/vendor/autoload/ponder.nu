module completions {

  def "nu-complete ponder log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder color" [] {
    [ "auto" "always" "never" ]
  }

  # Writes a journal: one Markdown file a day, which two terminals, a cron job and a sync tool may write at once. Without a command it opens today's entry in your editor
  export extern ponder [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder color" # When to use colour
    --retro(-r)               # The entries of the last seven days, yesterday's first
    --reminisce(-m)           # The entries of 1, 3 and 6 months ago, and of this day in every year before
    --date(-d): string        # The entry of one day: YYYY-MM-DD or YYYYMMDD
    --wait: string            # How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]
    --no-wait                 # Do not wait: fail at once if somebody has the entry
    --in-place                # Open the entry's own file and not a draft: for tools that need its real path. Nothing can be kept aside, and others may see half of a save
    --help(-h)                # Print help
    --version(-V)             # Print version
  ]

  def "nu-complete ponder edit log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder edit color" [] {
    [ "auto" "always" "never" ]
  }

  # Open an entry in your editor; what you save is in the journal at once
  export extern "ponder edit" [
    --retro(-r)               # The entries of the last seven days, yesterday's first
    --reminisce(-m)           # The entries of 1, 3 and 6 months ago, and of this day in every year before
    --date(-d): string        # The entry of one day: YYYY-MM-DD or YYYYMMDD
    --wait: string            # How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]
    --no-wait                 # Do not wait: fail at once if somebody has the entry
    --in-place                # Open the entry's own file and not a draft: for tools that need its real path. Nothing can be kept aside, and others may see half of a save
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder edit log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder edit color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder append log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder append color" [] {
    [ "auto" "always" "never" ]
  }

  # Add text at the end of an entry, without waiting for anybody who edits it
  export extern "ponder append" [
    --date(-d): string        # The entry of one day: YYYY-MM-DD or YYYYMMDD [default: today]
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder append log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder append color" # When to use colour
    --help(-h)                # Print help
    ...text: string           # The text; several words are joined by spaces. `-`, or nothing, reads standard input
  ]

  def "nu-complete ponder show log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder show color" [] {
    [ "auto" "always" "never" ]
  }

  # Print an entry as it is
  export extern "ponder show" [
    --retro(-r)               # The entries of the last seven days, yesterday's first
    --reminisce(-m)           # The entries of 1, 3 and 6 months ago, and of this day in every year before
    --date(-d): string        # The entry of one day: YYYY-MM-DD or YYYYMMDD
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder show log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder show color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder status log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show who has which entry, who waits, and which text was kept aside
  export extern "ponder status" [
    --follow(-f)              # Stay, and tell every change until Ctrl-C
    --history                 # List the leases that were ended by force: when, whose, why, and by whom
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder status log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder status color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder lease log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder lease color" [] {
    [ "auto" "always" "never" ]
  }

  # Run a command while having entries to yourself
  export extern "ponder lease" [
    --date(-d): string        # An entry to have: YYYY-MM-DD or YYYYMMDD; may be repeated [default: today]
    --shared                  # Share the entries with other readers: a stable view, and nothing is committed
    --no-draft                # Make no drafts and touch no file: pure exclusion
    --purpose: string         # What others are told about why you have the entries
    --wait: string            # How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]
    --no-wait                 # Do not wait: fail at once if somebody has the entry
    --hold: string            # How long to have the entries at most: 90s, 5m, 2h30m; then the lease is ended by force [default: until the command ends]
    --conflict-exit-code(-E): string # Exit with CODE instead of 65 and 69 to 78, to tell them from the command's own status
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder lease log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder lease color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder break log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder break color" [] {
    [ "auto" "always" "never" ]
  }

  # End somebody's lease: ask its holder, and take it away if he does not give it back
  export extern "ponder break" [
    --now                     # Do not ask the holder first
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder break log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder break color" # When to use colour
    --help(-h)                # Print help
    token: string             # The lease's token, as `ponder status` shows it
  ]

  def "nu-complete ponder merge-file log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder merge-file color" [] {
    [ "auto" "always" "never" ]
  }

  # Merge what two sides made of a text: a merge driver for git
  export extern "ponder merge-file" [
    --print(-p)               # Print the result and leave OURS as it is
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder merge-file log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder merge-file color" # When to use colour
    --help(-h)                # Print help (see more with '--help')
    base: path                # What both began with (git's %O)
    ours: path                # What stands there by now; the result replaces it (git's %A)
    theirs: path              # What comes to it (git's %B)
  ]

  def "nu-complete ponder recover log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder recover color" [] {
    [ "auto" "always" "never" ]
  }

  # List, show, apply or drop what was kept aside because it could not become an entry's text
  export extern "ponder recover" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder recover log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder recover color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder recover list log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder recover list color" [] {
    [ "auto" "always" "never" ]
  }

  # List what is kept: when, why, for which entry, how much of it differs. This is the default
  export extern "ponder recover list" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder recover list log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder recover list color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder recover show log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder recover show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the difference from the entry to a kept draft, as `diff -u` does
  export extern "ponder recover show" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder recover show log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder recover show color" # When to use colour
    --help(-h)                # Print help
    id: string                # The kept draft, as `ponder recover` lists it
  ]

  def "nu-complete ponder recover apply log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder recover apply color" [] {
    [ "auto" "always" "never" ]
  }

  # Put a kept draft into its entry: merged, or both in your editor where they overlap
  export extern "ponder recover apply" [
    --wait: string            # How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free]
    --no-wait                 # Do not wait: fail at once if somebody has the entry
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder recover apply log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder recover apply color" # When to use colour
    --help(-h)                # Print help
    id: string                # The kept draft, as `ponder recover` lists it
  ]

  def "nu-complete ponder recover drop log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder recover drop color" [] {
    [ "auto" "always" "never" ]
  }

  # Delete a kept draft for good, after asking
  export extern "ponder recover drop" [
    --yes                     # Do not ask
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder recover drop log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder recover drop color" # When to use colour
    --help(-h)                # Print help
    id: string                # The kept draft, as `ponder recover` lists it
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "ponder recover help" [
  ]

  # List what is kept: when, why, for which entry, how much of it differs. This is the default
  export extern "ponder recover help list" [
  ]

  # Show the difference from the entry to a kept draft, as `diff -u` does
  export extern "ponder recover help show" [
  ]

  # Put a kept draft into its entry: merged, or both in your editor where they overlap
  export extern "ponder recover help apply" [
  ]

  # Delete a kept draft for good, after asking
  export extern "ponder recover help drop" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "ponder recover help help" [
  ]

  def "nu-complete ponder daemon log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder daemon color" [] {
    [ "auto" "always" "never" ]
  }

  # Start, stop, restart or look at the daemon. It starts by itself when it is needed
  export extern "ponder daemon" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder daemon log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder daemon color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder daemon start log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder daemon start color" [] {
    [ "auto" "always" "never" ]
  }

  # Start the daemon, if there is none
  export extern "ponder daemon start" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder daemon start log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder daemon start color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder daemon stop log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder daemon stop color" [] {
    [ "auto" "always" "never" ]
  }

  # Stop the daemon. What was saved is committed first; who waits is told
  export extern "ponder daemon stop" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder daemon stop log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder daemon stop color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder daemon restart log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder daemon restart color" [] {
    [ "auto" "always" "never" ]
  }

  # End the daemon and start another one. Who has an entry or waits for one keeps his place
  export extern "ponder daemon restart" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder daemon restart log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder daemon restart color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder daemon status log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder daemon status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show whether a daemon runs
  export extern "ponder daemon status" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder daemon status log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder daemon status color" # When to use colour
    --help(-h)                # Print help
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "ponder daemon help" [
  ]

  # Start the daemon, if there is none
  export extern "ponder daemon help start" [
  ]

  # Stop the daemon. What was saved is committed first; who waits is told
  export extern "ponder daemon help stop" [
  ]

  # End the daemon and start another one. Who has an entry or waits for one keeps his place
  export extern "ponder daemon help restart" [
  ]

  # Show whether a daemon runs
  export extern "ponder daemon help status" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "ponder daemon help help" [
  ]

  def "nu-complete ponder service log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder service color" [] {
    [ "auto" "always" "never" ]
  }

  # Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write
  export extern "ponder service" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder service log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder service color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder service install log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder service install color" [] {
    [ "auto" "always" "never" ]
  }

  # Put the daemon of this journal under your service manager. Shows what it writes before it does
  export extern "ponder service install" [
    --dry-run                 # Only show what would be written and run
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder service install log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder service install color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder service uninstall log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder service uninstall color" [] {
    [ "auto" "always" "never" ]
  }

  # Take away what `install` has put there, and nothing else. Your journal is left alone
  export extern "ponder service uninstall" [
    --dry-run                 # Only show what would be removed and run
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder service uninstall log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder service uninstall color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder service print log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder service print color" [] {
    [ "auto" "always" "never" ]
  }

  # Print what `install` writes
  export extern "ponder service print" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder service print log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder service print color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder service status log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder service status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show whether the service is there, and how it is
  export extern "ponder service status" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder service status log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder service status color" # When to use colour
    --help(-h)                # Print help
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "ponder service help" [
  ]

  # Put the daemon of this journal under your service manager. Shows what it writes before it does
  export extern "ponder service help install" [
  ]

  # Take away what `install` has put there, and nothing else. Your journal is left alone
  export extern "ponder service help uninstall" [
  ]

  # Print what `install` writes
  export extern "ponder service help print" [
  ]

  # Show whether the service is there, and how it is
  export extern "ponder service help status" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "ponder service help help" [
  ]

  def "nu-complete ponder doctor log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder doctor color" [] {
    [ "auto" "always" "never" ]
  }

  # Look whether everything is as it has to be, and say what to do where it is not
  export extern "ponder doctor" [
    --log                     # Print the records of the daemon's write-ahead log, without anybody's text
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder doctor log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder doctor color" # When to use colour
    --help(-h)                # Print help
  ]

  def "nu-complete ponder completions shell" [] {
    [ "bash" "elvish" "fish" "nushell" "powershell" "zsh" ]
  }

  def "nu-complete ponder completions log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder completions color" [] {
    [ "auto" "always" "never" ]
  }

  # Print what a shell needs to complete command lines of ponder
  export extern "ponder completions" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder completions log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder completions color" # When to use colour
    --help(-h)                # Print help
    shell: string@"nu-complete ponder completions shell" # The shell
  ]

  def "nu-complete ponder man log_format" [] {
    [ "text" "json" ]
  }

  def "nu-complete ponder man color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the manual page of ponder, or write those of all commands into a directory
  export extern "ponder man" [
    --journal: directory      # The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks]
    --json                    # Print results and messages as JSON, one object a line; the last is the result
    --verbose(-v)             # Say more
    --quiet(-q)               # Say nothing but errors
    --log-format: string@"nu-complete ponder man log_format" # The log format of a daemon that is started on the way
    --color: string@"nu-complete ponder man color" # When to use colour
    --help(-h)                # Print help
    dir?: directory           # A directory, made if it is not there, into which the pages of ponder, ponderd and every command are written
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "ponder help" [
  ]

  # Open an entry in your editor; what you save is in the journal at once
  export extern "ponder help edit" [
  ]

  # Add text at the end of an entry, without waiting for anybody who edits it
  export extern "ponder help append" [
  ]

  # Print an entry as it is
  export extern "ponder help show" [
  ]

  # Show who has which entry, who waits, and which text was kept aside
  export extern "ponder help status" [
  ]

  # Run a command while having entries to yourself
  export extern "ponder help lease" [
  ]

  # End somebody's lease: ask its holder, and take it away if he does not give it back
  export extern "ponder help break" [
  ]

  # Merge what two sides made of a text: a merge driver for git
  export extern "ponder help merge-file" [
  ]

  # List, show, apply or drop what was kept aside because it could not become an entry's text
  export extern "ponder help recover" [
  ]

  # List what is kept: when, why, for which entry, how much of it differs. This is the default
  export extern "ponder help recover list" [
  ]

  # Show the difference from the entry to a kept draft, as `diff -u` does
  export extern "ponder help recover show" [
  ]

  # Put a kept draft into its entry: merged, or both in your editor where they overlap
  export extern "ponder help recover apply" [
  ]

  # Delete a kept draft for good, after asking
  export extern "ponder help recover drop" [
  ]

  # Start, stop, restart or look at the daemon. It starts by itself when it is needed
  export extern "ponder help daemon" [
  ]

  # Start the daemon, if there is none
  export extern "ponder help daemon start" [
  ]

  # Stop the daemon. What was saved is committed first; who waits is told
  export extern "ponder help daemon stop" [
  ]

  # End the daemon and start another one. Who has an entry or waits for one keeps his place
  export extern "ponder help daemon restart" [
  ]

  # Show whether a daemon runs
  export extern "ponder help daemon status" [
  ]

  # Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write
  export extern "ponder help service" [
  ]

  # Put the daemon of this journal under your service manager. Shows what it writes before it does
  export extern "ponder help service install" [
  ]

  # Take away what `install` has put there, and nothing else. Your journal is left alone
  export extern "ponder help service uninstall" [
  ]

  # Print what `install` writes
  export extern "ponder help service print" [
  ]

  # Show whether the service is there, and how it is
  export extern "ponder help service status" [
  ]

  # Look whether everything is as it has to be, and say what to do where it is not
  export extern "ponder help doctor" [
  ]

  # Print what a shell needs to complete command lines of ponder
  export extern "ponder help completions" [
  ]

  # Print the manual page of ponder, or write those of all commands into a directory
  export extern "ponder help man" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "ponder help help" [
  ]

}

export use completions *
