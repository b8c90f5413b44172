//! `install.sh --uninstall` where something still runs what is to go.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use ponder_tests::{UserManager, World, pidfd_wait, repository, tree, write};

const DAY: &str = "20261123";

/// A service manager that ends nothing.
const ENDS_NOTHING: &str = r#"case "$*" in
    "service print") printf 'Environment="PONDER_DIR=%s"\n' "$PONDER_DIR" ;;
    *uninstall) echo "it does not end" >&2; exit 1 ;;
esac
"#;

#[test]
fn where_a_service_does_not_end_everything_stays_that_ends_it() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", ENDS_NOTHING);
    world.install_script(&release).arg("--service").run().ok();
    let before = tree(&world.path("home"));
    let uninstall = || world.install_script(&release).arg("--uninstall").run();
    uninstall().code(1).says("it does not end").says("nothing is removed");
    assert_eq!(tree(&world.path("home")), before);
}

#[test]
fn where_a_unit_was_changed_everything_stays_until_that_is_gone() {
    let manager = UserManager::new();
    let world = &manager.world;
    let release = world.release();
    world.install_script(&release).arg("--service").run().ok();
    let units = world.path("home/.config/systemd/user");
    let changed = units.join(format!("{}.service.d/journal.conf", manager.unit()));
    let text = std::fs::read_to_string(&changed).unwrap();
    std::fs::write(&changed, format!("{text}# mine\n")).unwrap();
    let installed = tree(&world.path("home"));
    let uninstall = || world.install_script(&release).arg("--uninstall").run();
    let _told = uninstall().code(1).says("was changed since it was written").says("remove what was changed");
    assert_eq!(tree(&world.path("home")), installed);
    std::fs::remove_file(&changed).unwrap();
    uninstall().ok();
    assert!(!world.path("home/.local").exists());
}

/// In a shell of `su`, say. With its files gone the service would run on, and nobody would know of it.
#[test]
fn where_the_service_manager_is_out_of_reach_everything_stays() {
    let manager = UserManager::new();
    let world = &manager.world;
    let release = world.release();
    world.install_script(&release).arg("--service").run().ok();
    let installed = tree(&world.path("home"));
    let uninstall = || world.install_script(&release).arg("--uninstall");
    let told = uninstall().env("XDG_RUNTIME_DIR", "/nowhere").run().code(1).says("cannot be reached");
    let _told = told.says("nothing is removed").says("again in a shell of your own login");
    assert_eq!(tree(&world.path("home")), installed);
    let socket = format!("{}.socket", manager.unit());
    assert_eq!(manager.property(&socket, "ActiveState"), "active");
    uninstall().run().ok();
    assert_eq!(manager.property(&socket, "ActiveState"), "inactive");
    assert!(!world.path("home/.local").exists());

    // And where none will ever be.
    world.install_script(&release).arg("--service").run().ok();
    let told = uninstall().env("XDG_RUNTIME_DIR", "/nowhere").run().code(1).stderr;
    let command = told.split('`').rfind(|part| part.ends_with("service uninstall")).expect("it names one");
    let by_hand = world.program("sh").args(&["-c", command]).env("XDG_RUNTIME_DIR", "/nowhere").run();
    by_hand.code(1).says("removed ");
    uninstall().env("XDG_RUNTIME_DIR", "/nowhere").run().ok();
    assert!(!world.path("home/.local").exists());
}

#[test]
fn a_program_of_somebody_else_is_not_run() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", ENDS_NOTHING);
    world.install_script(&release).arg("--service").run().ok();
    let unit = world.path("home/.config/systemd/user/ponderd@x.service.d/journal.conf");
    let [ponder, daemon] = ["ponder", "ponderd"].map(|name| world.path("home/.local/bin").join(name));
    write(&ponder, &format!("#!/bin/sh\n: >{}\n", world.path("home/it-ran").display()));
    fs::create_dir_all(unit.parent().unwrap()).unwrap();
    let journal = world.path("journal").display().to_string();
    let service = format!(
        "Environment=\"PONDER_DIR={journal}\"\nExecStart=\nExecStart=\"{}\" --activated --journal x\n",
        daemon.display()
    );
    write(&unit, &service);
    let before = tree(&world.path("home"));
    let uninstall = || world.install_script(&release).arg("--uninstall").run();
    uninstall().code(1).says(&format!("'ponder' --journal '{journal}' service uninstall"));
    assert_eq!(tree(&world.path("home")), before);
    // Somebody has ended it.
    fs::remove_file(&unit).unwrap();
    uninstall().code(1).says(&format!("leaves {}", ponder.display())).says("if it still is there");
    assert!(!daemon.exists() && !world.path("home/it-ran").exists());
}

#[test]
fn services_that_were_installed_by_hand_are_not_orphaned() {
    let manager = UserManager::new();
    let world = &manager.world;
    let release = world.release();
    let before = tree(&world.path("home"));
    let prefix = world.path("home/it's \"a prefix\", 50%h, ${HOME} and back\\slash");
    world.install_script(&release).arg("--prefix").arg(&prefix).run().ok();
    let ponder = prefix.join("bin/ponder");
    let other = world.path("home/it's 100% \"other\"").display().to_string();
    let first = world.path("journal").display().to_string();
    for journal in [&other, &first] {
        world.program(&ponder).args(&["--journal", journal, "service", "install"]).run().ok();
    }
    let installed = tree(&world.path("home"));
    let script = prefix.join("share/ponder");
    let told =
        world.install_script(&script).arg("--uninstall").run().code(1).says("nothing is removed").stderr;
    assert_eq!(tree(&world.path("home")), installed);
    let commands: Vec<_> = told.lines().filter(|line| line.ends_with("service uninstall")).collect();
    assert_eq!(commands.len(), 2, "{told}");
    for command in commands {
        world.program("sh").args(&["-c", command]).run().ok();
    }
    let told = world.install_script(&script).arg("--uninstall").run().ok().stdout;
    assert!(!told.contains("kill"), "{told}");
    let mut after = tree(&world.path("home"));
    after.retain(|path, _| {
        let systemds = [".config", "systemd", "user"].iter().any(|name| path.ends_with(name));
        !systemds && !path.starts_with(&other)
    });
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert!(world.daemons().is_empty());
}

#[test]
fn an_agent_of_launchd_is_known() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    world.install_script(&release).run().ok();
    let agents = world.path("home/Library/LaunchAgents");
    fs::create_dir_all(&agents).unwrap();
    let agent = fs::read_to_string(repository().join("systemd/launchd/ponderd.plist")).unwrap();
    let daemon = world.path("home/.local/bin/ponderd").display().to_string();
    let agent = agent.replace("@PROGRAM@", &daemon).replace("@JOURNAL@", "/to &amp; &lt;fro&gt;");
    write(&agents.join("ponderd.x.plist"), &agent);
    let before = tree(&world.path("home"));
    world.install_script(&release).arg("--uninstall").run().code(1).says("--journal '/to & <fro>' service");
    assert_eq!(tree(&world.path("home")), before);
}

#[test]
fn a_daemon_that_stays_is_named() {
    let world = World::of_an_ordinary_user();
    let release = world.release();
    world.install_script(&release).run().ok();
    let ponder = world.path("home/.local/bin/ponder");
    world.program(&ponder).args(&["append", "-d", DAY, "text"]).run().ok();
    let daemon = world.daemon();
    let told = world.install_script(&release).arg("--uninstall").run().ok().stdout;
    let (_, command) = told.split_once('`').expect("it names a command");
    let command = command.split('`').next().unwrap();
    assert_eq!(command, format!("kill {}", daemon.0));
    assert!(!Path::new(&ponder).exists());
    world.program("sh").args(&["-c", command]).run().ok();
    assert!(pidfd_wait(daemon.0));
    assert!(world.text(DAY).ends_with("\ntext\n"));
}
