//! `ponder service`: what it installs under systemd, and takes away again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::chown;

use ponder_tests::{Service, UserManager, World, give_away, mkdir, tree};

const DAY: &str = "20261123";

#[test]
fn what_was_installed_is_taken_away_and_nothing_else() {
    let manager = UserManager::new();
    let world = &manager.world;
    let units = world.path("home/.config/systemd/user");
    world.write(DAY, "text\n");
    let shown = world.ponder(&["service", "install", "--dry-run"]).run().ok();
    assert!(shown.stdout.contains("ExecStart=") && shown.stderr.contains("would run `systemctl --user"));
    assert!(!units.exists(), "a dry run writes nothing");
    world.ponder(&["service", "status"]).run().code(1).says("there is no service");
    let installed = world.ponder(&["service", "install"]).run().ok();
    assert!(installed.stdout.contains("ProtectSystem=strict"), "it shows what it writes");
    let files = tree(&units);
    world.ponder(&["service", "install"]).run().ok().says("is there already");
    assert_eq!(tree(&units), files);
    // What a person adds is his, and what he changes, too.
    let unit = manager.unit();
    manager.set(&format!("{unit}.service"), "[Service]\nNice=5\n");
    let socket = units.join(format!("{unit}.socket.d/journal.conf"));
    let changed = fs::read_to_string(&socket).unwrap() + "Backlog=5\n";
    fs::write(&socket, &changed).unwrap();
    world.ponder(&["service", "install"]).run().code(78).says("is not ours, or was changed");
    assert_eq!(fs::read_to_string(&socket).unwrap(), changed);
    world.ponder(&["service", "uninstall"]).run().code(1).says("it is left where it is");
    let left: Vec<_> = tree(&units).into_keys().filter(|path| units.join(path).is_file()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    let again = world.ponder(&["service", "uninstall"]).run().code(1).says("it is left where it is");
    assert!(!again.stderr.contains("systemctl"), "nothing is there to be disabled: {}", again.stderr);
    let status = world.ponder(&["service", "status"]).run().code(1).says("there is no service");
    assert!(status.stderr.contains("journal.conf is left of one"), "{}", status.stderr);
    fs::remove_file(&socket).unwrap();
    world.ponder(&["append", "-d", DAY, "more"]).run().ok();
    assert_eq!(world.text(DAY), "text\nmore\n", "the daemon starts by itself again");
    assert_eq!(world.daemons().len(), 1);
}

#[test]
fn where_no_service_manager_runs_nothing_is_written_and_what_was_is_removed() {
    let world = World::of_an_ordinary_user();
    world.write(DAY, "text\n");
    world.ponder(&["service", "install"]).run().code(1).says("nothing was written").says("starts by itself");
    assert_eq!(tree(&world.path("home")).len(), 1, "the home itself");
    let doctor = world.ponder(&["doctor"]).without("HOME").run().code(78).stdout;
    let mended = "service  there is no home directory to put units in: set HOME\n         -> export HOME";
    assert!(doctor.contains(mended), "{doctor}");
    let manager = UserManager::new();
    let world = &manager.world;
    world.write(DAY, "text\n");
    world.ponder(&["service", "install"]).run().ok();
    let elsewhere = world.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    give_away(&elsewhere);
    let without = |arguments: &[&str]| world.ponder(arguments).env("XDG_RUNTIME_DIR", &elsewhere).run();
    assert!(without(&["service", "status"]).ok().stdout.contains("its files are there"));
    // As in a cron job: the daemon runs, and nobody there can ask its manager.
    let bare = world.path("bare");
    mkdir(&bare, 0o700);
    give_away(&bare);
    let doctor = world.ponder(&["--json", "doctor"]).env("XDG_RUNTIME_DIR", &bare).run().ok().events();
    let told = doctor.iter().find(|finding| finding["about"] == "service").unwrap();
    assert!(told["message"].as_str().unwrap().contains("cannot be asked from here"), "{told}");
    assert!(told["detail"].as_str().unwrap().contains("systemctl") && told["next"].is_null(), "{told}");
    let files = tree(&world.path("home/.config"));
    let shown = without(&["service", "uninstall", "--dry-run"]).code(1).says("would remove ").stderr;
    assert!(shown.contains("cannot be reached") && !shown.contains("would run"), "{shown}");
    assert_eq!(tree(&world.path("home/.config")), files);
    // It may still run.
    let told = without(&["service", "uninstall"]).code(1).says("removed ").stderr;
    without(&["service", "status"]).code(1).says("there is no service");
    let config = world.path("home/.config");
    assert_eq!(tree(&config).into_keys().collect::<Vec<_>>(), [config], "of links and directories, too");
    // The manager that could not be reached has it still, and is told what the person is told to tell it.
    let units = [format!("{}.socket", manager.unit()), format!("{}.service", manager.unit())];
    assert_eq!(manager.property(&units[0], "ActiveState"), "active");
    let commands: Vec<_> = told.split('`').filter(|part| part.starts_with("systemctl --user ")).collect();
    let [.., stop, reload] = commands[..] else { panic!("it does not say what to do: {told}") };
    assert!(units.iter().all(|unit| stop.contains(unit.as_str())), "{stop}");
    for command in [stop, reload] {
        world.program("sh").args(&["-c", command]).run().ok();
    }
    assert!(units.iter().all(|unit| manager.property(unit, "ActiveState") == "inactive"));
}

/// In the sandbox nobody can tell root's directories from a stranger's.
#[test]
fn a_service_is_not_installed_where_somebody_else_could_exchange_its_state() {
    let manager = UserManager::new();
    let world = &manager.world;
    let (home, theirs) = (world.path("home"), world.path("home/theirs"));
    mkdir(&theirs, 0o777);
    chown(&theirs, Some(65_534), None).unwrap();
    let install = world.ponder(&["service", "install"]).env("XDG_STATE_HOME", theirs.join("new/state"));
    let told = install.run().code(77).stderr;
    assert!(told.contains(&format!("{} belongs to user 65534, not to you", theirs.display())), "{told}");
    assert_eq!(tree(&home).into_keys().collect::<Vec<_>>(), [home, theirs], "nothing was made");
}

#[test]
fn what_is_gone_by_then_is_not_needed_to_take_it_away() {
    let manager = UserManager::new();
    let world = &manager.world;
    let config = world.path("home/.config");
    for gone in ["ponderd", "journal", "units"] {
        world.write(DAY, "text\n");
        world.ponder(&["service", "install"]).run().ok();
        let unit = manager.unit();
        let is_active = |kind: &str| manager.property(&format!("{unit}.{kind}"), "ActiveState") == "active";
        assert!(is_active("socket") && is_active("service"));
        let ponder = |arguments: &[&str]| match gone {
            "ponderd" => world.ponder(arguments).env("PONDERD", "/nowhere/ponderd"),
            _ => world.ponder(arguments),
        };
        match gone {
            "journal" => fs::remove_dir_all(world.path("journal")).unwrap(),
            "units" => ["service", "socket"].iter().for_each(|kind| {
                fs::remove_file(config.join(format!("systemd/user/ponderd@.{kind}"))).unwrap();
            }),
            _ => {}
        }
        let status = ponder(&["service", "status"]).run();
        if gone == "units" {
            status.code(1).says("there is no service").says("journal.conf is left of one");
        } else {
            assert!(status.ok().stdout.contains(&format!("{unit}.socket: active")), "without {gone}");
        }
        ponder(&["service", "uninstall"]).run().ok();
        assert_eq!(tree(&config).len(), 1, "without {gone}");
        assert!(!is_active("socket") && !is_active("service"), "without {gone}");
        ponder(&["service", "uninstall"]).run().ok().says("there is no service");
    }
}

#[test]
fn a_service_that_failed_is_a_finding() {
    let manager = UserManager::new();
    let world = &manager.world;
    world.write(DAY, "text\n");
    world.ponder(&["service", "install"]).run().ok();
    world.ponder(&["doctor"]).run().ok();
    let unit = format!("{}.service", manager.unit());
    // The socket gives up with a service that it cannot start; nobody else starts that any more.
    let fails = "[Unit]\nStartLimitBurst=1\n[Service]\nExecStart=\nExecStart=/bin/false\nRestart=no\n";
    manager.set(&unit, fails);
    manager.systemctl(&["restart", &unit]).run().code(1);
    manager.wait_for(&unit, "ActiveState", "failed");
    let failed = world.ponder(&["doctor"]).run().code(69).stdout;
    assert!(failed.contains("-> ponder service install"), "{failed}");
    fs::remove_file(world.path("home/.config/systemd/user").join(format!("{unit}.d/test.conf"))).unwrap();
    world.ponder(&["service", "install"]).run().ok();
    world.ponder(&["doctor"]).run().ok();
}

/// Two services of the template, and settings that a person has made for one of them and for both.
#[test]
fn what_a_person_adds_keeps_no_unit_that_nobody_needs() {
    let manager = UserManager::new();
    let world = &manager.world;
    let units = world.path("home/.config/systemd/user");
    let other = world.path("home/other").display().to_string();
    let template = ["ponderd@.service", "ponderd@.socket"].map(|name| units.join(name));
    let are_there = || template.each_ref().map(|path| path.exists());
    let first: &[&str] = &["service"];
    let second = &["--journal", &other, "service"];
    world.write(DAY, "text\n");
    for journal in [first, second] {
        world.ponder(journal).arg("install").run().ok();
    }
    manager.set(&format!("{}.service", manager.unit()), "[Service]\nNice=5\n");
    manager.set("ponderd@.service", "[Service]\nNice=6\n");
    world.ponder(first).arg("uninstall").run().ok();
    assert_eq!(are_there(), [true; 2], "the other one needs them");
    world.ponder(second).arg("uninstall").run().ok();
    assert_eq!(are_there(), [false; 2]);
    let left = tree(&units).into_keys().filter(|path| path.ends_with("test.conf")).count();
    assert_eq!(left, 2, "the person's own are left alone");
}

/// The journal of somebody who has not said which.
#[test]
fn the_usual_journals_service_has_the_usual_name() {
    let manager = UserManager::new();
    let world = &manager.world;
    let ponder = |arguments: &[&str]| world.ponder(arguments).without("PONDER_DIR").run();
    ponder(&["service", "install"]).ok().says("; `ponder service status` shows it");
    let systemctl = |arguments: &[&str]| manager.systemctl(arguments).without("PONDER_DIR").run().ok().stdout;
    let pid = || manager.property("ponderd.service", "MainPID");
    ponder(&["append", "-d", DAY, "text"]).ok();
    let (before, daemon) = (pid(), world.daemon());
    assert_eq!(before, daemon.0.to_string());
    systemctl(&["restart", "ponderd"]);
    assert!(pid() != before && pid() == world.daemon().0.to_string());
    ponder(&["append", "-d", DAY, "more"]).ok();
    let entry = world.path("home/Documents/rubberducks").join(format!("{DAY}.md"));
    assert!(fs::read_to_string(&entry).unwrap().ends_with("\ntext\nmore\n"));
    manager.wait_for("ponderd.service", "StatusText", "nobody has a lease");
    let shown = systemctl(&["status", "--no-pager", "ponderd"]);
    assert!(shown.contains("Status: \"nobody has a lease\""), "{shown}");
    assert!(ponder(&["service", "status"]).ok().stdout.contains("ponderd.service: active"));
    ponder(&["service", "uninstall"]).ok();
    let config = world.path("home/.config");
    assert_eq!(tree(&config).into_keys().collect::<Vec<_>>(), [config]);
    assert!(world.daemons().is_empty() && entry.exists());
}

#[test]
fn what_it_would_write_is_shown_before_there_is_a_journal() {
    let manager = UserManager::new();
    let world = &manager.world;
    let printed = world.ponder(&["service", "print"]).run().ok().stdout;
    let shown = world.ponder(&["service", "install", "--dry-run"]).run().ok();
    assert_eq!(shown.stdout, printed);
    world.ponder(&["service", "status"]).run().code(1).says("there is no service");
    assert!(!world.path("journal").exists());
    let installed = world.ponder(&["service", "install"]).run().ok();
    assert_eq!(installed.stdout, printed, "the journal that was made is the one that was shown");
    assert_eq!(manager.property(&format!("{}.service", manager.unit()), "ActiveState"), "active");
}

#[test]
fn the_daemon_waits_as_long_as_who_installs_the_service_says() {
    let service = Service::installed();
    let world = service.world();
    assert!(!service.is("Environment").contains("PONDER_WINDOW"), "{}", service.is("Environment"));
    let install = world.ponder(&["service", "install"]);
    install.env("PONDER_WINDOW", "0.2").env("PONDER_GRACE", "3").run().ok();
    let environment = service.daemon().environment();
    assert_eq!((&*environment["PONDER_WINDOW"], &*environment["PONDER_GRACE"]), ("0.2", "3"));
}

#[test]
fn any_path_can_be_the_journal() {
    let manager = UserManager::new();
    let world = &manager.world;
    for name in ["it's two words", "50%h \"so\"", "back\\slash", "$HOME ${HOME}", "f\u{fc}r", "-dash"] {
        let journal = world.path("home").join(name);
        let ponder = |arguments: &[&str]| world.ponder(&["--journal"]).arg(&journal).args(arguments).run();
        let installed = ponder(&["service", "install"]).ok().stderr;
        let command = installed.rsplit('`').nth(1).expect("it names a command");
        let shown = world.program("sh").args(&["-c", command]).run().ok().stdout;
        assert!(shown.contains(".service: active"), "{command}: {shown}");
        ponder(&["append", "-d", DAY, "text"]).ok();
        assert!(fs::read_to_string(journal.join("20261123.md")).unwrap().ends_with("text\n"), "{name}");
        let told = ponder(&["service", "status"]).ok().stdout;
        assert!(told.contains(".service: active"), "{name}: {told}");
        ponder(&["service", "uninstall"]).ok();
    }
    assert!(!world.path("home/.config/systemd/user/ponderd@.service").exists());
    // A place that the unit hides from others; and one that no unit can name.
    let dir = tempfile::tempdir_in("/var/tmp").unwrap();
    give_away(dir.path());
    let ponder = |arguments: &[&str]| world.ponder(arguments).env("PONDER_DIR", dir.path()).run();
    ponder(&["service", "install"]).ok();
    ponder(&["append", "-d", DAY, "text"]).ok();
    assert!(ponder(&["service", "status"]).ok().stdout.contains(".service: active"));
    ponder(&["service", "uninstall"]).ok();
    let odd = world.path("home").join("line\nbreak");
    let install = world.ponder(&["service", "install"]).env("PONDER_DIR", &odd);
    install.run().code(78).says("line\\nbreak").says("a unit file cannot hold");
    assert!(!odd.exists(), "it is refused before anything is made");
}

#[test]
fn any_path_can_be_the_daemons() {
    let manager = UserManager::new();
    let world = &manager.world;
    for name in [
        "it's two words",
        "50%h \"so\"",
        "back\\slash",
        "$HOME ${HOME}",
        "it's $HOME ${HOME}",
        "f\u{fc}r",
        "-dash",
    ] {
        let program = world.path("home").join(name).join("ponderd");
        mkdir(program.parent().unwrap(), 0o755);
        fs::copy(world.path("bin/ponderd"), &program).unwrap();
        world.ponder(&["service", "install"]).env("PONDERD", &program).run().ok();
        world.ponder(&["append", "-d", DAY, "text"]).run().ok();
        let daemon = world.daemon();
        assert_eq!(fs::read_link(daemon.proc("exe")).unwrap(), program);
        assert_eq!(manager.property(&format!("{}.service", manager.unit()), "MainPID"), daemon.0.to_string());
        world.ponder(&["service", "uninstall"]).run().ok();
    }
}

#[test]
fn the_unit_leaves_little_to_an_attacker() {
    let manager = UserManager::new();
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/../systemd/ponderd.service");
    let judged = manager
        .world
        .program("systemd-analyze")
        .arg("security")
        .arg("--user")
        .arg("--offline=true")
        .arg("--no-pager")
        .arg(copy(&manager.world, unit))
        .run()
        .ok()
        .stdout;
    let last = judged.lines().last().unwrap();
    let exposure = last.split_once("ponderd.service: ").unwrap().1.split(' ').next().unwrap();
    assert!(exposure.parse::<f64>().unwrap() <= 1.0, "{judged}");
}

/// The unit where its user can read it.
fn copy(world: &World, unit: &str) -> String {
    let path = world.path("home/ponderd.service");
    fs::copy(unit, &path).unwrap();
    path.display().to_string()
}
