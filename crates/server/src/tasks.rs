//! The tasks of one platform. Ending the platform ends them all: a task left behind would write for a server that
//! no longer exists.

use std::future::Future;

use tokio::sync::watch;

/// Starts tasks that end with the platform.
#[derive(Clone, Debug)]
pub struct Tasks {
    ended: watch::Receiver<bool>,
}

/// Ends all tasks of its [`Tasks`] when it is told to, or dropped.
#[derive(Debug)]
pub struct TasksOwner {
    end: watch::Sender<bool>,
}

impl Tasks {
    /// A way to start tasks, and the means to end them.
    #[must_use]
    pub fn new() -> (TasksOwner, Self) {
        let (end, ended) = watch::channel(false);
        (TasksOwner { end }, Self { ended })
    }

    /// Starts a task; it is dropped at its next await once the platform ends.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut ended = self.ended.clone();
        // Boxed, because a future that is moved into another takes room in both.
        let task = Box::pin(task);
        tokio::spawn(async move {
            tokio::select! {
                biased;
                _ = ended.wait_for(|ended| *ended) => {}
                () = task => {}
            }
        });
    }
}

impl TasksOwner {
    /// Ends every task.
    pub fn end(&self) {
        self.end.send_replace(true);
    }
}

impl Drop for TasksOwner {
    fn drop(&mut self) {
        self.end();
    }
}
