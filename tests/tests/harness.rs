//! The harness itself: a first entry in a new world, and nothing of it left behind.

use ponder_tests::World;

#[test]
fn a_world_begins_empty_and_ends_without_a_process() {
    let world = World::new();
    assert!(!world.path("journal").exists());
    world.ponder(&["append", "hello"]).run().ok().silent();
    let today = world.today();
    let text = world.text(today);
    assert!(text.starts_with(&format!("# {}\n\n## 1", today.strftime("%B %d, %Y: %A"))), "{text}");
    assert!(text.ends_with("\n\nhello\n"), "{text}");

    let daemons = world.daemons();
    assert_eq!(daemons.len(), 1);
    assert_eq!(world.status()["daemon"]["pid"], daemons[0].0);
    drop(world);
    assert!(!daemons[0].runs(), "the daemon is still there");
}
