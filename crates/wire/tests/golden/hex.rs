//! Golden files: bytes as hexadecimal text, forty bytes to a line.

use std::fs;
use std::path::Path;

/// Reads a golden file; `None` when there is none.
pub fn read(path: &str) -> Option<Vec<u8>> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path)).ok()?;
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    Some(digits.chunks(2).map(byte).collect())
}

/// Bytes as a golden file holds them.
pub fn write(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
    bytes.chunks(40).map(line).collect()
}

/// Says which golden files do not hold these bytes, and what they would have to hold.
pub fn differing(wanted: &[(String, Vec<u8>)]) -> String {
    let differs = wanted.iter().filter(|(path, bytes)| read(path).as_ref() != Some(bytes));
    differs.map(|(path, bytes)| format!("{path} is not\n{}", write(bytes))).collect()
}
