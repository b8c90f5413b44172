//! Names that are no entries, in every operation that takes one: nothing leaves the journal.

use std::fs;

use ponder_proto::ErrorCode;
use ponder_tests::{
    Bystanders, Raw, World, assert_refused, assert_sentence, link, new_id, request, tree, write,
};
use serde_json::json;

/// A world with things around the journal that a name could lead to.
fn world() -> World {
    let world = World::new();
    world.write("20261122", "mine\n");
    write(&world.path("journal/notes.md"), "notes\n");
    write(&world.path("20261123.md"), "outside\n");
    link(&world.path(""), &world.path("journal/up"));
    world
}

#[test]
fn a_name_that_is_no_entry_is_refused_in_every_operation() {
    let world = world();
    let others = Bystanders::of(&world);
    let absolute = world.entry("20261123").display().to_string();
    let inside = format!("{}/../journal/20261123.md", world.path("journal").display());
    let names = [
        "../../etc/passwd",
        "../20261123.md",
        "up/20261123.md",
        "20261123.md/../../20261123.md",
        "./20261123.md",
        &absolute,
        &inside,
        "/etc/passwd",
        "20261123.md\0",
        "20261123\0.md",
        "\0",
        "",
        ".",
        "..",
        ".ponder",
        ".ponder/.gitignore",
        "notes.md",
        "20261332.md",
        "20260230.md",
        "20250229",
        "00000101.md",
        "20261123.MD",
        "20261123.md.md",
        "20261123.txt",
        " 20261123.md",
        "20261123.md\n",
        "2026-11-23",
        "+2026112.md",
        "2026112.md",
        "120261123.md",
        "２０２６１１２３.md",
        "20261123.md\u{202e}",
        "~/20261123.md",
        "$HOME/20261123.md",
        "20261123.md; rm -rf /",
    ];
    let before = (tree(&world.path("journal")), tree(&world.path("20261123.md")));
    let mut script = world.script();
    for name in names {
        for (field, request) in [
            ("entry", json!({ "op": "append", "entry": name, "text": "text" })),
            ("entries", json!({ "op": "acquire", "session": new_id(), "entries": [name] })),
            ("entries", json!({ "op": "acquire", "session": new_id(), "entries": ["20261122.md", name] })),
        ] {
            let refusal = script.refused(request);
            assert_refused(&refusal, "bad_request", &["is not an entry", "YYYYMMDD.md", "a day that exists"]);
            assert_eq!(refusal["field"], field, "{name:?}: {refusal}");
        }
    }
    script.ask(json!({ "op": "status" }), "status");
    assert_eq!((tree(&world.path("journal")), tree(&world.path("20261123.md"))), before);
    others.go_on(&world);
}

#[test]
fn what_is_no_text_is_no_name() {
    let world = world();
    let others = Bystanders::of(&world);
    let before = tree(&world.path("journal"));
    let mut script = world.script();
    for name in [
        json!(20_261_123),
        json!(null),
        json!(["20261123.md"]),
        json!({ "path": "20261123.md" }),
        json!(true),
    ] {
        let refusal = script.refused(json!({ "op": "append", "entry": name, "text": "text" }));
        assert_refused(&refusal, "bad_request", &[]);
        assert_eq!(refusal["field"], "entry", "{refusal}");
    }
    assert_eq!(tree(&world.path("journal")), before);
    others.go_on(&world);
}

#[test]
fn a_number_that_is_no_day_is_refused_in_every_operation() {
    let world = world();
    let others = Bystanders::of(&world);
    let before = tree(&world.path("journal"));
    let mut raw = Raw::introduced(&world.socket());
    for number in [0_u32, 1, 101, 20_261_332, 20_260_230, 20_250_229, 20_261_100, 100_000_101, u32::MAX] {
        let name = number.to_le_bytes();
        let append = [&request(2, 6)[..], &name, &4_u64.to_le_bytes(), b"text", &[0, 0]].concat();
        let acquire = [&request(3, 1)[..], &[7; 16], &1_u64.to_le_bytes(), &name].concat();
        // Exclusive, for ever, on exit, with drafts, may create; inside nobody, no time, no holder.
        let acquire = [&acquire[..], &[0; 12], &[1, 1, 0, 0], &[0; 8], &[0, 0]].concat();
        for payload in [append, acquire] {
            raw = raw.frame(&payload);
            let refusal = raw.refusal();
            assert_eq!(refusal.code, ErrorCode::BadRequest);
            assert_sentence(&refusal.message, &["is not an entry", &format!("{number:08}")]);
        }
    }
    assert_eq!(tree(&world.path("journal")), before);
    others.go_on(&world);
}

#[test]
fn a_draft_of_another_name_is_nobodys() {
    // A script that writes beside its draft, or replaces it with a way out, commits nothing of it.
    let world = world();
    let others = Bystanders::of(&world);
    world.lease("20261122", "echo x > \"${PONDER_ENTRY%/*}/20261121.md\"; echo y >> \"$PONDER_ENTRY\"").run();
    assert_eq!(world.text("20261122"), "mine\ny\n");
    assert!(!world.entry("20261121").exists());

    others.go_on(&world);
}

#[test]
fn a_draft_that_is_no_file_is_told_of() {
    let world = world();
    let others = Bystanders::of(&world);
    let secret = world.path("secret");
    write(&secret, "secret\n");
    for script in [
        format!("ln -sf '{}' \"$PONDER_ENTRY\"", secret.display()),
        "rm \"$PONDER_ENTRY\"; mkfifo \"$PONDER_ENTRY\"".to_owned(),
        "rm \"$PONDER_ENTRY\"; mkdir \"$PONDER_ENTRY\"".to_owned(),
    ] {
        let said = world.lease("20261122", &format!("echo \"$PONDER_ENTRY\"; {script}")).run();
        assert_eq!(world.text("20261122"), "mine\n", "after {script}");
        assert!(!said.is_ok(), "nobody was told of {script}: {said:?}");
        assert!(said.stderr.contains(said.stdout.trim()), "the draft is not named: {said:?}");
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret\n");
    others.go_on(&world);
}
