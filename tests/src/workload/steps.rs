//! What happens in a day.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    APPENDED, BUSY, CONTESTED, Day, Dead, EDITED, Fate, LARGE, MERGED, OPEN_ENDED, Step, TOGETHER, TWO_NAMES,
    Talk,
};
use crate::{Script, kill, new_id, wait_until};

/// A session that was granted, with the texts that are in its drafts.
struct Session {
    id: String,
    token: Value,
    drafts: Vec<Value>,
    texts: Vec<usize>,
}

impl Day<'_> {
    /// Lives through the day, as far as the daemon comes.
    pub fn run(&mut self, script: Script) {
        let mut talk = Talk { script, heard: Vec::new() };
        let _ = self.live(&mut talk); // where it died is in the transcript
        self.transcript = talk.script.transcript();
    }

    fn live(&mut self, talk: &mut Talk) -> Step {
        self.appends(talk)?;
        self.an_editor(talk)?;
        self.a_new_entry(talk)?;
        self.several_at_once(talk, "on_exit", &[BUSY, TOGETHER[0], TOGETHER[1]])?;
        self.another_program(talk)?;
        self.a_conflict(talk)?;
        self.in_place(talk)?;
        self.a_long_text(talk)?;
        self.a_command_that_fails(talk)?;
        self.append(talk, BUSY)?;
        if self.texts.last().is_some_and(|text| text.fate != Fate::Done) {
            self.append(talk, BUSY)?; // the one fault is over
        }
        self.served_to_the_end = self.texts.last().is_some_and(|text| text.fate == Fate::Done);
        if self.ends_by_force {
            let status = talk.send(json!({ "op": "status" }))?;
            let pid = talk.answer(status)?["daemon"]["pid"].as_u64().expect("a process id");
            kill(u32::try_from(pid).expect("a process id"), Signal::KILL);
        } else {
            let stop = talk.send(json!({ "op": "stop" }))?;
            talk.answer(stop)?;
        }
        while talk.script.hear().is_some() {}
        Ok(())
    }

    fn appends(&mut self, talk: &mut Talk) -> Step {
        for day in [BUSY, OPEN_ENDED, APPENDED] {
            self.append(talk, day)?;
        }
        // Some together: they go into one flush.
        let mut asked = Vec::new();
        for day in [BUSY, OPEN_ENDED, BUSY, APPENDED] {
            asked.push(self.ask_append(talk, day)?);
        }
        asked.into_iter().try_for_each(|asked| self.hear_append(talk, asked))
    }

    fn append(&mut self, talk: &mut Talk, day: &'static str) -> Step {
        let asked = self.ask_append(talk, day)?;
        self.hear_append(talk, asked)
    }

    fn ask_append(&mut self, talk: &mut Talk, day: &'static str) -> Result<(u64, usize), Dead> {
        let text = self.add(day, Fate::Asked);
        let operation = new_id();
        self.texts[text].operation = Some(operation.clone());
        let block = self.texts[text].block();
        let request =
            json!({ "op": "append", "entry": format!("{day}.md"), "text": block, "operation": operation });
        Ok((talk.send(request)?, text))
    }

    fn hear_append(&mut self, talk: &mut Talk, (number, text): (u64, usize)) -> Step {
        let answer = talk.answer(number)?;
        self.texts[text].fate = match answer["event"].as_str() {
            Some("appended") => Fate::Done,
            _ => self.refused(answer),
        };
        Ok(())
    }

    fn refused(&mut self, answer: Value) -> Fate {
        let fate = if answer["code"] == "outcome_unknown" { Fate::Unknown } else { Fate::Refused };
        self.refusals.push(answer);
        fate
    }

    /// A lease with drafts; nothing if it was refused.
    fn acquire(&mut self, talk: &mut Talk, commit: &str, days: &[&str]) -> Result<Option<Session>, Dead> {
        let id = new_id();
        let request = json!({ "op": "acquire", "session": id, "entries": days, "commit": commit });
        let number = talk.send(request)?;
        let answer = talk.answer(number)?;
        if answer["event"] != "granted" {
            self.refused(answer);
            return Ok(None);
        }
        let drafts = answer["drafts"].as_array().expect("drafts").clone();
        Ok(Some(Session { id, token: answer["token"].clone(), drafts, texts: Vec::new() }))
    }

    /// What a draft is to be: one more text behind what it is, or in the place of a line.
    fn next(&mut self, session: &mut Session, at: usize, instead_of: Option<&'static str>) -> String {
        let entry = session.drafts[at]["entry"].as_str().expect("an entry").trim_end_matches(".md");
        let day = Self::all().find(|day| *day == entry).expect("an entry of the day");
        let old = fs::read_to_string(Self::path_of(&session.drafts[at])).unwrap();
        let text = self.add(day, Fate::Saved);
        self.texts[text].instead_of = instead_of;
        session.texts.push(text);
        let block = self.texts[text].block();
        match instead_of {
            Some(line) => old.replacen(line, &block, 1),
            None => old + &block,
        }
    }

    fn release(&mut self, talk: &mut Talk, session: &Session, succeeded: bool) -> Step {
        let release = json!({ "op": "release", "session": session.id, "succeeded": succeeded });
        let number = talk.send(release)?;
        let answer = talk.answer(number)?;
        self.outcomes(session, answer);
        Ok(())
    }

    fn commit(talk: &mut Talk, session: &Session) -> Result<u64, Dead> {
        talk.send(json!({ "op": "commit", "session": session.id, "token": session.token }))
    }

    /// Notes what a `committed` or `released` says of a session's texts.
    fn outcomes(&mut self, session: &Session, answer: Value) {
        let Some(outcomes) = answer["entries"].as_array() else {
            self.refused(answer);
            return;
        };
        for told in outcomes {
            let mut fate = match &told["outcome"] {
                Value::String(_) => Fate::Done,
                outcome if !outcome["kept"].is_null() => Fate::Kept,
                outcome => {
                    self.refusals.push(outcome["failed"].clone());
                    continue; // what became of the draft is said, too
                }
            };
            if told["outcome"]["kept"]["why"] == "emptied" {
                fate = Fate::Done;
            }
            let entry = told["entry"].as_str().expect("an entry");
            for &text in &session.texts {
                let text = &mut self.texts[text];
                if entry.starts_with(text.day) && text.fate != Fate::Done {
                    text.fate = fate;
                }
            }
        }
    }

    /// Saves in place and by renaming, with an append in between.
    fn an_editor(&mut self, talk: &mut Talk) -> Step {
        let Some(mut session) = self.acquire(talk, "on_save", &[BUSY])? else { return Ok(()) };
        let draft = Self::path_of(&session.drafts[0]).to_owned();
        let saved = self.next(&mut session, 0, Some("busy two\n"));
        fs::write(&draft, saved).unwrap();
        let news = talk.news(&session.id)?;
        self.outcomes(&session, news);
        self.append(talk, BUSY)?;
        let saved = self.next(&mut session, 0, None);
        fs::write(draft.with_extension("new~"), saved).unwrap();
        fs::rename(draft.with_extension("new~"), &draft).unwrap();
        let news = talk.news(&session.id)?;
        self.outcomes(&session, news);
        self.release(talk, &session, true)
    }

    fn a_new_entry(&mut self, talk: &mut Talk) -> Step {
        let Some(mut session) = self.acquire(talk, "on_save", &[EDITED])? else { return Ok(()) };
        let number = talk.send(json!({ "op": "opened", "session": session.id }))?;
        let opened = talk.answer(number)?;
        if opened["event"] != "opened" {
            self.refused(opened);
        }
        let saved = self.next(&mut session, 0, None);
        fs::write(Self::path_of(&session.drafts[0]), saved).unwrap();
        let news = talk.news(&session.id)?;
        self.outcomes(&session, news);
        self.append(talk, EDITED)?;
        self.release(talk, &session, true)
    }

    fn several_at_once(&mut self, talk: &mut Talk, commit: &str, days: &[&str]) -> Step {
        let Some(mut session) = self.acquire(talk, commit, days)? else { return Ok(()) };
        for at in 0..session.drafts.len() {
            let saved = self.next(&mut session, at, None);
            fs::write(Self::path_of(&session.drafts[at]), saved).unwrap();
        }
        session.texts.iter().for_each(|text| self.texts[*text].together = true);
        let before = self.ask_append(talk, BUSY)?;
        self.release(talk, &session, true)?;
        self.hear_append(talk, before)
    }

    /// Another program writes, in place and by renaming, while a draft is open.
    fn another_program(&mut self, talk: &mut Talk) -> Step {
        let Some(mut session) = self.acquire(talk, "on_exit", &[MERGED])? else { return Ok(()) };
        let entry = self.world.entry(MERGED);
        let mut file = fs::OpenOptions::new().append(true).open(&entry).unwrap();
        file.write_all(b"somebody at the end\n").unwrap();
        drop(file);
        self.foreign.push((MERGED, "somebody at the end\n"));
        let saved = self.next(&mut session, 0, Some("merged two\n"));
        fs::write(Self::path_of(&session.drafts[0]), saved).unwrap();
        let number = Self::commit(talk, &session)?;
        let answer = talk.answer(number)?;
        self.outcomes(&session, answer);

        let synced = format!("somebody at the beginning\n{}", fs::read_to_string(&entry).unwrap());
        fs::write(self.world.path("journal/sync"), synced).unwrap();
        crate::chmod(&self.world.path("journal/sync"), 0o640);
        fs::rename(self.world.path("journal/sync"), &entry).unwrap();
        self.foreign.push((MERGED, "somebody at the beginning\n"));
        let saved = self.next(&mut session, 0, Some("merged four\n"));
        fs::write(Self::path_of(&session.drafts[0]), saved).unwrap();
        let number = Self::commit(talk, &session)?;
        let append = self.ask_append(talk, MERGED)?;
        let answer = talk.answer(number)?;
        self.outcomes(&session, answer);
        self.hear_append(talk, append)?;
        self.release(talk, &session, true)
    }

    fn a_conflict(&mut self, talk: &mut Talk) -> Step {
        let Some(mut session) = self.acquire(talk, "on_save", &[CONTESTED])? else { return Ok(()) };
        fs::write(self.world.entry(CONTESTED), "somebody was faster\n").unwrap();
        self.foreign.push((CONTESTED, "somebody was faster\n"));
        let saved = self.next(&mut session, 0, Some("contested\n"));
        let text = *session.texts.last().expect("the text");
        self.texts[text].instead_of = None; // another program has taken it already
        fs::write(Self::path_of(&session.drafts[0]), saved).unwrap();
        let news = talk.news(&session.id)?;
        self.outcomes(&session, news);
        self.release(talk, &session, true)
    }

    fn in_place(&mut self, talk: &mut Talk) -> Step {
        let Some(mut session) = self.acquire(talk, "on_exit", &[TWO_NAMES])? else { return Ok(()) };
        let gone = "to be taken out of the entry with two names\n";
        let saved = self.next(&mut session, 0, Some(gone));
        fs::write(Self::path_of(&session.drafts[0]), saved).unwrap();
        let number = Self::commit(talk, &session)?;
        let answer = talk.answer(number)?;
        self.outcomes(&session, answer);
        self.append(talk, TWO_NAMES)?;
        self.release(talk, &session, true)
    }

    /// One that is too long for the log. While it is open, nothing else happens for so long that the
    /// log begins anew.
    fn a_long_text(&mut self, talk: &mut Talk) -> Step {
        let Some(mut session) = self.acquire(talk, "on_exit", &[LARGE])? else { return Ok(()) };
        let padded = self.next(&mut session, 0, None);
        let text = *session.texts.last().expect("the text");
        (self.texts[text].lines, self.texts[text].padding) = (270, 1000);
        drop(padded);
        fs::write(Self::path_of(&session.drafts[0]), format!("large\n{}", self.texts[text].block())).unwrap();
        let number = Self::commit(talk, &session)?;
        let answer = talk.answer(number)?;
        self.outcomes(&session, answer);
        let log = self.log();
        self.append(talk, LARGE)?;
        if !self.ends_by_force {
            self.a_checkpoint(talk, log)?;
        }
        let saved = self.next(&mut session, 0, None);
        fs::write(Self::path_of(&session.drafts[0]), saved).unwrap();
        self.release(talk, &session, true)
    }

    /// Which file the log is.
    fn log(&self) -> u64 {
        fs::metadata(self.world.state_dir().join("log")).map(|found| found.ino()).unwrap_or_default()
    }

    fn a_checkpoint(&self, talk: &Talk, before: u64) -> Step {
        let ended = || self.log() != before || talk.script.has_hung_up();
        wait_until("the log begins anew", || ended().then_some(()));
        if talk.script.has_hung_up() { Err(Dead) } else { Ok(()) }
    }

    fn a_command_that_fails(&mut self, talk: &mut Talk) -> Step {
        let Some(mut session) = self.acquire(talk, "on_exit", &[OPEN_ENDED])? else { return Ok(()) };
        let saved = self.next(&mut session, 0, None);
        fs::write(Self::path_of(&session.drafts[0]), saved).unwrap();
        self.release(talk, &session, false)
    }
}
