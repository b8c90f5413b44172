//! One image: mounted, looked at through a daemon, and again through another one.

use anyhow::{Context as _, Result};

use crate::block::{self, FileSystem, Loop, Mount};
use crate::control::Server;
use crate::daemon::Home;
use crate::disk;
use crate::found::Found;
use crate::history::History;
use crate::judge::{Judge, Verdict};
use crate::plan::Cut;
use crate::text::Block;
use crate::work::append;

/// What images are checked with.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    pub(crate) home: &'a Home<'a>,
    pub(crate) server: &'a Server,
    pub(crate) kind: FileSystem,
    pub(crate) history: &'a History,
    /// Ask again, with the same ids, for the appends that were never answered.
    pub(crate) repeat: bool,
    /// A kept draft that is lost is counted, and no violation.
    pub(crate) lax: bool,
}

impl Checker<'_> {
    /// Checks one image. An error is ours; what the daemon does wrong is in the verdict.
    pub(crate) fn check(&self, cut: Cut) -> Result<Verdict> {
        self.server.image(cut.prefix, cut.seed)?;
        let device = Loop::attach(&block::files(&self.home.dir).join(disk::IMAGE))?;
        let mounted = match Mount::new(&device, self.kind, &block::mountpoint(&self.home.dir)) {
            Ok(mounted) => mounted,
            Err(error) => return Ok(violation(Verdict::default(), format!("{error:#}"))),
        };
        let mut verdict = Verdict::default();
        if let Err(error) = self.promises(cut, &mut verdict) {
            verdict = violation(verdict, format!("{error:#}; the daemon's log:\n{}", self.home.log_end()));
        }
        mounted.unmount()?;
        Ok(verdict)
    }

    fn promises(&self, cut: Cut, verdict: &mut Verdict) -> Result<()> {
        let mut judge = Judge::new(self.history, cut.prefix, self.lax);
        let daemon = self.home.start()?;
        let mut client = daemon.client()?;
        let found = Found::look(self.home, &mut client)?;
        *verdict = judge.look(&found);

        let mut more: Vec<&Block> = self.history.probe(cut.prefix).into_iter().collect();
        if self.repeat {
            more.extend(judge.unanswered());
        }
        for block in more {
            append(&mut client, block).context("an append after the power cut")?;
            judge.also(block.number);
        }
        daemon.stop().context("the stop after the power cut")?;
        let daemon = self.home.start().context("the second start after the power cut")?;
        let again = Found::look(self.home, &mut daemon.client()?)?;
        let second = judge.look(&again);
        let new = second.violations.into_iter().filter(|sentence| !verdict.violations.contains(sentence));
        let new: Vec<String> = new.map(|sentence| format!("after another start: {sentence}")).collect();
        verdict.violations.extend(new);
        if again.kept.len() > found.kept.len() {
            let (first, second) = (found.kept.len(), again.kept.len());
            verdict.violations.push(format!("{first} kept drafts became {second} by another start"));
        }
        daemon.kill()
    }
}

fn violation(mut verdict: Verdict, sentence: String) -> Verdict {
    verdict.violations.push(sentence);
    verdict
}
