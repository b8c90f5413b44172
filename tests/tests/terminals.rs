//! vim and others in real terminals: who waits, and what a save is.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use ponder_tests::{Pane, Tmux, World, wait_until};

const DAY: &str = "20261123";

/// A terminal with vim on the entry.
fn vim(tmux: &Tmux) -> Pane<'_> {
    let pane = tmux.pane(&format!("EDITOR=vim exec ponder -d {DAY}"));
    pane.shows("# November 23, 2026: Monday");
    pane
}

/// The entry, once it is as `right` wants it.
fn entry_with(world: &World, part: &str) -> String {
    wait_until(part, || Some(world.text(DAY)).filter(|text| text.contains(part)))
}

/// The draft that is open, without a word to the daemon.
fn draft(world: &World) -> PathBuf {
    world.state_dir().join("slots/20261123.0/20261123.md")
}

#[test]
fn two_terminals_on_the_same_entry_and_an_append_between_them() {
    let world = World::new();
    let tmux = world.tmux();
    let first = vim(&tmux);
    first.type_text("Gofrom the first").vim(":w");
    entry_with(&world, "from the first");

    let second = tmux.pane(&format!("EDITOR=vim exec ponder -d {DAY}"));
    let holder = world.sessions()[0].clone();
    let (pid, terminal) = (&holder["pid"], first.terminal());
    assert_eq!(holder["terminal"], terminal);
    let terminal = terminal.strip_prefix("/dev/").unwrap();
    let line = second.shows("waiting for 2026-11-23: ");
    assert!(line.contains(&format!(": vim (pid {pid}, {terminal}) has it since 1")), "{line}");
    assert!(line.contains("1 ahead of you"), "{line}");

    // Somebody who only adds a line waits for nobody.
    world.ponder(&["append", "-d", DAY, "from cron"]).run().ok();
    assert!(world.text(DAY).ends_with("from the first\nfrom cron\n"), "{}", world.text(DAY));
    assert_eq!(world.sessions().len(), 2, "both are where they were");

    first.type_text("Gofrom the first again").vim(":wq");
    assert_eq!(first.exit(), 0);
    let screen = second.shows("from the first again");
    assert!(screen.contains("from cron") && !screen.contains("waiting for"), "{screen}");
    second.type_text("Gofrom the second").vim(":wq");
    assert_eq!(second.exit(), 0);

    let text = world.text(DAY);
    let lines: Vec<&str> = text.lines().skip(4).collect();
    assert_eq!(lines, ["from the first", "from the first again", "from cron", "from the second"], "{text}");
    assert!(world.kept().is_empty());
}

#[test]
fn saved_means_saved_while_vim_stays_open() {
    let world = World::new();
    let tmux = world.tmux();
    let pane = vim(&tmux);
    let inode = || fs::metadata(draft(&world)).unwrap().ino();
    let before = inode();
    pane.type_text("Goone").vim(":w");
    entry_with(&world, "\none\n");
    assert_ne!(inode(), before, "this vim writes in place: the test no longer shows a save by rename");
    pane.type_text("Gotwo").vim(":set backupcopy=yes").vim(":w");
    entry_with(&world, "\none\ntwo\n");
    pane.type_text("Gonever").vim(":q!");
    assert_eq!(pane.exit(), 0);
    assert!(world.text(DAY).ends_with("\none\ntwo\n"), "{}", world.text(DAY));
    assert!(world.kept().is_empty());
}

#[test]
fn a_file_that_is_renamed_in_is_a_save_too() {
    let world = World::new();
    let gate = world.gate("editor");
    let script =
        format!("cp \"$1\" \"$1~\"; echo renamed >> \"$1~\"; mv \"$1~\" \"$1\"; {}", gate.pass("here"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("renames", &script)).start();
    gate.arrival();
    entry_with(&world, "\nrenamed\n");
    gate.open();
    client.wait().ok();
    assert!(world.kept().is_empty());
}

#[test]
fn a_failing_vim_keeps_what_it_saved() {
    let world = World::new();
    let tmux = world.tmux();
    let pane = vim(&tmux);
    pane.type_text("Gosaved").vim(":w").vim(":cq");
    assert_eq!(pane.exit(), 1);
    assert!(world.text(DAY).ends_with("\nsaved\n"), "{}", world.text(DAY));
}

#[test]
fn ctrl_c_in_the_editor_belongs_to_the_editor() {
    let world = World::new();
    let tmux = world.tmux();
    let pane = vim(&tmux);
    // Each key waits for the last one's effect: a Ctrl-C throws away what was typed and not read.
    pane.type_text("Goinserted").shows("inserted");
    pane.press(&["C-c"]).shows_that("normal mode", |screen| !screen.contains("-- INSERT --"));
    pane.press(&["C-c"]).shows(":qa");
    pane.vim(":wq");
    assert_eq!(pane.exit(), 0);
    assert!(world.text(DAY).ends_with("\ninserted\n"), "{}", world.text(DAY));

    // The same with an editor that shows that it got the signal. No shell: its `read` would miss
    // one that comes just before it.
    let gate = world.gate("editor");
    let python = "import signal, subprocess, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
subprocess.run(sys.argv[2], shell=True, check=True)
signal.sigwait({signal.SIGINT})
open(sys.argv[1], 'a').write('saved by ctrl-c\\n')";
    world.editor(
        "traps",
        &format!("exec python3 -I -c \"{python}\" \"$1\" \"{}\"", gate.tell("here").replace('"', "")),
    );
    let pane = tmux.pane(&format!("EDITOR=traps exec ponder -d {DAY}"));
    gate.arrival();
    pane.press(&["C-c"]);
    assert_eq!(pane.exit(), 0);
    assert!(world.text(DAY).ends_with("\ninserted\nsaved by ctrl-c\n"), "{}", world.text(DAY));
}

#[test]
fn ctrl_c_while_waiting_leaves_at_once() {
    let world = World::new();
    let tmux = world.tmux();
    let holder = vim(&tmux);
    let waiter = tmux.pane(&format!("EDITOR=vim exec ponder -d {DAY}"));
    waiter.shows("waiting for 2026-11-23: vim");
    waiter.press(&["C-c"]);
    assert_eq!(waiter.exit(), 130);
    let screen = waiter.shows("you left the queue; nothing was changed");
    assert!(!screen.contains("waiting for"), "the line is gone: {screen}");
    assert_eq!(world.sessions().len(), 1);
    holder.vim(":q");
    assert_eq!(holder.exit(), 0);
}

#[test]
fn ponder_inside_vim_appends_and_does_not_hang() {
    let world = World::new();
    let tmux = world.tmux();
    let pane = vim(&tmux);
    pane.type_text("Gofrom vim").vim(&format!(":!ponder append -d {DAY} from inside && echo do\"\"ne"));
    pane.shows("done");
    pane.press(&["Enter"]);
    entry_with(&world, "from inside\n");

    pane.vim(&format!(":!EDITOR=vim ponder -d {DAY}; echo code $?."));
    let screen = pane.shows("code 75.");
    assert!(screen.contains("would deadlock"), "{screen}");
    // Another day is nobody's business.
    pane.press(&["Enter"]).vim(":!ponder lease -d 20261124 -- true; echo code $?.");
    pane.shows("code 0.");
    pane.press(&["Enter"]).vim(":wq");
    assert_eq!(pane.exit(), 0);
    assert!(world.text(DAY).ends_with("\n\nfrom vim\nfrom inside\n"), "{}", world.text(DAY));
}
