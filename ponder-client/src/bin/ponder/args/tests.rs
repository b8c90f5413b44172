//! Command lines, and what is made of them.

use super::*;

fn parse(line: &str) -> Result<Command, ErrorKind> {
    let words = std::iter::once("ponder").chain(line.split_whitespace());
    super::parse(words.map(OsString::from)).and_then(Cli::resolve).map_err(|error| error.kind())
}

#[test]
fn clap_finds_no_contradiction() {
    Cli::command().debug_assert();
}

#[test]
fn edit_needs_no_name() {
    for line in ["-d 2026-01-01", "edit -d 20260101", "--date=2026-01-01", "--json edit -d 20260101"] {
        let Ok(Command::Edit(edit)) = parse(line) else { panic!("{line}") };
        assert_eq!(edit.which, Which::Day("20260101".parse().unwrap()), "{line}");
    }
    let Ok(Command::Edit(edit)) = parse("") else { panic!() };
    assert_eq!((edit.which, edit.wait, edit.in_place), (Which::Today, Wait::Forever, false));
    let Ok(Command::Edit(edit)) = parse("--in-place") else { panic!() };
    assert!(edit.in_place);
}

#[test]
fn what_excludes_each_other_is_refused() {
    for line in [
        "-r -m",
        "-r -d 20260101",
        "-m -d 20260101",
        "show -r -m",
        "--wait 5s --no-wait",
        "-v -q",
        "status --follow --history",
        "-r status",
        "--in-place status",
    ] {
        assert_eq!(parse(line).err(), Some(ErrorKind::ArgumentConflict), "{line}");
    }
}

#[test]
fn waits() {
    let wait = |line| match parse(line) {
        Ok(Command::Edit(edit)) => edit.wait,
        _ => panic!("{line}"),
    };
    assert_eq!(wait("--wait 1500ms"), Wait::Millis(1500));
    assert_eq!(wait("--no-wait"), Wait::None);
    assert_eq!(parse("--wait 5").err(), Some(ErrorKind::ValueValidation));
}

#[test]
fn a_lease_needs_a_command_after_two_dashes() {
    let Ok(Command::Lease(lease)) = parse("lease -d 20260102 -d 20260101 -d 20260102 -E 9 -- sh -c x") else {
        panic!()
    };
    assert_eq!(lease.days, ["20260102", "20260101"].map(|day| day.parse().unwrap()));
    assert_eq!((lease.program, lease.arguments), ("sh".into(), vec!["-c".into(), "x".into()]));
    assert_eq!(lease.trouble_code, Some(9));
    assert!(
        parse("lease").is_err() && parse("lease true").is_err() && parse("lease -E 256 -- true").is_err()
    );
}

#[test]
fn a_lease_may_be_held_for_some_time_only() {
    let hold = |line| match parse(line) {
        Ok(Command::Lease(lease)) => Ok(lease.hold),
        Ok(_) => panic!("{line}"),
        Err(kind) => Err(kind),
    };
    assert_eq!(hold("lease -- true"), Ok(None));
    assert_eq!(hold("lease --hold 1m30s -- true"), Ok(Some(90_000)));
    for bad in ["lease --hold 0s -- true", "lease --hold 5 -- true"] {
        assert_eq!(hold(bad), Err(ErrorKind::ValueValidation), "{bad}");
    }
}

#[test]
fn a_break_names_a_token() {
    let Ok(Command::Break(Break { token, now })) = parse("break --now 1795475116.7") else { panic!() };
    assert_eq!((token.to_string().as_str(), now), ("1795475116.7", true));
    assert_eq!(parse("break").err(), Some(ErrorKind::MissingRequiredArgument));
    for bad in ["break 7", "break 1.x", "break 1.2.3"] {
        assert_eq!(parse(bad).err(), Some(ErrorKind::ValueValidation), "{bad}");
    }
}

#[test]
fn status_is_told_once_unless_it_is_told_otherwise() {
    for (line, expected) in
        [("status", Status::Once), ("status -f", Status::Follow), ("status --history", Status::History)]
    {
        let Ok(Command::Status(status)) = parse(line) else { panic!("{line}") };
        assert_eq!(status, expected, "{line}");
    }
}

#[test]
fn a_merge_takes_three_files() {
    let Ok(Command::MergeFile(merge)) = parse("merge-file -p base ours theirs") else { panic!() };
    let [base, ours, theirs] = ["base", "ours", "theirs"].map(Into::into);
    assert_eq!(merge, MergeFile { base, ours, theirs, print: true });
    assert_eq!(parse("merge-file base ours").err(), Some(ErrorKind::MissingRequiredArgument));
    assert_eq!(parse("merge-file base ours theirs more").err(), Some(ErrorKind::UnknownArgument));
}

#[test]
fn recover_lists_unless_it_is_told_otherwise() {
    for line in ["recover", "recover list"] {
        assert!(matches!(parse(line), Ok(Command::Recover(Recover::List))), "{line}");
    }
    let Ok(Command::Recover(Recover::Apply { id, wait })) = parse("recover apply 20261123.0 --no-wait")
    else {
        panic!()
    };
    assert_eq!((id.as_str(), wait), ("20261123.0", Wait::None));
    let Ok(Command::Recover(Recover::Drop { yes, .. })) = parse("recover drop --yes 20261123.0") else {
        panic!()
    };
    assert!(yes);
    assert!(parse("recover show").is_err() && parse("recover 20261123.0").is_err());
}

#[test]
fn text_is_joined_by_spaces() {
    let source = |line| match parse(line) {
        Ok(Command::Append(append)) => append.source,
        _ => panic!("{line}"),
    };
    assert_eq!(source("append a b"), Source::Words("a b".into()));
    assert_eq!(source("append -5 degrees"), Source::Words("-5 degrees".into()));
    assert_eq!(source("append -- -x"), Source::Words("-x".into()));
    assert_eq!(source("append -"), Source::StandardInput);
}
