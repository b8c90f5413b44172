//! Nobody waits, through others, for himself.

use super::*;

#[test]
fn a_child_may_not_wait_for_its_parent() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[2]);
    assert_eq!(table.ask(inside(3, &[1], 1)), [deadlock(3, &[1])], "its own parent's entry");
    assert_eq!(table.ask(inside(4, &[2], 1)), [seated(4), queued(4)], "somebody else's");
    let through = "1 waits for its child 4, which waits for 2";
    assert_eq!(table.ask(inside(5, &[1], 2)), [deadlock(5, &[1])], "{through}");
    assert_eq!(table.ask(inside(6, &[1], 99)), [seated(6), queued(6)], "a stale id is ignored");
    assert_eq!(table.ask(inside(7, &[7], 1)), [seated(7), granted(7, 3)], "nothing to wait for");
    assert_eq!(table.ask(inside(8, &[1], 7)), [deadlock(8, &[1, 6])], "a grandparent's entry");
}

#[test]
fn a_circle_through_a_child_that_holds_something_is_seen() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(4, &[4]);
    let child = table.ask(inside(2, &[2], 1));
    assert_eq!(child, [seated(2), granted(2, 3)], "a child of 1, with a lease of its own");
    assert_eq!(table.ask(inside(3, &[4], 2)), [seated(3), queued(3)], "its child waits for 4");
    let through = "1 waits for 2, which waits for 3, which waits for 4";
    assert_eq!(table.ask(inside(5, &[1], 4)), [deadlock(5, &[1])], "{through}");
}

#[test]
fn a_circle_through_somebody_who_waits_is_seen() {
    let mut table = Table::new();
    table.shared(1, &[1]);
    table.alone(2, &[1]);
    let child = table.ask(Acquire { mode: Mode::Shared, ..inside(3, &[1], 1) });
    assert_eq!(child, [deadlock(3, &[2])], "it fits its parent's, but 2 before it waits for that one");
}

#[test]
fn a_parent_that_is_over_is_nobodys() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    table.ask(inside(3, &[3], 1));
    table.end(1);
    assert_eq!(table.ask(inside(4, &[1], 1)), [seated(4), queued(4)]);
}

#[test]
fn whoever_claims_to_be_inside_himself_harms_nobody() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.ask(inside(2, &[1], 2)), [seated(2), queued(2)], "there is no such session yet");
    assert_eq!(table.ask(inside(3, &[1], 2)), [deadlock(3, &[1, 2])], "2 is ahead of its own child");
    assert_eq!(table.end(1), [over(1), granted(2, 2), moved(1)]);
    table.end(2);
    assert!(table.is_over());
}

#[test]
fn a_child_of_a_session_that_came_back_is_still_its_child() {
    let mut table = Table::restored(vec![written(alone(1, &[1]), Some(4)), written(alone(2, &[2]), Some(5))]);
    assert_eq!(table.ask(inside(3, &[1], 1)), [deadlock(3, &[1])], "though nothing is known of 1 yet");
    assert_eq!(table.ask(inside(4, &[2], 1)), [seated(4), queued(4)]);
}

#[test]
fn a_refused_child_was_never_there() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.ask(inside(2, &[1], 1));
    assert_eq!(table.core.sessions().count(), 1);
    table.end(1);
    assert_eq!(table.alone(2, &[1]), [seated(2), granted(2, 2)], "it may ask anew");
}
