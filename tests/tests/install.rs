//! `install.sh`: everything in its place for a fresh user, and nothing of it afterwards.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ponder_tests::{Program, World, chmod, link, tree, write};

const DAY: &str = "20261123";

/// Puts something at a path.
type Makes = fn(&Path);

/// Two trees are alike; what is not, is named without the rest.
#[track_caller]
fn same(found: &BTreeMap<PathBuf, String>, expected: &BTreeMap<PathBuf, String>, when: &str) {
    let differ = |path: &&PathBuf| found.get(*path) != expected.get(*path);
    let names: BTreeSet<_> = found.keys().chain(expected.keys()).filter(differ).collect();
    assert!(names.is_empty(), "{when}: {names:?}");
}

#[test]
fn a_fresh_user_has_everything_in_its_place_and_nothing_afterwards() {
    let world = World::of_an_ordinary_user();
    let release = world.release();
    let home = world.path("home");
    let before = tree(&home);
    let told = world.install_script(&release).run().ok();
    assert!(told.stdout.contains(".local/bin/ponderd") && told.stderr.is_empty(), "{}", told.stdout);
    assert!(!told.stdout.contains("not in your PATH"), "{}", told.stdout);

    let installed = home.join(".local/bin/ponder");
    world.program(&installed).arg("append").arg("-d").arg(DAY).arg("text").run().ok().silent();
    let daemon = fs::read_link(format!("/proc/{}/exe", world.daemon().0)).unwrap();
    assert_eq!(daemon, home.join(".local/bin/ponderd"));
    // Where fish and man look without being told.
    let fish = world.program("/usr/bin/fish").arg("-c").arg("complete -C 'ponder rec'").run().ok().stdout;
    assert!(fish.starts_with("recover"), "{fish}");
    let page = home.join(".local/share/man/man1/ponder.1");
    assert_eq!(fs::read_to_string(page).unwrap(), world.ponder(&["man"]).run().ok().stdout);
    world.program(&installed).arg("daemon").arg("stop").run().ok();

    let journal = tree(&world.path("journal"));
    world.install_script(&home.join(".local/share/ponder")).arg("--uninstall").run().ok();
    let mut after = tree(&home);
    // fish's own.
    after.retain(|path, _| ![".config", ".cache"].iter().any(|name| path.starts_with(home.join(name))));
    same(&after, &before, "taken away");
    same(&tree(&world.path("journal")), &journal, "the journal");
    let again = world.install_script(&release).arg("--uninstall").run().ok();
    assert!(again.stdout.contains("nothing was installed"), "{}", again.stdout);
}

#[test]
fn a_second_time_changes_nothing() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    world.install_script(&release).run().ok();
    let first = tree(&world.path("home"));
    let told = world.install_script(&release).run().ok().stdout;
    assert!(!told.contains("puts ") && !told.contains("daemon restart"), "{told}");
    same(&tree(&world.path("home")), &first, "a second time");
}

#[test]
fn another_version_replaces_what_was_put_there_and_removes_the_rest() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    write(&release.join("share/man/man1/ponder-old.1"), "old");
    world.install_script(&release).run().ok();
    let old = world.path("home/.local/share/man/man1/ponder-old.1");
    assert!(old.exists());
    fs::remove_file(release.join("share/man/man1/ponder-old.1")).unwrap();
    write(&release.join("bin/ponderd"), "#!/bin/sh\n# new\n");
    let told = world.install_script(&release).run().ok().stdout;
    assert!(told.contains("daemon restart"), "{told}");
    assert!(!old.exists());
    let daemon = world.path("home/.local/bin/ponderd");
    assert_eq!(fs::read_to_string(&daemon).unwrap(), "#!/bin/sh\n# new\n");
    world.program(&daemon).run().ok();
}

#[test]
fn what_somebody_else_has_put_there_is_in_the_way() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    let home = world.path("home");
    let files = ["bin/ponder", "share/ponder/installed", "bin", "share/man"].map(Path::new);
    let foreign: [(&str, Makes); 3] = [
        ("a file", |path| write(path, "mine")),
        ("a link that leads nowhere", |path| link(Path::new("nowhere"), path)),
        ("a directory", |path| fs::create_dir(path).unwrap()),
    ];
    for file in files {
        let path = home.join(".local").join(file);
        // A directory is right where one has to be.
        let count = if file.ends_with("bin") || file.ends_with("man") { 2 } else { 3 };
        for (what, make) in &foreign[..count] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            make(&path);
            let before = tree(&home);
            let what = format!("{what} in the place of {}", file.display());
            let told = world.install_script(&release).run().code(1).says("--prefix").stderr;
            assert!(told.lines().any(|line| Path::new(line) == path), "{what}: {told}");
            same(&tree(&home), &before, &what);
            let told = world.install_script(&release).arg("--uninstall").run();
            let is_list = file.ends_with("installed");
            if is_list {
                told.code(1).says("is not from this script")
            } else {
                told.ok()
            };
            same(&tree(&home), &before, &format!("{what}, and nothing to take away"));
            fs::remove_dir_all(home.join(".local")).unwrap();
        }
    }
}

/// Whoever reads a page in it finds what the page has a link to.
#[test]
fn every_link_in_a_release_leads_to_a_file() {
    let world = World::new();
    let release = world.release();
    let pages =
        tree(&release).into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "md"));
    let mut seen = 0;
    for (page, text) in pages {
        for link in text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()) {
            if !link.is_empty() && !link.contains(':') {
                assert!(page.with_file_name(link).is_file(), "{} has a link to {link}", page.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen} links");
}

#[test]
fn what_was_changed_or_added_since_stays() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    world.install_script(&release).run().ok();
    let home = world.path("home");
    let [changed, added] =
        ["bin/ponder", "share/man/man1/other.1"].map(|name| home.join(".local").join(name));
    write(&changed, "mine");
    write(&added, "mine");
    let before = tree(&home);
    world.install_script(&release).run().code(1).says(changed.to_str().unwrap());
    same(&tree(&home), &before, "nothing is replaced where something is in the way");
    world.install_script(&release).arg("--uninstall").run().code(1).says(changed.to_str().unwrap());
    let mut files = tree(&home);
    files.retain(|_, content| !content.ends_with(" directory"));
    assert_eq!(files.into_keys().collect::<Vec<_>>(), [changed, added]);
}

/// Whatever fails on the way: the next run knows what is ours.
#[test]
fn one_that_failed_is_completed_or_taken_away_by_the_next() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    let home = world.path("home");
    let before = tree(&home);
    let uninstall = |when: &str| {
        world.install_script(&release).arg("--uninstall").run().ok();
        same(&tree(&home), &before, when);
    };
    world.install_script(&release).run().ok();
    let whole = tree(&home);
    uninstall("after a whole one");

    // Every file gets its name by one mv; the list gets it twice.
    let files = whole.values().filter(|content| !content.ends_with(" directory")).count();
    for at in (0..=files).step_by(4) {
        let fails = || {
            let tools = mv_that_fails(&world, at);
            let path = format!("{}:/usr/bin:/bin", tools.display());
            world.install_script(&release).env("PATH", path).run().code(9);
        };
        fails();
        uninstall(&format!("after step {at}"));
        fails();
        world.install_script(&release).run().ok();
        same(&tree(&home), &whole, &format!("completed after step {at}"));
        uninstall(&format!("completed after step {at}, and taken away"));
    }
}

/// A directory with an `mv` that does its work so many times, and then fails once.
fn mv_that_fails(world: &World, at: usize) -> PathBuf {
    let [tools, count] = ["tools", "state/count"].map(|name| world.path(name));
    let _ = fs::remove_file(&count); // of the last one
    fs::create_dir_all(&tools).unwrap();
    let count = count.display();
    let mv = format!(
        "#!/bin/sh\nat=$(cat '{count}' 2>/dev/null || echo 0)\necho $((at + 1)) >'{count}'\n\
         [ \"$at\" -ne {at} ] || exit 9\nexec /bin/mv \"$@\"\n"
    );
    write(&tools.join("mv"), &mv);
    for path in [&tools, &tools.join("mv")] {
        chmod(path, 0o755);
    }
    tools
}

#[test]
fn it_says_where_the_programs_are_found() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    let prefix = world.path("home/a prefix");
    let with = |path: &str| {
        let told = world.install_script(&release).arg("--prefix").arg(&prefix).env("PATH", path).run().ok();
        told.stdout
    };
    assert!(with("/usr/bin:/bin").contains("not in your PATH"));
    let [bin, other] = ["home/a prefix/bin", "bin"].map(|name| world.path(name).display().to_string());
    let told = with(&format!("{bin}:/usr/bin:/bin"));
    assert!(!told.contains("PATH"), "{told}");
    let told = with(&format!("{other}:{bin}:/usr/bin:/bin"));
    assert!(told.contains(&format!("{other}/ponder comes before it")), "{told}");
    world.program(prefix.join("share/ponder/install.sh")).arg("--uninstall").run().ok();
    assert!(!prefix.exists());
}

#[test]
fn directories_that_were_made_for_it_go_with_it() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    let home = world.path("home");
    let prefix = home.join("opt/own/ponder");
    let before = tree(&home);
    let run = |arguments: &[&str]| {
        let program = world.install_script(&release).arg("--prefix").arg(&prefix);
        arguments.iter().fold(program, Program::arg).run().ok();
    };
    for twice in [false, true] {
        run(&[]);
        if twice {
            run(&[]);
        }
        run(&["--uninstall"]);
        same(&tree(&home), &before, "taken away");
    }
    // But for those that somebody uses.
    run(&[]);
    let note = home.join("opt/note");
    write(&note, "mine");
    run(&["--uninstall"]);
    let left: Vec<_> = tree(&home).into_keys().filter(|path| !before.contains_key(path)).collect();
    assert_eq!(left, [home.join("opt"), note]);
}

#[test]
fn packagers_have_it_below_another_root() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    let home = world.path("home");
    let absolute = home.to_str().unwrap();
    // A relative one is below where the command is called: at home.
    for (named, dest) in [(absolute, home.clone()), ("not yet/there", home.join("not yet/there"))] {
        let packager = |arguments: &[&str]| {
            let program = world.install_script(&release).env("DESTDIR", named).env("PREFIX", "/usr");
            arguments.iter().fold(program, Program::arg).run()
        };
        packager(&["--service"]).code(1).says("DESTDIR");
        let told = packager(&[]).ok().stdout;
        assert!(!told.contains("PATH"), "{told}");
        let list = fs::read_to_string(dest.join("usr/share/ponder/installed")).unwrap();
        assert!(dest.join("usr/bin/ponder").exists() && !list.contains(absolute), "{list}");
        packager(&["--uninstall"]).ok();
        assert!(!dest.join("usr").exists());
        packager(&["--prefix", "/"]).ok();
        assert!(dest.join("bin/ponder").exists());
        // It knows where it is.
        let own = world.install_script(&dest.join("share/ponder"));
        own.arg("--uninstall").run().ok();
        assert!(!dest.join("bin").exists());
    }
    let root = world.install_script(&release).args(&["--prefix", "/", "--uninstall"]).run().ok().stdout;
    assert!(root.contains("nothing was installed in / by"), "{root}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let world = World::of_an_ordinary_user();
    let release = world.small_release("release", "");
    let before = tree(&world.path("home"));
    for (arguments, part) in [
        (&["--prefix", "relative"][..], "absolute"),
        (&["--prefix", "/a\nb"], "line break"),
        (&["--prefix"], "needs a directory"),
        (&["--nonsense"], "no option --nonsense"),
        (&["--programs", "/nowhere"], "/nowhere/ponder"),
    ] {
        arguments.iter().fold(world.install_script(&release), Program::arg).run().code(1).says(part);
    }
    for part in ["uninstall.sh", "services.sh"] {
        fs::remove_file(release.join("share/ponder").join(part)).unwrap();
        let told = format!("{part}: run the install.sh of a clone or a release");
        world.install_script(&release).run().code(1).says(&told);
    }
    same(&tree(&world.path("home")), &before, "refused");
}
