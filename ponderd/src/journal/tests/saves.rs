//! From a draft to its entry.

use super::*;

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
