//! When a simulator ends: on Ctrl-C, on SIGTERM, with its terminal window, or when its standard input does.

use std::io::Read;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::failure::Failure;

/// Hears it.
pub struct Ending {
    signals: [Signal; 3],
    stdin: Option<oneshot::Receiver<()>>,
}

impl Ending {
    /// Listens from here on; what comes before somebody waits is kept.
    pub fn listen(with_stdin: bool) -> Result<Self, Failure> {
        let heard = |kind| signal(kind).map_err(Failure::new);
        let signals =
            [heard(SignalKind::interrupt())?, heard(SignalKind::terminate())?, heard(SignalKind::hangup())?];
        let stdin = with_stdin.then(stdin_ends).transpose()?;
        Ok(Self { signals, stdin })
    }

    /// Waits for it.
    pub async fn come(self) {
        let [mut interrupted, mut terminated, mut hung_up] = self.signals;
        let stdin = async {
            match self.stdin {
                Some(ended) => {
                    // An error is the reader's thread that has ended, and nobody reads any more.
                    let _ = ended.await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
            _ = hung_up.recv() => {}
            () = stdin => {}
        }
    }
}

/// A thread of its own: the runtime would wait for a read that never ends before it lets the process go.
fn stdin_ends() -> Result<oneshot::Receiver<()>, Failure> {
    let (ended, ends) = oneshot::channel();
    let read = move || {
        let mut said = [0; 512];
        // What is said does not matter, only that somebody is still there.
        while std::io::stdin().read(&mut said).is_ok_and(|length| length > 0) {}
        let _ = ended.send(());
    };
    std::thread::Builder::new().name("stdin".to_owned()).spawn(read).map_err(Failure::new)?;
    Ok(ends)
}
