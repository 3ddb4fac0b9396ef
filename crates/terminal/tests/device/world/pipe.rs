//! A frame pipe in memory: whole frames, in order, until one side is dropped.

use std::io;

use bytes::Bytes;
use tokio::sync::mpsc;
use vinr_terminal::link::Connector;
use vinr_wire::link::FrameIo;

/// One end of a pipe.
pub struct Pipe {
    out: mpsc::Sender<Bytes>,
    inward: mpsc::Receiver<Bytes>,
}

pub fn pipe() -> (Pipe, Pipe) {
    let (a, from_a) = mpsc::channel(64);
    let (b, from_b) = mpsc::channel(64);
    (Pipe { out: a, inward: from_b }, Pipe { out: b, inward: from_a })
}

impl FrameIo for Pipe {
    async fn send(&mut self, frame: Bytes) -> io::Result<()> {
        self.out.send(frame).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    async fn recv(&mut self) -> io::Result<Option<Bytes>> {
        Ok(self.inward.recv().await)
    }
}

/// Knocks at the scripted cloud's door.
pub struct PipeConnector {
    pub door: mpsc::Sender<Pipe>,
}

impl Connector for PipeConnector {
    type Io = Pipe;

    async fn connect(&mut self) -> io::Result<Pipe> {
        let (near, far) = pipe();
        self.door.send(far).await.map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
        Ok(near)
    }
}
