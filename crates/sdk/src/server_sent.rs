//! Reads server-sent events from the bytes of a response. Knows the format, not what is in it; a message has a limit.

/// Longer messages are not the platform's.
const LONGEST: usize = 4 * 1024 * 1024;

/// What has come and is not yet a message.
#[derive(Default)]
pub(crate) struct Messages {
    rest: Vec<u8>,
}

impl Messages {
    /// Takes what came. False when it can be no message any more.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        // A carriage return says nothing that the line feed does not.
        self.rest.extend(bytes.iter().filter(|byte| **byte != b'\r'));
        self.rest.len() <= LONGEST
    }

    /// The data of the next message; comments are skipped.
    pub(crate) fn next(&mut self) -> Option<String> {
        loop {
            let end = self.rest.windows(2).position(|two| two == b"\n\n")?;
            let block: Vec<u8> = self.rest.drain(..end + 2).collect();
            let text = String::from_utf8_lossy(&block);
            let lines: Vec<&str> = text
                .lines()
                .filter_map(|line| line.strip_prefix("data:"))
                .map(|line| line.strip_prefix(' ').unwrap_or(line))
                .collect();
            if !lines.is_empty() {
                return Some(lines.join("\n"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_however_they_are_cut() {
        let sent =
            ": hello\n\nid: 1\r\nevent: a\r\ndata: {\"a\":1}\r\n\r\n:\n\ndata:b\ndata: c\n\ndata: half";
        for size in [1, 3, 7, sent.len()] {
            let mut messages = Messages::default();
            let mut found = Vec::new();
            for piece in sent.as_bytes().chunks(size) {
                assert!(messages.push(piece));
                found.extend(std::iter::from_fn(|| messages.next()));
            }
            assert_eq!(found, ["{\"a\":1}", "b\nc"], "in pieces of {size}");
        }
    }

    #[test]
    fn a_message_without_end_is_given_up() {
        let mut messages = Messages::default();
        assert!(!messages.push(&vec![b'a'; LONGEST + 1]));
    }
}
