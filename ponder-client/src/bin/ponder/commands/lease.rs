//! `ponder lease`: a command that has entries to itself.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process;

use ponder_client::Endpoint;
use ponder_proto::{Acquire, CommitPolicy, EntryName, Mode, Wait};

use crate::dates::Now;
use crate::editor::command_line;
use crate::exit::{Exit, Failure};
use crate::platform::{program_name, shell_status};
use crate::session::{Manner, Session};

use super::{holder, inside, no_randomness, today};
use crate::context::Context;

/// What to have, and what to run meanwhile.
#[derive(Debug)]
pub(crate) struct Lease {
    /// None for today.
    pub(crate) days: Vec<EntryName>,
    pub(crate) mode: Mode,
    pub(crate) drafts: bool,
    pub(crate) purpose: Option<String>,
    pub(crate) wait: Wait,
    /// How long the lease may be held, in milliseconds.
    pub(crate) hold: Option<u64>,
    /// From `-E`.
    pub(crate) trouble_code: Option<u8>,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
}

impl Lease {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let code = self.trouble_code;
        let ended = self.lease(context);
        let replaced = |failure: Failure| Failure { exit: failure.exit.replaced_by(code), ..failure };
        ended.map(|exit| exit.replaced_by(code)).map_err(replaced)
    }

    fn lease(&self, context: &Context) -> Result<Exit, Failure> {
        let endpoint = Endpoint::of(context.open_or_create()?)?;
        let session = Session::acquire(context, &endpoint, self.request()?)?;
        self.run_under(context, session)
    }

    fn request(&self) -> Result<Acquire, Failure> {
        // The time zone is only read where it matters: this runs in scripts, many times.
        let now = if self.drafts || self.days.is_empty() { Some(Now::read()) } else { None };
        let entries = match &now {
            Some(now) if self.days.is_empty() => vec![today(now)?],
            _ => self.days.clone(),
        };
        Ok(Acquire {
            session: ponder_client::new_session().map_err(|error| no_randomness(&error))?,
            entries,
            mode: self.mode,
            wait: self.wait,
            hold: self.hold,
            commit: CommitPolicy::OnExit,
            drafts: self.drafts,
            create: true,
            inside: inside(),
            time: now.and_then(|now| now.time),
            holder: holder(
                program_name(Path::new(&self.program)),
                Some(command_line(self.words())),
                self.purpose.clone(),
            ),
        })
    }

    /// Runs the command and hands the lease back.
    fn run_under(&self, context: &Context, mut session: Session<'_>) -> Result<Exit, Failure> {
        let mut child = match session.spawn(&mut self.command(&session)) {
            Ok(child) => child,
            Err(error) => {
                session.release(false);
                return Err(self.cannot_run(&error));
            }
        };
        let status = session.attend(&mut child, Manner::Command)?;
        let passed = Exit::Passed(shell_status(status));
        let ending = session.release(status.success());
        if !ending.held && status.success() {
            // The command believed that it was alone, and from some moment on it was not.
            context.report.trouble("the lease was lost while the command ran; run it again");
            return Ok(ending.exit.or_worse(Exit::Conflict));
        }
        Ok(passed.or_worse(ending.exit))
    }

    fn words(&self) -> impl Iterator<Item = &OsStr> {
        std::iter::once(&self.program).chain(&self.arguments).map(OsString::as_os_str)
    }

    fn command(&self, session: &Session<'_>) -> process::Command {
        let mut command = process::Command::new(&self.program);
        command
            .args(&self.arguments)
            .env("PONDER_SESSION", session.id.to_string())
            .env("PONDER_TOKEN", session.token.to_string());
        let paths = session.paths();
        match paths.first() {
            Some(first) => command.env("PONDER_ENTRY", first).env("PONDER_ENTRIES", lines(&paths)),
            // An outer lease's drafts are not this one's.
            None => command.env_remove("PONDER_ENTRY").env_remove("PONDER_ENTRIES"),
        };
        command
    }

    /// As a shell would exit: 127 for what is not there, 126 for what cannot be executed.
    fn cannot_run(&self, error: &io::Error) -> Failure {
        let code = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
        let message = format!("cannot run {:?}: {error}", self.program.display().to_string());
        Failure::new(Exit::Passed(code), message)
    }
}

/// One a line.
fn lines(paths: &[std::path::PathBuf]) -> OsString {
    let mut lines = OsString::new();
    for (number, path) in paths.iter().enumerate() {
        if number > 0 {
            lines.push("\n");
        }
        lines.push(path);
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn statuses_pass_as_a_shell_would_pass_them() {
        assert_eq!(shell_status(ExitStatus::from_raw(0)), 0);
        assert_eq!(shell_status(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(shell_status(ExitStatus::from_raw(255 << 8)), 255);
        assert_eq!(shell_status(ExitStatus::from_raw(9)), 137);
    }
}
