//! What asks the daemon to drain and end.

use std::io;

use tokio::sync::mpsc;

use crate::owner::FromInside;

/// SIGTERM, SIGINT and SIGHUP.
#[cfg(unix)]
pub(crate) fn stop_on_any(owner: &mpsc::UnboundedSender<FromInside>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let mut signals = signal(kind)?;
        let owner = owner.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() && owner.send(FromInside::Stop).is_ok() {}
        });
    }
    Ok(())
}

/// Ctrl-C, Ctrl-Break, and the end of the console, of the user's session and of the machine, where the
/// daemon has a console to hear of them: one that was started on demand has none.
#[cfg(windows)]
pub(crate) fn stop_on_any(owner: &mpsc::UnboundedSender<FromInside>) -> io::Result<()> {
    use tokio::signal::windows;
    let (mut c, mut pause) = (windows::ctrl_c()?, windows::ctrl_break()?);
    let (mut close, mut logoff, mut shutdown) =
        (windows::ctrl_close()?, windows::ctrl_logoff()?, windows::ctrl_shutdown()?);
    let owner = owner.clone();
    tokio::spawn(async move {
        loop {
            let heard = tokio::select! {
                heard = c.recv() => heard,
                heard = pause.recv() => heard,
                heard = close.recv() => heard,
                heard = logoff.recv() => heard,
                heard = shutdown.recv() => heard,
            };
            if heard.is_none() || owner.send(FromInside::Stop).is_err() {
                return;
            }
        }
    });
    Ok(())
}
