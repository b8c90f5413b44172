//! The service under `systemd --user`: a socket unit that listens, and the daemon's own.
//!
//! The units are the files in `systemd/`; which journal it is stands in a drop-in beside each. The usual
//! journal's are `ponderd.service` and `ponderd.socket`, others' are instances `ponderd@<id>`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use ponder_client::daemon_program;
use ponder_endpoint::Journal;

use super::files::{Comments, Part, Place};
use super::{Manager, State, output, settings, state_dir};
use ponder_proto::shown;

use crate::exit::{Exit, Failure};
use crate::hints;
use crate::journal_dir;

const SERVICE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../systemd/ponderd.service"));
const SOCKET: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../systemd/ponderd.socket"));

/// What a service is made of: the daemon, and the socket that it comes to.
const KINDS: [&str; 2] = ["service", "socket"];

/// The file that says which journal it is, beside a person's own.
const DROP_IN: &str = "journal.conf";

/// The units of the usual journal.
const USUAL: &str = "ponderd";

/// The service of one journal.
pub(super) struct Systemd {
    journal: Journal,
    /// Where a user's programs have their settings.
    base: PathBuf,
    /// Where units are, below that.
    dir: PathBuf,
    /// Without `.service` and `.socket`.
    name: String,
}

impl Systemd {
    pub(super) fn of(journal: &Journal) -> Result<Self, Failure> {
        let base = etcetera::choose_base_strategy().map_err(|_| {
            Failure::new(Exit::Config, "there is no home directory to put units in: set HOME")
        })?;
        let base = base.config_dir();
        let usual = journal_dir::usual().and_then(|usual| Journal::named(&usual).ok());
        let is_usual = usual.is_some_and(|usual| usual == *journal);
        let name = if is_usual { USUAL.to_owned() } else { format!("ponderd@{}", journal.id()) };
        Ok(Self { journal: journal.clone(), dir: base.join("systemd/user"), base, name })
    }

    fn unit(&self, kind: &str) -> String {
        format!("{}.{kind}", self.name)
    }

    /// Where a drop-in of ours is.
    fn drop_in(&self, kind: &str) -> PathBuf {
        self.dir.join(format!("{}.d", self.unit(kind))).join(DROP_IN)
    }

    /// The name of the file that a unit is made of: its own, or the template's.
    fn unit_file(&self, kind: &str) -> String {
        let stem = if self.name == USUAL { USUAL } else { "ponderd@" };
        format!("{stem}.{kind}")
    }

    /// Whether the manager finds the units, should it look.
    fn has_units(&self) -> bool {
        KINDS.iter().all(|kind| self.dir.join(self.unit_file(kind)).exists())
    }

    fn service_drop_in(&self) -> Result<String, Failure> {
        let journal = self.journal.path();
        let state = state_dir::base(&self.journal)?;
        let mut body = String::from("[Service]\n");
        let mut line = |text: String| {
            body.push_str(&text);
            body.push('\n');
        };
        line(format!("Environment={}", quoted_with("PONDER_DIR=", journal)?));
        // A service does not have what a shell's start-up files say.
        let state_home = env::var_os("XDG_STATE_HOME").map(|home| ("XDG_STATE_HOME", home));
        for (name, value) in state_home.into_iter().chain(settings()) {
            line(format!("Environment={}", quoted_with(&format!("{name}="), Path::new(&value))?));
        }
        line("ExecStart=".to_owned());
        line(format!("ExecStart={} --activated --journal ${{PONDER_DIR}}", command_of(&daemon_program()?)?));
        let paths = [quoted_with("-", journal)?, quoted_with("-", &state)?];
        line(format!("ReadWritePaths={}", paths.join(" ")));
        if [journal, &state].iter().any(|path| path.starts_with("/tmp") || path.starts_with("/var/tmp")) {
            line("PrivateTmp=no".to_owned());
        }
        Ok(body)
    }

    fn systemctl(arguments: &[&str]) -> Vec<String> {
        ["systemctl", "--user"].iter().chain(arguments).map(|&word| word.to_owned()).collect()
    }
}

impl Manager for Systemd {
    fn is_there(&self) -> Result<(), Failure> {
        output(&Self::systemctl(&["show", "-p", "Version"])).map(drop)
    }

    /// The drop-ins, and the link that systemd makes for a socket that is to listen from the login on.
    fn places(&self) -> Vec<Place> {
        let socket = self.unit("socket");
        let wanted = self.dir.join("sockets.target.wants").join(socket);
        let drop_ins = KINDS.map(|kind| Place::file(self.drop_in(kind), &self.base, Comments::Hash));
        let link = Place::link(wanted, &self.base, self.unit_file("socket"));
        drop_ins.into_iter().chain([link]).collect()
    }

    fn parts(&self) -> Result<Vec<Part>, Failure> {
        let listens = format!("[Socket]\nListenStream=%t/ponder/{}.sock\n", self.journal.id());
        let bodies = [("service", self.service_drop_in()?), ("socket", listens)];
        let file =
            |(kind, body): (&str, String)| Part::new(self.drop_in(kind), &self.base, &body, Comments::Hash);
        Ok(bodies.map(file).into())
    }

    fn shared(&self) -> Vec<Part> {
        let units = [("service", SERVICE), ("socket", SOCKET)].map(|(kind, text)| {
            Part::new(self.dir.join(self.unit_file(kind)), &self.base, text, Comments::Hash)
        });
        units.into()
    }

    fn is_alone(&self) -> bool {
        let own = format!("{}.d", self.unit("service"));
        let is_instance =
            |name: &str| name.starts_with("ponderd@") && name.ends_with(".service.d") && name != own;
        // A person's own drop-ins are in such directories, too, and stay when the service goes.
        let is_other = |item: fs::DirEntry| {
            item.file_name().to_str().is_some_and(is_instance) && item.path().join(DROP_IN).exists()
        };
        self.name == USUAL || !fs::read_dir(&self.dir).into_iter().flatten().flatten().any(is_other)
    }

    fn takes_over(&self) -> bool {
        true
    }

    fn prepare(&self) -> Result<(), Failure> {
        state_dir::make(&state_dir::base(&self.journal)?)
    }

    /// The socket first: clients that come back while the daemon changes come to it, and start none.
    fn begin(&self) -> Vec<Vec<String>> {
        let (socket, service) = (self.unit("socket"), self.unit("service"));
        vec![
            Self::systemctl(&["daemon-reload"]),
            Self::systemctl(&["stop", &service]),
            Self::systemctl(&["enable", &socket]),
            Self::systemctl(&["restart", &socket]),
            Self::systemctl(&["start", &service]),
        ]
    }

    fn end(&self) -> Vec<Vec<String>> {
        let [service, socket] = KINDS.map(|kind| self.unit(kind));
        if self.has_units() {
            return vec![Self::systemctl(&["disable", "--now", &socket, &service])];
        }
        // Without their files units may still run, and cannot be disabled.
        let runs = output(&Self::systemctl(&["is-active", &socket, &service])).is_ok();
        if runs { self.stop() } else { Vec::new() }
    }

    fn stop(&self) -> Vec<Vec<String>> {
        vec![Self::systemctl(&["stop", &self.unit("socket"), &self.unit("service")])]
    }

    fn forget(&self) -> Vec<Vec<String>> {
        vec![Self::systemctl(&["daemon-reload"])]
    }

    fn status(&self) -> Result<Option<State>, Failure> {
        if !(self.has_units() && KINDS.iter().all(|kind| self.drop_in(kind).exists())) {
            return Ok(None);
        }
        if let Err(failure) = self.is_there() {
            return Ok(Some(State::out_of_reach(&self.unit("service"), "its files are there", &failure)));
        }
        let shown = |kind: &str, property: &str| {
            let unit = self.unit(kind);
            output(&Self::systemctl(&["show", "--value", "-p", property, &unit]))
                .map(|told| told.trim().to_owned())
        };
        let text = shown("service", "StatusText")?;
        let text = if text.is_empty() { text } else { format!(", {text}") };
        let result = shown("service", "Result")?;
        let result =
            if result == "success" { String::new() } else { format!(" (the last one ended with {result})") };
        let (listens, runs) = (shown("socket", "ActiveState")?, shown("service", "ActiveState")?);
        let told = format!(
            "{}: {listens}, {}\n{}: {runs}{text}{result}",
            self.unit("socket"),
            shown("socket", "UnitFileState")?,
            self.unit("service"),
        );
        // One whose starts fail slowly is tried again and again.
        let is_tried_again = runs == "activating" && !result.is_empty();
        if is_tried_again || [listens, runs].iter().any(|state| state == "failed") {
            return Ok(Some(State::failed(told, hints::bare_command(&self.journal, "service install"))));
        }
        Ok(Some(State::well(told)))
    }
}

/// What runs a program. systemd takes none with a quote or a backslash in its path, however that is quoted:
/// it has an executable name with "special characters". A shell runs those, and makes way for them.
fn command_of(program: &Path) -> Result<String, Failure> {
    let quoted = quoted_with("", program)?;
    if program.to_string_lossy().contains(['\'', '"', '\\']) {
        // An argument has variables in it, and the name of a program has none.
        return Ok(format!(r#"/bin/sh -c 'exec "$$0" "$$@"' {}"#, quoted.replace('$', "$$")));
    }
    Ok(quoted)
}

/// A path behind a prefix as a unit file has it: quoted (systemd.syntax(7)), `%` doubled (systemd.unit(5)).
fn quoted_with(prefix: &str, path: &Path) -> Result<String, Failure> {
    let text = path.to_str().filter(|text| !text.chars().any(char::is_control)).ok_or_else(|| {
        let message = format!(
            "{} has bytes that a unit file cannot hold: call it by a path without control characters, in UTF-8",
            shown(path)
        );
        Failure::new(Exit::Config, message)
    })?;
    let mut quoted = format!("\"{prefix}");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '%' => quoted.push_str("%%"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    Ok(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_units() {
        let quoted = |path: &str| quoted_with("-", Path::new(path)).ok();
        assert_eq!(quoted("/a b/50%").as_deref(), Some("\"-/a b/50%%\""));
        assert_eq!(quoted(r#"/a"b\c"#).as_deref(), Some(r#""-/a\"b\\c""#));
        assert_eq!(quoted("/a\nb"), None);
    }

    #[test]
    fn a_shell_runs_what_systemd_takes_for_no_program() {
        let command = |path: &str| command_of(Path::new(path)).unwrap();
        assert_eq!(command("/a b/$HOME/ponderd"), r#""/a b/$HOME/ponderd""#);
        for odd in ["it's", r#"so""#, r"back\slash"] {
            assert!(command(&format!("/{odd}/ponderd")).starts_with("/bin/sh -c "), "{odd}");
        }
        let with_variables = r#"/bin/sh -c 'exec "$$0" "$$@"' "/it's 50%%/$${HOME}/ponderd""#;
        assert_eq!(command("/it's 50%/${HOME}/ponderd"), with_variables);
    }
}
