//! The terminal's journal as bytes (safety: the journal is the arbiter): records, their frames on disk, the chain
//! that ties them, and how damage is told from an interrupted write. Opens no file.
//!
//! On disk a record is `length: u32 LE, crc: u32 LE, payload`, where `crc` is the CRC-32 (ISO-HDLC) of the payload
//! and the payload is a protobuf `Record` whose last field is its link of the chain. There is no header: an empty
//! file is an empty journal.
//!
//! A writer syncs what it has appended before it appends more. That is what makes the rule of [`Tail`] true: only
//! the last append can be incomplete.

mod codec;
mod record;
mod scan;

pub use codec::encode;
pub use record::{Command, IntentRecord, KeptOffline, LanOrigin, Opened, Record};
pub use scan::{Damage, Scan, Tail, scan};

/// SHA-256 over everything up to and including a record.
pub type ChainHash = [u8; 32];

/// What the first record of a file is chained to.
pub const CHAIN_START: ChainHash = [0; 32];

/// Index of the first record of a file.
pub const FIRST_INDEX: u64 = 1;

/// The longest payload. Whatever a record holds has come in one frame of the link, and says it once.
pub const MAX_RECORD_BYTES: usize = 2 * crate::link::MAX_FRAME_BYTES;

/// Length and checksum before every payload.
const HEAD_BYTES: usize = 8;
/// Tag and length of the chain field, which ends every payload: field 2, 32 bytes.
const CHAIN_TAG: [u8; 2] = [0x12, 32];
/// The chain field as it ends every payload.
const CHAIN_BYTES: usize = 34;
