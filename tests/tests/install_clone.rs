//! `install.sh` of a clone: what it installs is what cargo has built, wherever that is.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ponder_tests::{Program, World, write};

/// Only what was installed knows a place by its own.
#[test]
fn a_clone_may_be_in_any_directory() {
    let world = World::of_an_ordinary_user();
    let clone = world.small_release("home/src/share/ponder", "");
    world.install_script(&clone).run().ok();
    assert!(world.path("home/.local/bin/ponder").exists() && !world.path("home/src/bin").exists());
}

/// Older ones that lie in the usual place are not taken.
#[test]
fn the_programs_are_where_cargos_configuration_has_them() {
    let world = World::new();
    let clone = quickly_built(&world, r#"home/a "clone" \ of it"#);
    let usual = clone.join("target/release");
    for name in ["ponder", "ponderd"] {
        write(&usual.join(name), "#!/bin/sh\necho old\n");
    }
    let about = with_cargo(&world, world.program(tool("rustc"))).arg("-vV").run().ok().stdout;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("it says what it is");
    let elsewhere = world.path("state/a target");
    for settings in [
        &[("CARGO_BUILD_TARGET", Path::new(host))][..],
        &[("CARGO_TARGET_DIR", &elsewhere)],
        &[("CARGO_BUILD_TARGET", Path::new(host)), ("CARGO_TARGET_DIR", &elsewhere)],
    ] {
        let install = with_cargo(&world, world.install_script(&clone));
        settings.iter().fold(install, |install, (name, value)| install.env(name, value)).run().ok();
        for name in ["ponder", "ponderd"] {
            let told = world.program(world.path("home/.local/bin").join(name)).run().ok().stdout;
            assert_eq!(told, "built\n", "{name} with {settings:?}");
        }
        world.install_script(&clone).arg("--uninstall").run().ok();
    }
}

/// A clone whose programs say that they were built, and nothing more.
fn quickly_built(world: &World, at: &str) -> PathBuf {
    let clone = world.small_release(at, "");
    fs::remove_dir_all(clone.join("bin")).unwrap();
    fs::create_dir_all(clone.join("target/release")).unwrap();
    let all = clone.join("Cargo.toml");
    write(&all, "[workspace]\nmembers = [\"ponder\", \"ponderd\"]\nresolver = \"3\"\n");
    for name in ["ponder", "ponderd"] {
        let member = clone.join(name);
        fs::create_dir_all(member.join("src")).unwrap();
        write(&member.join("Cargo.toml"), &format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n"));
        write(&member.join("src/main.rs"), "fn main() {\n    println!(\"built\");\n}\n");
    }
    let locks =
        with_cargo(world, world.program(tool("cargo"))).args(&["generate-lockfile", "--manifest-path"]);
    locks.arg(all).run().ok();
    clone
}

/// What built this test: the real programs, which look for nothing in the home of whoever calls them.
fn tool(name: &str) -> OsString {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Path::new(&cargo).with_file_name(name).into()
}

fn with_cargo(world: &World, program: Program) -> Program {
    let cargo = tool("cargo");
    let tools = Path::new(&cargo).parent().expect("it has a name").display();
    program.env("PATH", format!("{tools}:/usr/bin:/bin")).env("CARGO_HOME", world.path("state/cargo"))
}
