//! The programs under test: found beside this very test program, and built if they are not there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The directory with `ponder` and `ponderd`.
///
/// `cargo test` builds the programs of a package only for that package's own tests, so they may be
/// missing here, or older than what is being tested. Then they are built first, once.
/// `PONDER_TEST_PROGRAMS` names another directory, which is taken as it is: a release build, say.
pub(crate) fn programs() -> &'static Path {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match FOUND.get_or_init(find) {
        Ok(dir) => dir,
        Err(why) => panic!("the tests cannot run: {why}"),
    }
}

fn find() -> Result<PathBuf, String> {
    let dir = match env::var_os("PONDER_TEST_PROGRAMS") {
        Some(named) => PathBuf::from(named),
        None => built()?,
    };
    for name in ["ponder", "ponderd"] {
        let path = dir.join(name);
        if !path.is_file() {
            return Err(format!("there is no program {}", path.display()));
        }
    }
    Ok(dir)
}

/// `target/<profile>`, with programs that are not older than their sources.
fn built() -> Result<PathBuf, String> {
    let own = env::current_exe().unwrap();
    let dir = own.ancestors().nth(2).expect("a test program is in target/<profile>/deps").to_owned();
    let sources = newest_source();
    let fresh = |name| fs::metadata(dir.join(name)).and_then(|found| found.modified()).ok() >= Some(sources);
    if !(fresh("ponder") && fresh("ponderd")) {
        build(&dir)?;
    }
    Ok(dir)
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is in a workspace")
}

fn newest_source() -> SystemTime {
    let members =
        ["proto", "ponderd", "ponder-client", "systemd", "share"].map(|member| workspace().join(member));
    let mut open = members.to_vec();
    let mut newest = fs::metadata(workspace().join("Cargo.lock")).unwrap().modified().unwrap();
    while let Some(path) = open.pop() {
        // What is gone by now, or leads nowhere, as an editor's lock file does, is no source.
        let Ok(found) = fs::metadata(&path) else { continue };
        if found.is_dir() {
            open.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|item| item.path()));
        } else {
            newest = newest.max(found.modified().unwrap());
        }
    }
    newest
}

fn build(dir: &Path) -> Result<(), String> {
    let profile = match dir.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(other) => other,
        None => panic!("{} is no build directory", dir.display()),
    };
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(workspace())
        .args(["build", "--locked", "--bins", "-p", "ponderd", "-p", "ponder-client", "--profile", profile])
        .arg("--target-dir")
        .arg(dir.parent().expect("the build directory is in the target directory"))
        .output()
        .expect("cargo can be started");
    if output.status.success() {
        return Ok(());
    }
    Err(format!("ponder and ponderd could not be built:\n{}", String::from_utf8_lossy(&output.stderr)))
}
