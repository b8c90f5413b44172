//! Completions: shells take them, and complete with them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::World;

/// The file with what `ponder completions` prints for a shell.
fn completions(world: &World, shell: &str) -> String {
    let printed = world.ponder(&["completions", shell]).run().ok();
    assert!(printed.stderr.is_empty(), "{}", printed.stderr);
    let file = world.path("home").join(shell);
    fs::write(&file, printed.stdout).unwrap();
    file.display().to_string()
}

#[test]
fn bash_completes_commands_and_options() {
    let world = World::new();
    let file = completions(&world, "bash");
    // What bash does at a tab: the words, which of them, and the function that is registered for it.
    let script = r#"source "$0"
        function_of() { set -- $(complete -p ponder); while [ "$1" != -F ]; do shift; done; echo "$2"; }
        COMP_WORDS=(ponder rec) COMP_CWORD=1
        "$(function_of)" ponder rec ponder; echo "${COMPREPLY[@]}"
        COMP_WORDS=(ponder lease --no-d) COMP_CWORD=2
        "$(function_of)" ponder --no-d lease; echo "${COMPREPLY[@]}""#;
    let told = world.program("/bin/bash").arg("-c").arg(script).arg(&file).run().ok();
    assert_eq!((&told.stdout[..], &told.stderr[..]), ("recover\n--no-draft\n", ""));
}

#[test]
fn fish_completes_commands_and_options() {
    let world = World::new();
    let file = completions(&world, "fish");
    let script = format!("source {file}; complete -C 'ponder rec'; complete -C 'ponder lease --no-d'");
    let told = world.program("/usr/bin/fish").arg("--no-config").arg("-c").arg(script).run().ok();
    let words: Vec<_> = told.stdout.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(words, ["recover", "--no-draft"], "{}", told.stderr);
}

#[test]
fn zsh_takes_them() {
    let world = World::new();
    let file = completions(&world, "zsh");
    world.program("/usr/bin/zsh").arg("-n").arg(&file).run().ok().silent();
    // As people load them: completion set up first, then the file.
    let script = r#"autoload -Uz compinit && compinit -u -D && source "$0" && print -- $_comps[ponder]"#;
    let told = world.program("/usr/bin/zsh").arg("-f").arg("-c").arg(script).arg(&file).run().ok();
    assert_eq!((&told.stdout[..], &told.stderr[..]), ("_ponder\n", ""));
}

/// Where it looks by itself, and at a terminal: without one it has no completions.
#[test]
fn elvish_completes_commands_and_options() {
    let world = World::new();
    let file = completions(&world, "elvish");
    let [config, modules] =
        [".config/elvish", ".local/share/elvish/lib"].map(|dir| world.path("home").join(dir));
    for dir in [&config, &modules] {
        fs::create_dir_all(dir).unwrap();
    }
    fs::copy(file, modules.join("ponder.elv")).unwrap();
    fs::write(config.join("rc.elv"), "use ponder\n").unwrap();
    let tmux = world.tmux();
    for (typed, completed) in [("ponder rec", "ponder recover"), ("ponder lease --no-d", "lease --no-draft")]
    {
        let pane = tmux.pane("exec /usr/bin/elvish");
        pane.shows_that("a prompt", |screen| !screen.trim().is_empty());
        pane.type_text(typed).shows(typed);
        let screen = pane.press(&["Tab"]).shows(completed);
        assert!(!screen.contains("xception"), "{screen}");
        pane.press(&["C-c", "C-d"]).exit();
    }
}

#[test]
fn every_shell_has_some() {
    let world = World::new();
    for shell in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
        let events = world.ponder(&["--json", "completions", shell]).run().ok().events();
        let text = events[0]["text"].as_str().unwrap();
        assert!(text.contains("merge-file") && events[0]["event"] == "completions", "{shell}");
    }
    let refused = world.ponder(&["completions", "csh"]).run().code(2);
    assert!(refused.stderr.contains("nushell"), "{}", refused.stderr);
    assert!(world.daemons().is_empty(), "none was started");
}
