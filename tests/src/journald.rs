//! A real systemd-journald(8).

use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::user::need_root;
use crate::wait_until;

/// Where services' standard error goes.
const STDOUT: &str = "/run/systemd/journal/stdout";

/// The one of this machine, or one of ours for as long as this lives.
#[derive(Debug)]
pub struct Journald(Option<Child>);

impl Journald {
    /// Starts one if there is none.
    pub fn start() -> Self {
        need_root();
        let listens = || UnixStream::connect(STDOUT).is_ok();
        if listens() {
            return Self(None);
        }
        let program = "/lib/systemd/systemd-journald";
        let child =
            Command::new(program).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let own = Self(Some(child.unwrap_or_else(|error| panic!("{program}: {error}"))));
        wait_until("systemd-journald listens", || listens().then_some(()));
        own
    }

    /// Its entries with this field.
    pub fn entries(&self, field: &str) -> Vec<Value> {
        let synced = Command::new("journalctl").arg("--sync").status().unwrap();
        assert!(synced.success(), "journald does not write");
        let shown = Command::new("journalctl").args(["--output=json", "--no-pager", field]).output().unwrap();
        let lines = String::from_utf8(shown.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Journald {
    fn drop(&mut self) {
        if let Some(mut own) = self.0.take() {
            let _ = own.kill(); // it may be gone already
            let _ = own.wait(); // as above
        }
    }
}
