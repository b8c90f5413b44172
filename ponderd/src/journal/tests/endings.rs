//! How sessions end, and what is kept.

use super::*;

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
fn a_session_that_changed_nothing_puts_nothing_in_doubt() {
    let mut world = World::new();
    world.write("base\n");
    fs::write(world.path(other_day()), "other\n").unwrap();
    world.append("a line");
    world.write("base\n"); // somebody takes it out
    world.prepare(1, &[other_day()], CommitPolicy::OnExit, Mode::Exclusive);
    world.store.finish(one(), Ending::Succeeded);
    world.reopen();
    assert_eq!(world.read(), "base\n");
}

#[test]
fn a_script_that_fails_or_dies_commits_nothing() {
    for (ending, why) in [
        (Ending::Failed, KeptReason::CommandFailed),
        (Ending::Died, KeptReason::ClientGone),
        (Ending::Forced(ponder_proto::Forced::Broken), KeptReason::Revoked),
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
fn a_draft_is_kept_though_the_disk_does_not_take_the_note_of_it() {
    let mut world = World::new();
    world.write("base\n");
    let drafts = world.prepare(1, &[day()], CommitPolicy::OnExit, Mode::Exclusive);
    let draft = PathBuf::from(&drafts[0].path);
    fs::write(&draft, "new\n").unwrap();
    let in_the_way = draft.parent().unwrap().with_extension("0.json.new");
    fs::create_dir(&in_the_way).unwrap();
    assert_eq!(kept(&world.store.finish(one(), Ending::Failed)), Some(KeptReason::CommandFailed));
    let reasons = |world: &mut World| -> Vec<KeptReason> {
        world.store.list_kept().into_iter().map(|kept| kept.why).collect()
    };
    assert_eq!(reasons(&mut world), [KeptReason::CommandFailed], "as the client was told");
    fs::remove_dir(&in_the_way).unwrap();
    world.reopen();
    assert_eq!(
        reasons(&mut world),
        [KeptReason::CommandFailed],
        "the note was written as soon as it could be"
    );
}

#[test]
fn the_last_copy_of_an_entry_that_was_emptied_outlives_a_daemon_that_did_not_note_it() {
    let mut world = World::new();
    world.write("base\n");
    let draft = world.edit();
    world.write("");
    world.reopen();
    assert_eq!(world.store.list_kept()[0].why, KeptReason::Emptied);
    assert_eq!(fs::read_to_string(draft).unwrap(), "base\n");
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

#[test]
fn a_draft_that_a_dead_daemon_was_removing_has_its_name_again() {
    for (text, goes_on) in [("base\n", false), ("saved late\n", false), ("saved late\n", true)] {
        let mut world = World::new();
        world.write("base\n");
        let draft = world.edit();
        fs::write(&draft, text).unwrap();
        fs::rename(&draft, draft.with_extension("md.0123456789abcdef")).unwrap();
        if goes_on {
            assert_eq!(world.take_up(CommitPolicy::OnSave), draft);
        } else {
            world.reopen();
        }
        assert_eq!(fs::read_to_string(&draft).unwrap(), text);
        let kept = world.store.list_kept();
        assert_eq!(kept.len(), usize::from(text != "base\n" && !goes_on));
    }
}
