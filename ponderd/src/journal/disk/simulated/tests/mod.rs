//! The rules of the simulation, one test each.

mod bytes;
mod faults;

mod names;
mod others;
mod whole;

use std::path::Path;

use super::{Best, Choices, Dir, Every, Fault, File, SimulatedDisk, When, Worst};
use crate::journal::disk::{Access, Disk as _};

/// A disk with one directory.
fn disk() -> (SimulatedDisk, Dir) {
    let disk = SimulatedDisk::new(&["/j"]);
    let dir = root(&disk);
    (disk, dir)
}

fn root(disk: &SimulatedDisk) -> Dir {
    disk.open_root(Path::new("/j")).unwrap()
}

/// A file with a text, of which nothing is durable.
fn put(disk: &SimulatedDisk, dir: &Dir, name: &str, text: &str) -> File {
    let file = disk.create(dir, name, 0o600).unwrap();
    disk.write(&file, 0, text.as_bytes()).unwrap();
    file
}

/// A file with a text, all of which is durable.
fn keep(disk: &SimulatedDisk, dir: &Dir, name: &str, text: &str) -> File {
    let file = put(disk, dir, name, text);
    disk.sync(&file).unwrap();
    disk.sync_dir(dir).unwrap();
    file
}

fn open(disk: &SimulatedDisk, dir: &Dir, name: &str, access: Access) -> File {
    disk.open(dir, name, access).unwrap().unwrap()
}

fn text(disk: &SimulatedDisk, path: &str) -> Option<String> {
    disk.visible(path).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// All states that a power cut leaves, each as `name=text` of every file.
fn after_power_cuts(history: impl Fn(&SimulatedDisk, &Dir)) -> Vec<String> {
    let mut states = std::collections::BTreeSet::new();
    Every::each(|choices| {
        let (disk, dir) = disk();
        history(&disk, &dir);
        disk.power_cut(choices);
        let files = disk.all_files().into_iter().map(|(path, bytes)| {
            let name = path.strip_prefix("/j").unwrap().display().to_string();
            format!("{name}={}", String::from_utf8(bytes).unwrap().replace('\0', "."))
        });
        states.insert(files.collect::<Vec<_>>().join(" "));
    });
    states.into_iter().collect()
}
