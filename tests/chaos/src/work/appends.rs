//! Appends: by the command, and by a client of its own that repeats what is not answered.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use ponder_tests::{Rng, Script, new_id};
use serde_json::{Value, json};

use super::Stage;
use crate::clock::now;
use crate::history::{Append, Outcome, Record};

/// How long an operation is repeated that nobody answers.
const STUBBORN: Duration = Duration::from_secs(60);

/// The most that are sent without waiting.
const MOST: usize = 24;

/// A worker's connection, which is kept until the daemon ends.
#[derive(Debug, Default)]
pub(super) struct Connection(Option<Script>);

impl Connection {
    /// The one that there is, or another one to a daemon that is started if there is none.
    fn get(&mut self, stage: &Stage<'_>) -> Result<Option<&mut Script>> {
        if self.0.is_none() {
            stage.ponder(&["daemon", "start"])?;
            self.0 = stage.socket().and_then(|socket| Script::try_hello(&socket));
        }
        Ok(self.0.as_mut())
    }
}

/// `ponder append`.
pub(super) fn append(stage: &Stage<'_>, rng: &mut Rng) -> Result<()> {
    let (line, day) = (format!("a{}", stage.recorder.number()), stage.day(rng));
    let ran = stage.ponder(&["append", "-d", &day.to_string(), &line])?;
    let outcome = match ran.exit {
        Some(0) => Outcome::Acknowledged,
        // 74 is a refusal or an outcome that is not known; only the sentence tells.
        Some(74) | None => Outcome::Unknown,
        Some(code) => Outcome::Refused(format!("{code}: {}", ran.errors.trim_end())),
    };
    stage.recorder.note(Record::Append(Append { line, day, from: ran.from, to: ran.to, outcome, raw: false }))
}

/// What became of one of several.
struct Asked {
    append: Append,
    operation: String,
    /// It was sent once, and nobody answered.
    doubtful: bool,
    /// Its number on this connection.
    number: u64,
}

/// Several at once on a connection, each repeated with its id until it is answered.
pub(super) fn several(stage: &Stage<'_>, rng: &mut Rng, connection: &mut Connection) -> Result<()> {
    let count = 1 + rng.below(MOST);
    let mut open: Vec<Asked> = (0..count)
        .map(|_| {
            let (line, from) = (format!("a{}", stage.recorder.number()), now());
            let append =
                Append { line, day: stage.day(rng), from, to: 0, outcome: Outcome::Unknown, raw: true };
            Asked { append, operation: new_id(), doubtful: false, number: 0 }
        })
        .collect();
    let start = Instant::now();
    while !open.is_empty() && start.elapsed() < STUBBORN {
        let Some(script) = connection.get(stage)? else { continue };
        let lives = open.iter_mut().all(|asked| ask(script, asked)) && hear(stage, script, &mut open)?;
        if !lives {
            connection.0 = None;
        }
    }
    for Asked { mut append, .. } in open {
        append.to = now();
        stage.recorder.note(Record::Append(append))?;
    }
    Ok(())
}

fn ask(script: &mut Script, asked: &mut Asked) -> bool {
    let Append { day, line, .. } = &asked.append;
    let request = json!({
        "op": "append", "entry": format!("{day}.md"), "text": line, "operation": asked.operation,
    });
    let number = script.try_send(request);
    asked.number = number.unwrap_or(0);
    number.is_some()
}

/// Takes the answers to all of them. Says whether the daemon lives.
fn hear(stage: &Stage<'_>, script: &mut Script, open: &mut Vec<Asked>) -> Result<bool> {
    let mut waiting: BTreeMap<u64, Asked> = open.drain(..).map(|asked| (asked.number, asked)).collect();
    while !waiting.is_empty() {
        let Some(answer) = script.hear() else {
            for asked in waiting.values_mut() {
                asked.doubtful = true;
            }
            open.extend(waiting.into_values());
            return Ok(false);
        };
        let Some(mut asked) = answer["re"].as_u64().and_then(|number| waiting.remove(&number)) else {
            continue;
        };
        match outcome(&answer, &mut asked) {
            Some(outcome) => {
                (asked.append.outcome, asked.append.to) = (outcome, now());
                stage.recorder.note(Record::Append(asked.append))?;
            }
            None => open.push(asked),
        }
    }
    Ok(true)
}

/// What an answer means; none if it has to be asked again.
fn outcome(answer: &Value, asked: &mut Asked) -> Option<Outcome> {
    let code = match answer["event"].as_str() {
        Some("appended" | "logged") => return Some(Outcome::Acknowledged),
        Some("error") => answer["code"].as_str().unwrap_or_default(),
        _ => return Some(Outcome::Refused(answer.to_string())),
    };
    match code {
        "outcome_unknown" => {
            asked.doubtful = true;
            None
        }
        "stopping" | "busy" => None,
        _ if asked.doubtful => Some(Outcome::Unknown),
        _ => Some(Outcome::Refused(format!("{code}: {}", answer["message"].as_str().unwrap_or_default()))),
    }
}
