//! `install.sh` and the services that run what it has put somewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;

use ponder_tests::{Program, UserManager, World, tree, write};

const DAY: &str = "20261123";

/// A `ponder` that knows what a service is, and makes none.
const PRINTS_A_UNIT: &str = r#"[ "$*" != "service print" ] || printf 'Environment="PONDER_DIR=%s"\n' "$PONDER_DIR"
"#;

#[test]
fn the_service_comes_and_goes_with_it() {
    let manager = UserManager::new();
    let world = &manager.world;
    let release = world.release();
    let before: Vec<_> = tree(&world.path("home")).into_keys().collect();
    world.install_script(&release).arg("--service").run().ok();
    let unit = format!("{}.service", manager.unit());
    let installed = world.path("home/.local/bin");
    let starts = manager.property(&unit, "ExecStart");
    assert!(starts.contains(installed.join("ponderd").to_str().unwrap()), "{starts}");
    world.program(installed.join("ponder")).arg("append").arg("-d").arg(DAY).arg("text").run().ok();
    assert_eq!(manager.property(&unit, "ActiveState"), "active");

    // Another version, and the list still has the service.
    fs::OpenOptions::new().append(true).open(release.join("bin/ponderd")).unwrap().write_all(b"\n").unwrap();
    let told = world.install_script(&release).run().ok().stdout;
    let journal = world.path("journal").display().to_string();
    let ponder = installed.join("ponder").display().to_string();
    let command = format!("'{ponder}' --journal '{journal}' service install");
    assert!(told.contains("daemon restart") && told.contains(&format!("`{command}`")), "{told}");
    world.program("sh").args(&["-c", &command]).run().ok();
    world.install_script(&release).arg("--uninstall").run().ok();
    assert_eq!(manager.property(&unit, "ActiveState"), "inactive");
    let mut after: Vec<_> = tree(&world.path("home")).into_keys().collect();
    // systemd's own directory may stay.
    after.retain(|path| !path.ends_with(".config") && !path.ends_with("systemd") && !path.ends_with("user"));
    assert_eq!(after, before);
    assert!(world.text(DAY).ends_with("\ntext\n"));
}

/// With the path that `PONDER_DIR` meant then, whatever its variables mean now.
#[test]
fn the_service_of_a_journal_goes_whatever_its_name() {
    let manager = UserManager::new();
    let world = &manager.world;
    let release = world.release();
    let named = world.path("home/50% $ROOM \\ ");
    let install = world.install_script(&release).arg("--service");
    install.env("PONDER_DIR", "${ROOM}").env("ROOM", &named).run().ok();
    assert!(named.exists());
    let units = world.path("home/.config/systemd/user");
    assert!(fs::read_dir(&units).unwrap().count() > 0);
    world.install_script(&release).arg("--uninstall").env("ROOM", "/nowhere").run().ok();
    let left: Vec<_> = tree(&units).into_keys().filter(|path| !path.is_dir()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Whichever are there, and not those that were once.
#[test]
fn another_version_names_the_services_that_have_the_old_units() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", PRINTS_A_UNIT);
    let unit = world.path("home/.config/systemd/user/ponderd@x.service.d/journal.conf");
    let upgrade = |arguments: &[&str]| {
        fs::OpenOptions::new()
            .append(true)
            .open(release.join("bin/ponderd"))
            .unwrap()
            .write_all(b"\n")
            .unwrap();
        let program = world.install_script(&release).env("PONDER_DIR", "/usual");
        let told = arguments.iter().fold(program, Program::arg).run().ok().stdout;
        told.lines().filter(|line| line.contains("service install")).map(str::to_owned).collect::<Vec<_>>()
    };
    let first = world.install_script(&release).arg("--service").env("PONDER_DIR", "/it's another");
    let told = first.run().ok().stdout;
    assert!(!told.contains("old units"), "{told}");
    assert_eq!(upgrade(&[]), [""; 0], "it never came to be");
    fs::create_dir_all(unit.parent().unwrap()).unwrap();
    let daemon = world.path("home/.local/bin/ponderd").display().to_string();
    let text = |journal: &str| {
        format!("Environment=\"PONDER_DIR={journal}\"\nExecStart=\"{daemon}\" --activated --journal x\n")
    };
    write(&unit, &text("/it's another"));
    let told = upgrade(&[]);
    assert!(told.len() == 1 && told[0].contains(r"--journal '/it'\''s another' service install"), "{told:?}");
    write(&unit, &text("/usual"));
    assert_eq!(upgrade(&["--service"]), [""; 0], "it has the new ones");
}
