//! One image: mounted, looked at through a daemon, and again through another one.

use std::path::Path;

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
    /// Where copies of the image are put.
    pub(crate) keep: Option<&'a Path>,
}

impl Checker<'_> {
    /// Checks one image, and for some of them another power cut in the middle of its recovery. An
    /// error is ours; what the daemon does wrong is in the verdict.
    pub(crate) fn check(&self, cut: Cut) -> Result<Verdict> {
        self.server.image(cut)?;
        let mut verdict = Verdict::default();
        let recovered = self.mounted(&mut verdict, |verdict| self.promises(cut, verdict))?;
        if let Some(recovered) = recovered
            && verdict.violations.is_empty()
            && let Some(second) = cut.during(recovered)
        {
            self.server.image_again(second)?;
            let mut again = Verdict::default();
            self.mounted(&mut again, |again| self.still_there(cut, again))?;
            let sentences = again.violations.iter();
            let sentences = sentences.map(|found| format!("a power cut in the recovery, {second}: {found}"));
            verdict.violations.extend(sentences);
            verdict.lost += again.lost;
        }
        Ok(verdict)
    }

    /// Looks at the image while it is mounted. What cannot be done with it is a violation.
    fn mounted<T>(
        &self,
        verdict: &mut Verdict,
        look: impl FnOnce(&mut Verdict) -> Result<T>,
    ) -> Result<Option<T>> {
        let device = Loop::attach(&block::files(&self.home.dir).join(disk::IMAGE))?;
        let mounted = match Mount::new(&device, self.kind, &block::mountpoint(&self.home.dir)) {
            Ok(mounted) => mounted,
            Err(error) => {
                verdict.violations.push(format!("{error:#}"));
                return Ok(None);
            }
        };
        let looked = look(verdict);
        mounted.unmount()?;
        Ok(looked
            .map_err(|error| {
                let log = self.home.log_end();
                verdict.violations.push(format!("{error:#}; the daemon's log:\n{log}"));
            })
            .ok())
    }

    /// Everything that was promised. Returns how many operations the image had seen when its daemon
    /// had recovered.
    fn promises(&self, cut: Cut, verdict: &mut Verdict) -> Result<usize> {
        let mut judge = Judge::new(self.history, cut.prefix, self.lax);
        self.keep("cut")?;
        let daemon = self.home.start()?;
        self.keep("recovered")?;
        let mut client = daemon.client()?;
        let found = Found::look(self.home, &mut client)?;
        let recovered = self.server.image_position()?;
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
        daemon.kill()?;
        Ok(recovered)
    }

    fn keep(&self, name: &str) -> Result<()> {
        self.keep.map_or(Ok(()), |dir| self.home.keep(&dir.join(name)))
    }

    /// What had been acknowledged before the first power cut, after the second.
    fn still_there(&self, cut: Cut, verdict: &mut Verdict) -> Result<()> {
        self.keep("cut-again")?;
        let daemon = self.home.start()?;
        self.keep("recovered-again")?;
        let found = Found::look(self.home, &mut daemon.client()?)?;
        *verdict = Judge::new(self.history, cut.prefix, self.lax).look(&found);
        daemon.kill()
    }
}
