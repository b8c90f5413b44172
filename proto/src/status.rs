//! What `status` answers. Readable by every version: from the first release on these structures never
//! change in frames, and what comes later gets a message of its own.

use serde::{Deserialize, Serialize};

use crate::frame::{Decode, Encode};
use crate::{EntryName, Holder, KeptReason, Mode, RawPath, SessionId, Token};

/// One look at a daemon.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct StatusReport {
    /// The daemon itself.
    pub daemon: DaemonInfo,
    /// All sessions in the order in which they asked.
    pub sessions: Vec<Who>,
    /// Text that could not be committed.
    pub kept: Vec<KeptDraft>,
}

/// The daemon that answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct DaemonInfo {
    /// Its process id.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// Another number for every start of a daemon, hexadecimal.
    pub instance: String,
    /// When it started, in seconds since 1970.
    pub started: i64,
    /// The journal's directory.
    pub journal: RawPath,
    /// Where drafts, kept drafts and the log file are.
    pub state: RawPath,
    /// The boot in which the process ids are those of these processes; empty where that is not known.
    #[serde(default)]
    pub boot: String,
}

/// A session, as others see it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Who {
    /// Its id.
    pub session: SessionId,
    /// Where it is on its way.
    pub state: SessionState,
    /// The kind of lease it has or wants.
    pub mode: Mode,
    /// Its entries.
    pub entries: Vec<EntryName>,
    /// Its token, once granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// The client's process id, from the kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The editor or command.
    pub program: String,
    /// Its terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<String>,
    /// What a script gave as its purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Since when it is in this state, in seconds since 1970.
    pub since: i64,
    /// What is known of whoever holds the lease.
    #[serde(default)]
    pub life: Life,
    /// The client's user id, from the kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// When the client's process started, in seconds since 1970, from the kernel: with the process id
    /// and the boot it tells the process from any that has that id later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<i64>,
    /// The command line, as the client tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// What is known of whoever holds a lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// It answered when it was asked last, or was not asked.
    #[default]
    Answers,
    /// It was asked and has not answered yet.
    Asked,
    /// It has not answered in time: stopped, or hanging.
    Suspect,
    /// Its client is gone, and what it had started may live.
    Orphaned,
    /// The daemon was started anew, and it has not come back yet.
    Away,
}

/// Somebody who had a lease ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct By {
    /// The process id, from the kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// What it says about itself.
    #[serde(flatten)]
    pub holder: Holder,
}

/// Why a lease was ended by force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum Forced {
    /// Its holder did not answer, or was gone, and somebody waited.
    Expired,
    /// Somebody had it broken.
    Broken,
    /// It was held for as long as it was to be.
    HeldTooLong,
}

/// A lease that was ended by force.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Past {
    /// When, in seconds since 1970.
    pub when: i64,
    /// Why.
    pub why: Forced,
    /// Whose it was, as it was then.
    pub who: Who,
    /// Who had it ended, where somebody had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// Where a session is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// It waits.
    Queued,
    /// It has the lease.
    Granted,
    /// It is ending: its last commit is under way, nobody else is granted yet.
    Releasing,
}

/// Text that could not be committed, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct KeptDraft {
    /// Its name for commands.
    pub id: String,
    /// The entry it was meant for.
    pub entry: EntryName,
    /// The file.
    #[serde(flatten)]
    pub path: RawPath,
    /// Why it was kept.
    pub why: KeptReason,
    /// When, in seconds since 1970.
    pub when: i64,
}
