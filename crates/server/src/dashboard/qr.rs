//! QR codes as the path of a picture in the page. Draws; knows nothing of what the text means.

use qrcode::{Color, QrCode};

/// Light modules around the code, as scanners want them (ISO/IEC 18004).
const QUIET: usize = 4;

/// A QR code: how many modules it is wide with its margin, and the path of its dark ones.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) path: String,
}

/// The text as a QR code; `None` when it is too long for one.
pub(super) fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row.iter().skip(x).take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    Some(Picture { width: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_as_many_dark_modules_as_its_code() {
        let drawn = picture("otpauth://totp/VINR:ada@shop.example?secret=GEZDGNBV").unwrap();
        let runs = drawn.path.split('h').skip(1).filter(|part| part.ends_with('z') || part.contains('v'));
        let dark: usize = runs.filter_map(|part| part.split('v').next()?.parse::<usize>().ok()).sum();
        let code = QrCode::new("otpauth://totp/VINR:ada@shop.example?secret=GEZDGNBV").unwrap();
        assert_eq!(dark, code.to_colors().iter().filter(|color| **color == Color::Dark).count());
        assert_eq!(drawn.width, code.width() + 8);
        assert!(picture(&"x".repeat(5_000)).is_none());
    }
}
