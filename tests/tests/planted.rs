//! Things that somebody put where ponder expects its own: in the journal's `.ponder`, which a sync tool or
//! a repository may bring, and in slots.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use ponder_endpoint::Record;
use ponder_tests::{World, mkdir, tree};
use rustix::fs::{CWD, Mode, mkfifoat};

const DAY: &str = "20261123";
const SECRET: &str = "secret, and not for the journal\n";

fn fifo(path: &Path) {
    mkfifoat(CWD, path, Mode::from(0o600)).unwrap();
}

/// The endpoint file of a daemon that was killed.
fn endpoint_file(world: &World) -> PathBuf {
    world.ponder(&["append", "-d", DAY, "one"]).run().ok();
    world.daemon().kill();
    let listed = fs::read_dir(world.path("journal/.ponder")).unwrap().flatten().map(|item| item.path());
    listed
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "json"))
        .expect("an endpoint file")
}

#[test]
fn an_endpoint_file_that_is_none_is_passed_over() {
    let world = World::new();
    let file = endpoint_file(&world);
    let valid = world.path("valid");
    fs::rename(&file, &valid).unwrap();
    let before = fs::read(&valid).unwrap();
    let plant: [(&str, &dyn Fn()); 5] = [
        ("a FIFO", &|| fifo(&file)),
        ("a terabyte", &|| File::create(&file).unwrap().set_len(1 << 40).unwrap()),
        ("a link", &|| symlink(&valid, &file).unwrap()),
        ("a link to nothing", &|| symlink("nowhere", &file).unwrap()),
        ("a socket", &|| drop(UnixListener::bind(&file).unwrap())),
    ];
    for (number, (what, plant)) in plant.iter().enumerate() {
        let _ = fs::remove_file(&file); // of the round before
        plant();
        world.ponder(&["status"]).run().code(69).explains(&["no daemon runs for"]);
        world.ponder(&["append", "-d", DAY, what]).run().ok().silent();
        assert_eq!(world.text(DAY).lines().count(), 6 + number, "{what}");
        assert!(
            fs::symlink_metadata(&file).unwrap().is_file(),
            "{what} is still there, and no endpoint file"
        );
        assert_eq!(fs::read(&valid).unwrap(), before, "{what}: what was led to is changed");
        world.daemon().kill();
    }
}

/// An endpoint file that leads to the daemon of another journal: what is written here would go there.
#[test]
fn another_journals_daemon_is_not_gone_to() {
    let (world, other) = (World::new(), World::new());
    endpoint_file(&world);
    other.ponder(&["append", "-d", DAY, "theirs"]).run().ok();
    let record = Record::read(&world.journal()).unwrap();
    let name = record.socket().file_name().unwrap().to_owned();
    // Under its own name, and behind a link that is called as ours would be.
    let link = world.path("elsewhere").join(&name);
    mkdir(&world.path("elsewhere"), 0o700);
    symlink(other.socket(), &link).unwrap();
    let dir = world.path("linked");
    symlink(other.socket().parent().unwrap(), &dir).unwrap();
    for socket in [other.socket(), link, dir.join(other.socket().file_name().unwrap())] {
        let record = Record { socket: socket.as_path().into(), ..record.clone() };
        record.write(&world.journal()).unwrap();
        world.ponder(&["status"]).run().code(69).explains(&["no daemon runs for"]);
        world.ponder(&["append", "-d", DAY, "mine"]).run().ok().silent();
        world.daemon().kill();
    }
    assert_eq!(world.text(DAY).matches("mine\n").count(), 3);
    assert!(other.text(DAY).ends_with("\n\ntheirs\n"), "{}", other.text(DAY));
}

#[test]
fn nothing_is_written_through_links_in_the_journals_own_directory() {
    let world = World::new();
    let file = endpoint_file(&world);
    let (mine, missing) = (world.path("mine"), world.path("missing"));
    fs::write(&mine, SECRET).unwrap();
    let ignore = world.path("journal/.ponder/.gitignore");
    for target in [&mine, &missing] {
        for planted in [&ignore, &file, &file.with_extension("json.new")] {
            let _ = fs::remove_file(planted); // of the round before
            symlink(target, planted).unwrap();
        }
        world.ponder(&["append", "-d", DAY, "text"]).run().ok().silent();
        world.lease(DAY, "echo leased >> \"$PONDER_ENTRY\"").run().ok();
        world.daemon().kill();
    }
    assert_eq!(fs::read_to_string(&mine).unwrap(), SECRET);
    assert!(!missing.exists());
    assert!(world.text(DAY).ends_with("text\nleased\n"));
}

#[test]
fn a_directory_of_the_journals_own_that_leads_elsewhere_is_not_used() {
    let world = World::new();
    world.write(DAY, "before\n");
    let elsewhere = world.path("elsewhere");
    mkdir(&elsewhere, 0o700);
    symlink(&elsewhere, world.path("journal/.ponder")).unwrap();
    let side = world.path("journal/.ponder");
    let parts = [side.to_str().unwrap(), "has to be a directory of ponder's own", "remove it"];
    let append = || world.ponder(&["append", "-d", DAY, "text"]).run();
    append().code(78).explains(&parts);
    // While a daemon runs, too.
    fs::remove_file(&side).unwrap();
    append().ok().silent();
    fs::remove_dir_all(&side).unwrap();
    symlink(&elsewhere, &side).unwrap();
    world.lease(DAY, "echo leased >> \"$PONDER_ENTRY\"").run().code(78).says(parts[0]).says(parts[1]);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "the link was followed");
    assert_eq!(world.text(DAY), "before\ntext\n");
    assert_eq!(world.kept_texts(), ["before\ntext\nleased\n"]);
}

/// What is left in `.ponder` by the name of a daemon's temporary file, when the next one starts.
#[test]
fn temporary_files_that_are_none_are_neither_read_nor_waited_for() {
    let world = World::new();
    let file = endpoint_file(&world);
    let secret = world.path("secret");
    fs::write(&secret, SECRET).unwrap();
    let machine = file.file_name().unwrap().to_str().unwrap().split('.').nth(1).unwrap().to_owned();
    let planted = |number: u8| file.with_file_name(format!("{machine}.{number:016x}.tmp"));
    symlink(&secret, planted(1)).unwrap();
    fifo(&planted(2));
    mkdir(&planted(3), 0o700);
    fs::write(planted(3).join("file"), SECRET).unwrap();
    world.ponder(&["append", "-d", DAY, "two"]).run().ok().silent();
    assert!(world.text(DAY).ends_with("one\ntwo\n") && !world.text(DAY).contains("secret"));
    assert!(world.kept().is_empty(), "{:?}", world.kept());
    assert_eq!(fs::read_to_string(&secret).unwrap(), SECRET);
    assert_eq!(fs::read_to_string(planted(3).join("file")).unwrap(), SECRET);
}

/// Something else is put in the draft's place while its session goes on. It is not read, and the entry
/// stays as it is; the client ends with 78 and says where it is.
fn in_the_drafts_place(plant: impl Fn(&Path, &Path)) -> World {
    let world = World::new();
    world.write(DAY, "before\n");
    let secret = world.path("secret");
    fs::write(&secret, SECRET).unwrap();
    let gate = world.gate("editor");
    let editor = world.editor("slow", &gate.pass("$1"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", editor).start();
    let draft = PathBuf::from(gate.arrival());
    fs::remove_file(&draft).unwrap();
    plant(&draft, &secret);
    gate.open();
    let said = client.wait();
    assert_eq!(world.text(DAY), "before\n");
    assert_eq!(fs::read_to_string(&secret).unwrap(), SECRET);
    assert!(!format!("{}{}{}", said.stdout, said.stderr, world.log()).contains("not for the journal"));
    said.code(78).says(draft.to_str().unwrap());
    // Whoever comes next is not kept waiting, and gets another place.
    world.ponder(&["append", "-d", DAY, "next"]).run().ok().silent();
    world.lease(DAY, "echo leased >> \"$PONDER_ENTRY\"").run().ok();
    assert_eq!(world.text(DAY), "before\nnext\nleased\n");
    for command in [&["recover"][..], &["recover", "show", "20261123.0"], &["recover", "apply", "20261123.0"]]
    {
        let said = world.ponder(command).run();
        assert!(!format!("{}{}", said.stdout, said.stderr).contains("not for the journal"), "{command:?}");
    }
    world.daemon().kill();
    world.ponder(&["append", "-d", DAY, "again"]).run().ok().silent();
    assert_eq!(world.text(DAY), "before\nnext\nleased\nagain\n");
    world
}

#[test]
fn a_link_in_the_drafts_place_is_not_followed() {
    in_the_drafts_place(|draft, secret| symlink(secret, draft).unwrap());
}

#[test]
fn a_fifo_in_the_drafts_place_is_not_waited_for() {
    let world = in_the_drafts_place(|draft, _| fifo(draft));
    let draft = world.state_dir().join("slots/20261123.0/20261123.md");
    assert!(fs::symlink_metadata(draft).unwrap().file_type().is_fifo(), "it is not ours to remove");
}

/// The slot itself becomes a link to a directory with a file of the draft's name.
#[test]
fn a_slot_that_leads_elsewhere_is_not_followed() {
    let world = World::new();
    world.write(DAY, "before\n");
    let elsewhere = world.path("elsewhere");
    mkdir(&elsewhere, 0o700);
    fs::write(elsewhere.join("20261123.md"), SECRET).unwrap();
    let slot = world.state_dir().join("slots/20261123.0");
    let before = tree(&elsewhere);
    let gate = world.gate("editor");
    let editor = world.editor("slow", &gate.pass("$1"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", &editor).start();
    gate.arrival();
    fs::rename(&slot, world.path("moved")).unwrap();
    symlink(&elsewhere, &slot).unwrap();
    gate.open();
    let said = client.wait();
    assert_eq!(world.text(DAY), "before\n");
    assert!(!said.is_ok(), "{}", said.stderr);
    world.daemon().kill();
    // And one that is there before anybody comes.
    world.editor("saves", "echo saved >> \"$1\"");
    let said = world.ponder(&["-d", DAY]).env("EDITOR", "saves").run();
    assert_eq!(tree(&elsewhere), before, "{}", said.stderr);
    assert!(!world.text(DAY).contains("secret"));
    said.ok();
    assert_eq!(world.text(DAY), "before\nsaved\n");
}

/// A draft's place that is taken before anybody comes, without a record: not what an editor saved late.
#[test]
fn a_link_in_a_free_slot_is_nobodys_draft() {
    let world = World::new();
    world.write(DAY, "before\n");
    world.ponder(&["daemon", "start"]).run().ok();
    let (secret, slot) = (world.path("secret"), world.state_dir().join("slots/20261123.0"));
    fs::write(&secret, SECRET).unwrap();
    mkdir(&slot, 0o700);
    symlink(&secret, slot.join("20261123.md")).unwrap();
    world.lease(DAY, "cat \"$PONDER_ENTRY\"; echo leased >> \"$PONDER_ENTRY\"").run().ok();
    assert_eq!(world.text(DAY), "before\nleased\n");
    assert_eq!(fs::read_to_string(&secret).unwrap(), SECRET);
    world.ponder(&["daemon", "restart"]).run().ok();
    let told = world.ponder(&["recover", "show", "20261123.0"]).run();
    assert!(!told.stdout.contains("secret"), "{}", told.stdout);
}
