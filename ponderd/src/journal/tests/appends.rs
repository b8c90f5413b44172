//! Appends, alone and beside an open draft.

use super::*;

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
    assert_eq!(world.store.append(&append("x"), id), Ok(NEW));
    assert_eq!(world.store.append(&append("x"), id), Ok(Appended { repeated: true, ..NEW }));
    assert_eq!(world.read(), format!("{HEADER}x\n"));
    assert_eq!(world.store.append(&append("y"), id).unwrap_err().code, ErrorCode::OperationReused);
}
