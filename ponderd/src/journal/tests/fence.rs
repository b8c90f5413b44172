//! Who may commit: the session that has the entry now, under the daemon that granted it or the next one.

use super::*;

fn two() -> SessionId {
    SessionId([2; 16])
}

#[test]
fn who_had_the_entry_before_does_not_write_to_it() {
    let mut world = World::new();
    world.write("first\n");
    let zombie = world.edit();
    // Ended by force, and not heard of it: the next one has the entry, and has written nothing yet.
    let order = world.prepare(2, &[day()], CommitPolicy::OnSave, Mode::Exclusive);
    fs::write(zombie, "first\nzombie\n").unwrap();
    assert_eq!(kept(&world.store.commit_now(one(), Editor::Alive)), Some(KeptReason::SavedLate));
    assert_eq!(world.read(), "first\n");
    fs::write(PathBuf::from(&order[0].path), "first\nsecond\n").unwrap();
    assert!(committed(&world.store.commit_now(two(), Editor::Alive)));
    assert_eq!(world.read(), "first\nsecond\n");
}

#[test]
fn a_session_goes_on_under_the_next_daemon() {
    let mut world = World::new();
    world.write("first\n");
    let draft = world.edit();
    fs::write(&draft, "first\nsaved\n").unwrap();
    assert!(committed(&world.store.commit_now(one(), Editor::Alive)));
    world.append("appended\n");
    fs::write(&draft, "first\nsaved\nwithout a daemon\n").unwrap();
    assert_eq!(world.take_up(CommitPolicy::OnSave), draft);
    assert_eq!(world.read(), "first\nsaved\nappended\n");
    world.append("and again\n");
    assert!(committed(&world.store.commit_now(one(), Editor::Alive)));
    assert_eq!(world.read(), "first\nsaved\nwithout a daemon\nappended\nand again\n");
    world.store.finish(one(), Ending::Succeeded);
    assert!(world.store.list_kept().is_empty() && !draft.exists());
}

#[test]
fn what_was_committed_right_before_the_daemon_died_is_not_there_twice() {
    let mut world = World::new();
    world.write("first\n");
    let draft = world.edit();
    let base = draft.parent().unwrap().with_extension("0.base");
    let old = fs::read(&base).unwrap();
    fs::write(&draft, "first\nsaved\n").unwrap();
    assert!(committed(&world.store.commit_now(one(), Editor::Alive)));
    world.append("appended\n");
    fs::write(&base, old).unwrap(); // it did not come to that
    world.take_up(CommitPolicy::OnSave);
    world.store.commit_now(one(), Editor::Alive);
    assert_eq!(world.read(), "first\nsaved\nappended\n");
    fs::write(&draft, "first\nsaved\nand more\n").unwrap();
    assert!(committed(&world.store.commit_now(one(), Editor::Alive)));
    assert_eq!(world.read(), "first\nsaved\nand more\nappended\n");
}

#[test]
fn what_the_entry_ends_with_is_no_part_of_an_append() {
    let mut world = World::new();
    world.write("no newline");
    let draft = world.edit();
    world.append("appended\n");
    world.take_up(CommitPolicy::OnSave);
    fs::write(&draft, "no newline, changed").unwrap();
    assert!(committed(&world.store.commit_now(one(), Editor::Alive)));
    assert_eq!(world.read(), "no newline, changed\nappended\n");
}

#[test]
fn a_header_that_was_not_written_yet_still_is_not() {
    let mut world = World::new();
    let draft = world.edit();
    world.take_up(CommitPolicy::OnSave);
    assert!(!world.path(day()).exists());
    world.append("appended\n");
    assert_eq!(world.read(), format!("{HEADER}appended\n"), "the append begins with the draft's header");
    fs::write(&draft, format!("{HEADER}mine\n")).unwrap();
    assert!(committed(&world.store.commit_now(one(), Editor::Alive)));
    assert_eq!(world.read(), format!("{HEADER}mine\nappended\n"));
}

#[test]
fn a_draft_in_conflict_stays_in_conflict() {
    let mut world = World::new();
    world.write("first\n");
    let draft = world.edit();
    world.write("somebody else\n");
    fs::write(&draft, "mine\n").unwrap();
    assert_eq!(kept(&world.store.commit_now(one(), Editor::Alive)), Some(KeptReason::EntryChanged));
    world.take_up(CommitPolicy::OnSave);
    fs::write(&draft, "mine, and more\n").unwrap();
    assert_eq!(kept(&world.store.commit_now(one(), Editor::Alive)), Some(KeptReason::EntryChanged));
    assert_eq!(world.read(), "somebody else\n");
}

#[test]
fn a_base_that_was_torn_replaces_nothing() {
    let mut world = World::new();
    world.write("first\n");
    let draft = world.edit();
    fs::write(draft.parent().unwrap().with_extension("0.base"), "torn").unwrap();
    world.take_up(CommitPolicy::OnSave);
    fs::write(&draft, "mine\n").unwrap();
    assert_eq!(kept(&world.store.commit_now(one(), Editor::Alive)), Some(KeptReason::EntryChanged));
    assert_eq!(world.read(), "first\n");
}

#[test]
fn what_is_saved_late_is_committed_by_a_session_of_the_daemons_own() {
    let mut world = World::new();
    world.write("first\n");
    let zombie = world.edit();
    world.store.finish(one(), Ending::Forced(ponder_proto::Forced::Broken));
    fs::write(&zombie, "late\nfirst\n").unwrap();
    let own = world.adopt(2, one(), CommitPolicy::OnSave);
    assert_eq!(PathBuf::from(&own[0].path), zombie);
    assert!(committed(&world.store.commit_now(two(), Editor::Alive)));
    assert_eq!(world.read(), "late\nfirst\n");
    world.store.finish(two(), Ending::Forced(ponder_proto::Forced::Expired));
    assert!(zombie.exists(), "its editor may go on");
    world.store.drafts.vacate(one());
    assert!(!zombie.exists() && world.store.list_kept().is_empty());
}
