//! Everything that reads bytes of strangers, each with examples to begin from, and a machine that spoils the examples.
//! Whatever comes out of it, nothing may panic, and what can be read must read the same when it is written again.

use std::time::Duration;

use rand::seq::IndexedRandom;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::de::DeserializeOwned;
use vinr_domain::{AccountId, ClientCertificateId, Timestamp};
use vinr_pki::{
    Authority, ClientAnchors, ClientName, Credential, DenySet, DeviceIdentity, judge_client, leaf_facts,
    listener_identity, peer_facts, peer_identity,
};
use vinr_wire::journal::scan;
use vinr_wire::lan::{cashless, local};
use vinr_wire::link::{DeviceConfiguration, ToCloud, ToTerminal};
use vinr_wire::rest::body::{MAX_BODY_BYTES, decode, decode_query};
use vinr_wire::rest::payment::{CancelPayment, CapturePayment, ListPayments};

/// Pieces that formats of this kind are made of, and where their readers go wrong.
const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b":",
    b",",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"\\u0000",
    b"\\ud800",
    b"amount",
    b"currency",
    b"EUR",
    b"reference",
    b"metadata",
    b"[]",
    b"%00",
    b"%zz",
    b"&",
    b"=",
    b"\xff\xfe",
    b"\xf0\x9f\x92\xb3",
    b"\x00",
    b"\x30\x82\xff\xff",
    b"\x06\x03\x55\x1d\x11",
    b"\x7f\xff\xff\xff",
    b"\x80\x80\x80\x80\x10",
];

/// The longest input.
const MOST_BYTES: usize = 96 * 1024;

/// Whether it understands its input.
type Reads = Box<dyn Fn(&[u8]) -> bool>;

/// Something that reads bytes of strangers.
pub struct Decoder {
    /// What it reads.
    pub name: &'static str,
    /// Inputs that it understands.
    pub examples: Vec<Vec<u8>>,
    read: Reads,
}

impl Decoder {
    fn new(name: &'static str, examples: Vec<Vec<u8>>, read: impl Fn(&[u8]) -> bool + 'static) -> Self {
        Self { name, examples, read: Box::new(read) }
    }

    /// Whether it understands the input.
    #[must_use]
    pub fn reads(&self, input: &[u8]) -> bool {
        (self.read)(input)
    }

    /// Reads spoiled examples until the time is over or so many were read. Returns how many were read, and how many of
    /// them were understood.
    pub fn exercise(&self, seed: u64, most: u64, at_most: Duration) -> (u64, u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let begun = tokio::time::Instant::now();
        let (mut read, mut understood) = (0, 0);
        while read < most && begun.elapsed() < at_most {
            let input = spoiled(&self.examples, &mut rng);
            understood += u64::from(self.reads(&input));
            read += 1;
        }
        (read, understood)
    }
}

fn spoiled(examples: &[Vec<u8>], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut input = examples.choose(rng).cloned().unwrap_or_default();
    for _ in 0..rng.random_range(0..8) {
        let at = rng.random_range(0..=input.len());
        let some = rng.random_range(0..=(input.len() - at).min(64));
        match rng.random_range(0..8) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..at + some)),
            2 => {
                let piece = PIECES.choose(rng).copied().unwrap_or_default();
                input.splice(at..at, piece.iter().copied());
            }
            3 => {
                let again = input[at..at + some].to_vec();
                input.splice(at..at, again);
            }
            4 => {
                let other = examples.choose(rng).map(Vec::as_slice).unwrap_or_default();
                input.truncate(at);
                input.extend_from_slice(&other[at.min(other.len())..]);
            }
            5 => {
                let deep = rng.random_range(1..4_000);
                input.splice(at..at, std::iter::repeat_n(b'[', deep));
            }
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << rng.random_range(0..8);
                }
            }
        }
    }
    input.truncate(MOST_BYTES);
    input
}

fn body<T: DeserializeOwned + 'static>(name: &'static str, examples: &[&str]) -> Decoder {
    let examples = examples.iter().map(|text| text.as_bytes().to_vec()).collect();
    Decoder::new(name, examples, |input| {
        let input = &input[..input.len().min(MAX_BODY_BYTES)];
        let json = decode::<T>(Some("application/json"), input).is_ok();
        json || decode::<T>(Some("application/x-www-form-urlencoded"), input).is_ok()
    })
}

/// All of them.
///
/// # Panics
/// When the certificates to begin from cannot be made.
#[must_use]
pub fn all() -> Vec<Decoder> {
    let mut all = bodies();
    all.push(Decoder::new(
        "query of a list",
        vec![b"limit=10&reference=a%20b&starting_after=tpay_0".to_vec(), b"status=completed".to_vec()],
        |input| std::str::from_utf8(input).is_ok_and(|query| decode_query::<ListPayments>(query).is_ok()),
    ));
    all.push(Decoder::new(
        "query of the sandbox",
        vec![b"simulateCard=card_declined&simulateDelay=3".to_vec()],
        |input| {
            std::str::from_utf8(input)
                .is_ok_and(|query| decode_query::<local::SimulationQuery>(query).is_ok())
        },
    ));
    all.push(Decoder::new(
        "configuration",
        vec![
            br#"{"tip":{"mode":"percentage","suggestions":[10,15],"allowCustom":true},"offlineMode":{"enabled":true,"maxAmount":5000,"maxQueue":3}}"#.to_vec(),
            br#"{"receipt":{"channels":["print","email"],"requireConsent":true},"display":{"idleMessage":"Hello"}}"#.to_vec(),
        ],
        |input| DeviceConfiguration::parse(input, true).is_ok(),
    ));
    all.extend(link());
    all.extend(certificates());
    all
}

fn bodies() -> Vec<Decoder> {
    vec![
        body::<local::CreateLocalPayment>(
            "order of a till",
            &[
                r#"{"terminalId":"term_1","amount":2500,"currency":"USD","reference":"order_8821","captureMethod":"automatic","metadata":{"table":"4"},"clientToken":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"}"#,
                "terminalId=term_1&amount=4200&currency=EUR&reference=order_1099&metadata[a]=b",
            ],
        ),
        body::<CapturePayment>("capture", &[r#"{"amount":4000}"#, "amount=4000"]),
        body::<CancelPayment>("cancel", &["{}", ""]),
        body::<cashless::Sale>(
            "sale",
            &[r#"{"amount":2500,"currency":"USD","reference":"POS-1","tipAmount":300,"printReceipt":true}"#],
        ),
        body::<cashless::Preauth>("preauth", &[r#"{"amount":10000,"currency":"USD","reference":"HOTEL-1"}"#]),
        body::<cashless::PreauthComplete>(
            "preauth/complete",
            &[r#"{"originalReference":"H-1","captureAmount":8750,"currency":"USD","reference":"H-1-F"}"#],
        ),
        body::<cashless::PreauthCancel>("preauth/cancel", &[r#"{"originalReference":"H-1"}"#]),
        body::<cashless::Refund>(
            "refund",
            &[
                r#"{"originalReference":"P-1","amount":2500,"currency":"USD","reference":"R-1","printReceipt":false}"#,
            ],
        ),
        body::<cashless::Cancel>("cashless cancel", &[r#"{"reference":"P-1"}"#, "{}"]),
        body::<cashless::StatusRequest>("cashless status", &[r#"{"reference":"P-1"}"#, "{}"]),
        body::<cashless::BatchClose>("batch/close", &[r#"{"reference":"EOD-1"}"#]),
        body::<cashless::Reprint>("receipt/reprint", &[r#"{"type":"both"}"#]),
    ]
}

/// What the two sides of the device link read, and the journal.
fn link() -> Vec<Decoder> {
    let golden = |folder: &str| {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/golden").join(folder);
        let mut files: Vec<_> = std::fs::read_dir(folder).expect("the golden files are there").collect();
        files.sort_by_key(|file| file.as_ref().map(std::fs::DirEntry::path).ok());
        let bytes = |file: std::io::Result<std::fs::DirEntry>| {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
            let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
            let pair =
                |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or("0"), 16).unwrap_or(0);
            digits.chunks(2).map(pair).collect::<Vec<u8>>()
        };
        files.into_iter().map(bytes).collect::<Vec<_>>()
    };
    let again_to_terminal = |input: &[u8]| match ToTerminal::decode(input) {
        Ok(message) => {
            assert_eq!(ToTerminal::decode(&message.encode()), Ok(message), "read, written and read again");
            true
        }
        Err(_) => false,
    };
    let again_to_cloud = |input: &[u8]| match ToCloud::decode(input) {
        Ok(message) => {
            assert_eq!(ToCloud::decode(&message.encode()), Ok(message), "read, written and read again");
            true
        }
        Err(_) => false,
    };
    vec![
        Decoder::new("message to a terminal", golden("link/v1"), again_to_terminal),
        Decoder::new("message to the cloud", golden("link/v1"), again_to_cloud),
        Decoder::new("journal", golden("journal/v1"), |input| !scan(input).records.is_empty()),
    ]
}

/// Certificates, as they come in a handshake, a header, a message or a file.
fn certificates() -> Vec<Decoder> {
    let now = Timestamp(1_800_000_000_000);
    let dir = tempfile::tempdir().expect("a directory");
    let authority = Authority::open_or_create(dir.path(), now).expect("an authority");
    let terminal = DeviceIdentity::simulator(AccountId::parse("acct_1").expect("an account"));
    let anchors = ClientAnchors::from_pem(authority.clients_pem());
    let name = ClientName { terminal: terminal.clone(), certificate: ClientCertificateId(1) };
    let till = authority.issue_client(&name, now).expect("a certificate");
    let bundle = till.to_pkcs12("passphrase", "till").expect("a bundle");
    let der = till.leaf().expect("a leaf").to_vec();
    let root = authority.roots_pem().as_bytes().to_vec();
    let denied = DenySet::new();
    vec![
        Decoder::new("client certificate", vec![der.clone()], move |input| {
            judge_client(Some(input), &anchors, &terminal, &denied, now).is_ok()
        }),
        Decoder::new("any certificate", vec![der], |input| {
            let _ = (leaf_facts(input), peer_identity(input), listener_identity(input));
            peer_facts(input).is_ok()
        }),
        Decoder::new("authorities", vec![root], |input| {
            std::str::from_utf8(input).is_ok_and(|pem| {
                let _ = Credential::from_pem(pem, pem);
                !ClientAnchors::from_pem(pem).is_empty()
            })
        }),
        Decoder::new("bundle of a till", vec![bundle], |input| {
            Credential::from_pkcs12(input, "passphrase").is_ok()
        }),
    ]
}
