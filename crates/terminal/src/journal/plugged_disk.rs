//! A disk whose plug can be pulled in a running process: what was not synced is not on it. Stands before a real one on
//! terminals whose power somebody cuts on purpose.

use std::io;

use super::Disk;

/// Holds back what is appended until it is synced, so that a terminal whose task is ended where it stands leaves behind
/// what a power loss leaves behind.
#[derive(Debug)]
pub struct PluggedDisk<D> {
    disk: D,
    unsynced: Vec<u8>,
}

impl<D> PluggedDisk<D> {
    /// The same disk, with a plug.
    pub fn new(disk: D) -> Self {
        Self { disk, unsynced: Vec::new() }
    }
}

impl<D: Disk> Disk for PluggedDisk<D> {
    fn load(&mut self) -> io::Result<Vec<u8>> {
        self.disk.load()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.unsynced.extend_from_slice(bytes);
        Ok(())
    }

    async fn sync(&mut self) -> io::Result<()> {
        if !self.unsynced.is_empty() {
            self.disk.append(&self.unsynced)?;
            self.unsynced.clear();
        }
        self.disk.sync().await
    }

    async fn replace(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.disk.replace(bytes).await?;
        self.unsynced.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::MemoryDisk;

    #[tokio::test]
    async fn what_was_not_synced_is_gone_with_the_plug() {
        let platter = MemoryDisk::new();
        let mut disk = PluggedDisk::new(platter.clone());
        disk.append(b"one").unwrap();
        disk.sync().await.unwrap();
        disk.append(b"two").unwrap();
        drop(disk);
        assert_eq!(platter.bytes(), b"one");
        let mut disk = PluggedDisk::new(platter.clone());
        disk.append(b"lost").unwrap();
        disk.replace(b"whole".to_vec()).await.unwrap();
        disk.sync().await.unwrap();
        assert_eq!((platter.bytes(), platter.synced_bytes()), (b"whole".to_vec(), 5));
    }
}
