//! The store on a real file system.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use ponder_endpoint::Journal;
use ponder_proto::{
    Append, CommitPolicy, Draft, EntryName, EntryOutcome, ErrorCode, KeptReason, LocalTime, Mode,
    OperationId, Outcome, SessionId, Text, Token,
};

use super::{Digest, Editor, Prepare, Saved, StateDir, Store};
use crate::lease::Ending;

const HEADER: &str = "# November 23, 2026: Monday\n\n## 02:31:10\n\n";

/// A journal and its store, with one entry in mind.
struct World {
    dir: tempfile::TempDir,
    store: Store,
    operations: u8,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("journal")).unwrap();
        let store = Self::open(&dir);
        Self { dir, store, operations: 0 }
    }

    fn open(dir: &tempfile::TempDir) -> Store {
        let journal = Journal::open(&dir.path().join("journal")).unwrap();
        let state = StateDir::make(&dir.path().join("state/ponder/id")).unwrap();
        Store::open(&journal, &state).unwrap()
    }

    /// As after a crash of the daemon.
    fn reopen(&mut self) {
        self.store = Self::open(&self.dir);
    }

    fn path(&self, entry: EntryName) -> PathBuf {
        self.dir.path().join("journal").join(entry.file_name())
    }

    fn write(&self, text: &str) {
        fs::write(self.path(day()), text).unwrap();
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path(day())).unwrap()
    }

    fn prepare(
        &mut self,
        session: u8,
        entries: &[EntryName],
        commit: CommitPolicy,
        mode: Mode,
    ) -> Vec<Draft> {
        let time = LocalTime::try_from("02:31:10".to_owned()).ok();
        let token = Token { epoch: 1, counter: session.into() };
        let (session, entries) = (SessionId([session; 16]), entries.to_vec());
        let order = Prepare { session, token, entries, mode, commit, create: true, time };
        self.store.prepare(&order).unwrap().into_iter().map(|(draft, _)| draft).collect()
    }

    /// An editor's session on the entry; returns its draft's path.
    fn edit(&mut self) -> PathBuf {
        PathBuf::from(&self.prepare(1, &[day()], CommitPolicy::OnSave, Mode::Exclusive)[0].path)
    }

    /// Looks at the draft as often as it takes to settle.
    fn save(&mut self, editor: Editor) -> Vec<EntryOutcome> {
        let mut seen: Option<Digest> = None;
        loop {
            match self.store.save(one(), day(), seen, editor) {
                Saved::Unsettled(digest) => seen = Some(digest),
                Saved::CutShort(_) => return Vec::new(),
                Saved::Settled(outcomes) => return outcomes,
            }
        }
    }

    fn append(&mut self, text: &str) {
        self.operations += 1;
        let operation = OperationId([self.operations; 16]);
        assert_eq!(self.store.append(&append(text), operation), Ok(false));
    }
}

fn day() -> EntryName {
    "20261123".parse().unwrap()
}

fn other_day() -> EntryName {
    "20261122".parse().unwrap()
}

fn one() -> SessionId {
    SessionId([1; 16])
}

fn append(text: &str) -> Append {
    let time = LocalTime::try_from("02:31:10".to_owned()).ok();
    Append { entry: day(), text: Text::from(text), operation: None, time }
}

/// Why the only outcome is a kept draft.
fn kept(outcomes: &[EntryOutcome]) -> Option<KeptReason> {
    match outcomes {
        [EntryOutcome { outcome: Outcome::Kept(kept), .. }] => Some(kept.why),
        _ => None,
    }
}

fn committed(outcomes: &[EntryOutcome]) -> bool {
    matches!(outcomes, [EntryOutcome { outcome: Outcome::Committed, .. }])
}

#[test]
fn a_new_entry_appears_when_its_editor_runs_and_not_before() {
    let mut world = World::new();
    let draft = world.edit();
    assert_eq!(fs::read_to_string(&draft).unwrap(), HEADER);
    assert!(!world.path(day()).exists());
    world.store.open_entries(one()).unwrap();
    assert_eq!(world.read(), HEADER);
    assert_eq!(fs::metadata(world.path(day())).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        world.store.finish(one(), Ending::Succeeded).iter().all(|told| told.outcome == Outcome::Unchanged)
    );
    assert!(!draft.exists(), "an unchanged draft needs no keeping");
}

#[test]
fn a_save_counts_when_it_reads_the_same_twice() {
    let mut world = World::new();
    let draft = world.edit();
    fs::write(&draft, "half").unwrap();
    let Saved::Unsettled(half) = world.store.save(one(), day(), None, Editor::Alive) else {
        panic!("read once")
    };
    fs::write(&draft, "whole\n").unwrap();
    let Saved::Unsettled(whole) = world.store.save(one(), day(), Some(half), Editor::Alive) else {
        panic!("changed")
    };
    let Saved::Settled(outcomes) = world.store.save(one(), day(), Some(whole), Editor::Alive) else {
        panic!("settled")
    };
    assert!(committed(&outcomes));
    assert_eq!(world.read(), "whole\n");
    assert!(world.save(Editor::Alive).is_empty(), "nothing new");
}

#[test]
fn appends_follow_the_body_until_the_session_ends() {
    let mut world = World::new();
    let draft = world.edit();
    world.append("cron");
    assert_eq!(world.read(), format!("{HEADER}cron\n"), "the entry got the draft's own header");
    fs::write(&draft, "body without end").unwrap();
    assert!(committed(&world.save(Editor::Alive)));
    world.append("again\n");
    fs::write(&draft, "body\n").unwrap();
    assert!(committed(&world.save(Editor::Alive)));
    assert_eq!(world.read(), "body\ncron\nagain\n");
    world.store.finish(one(), Ending::Succeeded);
    let draft = world.edit();
    assert_eq!(fs::read_to_string(draft).unwrap(), "body\ncron\nagain\n", "they joined the body");
}

#[test]
fn an_append_ends_its_line_as_the_entry_does() {
    for (before, text, after) in [
        ("a\n", "b", "a\nb\n"),
        ("a", "b\n", "a\nb\n"),
        ("a\r\n", "b", "a\r\nb\r\n"),
        ("x\r\na", "b", "x\r\na\r\nb\r\n"),
        ("", "b", "b\n"),
    ] {
        let mut world = World::new();
        world.write(before);
        world.append(text);
        assert_eq!(world.read(), after);
    }
}

#[test]
fn an_operation_is_applied_once() {
    let mut world = World::new();
    let id = OperationId([9; 16]);
    assert_eq!(world.store.append(&append("x"), id), Ok(false));
    assert_eq!(world.store.append(&append("x"), id), Ok(true));
    assert_eq!(world.read(), format!("{HEADER}x\n"));
    assert_eq!(world.store.append(&append("y"), id).unwrap_err().code, ErrorCode::OperationReused);
}

#[test]
fn what_somebody_else_wrote_is_never_overwritten() {
    let mut world = World::new();
    world.write("base\n");
    let draft = world.edit();
    world.write("theirs\n");
    fs::write(&draft, "ours\n").unwrap();
    assert_eq!(kept(&world.save(Editor::Unknown)), Some(KeptReason::EntryChanged));
    world.write("base\n");
    fs::write(&draft, "ours, later\n").unwrap();
    assert_eq!(kept(&world.save(Editor::Unknown)), Some(KeptReason::EntryChanged), "the base stays frozen");
    assert_eq!(kept(&world.store.finish(one(), Ending::Succeeded)), Some(KeptReason::EntryChanged));
    assert_eq!(
        (world.read().as_str(), fs::read_to_string(&draft).unwrap().as_str()),
        ("base\n", "ours, later\n")
    );
    assert_eq!(world.store.list_kept().len(), 1, "one for the session and entry");
    assert_ne!(world.edit(), draft, "the next session gets another slot");
}

#[test]
fn a_kept_draft_is_kept_until_its_directory_is_deleted() {
    let mut world = World::new();
    world.write("base\n");
    let draft = world.edit();
    world.write("theirs\n");
    fs::write(&draft, "ours\n").unwrap();
    world.store.finish(one(), Ending::Succeeded);
    world.reopen();
    assert_eq!(world.store.list_kept()[0].why, KeptReason::EntryChanged);
    fs::remove_dir_all(draft.parent().unwrap()).unwrap();
    assert!(world.store.list_kept().is_empty());
    world.reopen();
    assert_eq!(world.edit(), draft, "its slot is free again");
}

#[test]
fn a_deleted_entry_comes_back_only_with_new_text() {
    for (text, comes_back) in [("base\n", false), ("new\n", true)] {
        let mut world = World::new();
        world.write("base\n");
        let draft = world.edit();
        fs::remove_file(world.path(day())).unwrap();
        fs::write(draft, text).unwrap();
        world.store.finish(one(), Ending::Succeeded);
        assert_eq!(world.path(day()).exists(), comes_back);
    }
}

#[test]
fn an_emptied_entry_is_kept_first() {
    let mut world = World::new();
    world.write("precious\n");
    let draft = world.edit();
    world.append("cron");
    fs::write(draft, "").unwrap();
    let outcomes = world.save(Editor::Alive);
    assert!(matches!(outcomes[1].outcome, Outcome::Committed));
    assert_eq!(kept(&outcomes[..1]), Some(KeptReason::Emptied));
    assert_eq!(world.read(), "cron\n");
    let path = PathBuf::from(&world.store.list_kept()[0].path);
    assert_eq!(fs::read_to_string(path).unwrap(), "precious\n");
}

#[test]
fn the_beginning_that_a_dying_editor_left_is_not_committed() {
    let mut world = World::new();
    world.write("one\ntwo\n");
    let draft = world.edit();
    world.append("cron");
    fs::write(&draft, "one\n").unwrap();
    assert_eq!(kept(&world.save(Editor::PerhapsDead)), Some(KeptReason::CutShort));
    assert_eq!(world.read(), "one\ntwo\ncron\n");
}

#[test]
fn who_deletes_the_end_and_lives_on_has_meant_it() {
    let mut world = World::new();
    world.write("one\ntwo\n");
    let draft = world.edit();
    fs::write(&draft, "one\n").unwrap();
    assert!(world.save(Editor::Unknown).is_empty(), "it may have been killed in the middle of writing");
    assert_eq!(world.read(), "one\ntwo\n");
    assert!(committed(&world.save(Editor::Alive)));
    assert_eq!(world.read(), "one\n");
}

#[test]
fn an_editor_that_is_killed_leaves_no_half_of_an_entry() {
    for (half, committed) in
        [("on", false), ("ONE\ntw", false), ("ONE\ntwo\nthree\nand", false), ("one\ntwo\nmo", true)]
    {
        let mut world = World::new();
        world.write("one\ntwo\n");
        let draft = world.edit();
        fs::write(&draft, half).unwrap();
        let outcomes = world.store.finish(one(), Ending::Failed);
        assert_eq!(kept(&outcomes) == Some(KeptReason::CutShort), !committed, "{half:?}");
        assert_eq!(world.read(), if committed { half } else { "one\ntwo\n" });
    }
}

#[test]
fn a_write_protected_entry_is_not_replaced() {
    let mut world = World::new();
    world.write("base\n");
    fs::set_permissions(world.path(day()), fs::Permissions::from_mode(0o444)).unwrap();
    fs::write(world.edit(), "longer than before\n").unwrap();
    let outcomes = world.save(Editor::Unknown);
    assert!(matches!(&outcomes[0].outcome, Outcome::Failed(refusal) if refusal.code == ErrorCode::Disk));
    assert_eq!(world.read(), "base\n");
}

#[test]
fn what_is_saved_after_the_session_is_found() {
    let mut world = World::new();
    world.write("base\n");
    let draft = world.edit();
    fs::write(draft.with_file_name(".20261123.md.swp"), "the editor lives").unwrap();
    world.store.finish(one(), Ending::Succeeded);
    fs::write(&draft, "late\n").unwrap();
    let kept = world.store.list_kept();
    assert_eq!((kept.len(), kept[0].why), (1, KeptReason::SavedLate));
    let next = world.edit();
    assert_ne!(next, draft);
    assert_eq!(fs::read_to_string(draft).unwrap(), "late\n");
}

#[test]
fn a_script_commits_all_of_its_entries_or_none() {
    let mut world = World::new();
    let entries = [day(), other_day()];
    let drafts = world.prepare(1, &entries, CommitPolicy::OnExit, Mode::Exclusive);
    for draft in &drafts {
        fs::write(PathBuf::from(&draft.path), "new\n").unwrap();
    }
    fs::write(world.path(other_day()), "somebody else's\n").unwrap();
    let outcomes = world.store.finish(one(), Ending::Succeeded);
    assert!(outcomes.chunks(1).all(|told| kept(told) == Some(KeptReason::EntryChanged)), "{outcomes:?}");
    assert!(outcomes.len() == 2 && !world.path(day()).exists());
}

#[test]
fn a_script_that_fails_or_dies_commits_nothing() {
    for (ending, why) in [
        (Ending::Failed, KeptReason::CommandFailed),
        (Ending::Orphaned, KeptReason::ClientGone),
        (Ending::Drained, KeptReason::DaemonEnded),
    ] {
        let mut world = World::new();
        world.write("base\n");
        let drafts = world.prepare(1, &[day()], CommitPolicy::OnExit, Mode::Exclusive);
        world.store.open_entries(one()).unwrap();
        fs::write(PathBuf::from(&drafts[0].path), "half").unwrap();
        assert_eq!(kept(&world.store.finish(one(), ending)), Some(why));
        assert_eq!(world.read(), "base\n");
    }
}

#[test]
fn a_scripts_half_written_draft_is_not_a_save() {
    let mut world = World::new();
    world.write("base\n");
    let drafts = world.prepare(1, &[day()], CommitPolicy::OnExit, Mode::Exclusive);
    fs::write(PathBuf::from(&drafts[0].path), "half").unwrap();
    assert!(world.save(Editor::Unknown).is_empty());
    assert_eq!(world.read(), "base\n");
}

#[test]
fn a_draft_that_became_something_else_is_told_of() {
    let mut world = World::new();
    world.write("base\n");
    let draft = world.edit();
    fs::remove_file(&draft).unwrap();
    symlink("/etc/hostname", &draft).unwrap();
    let outcomes = world.store.finish(one(), Ending::Succeeded);
    assert!(
        matches!(&outcomes[0].outcome, Outcome::Failed(refusal) if refusal.message.contains("a symbolic link"))
    );
    assert_eq!(world.read(), "base\n");
    assert!(draft.is_symlink(), "it is the user's");
}

#[test]
fn a_snapshot_is_read_only_and_never_committed() {
    let mut world = World::new();
    world.write("base\n");
    let drafts = world.prepare(1, &[day(), other_day()], CommitPolicy::OnSave, Mode::Shared);
    assert_eq!(drafts.len(), 1, "what does not exist has no snapshot");
    let path = PathBuf::from(&drafts[0].path);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400);
    world.append("cron");
    assert_eq!(fs::read_to_string(&path).unwrap(), "base\n");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "forged").unwrap();
    assert!(world.store.commit_now(one(), Editor::Alive).is_empty());
    let outcomes = world.store.finish(one(), Ending::Succeeded);
    assert_eq!(kept(&outcomes), Some(KeptReason::SavedLate), "somebody's text, but nobody's commit");
    assert_eq!(world.read(), "base\ncron\n");
}

#[test]
fn an_entry_keeps_its_mode() {
    let mut world = World::new();
    world.write("base\n");
    fs::set_permissions(world.path(day()), fs::Permissions::from_mode(0o640)).unwrap();
    fs::write(world.edit(), "new text\n").unwrap();
    assert!(committed(&world.save(Editor::Unknown)));
    assert_eq!(fs::metadata(world.path(day())).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn only_plain_files_are_entries() {
    let mut world = World::new();
    let outside = world.dir.path().join("outside");
    fs::write(&outside, "secret\n").unwrap();
    let path = world.path(day());
    let refused =
        |world: &mut World| world.store.append(&append("x"), OperationId([1; 16])).unwrap_err().code;
    symlink(&outside, &path).unwrap();
    assert_eq!(refused(&mut world), ErrorCode::Journal);
    fs::remove_file(&path).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from(0o600)).unwrap();
    assert_eq!(refused(&mut world), ErrorCode::Journal);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(refused(&mut world), ErrorCode::Journal);
    assert_eq!(fs::read_to_string(outside).unwrap(), "secret\n");
}

#[test]
fn a_journal_that_was_moved_away_is_not_written_to() {
    let mut world = World::new();
    let journal = world.dir.path().join("journal");
    fs::rename(&journal, world.dir.path().join("elsewhere")).unwrap();
    fs::create_dir(&journal).unwrap();
    let refusal = world.store.append(&append("x"), OperationId([1; 16])).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::Journal);
    assert_eq!(fs::read_dir(&journal).unwrap().count(), 0);
}

#[test]
fn a_dead_daemons_drafts_are_kept_if_they_hold_anything_new() {
    let mut world = World::new();
    world.write("base\n");
    let draft = world.edit();
    world.reopen();
    assert!(world.store.list_kept().is_empty(), "nothing new");
    assert!(draft.exists(), "an editor may have it open");
    fs::write(&draft, "saved late\n").unwrap();
    assert_eq!(world.store.list_kept()[0].why, KeptReason::SavedLate);

    let second = world.edit();
    assert_ne!(second, draft);
    fs::write(&second, "not committed\n").unwrap();
    world.reopen();
    let reasons: Vec<_> = world.store.list_kept().into_iter().map(|kept| kept.why).collect();
    assert_eq!(reasons, [KeptReason::SavedLate, KeptReason::DaemonEnded]);
    assert_eq!(world.read(), "base\n");
}
