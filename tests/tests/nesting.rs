//! `ponder` inside a session of its own: what would wait for itself is refused, the rest works.

use ponder_tests::{Script, World, new_id};
use serde_json::json;

const DAY: &str = "20261123";

#[test]
fn inside_a_lease_the_same_entry_is_refused_and_everything_else_goes_on() {
    let world = World::new();
    world.write(DAY, "before\n");
    world.editor("never", "echo opened");
    let script = format!(
        "EDITOR=never ponder -d {DAY}; echo $?; \
         ponder lease -d 20261124 -d {DAY} -- true; echo $?; \
         ponder lease --shared -d {DAY} -- true; echo $?; \
         ponder append -d {DAY} appended; echo $?; \
         ponder lease -d 20261124 -- sh -c 'ponder lease -d {DAY} -- true; echo $?; echo other > \"$PONDER_ENTRY\"'; echo $?; \
         echo own >> \"$PONDER_ENTRY\""
    );
    let said = world.lease(DAY, &script).run().ok();
    assert_eq!(said.stdout, "75\n75\n75\n0\n75\n0\n", "{}", said.stderr);
    assert_eq!(said.stderr.matches("would deadlock").count(), 4, "{}", said.stderr);
    assert_eq!(world.text(DAY), "before\nown\nappended\n");
    assert_eq!(world.text("20261124"), "other\n");
}

#[test]
fn a_stale_session_in_the_environment_is_ignored() {
    let world = World::new();
    let session = world.lease(DAY, "echo $PONDER_SESSION").run().ok().stdout;
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    for stale in [session.trim_end().to_owned(), new_id(), "no id at all".to_owned()] {
        let waiter = world.lease(DAY, "true").env("PONDER_SESSION", &stale).start();
        waiter.says("waiting for");
    }
    gate.open();
    holder.wait().ok();
}

#[test]
fn a_circle_of_two_sessions_is_refused_before_it_closes() {
    let world = World::new();
    let mut script = world.script();
    let nothing = json!({ "drafts": false });
    let one = script.acquire(&["20261101"], &nothing);
    script.expect("granted");
    let two = script.acquire(&["20261102"], &nothing);
    script.expect("granted");
    // A child of the first waits for the second: fine, that one will end.
    let mut first = Script::hello(&world.socket());
    let child = first.acquire(&["20261102"], &json!({ "drafts": false, "inside": one }));
    first.expect("queued");
    // A child of the second would wait for the first, which waits for its child.
    let mut second = Script::hello(&world.socket());
    second.acquire(&["20261101"], &json!({ "drafts": false, "inside": two }));
    let refused = second.hear().expect("an answer");
    assert_eq!(
        (&refused["event"], &refused["code"]),
        (&json!("error"), &json!("would_deadlock")),
        "{refused}"
    );
    script.release(&two);
    assert_eq!(first.expect_alive("granted")["session"], child);
}

#[test]
fn who_holds_and_asks_for_more_does_not_wait() {
    let world = World::new();
    let mut other = world.script();
    other.acquire(&["20261102"], &json!({ "drafts": false }));
    other.expect("granted");
    let mut script = Script::hello(&world.socket());
    let held = script.acquire(&["20261101"], &json!({ "drafts": false }));
    script.expect("granted");
    let more = json!({ "drafts": false, "inside": held });
    script.acquire(&["20261102"], &more);
    assert_eq!(script.hear().expect("an answer")["code"], "busy", "{}", script.transcript());
    script.acquire(&["20261103"], &more);
    script.expect("granted");
}

#[test]
fn an_outer_lease_lends_its_child_no_draft() {
    let world = World::new();
    world.write(DAY, "before\n");
    let script =
        "ponder lease --no-draft -d 20261124 -- sh -c 'echo [$PONDER_ENTRY]'; ls \"$PONDER_ENTRY\" | wc -l";
    assert_eq!(world.lease(DAY, script).run().ok().stdout.replace(' ', ""), "[]\n1\n");
}
