//! What must be true of what is left of a day.

use std::collections::HashSet;
use std::fs;

use serde_json::{Value, json};

use super::{BUSY, Day, Fate, MORNING, OPEN_ENDED, TWO_NAMES, Text};
use crate::{Script, assert_sentence, wait_until};

/// What is left of a journal, with the drafts that are kept.
struct Left {
    kept: Vec<(String, String)>,
}

impl Day<'_> {
    /// Starts a daemon over what is left, and another after it: each acknowledged text is in its entry
    /// once, or kept where the answer said so; nothing is doubled or torn; both daemons serve.
    pub fn check(&mut self) {
        let mut script = self.world.script();
        self.repeat(&mut script);
        self.compare(&mut script);
        self.serves(&mut script);
        self.compare(&mut script);
        self.stop(script);
        let mut script = self.world.script();
        self.compare(&mut script);
        self.serves(&mut script);
        self.compare(&mut script);
        self.stop(script);
        self.is_tidy();
    }

    /// A client whose answer was lost repeats its request; so does one that is not sure.
    fn repeat(&mut self, script: &mut Script) {
        for text in self.texts.iter_mut().filter(|text| text.operation.is_some()) {
            let entry = format!("{}.md", text.day);
            let request = json!({
                "op": "append", "entry": entry, "text": text.block(), "operation": text.operation
            });
            let answer = script.ask(request, "appended");
            match text.fate {
                Fate::Done => assert_eq!(answer["repeated"], true, "{} was applied: {answer}", text.name),
                Fate::Refused => assert_eq!(answer["repeated"], false, "{} was refused: {answer}", text.name),
                _ => {}
            }
            text.fate = Fate::Done;
        }
    }

    fn serves(&mut self, script: &mut Script) {
        for day in [BUSY, OPEN_ENDED, TWO_NAMES] {
            let text = self.add(day, Fate::Done);
            let block = self.texts[text].block();
            script.ask(json!({ "op": "append", "entry": format!("{day}.md"), "text": block }), "appended");
        }
        let acquire = script.acquire(&[BUSY], &json!({}));
        let granted = script.expect("granted");
        let draft = Self::path_of(&granted["drafts"][0]);
        let text = self.add(BUSY, Fate::Done);
        let saved = fs::read_to_string(draft).unwrap() + &self.texts[text].block();
        fs::write(draft, saved).unwrap();
        let release = json!({ "op": "release", "session": acquire, "succeeded": true });
        let released = script.ask(release, "released");
        assert_eq!(released["entries"][0]["outcome"], "committed", "{released}");
    }

    fn stop(&self, mut script: Script) {
        script.send(json!({ "op": "stop" }));
        while script.hear().is_some() {}
        for daemon in self.world.daemons() {
            assert!(crate::pidfd_wait(daemon.0), "it does not stop");
        }
    }

    fn compare(&self, script: &mut Script) {
        // Sessions of a daemon that died may come back for a moment; nobody does.
        let status = wait_until("no session is left", || {
            let status = script.ask(json!({ "op": "status" }), "status");
            (status["sessions"] == json!([])).then_some(status)
        });
        let left = Left::of(&status);
        for text in &self.texts {
            left.has(text, &self.world.text(text.day));
        }
        let together: HashSet<bool> = self
            .texts
            .iter()
            .filter(|text| text.together)
            .map(|text| self.world.text(text.day).contains(&text.name))
            .collect();
        assert!(together.len() < 2, "a commit of several entries is half there");
        self.foreign.iter().for_each(|(day, line)| {
            let text = self.world.text(day);
            assert_eq!(text.matches(line).count(), 1, "{line:?} of another program is in {text:?}");
        });
        Self::all().for_each(|day| self.is_whole(day));
        let second = fs::read_to_string(self.world.path("journal/second name")).unwrap();
        assert!(self.flushes_fail || second == self.world.text(TWO_NAMES), "both names show one text");
        assert_eq!(crate::mode(&self.world.entry(super::MERGED)), 0o640);
    }

    /// Every line of an entry is one that somebody wrote into it.
    fn is_whole(&self, name: &str) {
        let entry = self.world.text(name);
        let texts: Vec<String> = self.texts.iter().filter(|text| text.day == name).map(Text::block).collect();
        let mut known: HashSet<&str> = texts.iter().flat_map(|block| block.lines()).collect();
        known.extend(MORNING.iter().filter(|(day, _)| *day == name).flat_map(|(_, text)| text.lines()));
        known.extend(self.foreign.iter().filter(|(day, _)| *day == name).map(|(_, line)| line.trim_end()));
        let is_new = MORNING.iter().all(|(day, _)| *day != name);
        for line in entry.lines() {
            let header = is_new && (line.is_empty() || line.starts_with('#'));
            let short: String = line.chars().take(200).collect();
            assert!(header || known.contains(line), "nobody wrote {short:?} into {name}");
        }
        if is_new && !entry.is_empty() {
            assert!(entry.starts_with("# November "), "{name} has no header: {entry:?}");
            assert_eq!(entry.matches('#').count(), 3, "{name} has one header: {entry:?}");
        }
    }

    /// Nothing is left lying about where it would only confuse.
    fn is_tidy(&self) {
        let side = fs::read_dir(self.world.path("journal/.ponder")).unwrap();
        let names: Vec<String> =
            side.map(|item| item.unwrap().file_name().to_string_lossy().into_owned()).collect();
        let temporary: Vec<&String> = names.iter().filter(|name| name.contains(".tmp")).collect();
        assert!(temporary.is_empty(), "temporary files are left: {names:?}");
    }

    /// Everything that was refused was refused with a path of this world and this reason, in a sentence.
    pub fn refused_for(&self, reason: &str) {
        let place = self.world.path("").display().to_string();
        for refusal in &self.refusals {
            assert_sentence(refusal["message"].as_str().unwrap_or_default(), &[&place, reason]);
        }
    }
}

impl Left {
    fn of(status: &Value) -> Self {
        let kept = status["kept"].as_array().expect("a list").iter().map(|kept| {
            let path = kept["path"].as_str().expect("a path");
            (path.to_owned(), fs::read_to_string(path).unwrap_or_default())
        });
        Self { kept: kept.collect() }
    }

    fn has(&self, text: &Text, entry: &str) {
        let (block, name) = (text.block(), &text.name);
        let count = entry.matches(&block).count();
        assert_eq!(entry.matches(name.as_str()).count(), count * text.lines, "{name} is torn in its entry");
        assert!(count <= 1, "{name} is {count} times in its entry");
        let kept = self.kept.iter().filter(|(_, draft)| draft.contains(&block)).count();
        match text.fate {
            Fate::Done => assert_eq!(count, 1, "{name} was acknowledged and is not in its entry"),
            Fate::Kept => assert!(kept > 0, "{name} was said to be kept and is not: {:?}", self.kept),
            Fate::Saved => assert!(count + kept > 0, "{name} was saved and is nowhere: {:?}", self.kept),
            Fate::Refused => assert_eq!(count, 0, "{name} was refused and is in its entry"),
            Fate::Asked | Fate::Unknown => {}
        }
        if let Some(line) = text.instead_of {
            assert!(entry.contains(line) == (count == 0), "{name} has come in the place of {line:?}");
        }
    }
}
