//! Leases by the command: scripts and editors.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use ponder_tests::Rng;
use serde_json::Value;

use super::Stage;
use crate::clock::Moment;
use crate::days::Day;
use crate::history::{Kind, Record, Session, Work};
use crate::running::Ran;

/// How long somebody waits for a lease.
fn waiting(rng: &mut Rng) -> &'static [&'static str] {
    match rng.below(6) {
        0 => &["--no-wait"],
        1 => &["--wait", "1500ms"],
        _ => &[],
    }
}

/// A session that is about to be asked for.
struct Plan {
    number: u64,
    kind: Kind,
    days: Vec<Day>,
    report: PathBuf,
}

impl Plan {
    fn new(stage: &Stage<'_>, kind: Kind, days: Vec<Day>) -> Self {
        let number = stage.recorder.number();
        let report = stage.world.path("reports").join(number.to_string());
        Self { number, kind, days, report }
    }

    /// What works under the lease: this very program.
    fn inside(&self, stage: &Stage<'_>, part: &str, pause: usize) -> Vec<String> {
        let path = |path: PathBuf| path.display().to_string();
        let days: Vec<String> = self.days.iter().map(Day::to_string).collect();
        let words = [
            path(stage.own.clone()),
            part.to_owned(),
            "--report".to_owned(),
            path(self.report.clone()),
            "--markers".to_owned(),
            path(stage.world.path("markers")),
            "--number".to_owned(),
            self.number.to_string(),
            "--days".to_owned(),
            days.join(","),
            "--pause".to_owned(),
            pause.to_string(),
        ];
        words.to_vec()
    }

    fn note(self, stage: &Stage<'_>, ran: Ran) -> Result<()> {
        let mut session = Session {
            number: self.number,
            kind: self.kind,
            days: self.days,
            pid: ran.pid,
            from: ran.from,
            to: ran.to,
            exit: ran.exit,
            queued: None,
            granted: None,
            revoked: None,
            works: Vec::new(),
            said: ran.errors.trim_end().to_owned(),
        };
        for (at, line) in ran.lines {
            hear(&mut session, at, &serde_json::from_str(&line).unwrap_or_default());
            if session.exit != Some(0) {
                session.said.extend(["\n", &line]);
            }
        }
        stage.recorder.note(Record::Session(session))
    }
}

fn hear(session: &mut Session, at: Moment, event: &Value) {
    match event["event"].as_str() {
        Some("queued") => session.queued = session.queued.or(Some(at)),
        Some("granted") => {
            session.granted = event["token"].as_str().map(|token| (at, token.to_owned()));
        }
        Some("revoked") => session.revoked = Some(at),
        _ => {}
    }
}

/// What somebody told in his file. He may have been killed in the middle of it.
pub(crate) fn works(stage: &Stage<'_>, number: u64) -> Vec<Work> {
    let told = fs::read_to_string(stage.world.path("reports").join(number.to_string())).unwrap_or_default();
    told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// `ponder lease`.
pub(super) fn script(stage: &Stage<'_>, rng: &mut Rng, kind: Kind) -> Result<()> {
    let mut days = vec![stage.day(rng)];
    if rng.chance(1, 3) {
        days.push(stage.day(rng));
        days.sort_unstable();
        days.dedup();
    }
    let plan = Plan::new(stage, kind, days);
    let pause = *rng.pick(&[0, 0, 5, 20, 60]);
    let mut inside = plan.inside(stage, "script", pause);
    if kind == Kind::Failing {
        inside.push("--fail".to_owned());
    }
    if kind == Kind::Shared {
        inside.push("--shared".to_owned());
    }
    let days: Vec<String> = plan.days.iter().map(Day::to_string).collect();
    let mut words = vec!["--json", "lease"];
    words.extend(days.iter().flat_map(|day| ["-d", day]));
    words.extend(waiting(rng));
    match kind {
        Kind::Shared => words.push("--shared"),
        Kind::NoDraft => words.push("--no-draft"),
        _ => {}
    }
    words.push("--");
    words.extend(inside.iter().map(String::as_str));
    let ran = stage.ponder(&words)?;
    plan.note(stage, ran)
}

/// `ponder edit`, with an editor.
fn edit(stage: &Stage<'_>, rng: &mut Rng, plan: Plan, editor: &str) -> Result<()> {
    let day = plan.days[0].to_string();
    let mut words = vec!["--json", "edit", "-d", &day];
    words.extend(waiting(rng));
    let ran = stage.ponder_with(&words, Some(editor))?;
    plan.note(stage, ran)
}

/// An editor of ours, which saves several times.
pub(super) fn editor(stage: &Stage<'_>, rng: &mut Rng) -> Result<()> {
    let plan = Plan::new(stage, Kind::Editor, vec![stage.day(rng)]);
    let pause = *rng.pick(&[0, 30, 100, 300]);
    let mut words = plan.inside(stage, "editor", pause);
    let way = *rng.pick(&["in-place", "rename"]);
    words.extend(["--saves".to_owned(), rng.below(5).to_string(), "--way".to_owned(), way.to_owned()]);
    edit(stage, rng, plan, &words.join(" "))
}

/// vim, without a terminal.
pub(super) fn vim(stage: &Stage<'_>, rng: &mut Rng) -> Result<()> {
    let plan = Plan::new(stage, Kind::Vim, vec![stage.day(rng)]);
    let pause = *rng.pick(&[0, 100, 400]);
    let add = format!("-c \"call append(line('$'), 'v{}')\"", plan.number);
    let editor = format!("vim -Nu NONE -i NONE -es -c 'sleep {pause}m' {add} -c w -c 'sleep {pause}m' -c q");
    edit(stage, rng, plan, &editor)
}
