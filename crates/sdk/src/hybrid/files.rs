//! Delegations in files: one for each payment, in a directory that only this user can read. What is written is on the disk
//! before anything is sent on the strength of it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use futures_util::future::BoxFuture;

use super::delegations::{Delegation, Delegations, Order, now_ms};
use crate::error::VinrError;
use crate::identity::new_client_token;

const KEPT_MS: i64 = 24 * 3_600_000;

/// One file for each payment.
#[derive(Clone)]
pub(super) struct DelegationFiles {
    directory: PathBuf,
}

impl DelegationFiles {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    fn path(&self, intent: &str) -> PathBuf {
        self.directory.join(format!("{intent}.json"))
    }

    fn read(&self, intent: &str) -> Result<Option<Delegation>, VinrError> {
        let text = match fs::read(self.path(intent)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable("read", &error)),
        };
        // A file that cannot be understood is no absent record: the payment may be anywhere.
        let record: Option<Delegation> = serde_json::from_slice(&text).ok();
        match record.filter(|one| one.v == 1 && one.intent == intent) {
            Some(record) => Ok(Some(record)),
            None => Err(unusable("understood", &intent)),
        }
    }

    fn all(&self, order: &Order) -> Result<Vec<Delegation>, VinrError> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unusable("read", &error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| unusable("read", &error))?.file_name();
            let Some(intent) = name.to_str().and_then(|name| name.strip_suffix(".json")) else { continue };
            if intent.len() != 36 {
                continue;
            }
            let Some(record) = self.read(intent)? else { continue };
            if record.state.is_over() && record.updated_at < now_ms() - KEPT_MS {
                self.remove(intent)?;
            } else if record.order == *order {
                found.push(record);
            }
        }
        Ok(found)
    }

    /// Written beside, synced, renamed, and the name itself synced.
    fn write(&self, record: &Delegation) -> io::Result<()> {
        let mut directory = DirBuilder::new();
        directory.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut directory, 0o700);
        directory.create(&self.directory)?;
        let unique = new_client_token().map_err(|error| io::Error::other(error.message.clone()))?;
        let beside = self.directory.join(format!(".{}.{unique}", record.intent));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&beside).and_then(|mut file| {
            file.write_all(&serde_json::to_vec(record)?)?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
        let kept = written.and_then(|()| fs::rename(&beside, self.path(&record.intent)));
        if kept.is_err() {
            let _ = fs::remove_file(&beside);
        }
        kept.and_then(|()| self.sync())
    }

    /// Where directories cannot be synced the system does it.
    fn sync(&self) -> io::Result<()> {
        if cfg!(unix) { File::open(&self.directory)?.sync_all() } else { Ok(()) }
    }

    fn remove(&self, intent: &str) -> Result<(), VinrError> {
        match fs::remove_file(self.path(intent)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable("erased", &error)),
            _ => Ok(()),
        }
    }

    /// Runs what waits for the disk where waiting stands in nobody's way.
    fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, VinrError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, VinrError>> {
        let files = self.clone();
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&files)).await;
            done.unwrap_or_else(|error| Err(unusable("used", &error)))
        })
    }
}

impl Delegations for DelegationFiles {
    fn load<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<Option<Delegation>, VinrError>> {
        let intent = intent.to_owned();
        self.aside(move |files| files.read(&intent))
    }

    fn find<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Vec<Delegation>, VinrError>> {
        let order = order.clone();
        self.aside(move |files| files.all(&order))
    }

    fn save<'a>(&'a self, record: &'a Delegation) -> BoxFuture<'a, Result<(), VinrError>> {
        let record = record.clone();
        self.aside(move |files| files.write(&record).map_err(|error| unusable("written", &error)))
    }

    fn erase<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<(), VinrError>> {
        let intent = intent.to_owned();
        self.aside(move |files| files.remove(&intent))
    }
}

fn unusable(what: &str, why: &dyn std::fmt::Display) -> VinrError {
    let message = format!("the record of a payment cannot be {what} ({why})");
    VinrError::configuration("state_unusable", message).about("state_dir")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hybrid::DelegationState;

    fn record(intent: &str, reference: &str) -> Delegation {
        let order = Order {
            terminal_id: "term_1".into(),
            reference: Some(reference.into()),
            amount: 5,
            currency: "USD".into(),
        };
        Delegation::new(order, intent.into())
    }

    #[tokio::test]
    async fn records_are_found_by_name_and_order_until_a_day_after_the_end() {
        let place = tempfile::tempdir().unwrap();
        let files = DelegationFiles::new(place.path().join("state"));
        let token = new_client_token().unwrap();
        assert_eq!(files.load(&token).await.unwrap(), None);
        let first = record(&token, "a");
        files.save(&first).await.unwrap();
        files.save(&record(&new_client_token().unwrap(), "b")).await.unwrap();
        assert_eq!(files.find(&first.order).await.unwrap(), std::slice::from_ref(&first));
        let mut over = first.moved(DelegationState::FinalLocal);
        files.save(&over).await.unwrap();
        assert_eq!(files.load(&token).await.unwrap().unwrap().state, DelegationState::FinalLocal);
        over.updated_at -= KEPT_MS + 60_000;
        files.save(&over).await.unwrap();
        assert_eq!(files.find(&first.order).await.unwrap(), []);
        assert_eq!(files.load(&token).await.unwrap(), None, "it was not forgotten");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_can_read_them_and_a_spoiled_one_is_no_absent_one() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let files = DelegationFiles::new(place.path().join("state"));
        let token = new_client_token().unwrap();
        files.save(&record(&token, "a")).await.unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(place.path().join("state")), mode(files.path(&token))), (0o700, 0o600));
        fs::write(files.path(&token), "{\"v\":1").unwrap();
        assert_eq!(files.load(&token).await.unwrap_err().code, "state_unusable");
    }
}
