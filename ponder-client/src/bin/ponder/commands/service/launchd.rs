//! The service under launchd: an agent whose socket launchd listens at.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use ponder_client::daemon_program;
use ponder_endpoint::{Journal, runtime_dir, socket_path};

use super::files::{Comments, Part, Place};
use super::{Manager, State, output, settings, state_dir};
use ponder_proto::shown;

use crate::exit::{Exit, Failure};
use crate::hints;

const AGENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../systemd/launchd/ponderd.plist"));

/// The service of one journal.
pub(super) struct Launchd {
    journal: Journal,
    home: PathBuf,
    /// The user, as in `gui/501`: who is logged in at the screen (launchctl(1)).
    domain: String,
}

impl Launchd {
    pub(super) fn of(journal: &Journal) -> Result<Self, Failure> {
        let home = std::env::home_dir().filter(|home| home.is_absolute()).ok_or_else(|| {
            Failure::new(Exit::Config, "there is no home directory for the agent: set HOME")
        })?;
        let domain = format!("gui/{}", rustix::process::getuid().as_raw());
        Ok(Self { journal: journal.clone(), home, domain })
    }

    fn label(&self) -> String {
        format!("ponderd.{}", self.journal.id())
    }

    fn path(&self) -> PathBuf {
        self.agents().join(format!("{}.plist", self.label()))
    }

    /// Where a user's agents are.
    fn agents(&self) -> PathBuf {
        self.home.join("Library/LaunchAgents")
    }

    /// The agent, with a daemon's program and its settings.
    fn agent(&self, program: &Path, settings: &[(&str, OsString)]) -> Result<Part, Failure> {
        let log = self.journal.state_dir()?.join("ponderd.log");
        let socket = socket_path(&runtime_dir()?, &self.journal)?;
        let set = settings.iter().map(|(name, value)| {
            Ok(format!("\n\t\t<key>{name}</key>\n\t\t<string>{}</string>", escaped(Path::new(value))?))
        });
        let body = filled(&[
            ("LABEL", self.label()),
            ("PROGRAM", escaped(program)?),
            ("JOURNAL", escaped(self.journal.path())?),
            ("SETTINGS", set.collect::<Result<String, Failure>>()?),
            ("SOCKET", escaped(&socket)?),
            ("LOG", escaped(&log)?),
        ]);
        Ok(Part::new(self.path(), &self.agents(), &body, Comments::Xml))
    }

    /// What loads the agent. One that is loaded is not loaded again (launchctl(1)): it goes first.
    fn load(&self, is_loaded: bool) -> Vec<Vec<String>> {
        let path = self.path().display().to_string();
        let mut commands = if is_loaded { self.stop() } else { Vec::new() };
        commands.push(Self::launchctl(&["bootstrap", &self.domain, &path]));
        commands.push(Self::launchctl(&["kickstart", &self.target()]));
        commands
    }

    fn launchctl(arguments: &[&str]) -> Vec<String> {
        std::iter::once(&"launchctl").chain(arguments).map(|&word| word.to_owned()).collect()
    }

    fn target(&self) -> String {
        format!("{}/{}", self.domain, self.label())
    }

    fn is_loaded(&self) -> bool {
        output(&Self::launchctl(&["print", &self.target()])).is_ok()
    }
}

impl Manager for Launchd {
    fn is_there(&self) -> Result<(), Failure> {
        output(&Self::launchctl(&["print", &self.domain])).map(drop)
    }

    fn places(&self) -> Vec<Place> {
        vec![Place::file(self.path(), &self.agents(), Comments::Xml)]
    }

    fn parts(&self) -> Result<Vec<Part>, Failure> {
        Ok(vec![self.agent(&daemon_program()?, &settings())?])
    }

    fn shared(&self) -> Vec<Part> {
        Vec::new()
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn takes_over(&self) -> bool {
        false
    }

    /// launchd opens the log before the daemon runs, and the directory for that has to be there.
    fn prepare(&self) -> Result<(), Failure> {
        state_dir::make(&state_dir::base(&self.journal)?)?;
        state_dir::make(&self.journal.state_dir()?)
    }

    fn begin(&self) -> Vec<Vec<String>> {
        self.load(self.is_loaded())
    }

    fn end(&self) -> Vec<Vec<String>> {
        if self.is_loaded() { self.stop() } else { Vec::new() }
    }

    fn stop(&self) -> Vec<Vec<String>> {
        vec![Self::launchctl(&["bootout", &self.target()])]
    }

    fn forget(&self) -> Vec<Vec<String>> {
        Vec::new()
    }

    fn status(&self) -> Result<Option<State>, Failure> {
        if !self.path().exists() {
            return Ok(None);
        }
        let told = match (output(&Self::launchctl(&["print", &self.target()])), self.is_there()) {
            (Ok(told), _) => told,
            (Err(_), Err(failure)) => {
                return Ok(Some(State::out_of_reach(&self.label(), "its file is there", &failure)));
            }
            (Err(failure), Ok(())) => {
                let told =
                    format!("{}: its file is there, and is not loaded\n{}", self.label(), failure.message);
                return Ok(Some(State::failed(told, hints::bare_command(&self.journal, "service install"))));
            }
        };
        let states = told.lines().map(str::trim).filter(|line| {
            ["state = ", "pid = ", "last exit code = "].iter().any(|start| line.starts_with(start))
        });
        let states: Vec<&str> = states.collect();
        let told = format!("{}: {}", self.label(), states.join(", "));
        // One that ends with such a code is tried again and again.
        let ended = states.iter().find_map(|line| line.strip_prefix("last exit code = ")?.parse().ok());
        if !states.contains(&"state = running") && ended.is_some_and(|code: i32| code != 0) {
            return Ok(Some(State::failed(told, hints::bare_command(&self.journal, "doctor --log"))));
        }
        Ok(Some(State::well(told)))
    }
}

/// The agent, with these in the places that have their names. In one go: a path may have such a name in it.
fn filled(values: &[(&str, String)]) -> String {
    let fill = |(at, part): (usize, &'static str)| match values.iter().find(|(name, _)| *name == part) {
        Some((_, value)) if at % 2 == 1 => value.clone(),
        _ => part.to_owned(),
    };
    AGENT.split('@').enumerate().map(fill).collect()
}

/// A path as text in XML.
fn escaped(path: &Path) -> Result<String, Failure> {
    let text = path.to_str().filter(|text| !text.chars().any(char::is_control)).ok_or_else(|| {
        let message = format!(
            "{} has bytes that a property list cannot hold: call it by a path without control characters, in UTF-8",
            shown(path)
        );
        Failure::new(Exit::Config, message)
    })?;
    Ok(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    fn launchd(dir: &Path) -> Launchd {
        let journal = Journal::open_or_create(&dir.join("it's & <b> \"@LOG@\"")).unwrap();
        Launchd { journal, home: dir.to_owned(), domain: "gui/501".to_owned() }
    }

    #[test]
    fn an_agent_that_is_loaded_goes_before_the_new_one_comes() {
        let dir = tempfile::tempdir().unwrap();
        let words = |is_loaded| {
            launchd(dir.path()).load(is_loaded).into_iter().map(|words| words[1].clone()).collect::<Vec<_>>()
        };
        assert_eq!(words(false), ["bootstrap", "kickstart"]);
        assert_eq!(words(true), ["bootout", "bootstrap", "kickstart"]);
    }

    /// Python's parser takes what launchd's does.
    #[test]
    fn the_agent_is_a_property_list() {
        let dir = tempfile::tempdir().unwrap();
        let launchd = launchd(dir.path());
        let settings = [("PONDER_WINDOW", "3".into()), ("PONDER_GRACE", "<".into())];
        let text = launchd.agent(Path::new("/bin/ponderd"), &settings).unwrap().text;
        let read = "import plistlib, sys; p = plistlib.loads(sys.stdin.buffer.read()); \
                    print(p['ProgramArguments'][3]); print(p['Sockets']['Listener']['SockPathMode'] == 0o600); \
                    print(p['Umask'] == 0o077, p['KeepAlive']); print(p['EnvironmentVariables'])";
        let mut python = Command::new("python3")
            .args(["-c", read])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = python.wait_with_output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let journal = launchd.journal.path().display();
        let expected = format!(
            "{journal}\nTrue\nTrue {{'SuccessfulExit': False}}\n{{'PONDER_WINDOW': '3', 'PONDER_GRACE': '<'}}\n"
        );
        assert_eq!(told, expected);
        for name in ["LABEL", "PROGRAM", "JOURNAL", "SETTINGS", "SOCKET", "LOG"] {
            assert!(!text.contains(&format!(">{name}")), "everything is filled in: {text}");
        }
    }
}
