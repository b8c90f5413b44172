//! Which process holds a lock, from `/proc/locks` (proc(5)).

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::LockHolder;

/// Who holds a lock on the file at this path. Nobody is found where there is no `/proc/locks`, or if
/// the process cannot be seen from here.
pub(crate) fn of(path: &Path) -> Vec<LockHolder> {
    let (Ok(found), Ok(locks)) = (fs::symlink_metadata(path), fs::read_to_string("/proc/locks")) else {
        return Vec::new();
    };
    let device = format!("{:02x}:{:02x}", rustix::fs::major(found.dev()), rustix::fs::minor(found.dev()));
    let candidates = candidates(&locks, found.ino());
    // Some file systems (btrfs) have one device for locks and others for files: there, the process
    // has to have the file open.
    let holds = |&(pid, on): &(u32, &str)| on == device || has_open(pid, path);
    let mut pids: Vec<u32> = candidates.into_iter().filter(holds).map(|(pid, _)| pid).collect();
    pids.sort_unstable();
    pids.dedup();
    pids.into_iter().map(|pid| LockHolder { pid, program: program(pid) }).collect()
}

/// The processes with a lock on an inode of this number, and on which device that is.
fn candidates(locks: &str, inode: u64) -> Vec<(u32, &str)> {
    let of_line = |line| {
        // 1: FLOCK  ADVISORY  WRITE 4242 fe:01:1311 0 EOF; whoever waits has -> in front.
        let [_, "FLOCK", _, _, pid, file, ..] = str::split_whitespace(line).collect::<Vec<_>>()[..] else {
            return None;
        };
        let (device, found) = file.rsplit_once(':')?;
        (found.parse() == Ok(inode)).then_some(())?;
        Some((pid.parse().ok().filter(|&pid| pid != 0)?, device)) // 0 and -1: not to be seen from here
    };
    locks.lines().filter_map(of_line).collect()
}

fn has_open(pid: u32, path: &Path) -> bool {
    let opened = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    opened.filter_map(|one| fs::read_link(one.path()).ok()).any(|target| target == path)
}

fn program(pid: u32) -> Option<String> {
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(String::from_utf8_lossy(name.trim_ascii_end()).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::super::told;
    use super::*;

    #[test]
    fn lines_of_the_kernel() {
        let locks = "\
1: FLOCK  ADVISORY  WRITE 4242 fe:01:1311 0 EOF
1: -> FLOCK  ADVISORY  WRITE 4243 fe:01:1311 0 EOF
2: POSIX  ADVISORY  WRITE 4244 fe:01:1311 0 EOF
3: FLOCK  ADVISORY  READ  4245 00:2f:1311 0 EOF
4: FLOCK  ADVISORY  READ  0 00:2f:1311 0 EOF
5: FLOCK  ADVISORY  READ  -1 00:2f:1311 0 EOF
6: FLOCK  ADVISORY  WRITE 4246 fe:01:13110 0 EOF
nonsense
";
        assert_eq!(candidates(locks, 1311), [(4242, "fe:01"), (4245, "00:2f")]);
    }

    #[test]
    fn our_own_lock_is_found_while_it_is_held() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("entry");
        let file = File::create(&path).unwrap();
        assert!(of(&path).is_empty());
        file.lock().unwrap();
        let [holder] = &of(&path)[..] else { panic!("one holder") };
        assert_eq!(holder.pid, std::process::id());
        assert!(told(std::slice::from_ref(holder)).ends_with(&format!("(pid {})", std::process::id())));
        file.unlock().unwrap();
        assert!(of(&path).is_empty());
        assert_eq!(told(&[]), "another program");
    }
}
