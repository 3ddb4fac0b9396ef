//! The activation code that a device shows and a person types: 40 bits in an alphabet that reads back however it was
//! typed. Draws no randomness and remembers no code.

use std::fmt;

/// Crockford's base 32: no I, L, O, U. What is typed instead of a digit that looks the same is understood.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &str = "ACT";
const CHARS: usize = 8;

/// An activation code, `ACT-7X9K-2M4P`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ActivationCode(u64);

/// The text cannot be an activation code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Too short, too long, or it does not begin as codes do.
    #[error("must look like ACT-7X9K-2M4P")]
    Shape,
    /// A character that no code has.
    #[error("must consist of digits and of letters other than U")]
    Character,
}

impl ActivationCode {
    /// The code that the lowest 40 of these bits are; the rest is dropped.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << (5 * CHARS)) - 1))
    }

    /// Reads a code as people type it: in either case, with spaces or dashes anywhere or nowhere, with or without
    /// `ACT`, with `O` for 0 and `I` or `L` for 1.
    ///
    /// # Errors
    /// [`CodeError`]
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let typed = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '_' | '.'));
        let typed: String = typed.take(64).map(|c| c.to_ascii_uppercase()).collect();
        let body = match typed.strip_prefix(PREFIX) {
            Some(rest) if typed.chars().count() == PREFIX.len() + CHARS => rest,
            Some(_) | None => &typed,
        };
        if body.chars().count() != CHARS {
            return Err(CodeError::Shape);
        }
        body.chars().try_fold(0_u64, |bits, c| Ok((bits << 5) | digit(c)?)).map(Self)
    }

    /// The eight characters without prefix and dashes: what a keyed hash is taken of.
    #[must_use]
    pub fn bare(self) -> String {
        (0..CHARS).rev().map(|place| char::from(ALPHABET[((self.0 >> (5 * place)) & 31) as usize])).collect()
    }
}

fn digit(typed: char) -> Result<u64, CodeError> {
    let meant = match typed {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| char::from(*known) == meant);
    place.map(|place| place as u64).ok_or(CodeError::Character)
}

impl fmt::Display for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.bare();
        write!(f, "{PREFIX}-{}-{}", &bare[..CHARS / 2], &bare[CHARS / 2..])
    }
}

impl fmt::Debug for ActivationCode {
    /// Whoever has the code has the device, so no log has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActivationCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = ActivationCode::parse("ACT-7X9K-2M4P").unwrap();
        assert_eq!(code.to_string(), "ACT-7X9K-2M4P");
        for typed in [
            "act-7x9k-2m4p",
            " ACT 7X9K 2M4P ",
            "ACT7X9K2M4P",
            "7x9k2m4p",
            "7X9K-2M4P",
            "ACT-7x9k–2m4p",
            "7 X 9 K 2 M 4 P",
        ] {
            assert_eq!(ActivationCode::parse(typed), Ok(code), "{typed}");
        }
        assert_eq!(ActivationCode::parse("ACT-OIL0-0000"), ActivationCode::parse("ACT-0110-0000"));
        // A code whose own first characters are the prefix.
        assert_eq!(ActivationCode::parse("ACT0-0000").unwrap().to_string(), "ACT-ACT0-0000");
    }

    #[test]
    fn forty_bits_make_a_code_and_the_code_makes_the_bits() {
        for bits in [0, 1, 31, 32, 0xFF_FFFF_FFFF, 0x12_3456_789A] {
            let code = ActivationCode::from_bits(bits);
            assert_eq!(code, ActivationCode(bits));
            assert_eq!(ActivationCode::parse(&code.to_string()), Ok(code));
        }
        assert_eq!(ActivationCode::from_bits(u64::MAX), ActivationCode(0xFF_FFFF_FFFF));
        assert_eq!(format!("{:?}", ActivationCode(7)), "ActivationCode(..)");
    }

    #[test]
    fn what_cannot_be_a_code_is_refused() {
        for text in
            ["", "ACT", "ACT-", "ACT-7X9K-2M4", "ACT-7X9K-2M4PX", "ACT-ACT-7X9K-2M4P", "XYZ-7X9K-2M4P"]
        {
            assert_eq!(ActivationCode::parse(text), Err(CodeError::Shape), "{text}");
        }
        for text in ["ACT-7X9K-2M4U", "ACT-7X9K-2M4é", "7X9K2M4!", "7X9K\u{ff12}M4P"] {
            assert_eq!(ActivationCode::parse(text), Err(CodeError::Character), "{text}");
        }
        assert_eq!(ActivationCode::parse(&"7".repeat(100_000)), Err(CodeError::Shape));
    }
}
