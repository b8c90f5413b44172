//! Bytes that are no requests: garbage, halves, too many, and none at all.

use ponder_proto::limits::{FIRST_MESSAGE, MESSAGE};
use ponder_proto::{Body, ErrorCode, Refusal};
use ponder_tests::{Bystanders, Raw, World, assert_refused, assert_sentence, hello, request};
use serde_json::{Value, json};

const HELLO: &str = r#"{"op":"hello","protocol":{"oldest":1,"newest":1}}"#;

#[track_caller]
fn expect(refusal: &Refusal, code: ErrorCode, parts: &[&str]) {
    assert_eq!(refusal.code, code, "{refusal}");
    assert_sentence(&refusal.message, parts);
}

#[test]
fn garbage_gets_one_line_and_the_connection_ends() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let socket = world.socket();
    let long = vec![0xff; 100_000];
    for garbage in [
        &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
        b" {\"op\":\"status\"}\n",
        b"\xef\xbb\xbf{\"op\":\"status\"}\n",
        b"\n",
        b"\0punder\n",
        b"\0\0\0\0\0\0\0\0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        &long,
    ] {
        let mut raw = Raw::connect(&socket).send(garbage);
        assert_refused(&raw.line(), "bad_request", &["neither JSON Lines", "docs/protocol.md"]);
        raw.ends();
    }
    others.go_on(&world);
}

#[test]
fn half_a_message_is_no_message() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let socket = world.socket();
    let append = [&request(2, 6)[..], &20_261_123_u32.to_le_bytes(), &5_u64.to_le_bytes(), b"text"].concat();
    let length = u32::try_from(append.len() + 3).unwrap().to_le_bytes();
    let line = br#"{"op":"append","entry":"20261123","text":"half"}"#;

    // Closed before the end.
    drop(Raw::connect(&socket).send(b"\0pon"));
    drop(Raw::frames(&socket).send(&[47, 0]));
    drop(Raw::introduced(&socket).send(&length).send(&append));
    drop(Raw::connect(&socket).send(HELLO.as_bytes()).send(b"\n").send(line));
    // Nothing more is sent, but listened to.
    Raw::frames(&socket).send(&[47, 0]).fall_silent().ends();
    Raw::introduced(&socket).send(&length).send(&append).fall_silent().ends();
    let mut raw = Raw::connect(&socket).send(HELLO.as_bytes()).send(b"\n").send(line).fall_silent();
    assert_eq!(raw.line()["event"], "welcome");
    raw.ends();
    // Held, as long as the others go on.
    let held = Raw::introduced(&socket).send(&length).send(&append);
    others.go_on(&world);
    assert!(!world.entry("20261123").exists(), "half a message was applied");
    // A frame that is shorter than its message is one of its own, and the next one is read.
    let mut held = held.send(b"end").frame(&append).frame(&request(3, 7));
    expect(&held.refusal(), ErrorCode::BadRequest, &["0 or 1"]);
    expect(&held.refusal(), ErrorCode::BadRequest, &["ends in the middle"]);
    assert!(matches!(held.message().body, Body::Status(_)));
}

#[test]
fn a_message_over_the_limit_ends_the_connection() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let socket = world.socket();
    let header = |length: usize| u32::try_from(length).unwrap().to_le_bytes();

    // Frames: the claim is enough, before hello and after it.
    for (mut raw, limit) in [
        (Raw::frames(&socket).send(&header(FIRST_MESSAGE + 1)), FIRST_MESSAGE),
        (Raw::introduced(&socket).send(&header(MESSAGE + 1)), MESSAGE),
        (Raw::introduced(&socket).send(&u32::MAX.to_le_bytes()), MESSAGE),
    ] {
        expect(&raw.refusal(), ErrorCode::TooLarge, &["frame of", &format!("{limit} bytes")]);
        raw.ends();
    }
    // Lines: as soon as one byte too many is there, with or without its line feed.
    for end in ["", "\n"] {
        let line = format!("{{{}{end}", "x".repeat(FIRST_MESSAGE));
        let mut raw = Raw::connect(&socket).send(line.as_bytes());
        assert_refused(&raw.line(), "too_large", &[&format!("line over {FIRST_MESSAGE} bytes")]);
        raw.ends();
    }
    let mut raw = Raw::connect(&socket).send(HELLO.as_bytes()).send(b"\n");
    assert_eq!(raw.line()["event"], "welcome");
    let mut raw = raw.send(&vec![b'{'; MESSAGE + 1]);
    assert_refused(&raw.line(), "too_large", &[&format!("line over {MESSAGE} bytes")]);
    raw.ends();
    others.go_on(&world);
}

#[test]
fn a_message_of_just_the_limit_is_read() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let hello = format!("{HELLO}{}\n", " ".repeat(FIRST_MESSAGE - HELLO.len()));
    let mut raw = Raw::connect(&world.socket()).send(hello.as_bytes());
    assert_eq!(raw.line()["event"], "welcome");
    let status = r#"{"op":"status"}"#;
    let mut raw = raw.send(format!("{status}{}\n", " ".repeat(MESSAGE - status.len())).as_bytes());
    assert_eq!(raw.line()["event"], "status");
    let mut raw = raw.send(HELLO.as_bytes()).send(b"\n");
    assert_eq!(raw.line()["event"], "welcome", "the next one is read, too");
    others.go_on(&world);
}

#[test]
fn a_length_bomb_is_refused_before_memory_is_taken() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let socket = world.socket();
    drop(Raw::introduced(&socket)); // what a connection costs once is not the bomb's
    let before = ["VmPeak", "VmHWM"].map(|field| others.daemon().memory(field));

    // The eleven bytes that made bincode abort: a length, and nothing behind it.
    let eleven = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0];
    let mut raw = Raw::frames(&socket).frame(&eleven);
    expect(&raw.refusal(), ErrorCode::BadRequest, &["ends in the middle"]);
    // Text, and a list of entries, that claim anything from too much to everything.
    for claim in [MESSAGE as u64 + 1, 1 << 32, 1 << 60, u64::MAX] {
        let text = [&request(2, 0)[..], &[1, 0, 0, 0, 1, 0, 0, 0], &claim.to_le_bytes()].concat();
        let append = [&request(3, 6)[..], &20_261_123_u32.to_le_bytes(), &claim.to_le_bytes()].concat();
        let entries = [&request(4, 1)[..], &[7; 16], &claim.to_le_bytes()].concat();
        for payload in [text, append, entries] {
            raw = raw.frame(&payload);
            let message = raw.message();
            let Body::Error(refusal) = message.body else { panic!("{message:?}") };
            expect(&refusal, ErrorCode::TooLarge, &["claims more than"]);
            assert_eq!(message.re, Some(u64::from(payload[0])));
        }
    }
    // A claim that is allowed, with nothing behind it.
    let mut raw = Raw::introduced(&socket);
    for claim in [1_u64 << 10, 1 << 20] {
        raw = raw.frame(&[&request(4, 1)[..], &[7; 16], &claim.to_le_bytes()].concat());
        expect(&raw.refusal(), ErrorCode::BadRequest, &["ends in the middle"]);
    }
    let _held: Vec<Raw> = (0..20)
        .map(|_| Raw::introduced(&socket).send(&u32::try_from(MESSAGE).unwrap().to_le_bytes()).send(b"x"))
        .collect();
    let mut raw = raw.frame(&hello(1, 1));
    assert!(matches!(raw.message().body, Body::Welcome(_)), "the connection goes on");

    let after = ["VmPeak", "VmHWM"].map(|field| others.daemon().memory(field));
    assert!(after[0] < before[0] + 48 * 1024, "address space in KiB: {before:?} became {after:?}");
    assert!(after[1] < before[1] + 8 * 1024, "memory in KiB: {before:?} became {after:?}");
    others.go_on(&world);
}

/// How many frames there are.
fn frames(mut bytes: &[u8]) -> u64 {
    let mut count = 0;
    while let Some((header, rest)) = bytes.split_first_chunk() {
        count += 1;
        bytes = rest.get(u32::from_le_bytes(*header) as usize..).unwrap_or_default();
    }
    count
}

/// The daemon's patience is ten seconds: all who try it do so together.
#[test]
fn those_who_say_nothing_or_read_nothing_are_cut_off() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let socket = world.socket();

    let nothing = Raw::connect(&socket);
    let half_magic = Raw::connect(&socket).send(b"\0po");
    let only_magic = Raw::frames(&socket);
    let half_line = Raw::connect(&socket).send(b"{\"op\":");
    // One that was introduced may take its time.
    let quiet = Raw::introduced(&socket);
    // One that asks a thousand times and never reads: its answers do not fit into the socket. All
    // in one write: the daemon stops to listen to it, and many would not fit, either.
    let asked = 1000;
    let status = |id| [&12_u32.to_le_bytes()[..], &request(id, 7)].concat();
    let greedy = Raw::introduced(&socket).send(&(0..asked).flat_map(status).collect::<Vec<u8>>());

    // Meanwhile others are served: had they to wait for one of these, so would the next lines.
    let bystanders_go_on = std::time::Instant::now();
    others.go_on(&world);
    assert!(bystanders_go_on.elapsed().as_secs() < 8, "they had to wait");

    for mut raw in [nothing, half_magic, half_line] {
        assert_refused(&raw.line(), "hello_first", &["nothing was asked within 10 seconds"]);
        raw.ends();
    }
    let mut only_magic = only_magic;
    expect(&only_magic.refusal(), ErrorCode::HelloFirst, &["nothing was asked within 10 seconds"]);
    only_magic.ends();
    greedy.wait_for_hang_up();
    let answers = frames(&greedy.rest());
    assert!((1..asked).contains(&answers), "{answers} answers for one that does not read");
    let mut quiet = quiet.frame(&request(9, 7));
    assert!(matches!(quiet.message().body, Body::Status(_)), "it may take its time");
}

/// Far more than fits into a socket: how 49 leave, told to each of the 30 behind them.
#[test]
fn who_does_not_read_how_the_queue_moves_keeps_his_places() {
    let world = World::new();
    let more = json!({ "drafts": false });
    let mut lively = world.script();
    let ahead: Vec<String> = (0..50).map(|_| lively.acquire(&["20261123"], &more)).collect();
    let mut deaf = world.script();
    let waiting: Vec<String> = (0..30).map(|_| deaf.acquire(&["20261123"], &more)).collect();
    let mut behind = world.script();
    behind.acquire(&["20261123"], &more);
    behind.expect("queued");
    for session in &ahead[1..] {
        lively.ask(json!({ "op": "cancel", "session": session }), "cancelled");
    }
    while behind.expect_alive("queued")["ahead"] != 31 {}

    // As long as the daemon has patience with one that does not read its answers.
    let status = |id| [&12_u32.to_le_bytes()[..], &request(id, 7)].concat();
    let greedy = Raw::introduced(&world.socket()).send(&(0..1000).flat_map(status).collect::<Vec<u8>>());
    lively.send(json!({ "op": "pong" }));
    greedy.wait_for_hang_up();

    assert_eq!(world.sessions().len(), 32, "the holder, 30 that do not read, one behind them");
    // Once he reads, he hears of the places that he has now.
    for (before, session) in waiting.iter().enumerate() {
        let newest = |said: &Value| said["session"] == **session && said["ahead"] == before + 1;
        while !newest(&deaf.expect_alive("queued")) {}
    }
    lively.release(&ahead[0]);
    deaf.expect_alive("granted");
}
