//! Reading a journal from its first byte: the records, and what is wrong with what follows them. Repairs nothing.

use super::codec::decode;
use super::record::Record;
use super::{CHAIN_BYTES, CHAIN_START, CHAIN_TAG, ChainHash, FIRST_INDEX, HEAD_BYTES, MAX_RECORD_BYTES};

/// What a journal holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// The records that can be trusted, in order.
    pub records: Vec<Record>,
    /// How many bytes they take.
    pub valid_len: usize,
    /// Index of the record to be written next.
    pub next_index: u64,
    /// What that record is chained to.
    pub last_hash: ChainHash,
    /// What follows them.
    pub tail: Tail,
}

/// What follows the records that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Nothing.
    Clean,
    /// The beginning of an append that was interrupted, and nothing whole after it. Nobody was told of it, because
    /// it had not been synced: cut it off at `at` and carry on.
    Torn {
        /// Where it begins, in bytes.
        at: usize,
        /// What is wrong there.
        reason: Damage,
    },
    /// Something that was once whole is not, or is not what was written. Records may be missing that others know
    /// of: it must be neither cut off nor overwritten, and the terminal must say so.
    Broken {
        /// Where it begins, in bytes.
        at: usize,
        /// What is wrong there.
        reason: Damage,
    },
}

/// What is wrong at a place in a journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The file ends before the record does.
    #[error("the record is cut short")]
    Short,
    /// No record is that long or that short.
    #[error("no record has a length of {0} bytes")]
    Length(u32),
    /// The checksum does not match the payload.
    #[error("the checksum does not match")]
    Checksum,
    /// The record does not follow from the one before: something was changed, removed or put back.
    #[error("the record is not chained to the one before")]
    Chain,
    /// A record is missing, or there twice.
    #[error("record {expected} was expected, record {found} is there")]
    Index {
        /// The index that should be there.
        expected: u64,
        /// The index that is.
        found: u64,
    },
    /// Not a record, though its checksum is right.
    #[error("not a record")]
    Malformed,
    /// A field does not hold what it must.
    #[error("{field} is not valid")]
    Field {
        /// `message.field`.
        field: &'static str,
    },
    /// The file does not begin by saying whose it is.
    #[error("the first record does not open the journal")]
    Unopened,
}

/// Reads a journal. Never panics, whatever the bytes.
#[must_use]
pub fn scan(bytes: &[u8]) -> Scan {
    let mut scan = Scan {
        records: Vec::new(),
        valid_len: 0,
        next_index: FIRST_INDEX,
        last_hash: CHAIN_START,
        tail: Tail::Clean,
    };
    while scan.valid_len < bytes.len() {
        let at = scan.valid_len;
        let payload = match payload_at(&bytes[at..]) {
            Ok(payload) => payload,
            Err(reason) => {
                let whole_after = (at + 1..bytes.len()).any(|later| looks_whole(&bytes[later..]));
                let tail = if whole_after { Tail::Broken { at, reason } } else { Tail::Torn { at, reason } };
                return Scan { tail, ..scan };
            }
        };
        // The checksum is right, so it was written whole: whatever is wrong now is no interrupted write.
        match decode(payload, scan.next_index, &scan.last_hash).and_then(|read| opened(read, at)) {
            Ok((record, hash)) => {
                scan.records.push(record);
                scan.valid_len += HEAD_BYTES + payload.len();
                scan.next_index += 1;
                scan.last_hash = hash;
            }
            Err(reason) => return Scan { tail: Tail::Broken { at, reason }, ..scan },
        }
    }
    scan
}

fn opened(read: (Record, ChainHash), at: usize) -> Result<(Record, ChainHash), Damage> {
    if at == 0 && !matches!(read.0, Record::Opened(_)) { Err(Damage::Unopened) } else { Ok(read) }
}

/// The payload of the frame that `bytes` open with, if it is whole.
fn payload_at(bytes: &[u8]) -> Result<&[u8], Damage> {
    let (length, rest) = bytes.split_first_chunk().ok_or(Damage::Short)?;
    let length = u32::from_le_bytes(*length);
    if !(CHAIN_BYTES..=MAX_RECORD_BYTES).contains(&(length as usize)) {
        return Err(Damage::Length(length));
    }
    let (crc, rest) = rest.split_first_chunk().ok_or(Damage::Short)?;
    let payload = rest.get(..length as usize).ok_or(Damage::Short)?;
    if crc32fast::hash(payload) == u32::from_le_bytes(*crc) { Ok(payload) } else { Err(Damage::Checksum) }
}

/// Whether a whole frame begins here. Looks at the chain's tag first, so that a search through a damaged megabyte
/// does not compute a checksum at every byte.
fn looks_whole(bytes: &[u8]) -> bool {
    let Some((length, _)) = bytes.split_first_chunk() else { return false };
    let end = HEAD_BYTES.saturating_add(u32::from_le_bytes(*length) as usize);
    let tag = end.checked_sub(CHAIN_BYTES).and_then(|at| bytes.get(at..end)?.get(..CHAIN_TAG.len()));
    tag == Some(CHAIN_TAG.as_slice()) && payload_at(bytes).is_ok()
}
