//! What lies in the journal: modes, links, other programs' changes.

use super::*;

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
