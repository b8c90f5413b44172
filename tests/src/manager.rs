//! A real service manager: `systemd --user`, of an ordinary user.
//!
//! It runs wherever there is a systemd to be started, also where another program is process 1: it takes
//! `/run/systemd/system`, by which systemctl(1) knows that systemd is there, a control group that belongs
//! to the user, and what process 1 would have made: `/run/systemd/unit-root`, onto which a unit's own view
//! of the files is put together, `/dev/mqueue`, and the user's files that nobody can open.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::user::need_root;
use crate::{Program, World, wait_until};

/// The program.
const SYSTEMD: &str = "/lib/systemd/systemd";

/// Homes are here: a unit with a `/tmp` and a `/var/tmp` of its own sees nothing of ours.
const PLACE: &str = "/home";

/// The manager of one world's user, for as long as that world lives.
#[derive(Debug)]
pub struct UserManager {
    /// Before the world: what is left of it is gone before its files are.
    process: Child,
    groups: Vec<PathBuf>,
    /// Its user's.
    pub world: World,
}

impl UserManager {
    /// Starts one, in a new world of somebody who is not root.
    #[expect(clippy::new_without_default, reason = "a process is no default")]
    pub fn new() -> Self {
        Self::of(World::new_in(PLACE).of_somebody())
    }

    fn of(world: World) -> Self {
        need_root();
        for dir in ["/run/systemd/system", "/run/systemd/unit-root", "/dev/mqueue"] {
            fs::create_dir_all(dir).unwrap();
        }
        let owner = world.owner.expect("the world is somebody's");
        let groups = control_groups(&world.path(""), owner);
        // Into its groups as root, and only then somebody else. Where /run is no mount of its own, a unit's
        // view of the files would have an empty one.
        let enter = r#"mount --rbind /run /run || exit 1
            for group do echo $$ > "$group/cgroup.procs" || exit 1; done
            exec setpriv --reuid="$OWNER" --regid="$OWNER" --clear-groups "$SYSTEMD" --user"#;
        let log = fs::File::create(world.path("systemd.log")).unwrap();
        let process = Command::new("unshare")
            .args(["--mount", "sh", "-c", enter, "sh"])
            .args(&groups)
            .env_clear()
            .envs(world.environment())
            .envs([("OWNER", owner.to_string()), ("SYSTEMD", SYSTEMD.to_owned())])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let manager = Self { process, groups, world };
        let private = manager.world.path("run/systemd/private");
        wait_until("the service manager listens", || private.exists().then_some(()));
        copy_inaccessible(&manager.world.path("run"), owner);
        manager
    }

    /// `systemctl --user` with these arguments.
    pub fn systemctl(&self, arguments: &[&str]) -> Program {
        let program = self.world.program("systemctl").arg("--user");
        arguments.iter().fold(program, Program::arg)
    }

    /// A property of a unit.
    pub fn property(&self, unit: &str, name: &str) -> String {
        let shown = self.systemctl(&["show", "--value", "-p", name, unit]).run().ok().stdout;
        shown.trim_end().to_owned()
    }

    /// Waits until a property of a unit is this.
    pub fn wait_for(&self, unit: &str, name: &str, value: &str) {
        wait_until(&format!("{name} of {unit} is {value}"), || {
            (self.property(unit, name) == value).then_some(())
        });
    }

    /// Adds settings to a unit, as a person does with a drop-in of his own.
    pub fn set(&self, unit: &str, settings: &str) {
        let dir = self.world.path("home/.config/systemd/user").join(format!("{unit}.d"));
        fs::create_dir_all(&dir).unwrap();
        let file = dir.join("test.conf");
        fs::write(&file, settings).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        self.systemctl(&["daemon-reload"]).run().ok();
    }

    /// The unit of the world's journal, without `.service`.
    pub fn unit(&self) -> String {
        format!("ponderd@{}", self.world.journal().id())
    }
}

impl Drop for UserManager {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.world.path("systemd.log")).unwrap_or_default();
            let units = self.systemctl(&["status", "--no-pager", "--full", "ponderd*"]).run().stdout;
            eprintln!("--- the service manager\n{log}\n{units}");
        }
        let _ = self.process.kill(); // it may be gone already
        let _ = self.process.wait(); // as above
        self.world.processes().into_iter().for_each(crate::Process::kill);
        for group in &self.groups {
            remove_group(group);
        }
    }
}

/// Control groups of the user's own: in the unified hierarchy, and in systemd's own where that is apart.
fn control_groups(world: &Path, owner: u32) -> Vec<PathBuf> {
    let name = world.file_name().or_else(|| world.parent()?.file_name()).expect("a world has a name");
    let apart = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"].map(Path::new);
    let whole = [Path::new("/sys/fs/cgroup")];
    let roots: &[&Path] = if apart[1].is_dir() { &apart } else { &whole };
    let own = |root: &&Path| {
        let group = root.join(name);
        fs::create_dir(&group).unwrap();
        chown(&group, Some(owner), Some(owner)).unwrap();
        for file in ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "tasks"] {
            let file = group.join(file);
            if file.exists() {
                chown(file, Some(owner), Some(owner)).unwrap();
            }
        }
        group
    };
    roots.iter().map(own).collect()
}

/// The files by which a unit's view hides others. The manager makes them in its runtime directory, and
/// looks for them in the one that every user usually has: the managers of all tests do, so one of them
/// puts them there.
fn copy_inaccessible(runtime_dir: &Path, owner: u32) {
    let usual = PathBuf::from(format!("/run/user/{owner}/systemd"));
    fs::create_dir_all(&usual).unwrap();
    let turns = fs::File::create(usual.join("ponder-tests.lock")).unwrap();
    turns.lock().unwrap();
    if !usual.join("inaccessible").exists() {
        let (made, copy) = (runtime_dir.join("systemd/inaccessible"), usual.join("inaccessible.new"));
        let copied = Command::new("cp").args(["-a", "-T"]).arg(made).arg(&copy).status().unwrap();
        assert!(copied.success(), "cannot copy to {}", copy.display());
        fs::rename(copy, usual.join("inaccessible")).unwrap();
    }
}

/// A group goes when those in it have gone.
fn remove_group(group: &Path) {
    for item in fs::read_dir(group).into_iter().flatten().flatten() {
        if item.path().is_dir() {
            remove_group(&item.path());
        }
    }
    let _ = fs::remove_dir(group); // one that stays does no harm
}
