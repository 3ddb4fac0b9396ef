//! A receipt as a picture: black on white, as a thermal printer would have it. Draws what it is given.

use std::convert::Infallible;

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_15::FONT_9X15;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::{DrawTarget, Drawable as _, OriginDimensions, Pixel, Point, Size};
use embedded_graphics::text::{Baseline, Text};

const CHAR_WIDTH: u32 = 9;
const LINE_HEIGHT: u32 = 18;
const MARGIN: u32 = 12;
/// Taller ones are cut; no receipt of ours comes near.
const MAX_LINES: u32 = 200;

/// One bit for each pixel, rows filled up to whole bytes; 1 is white, as PNG has it.
struct Bitmap {
    width: u32,
    height: u32,
    row_bytes: usize,
    bits: Vec<u8>,
}

impl Bitmap {
    fn white(width: u32, height: u32) -> Self {
        let row_bytes = width.div_ceil(8) as usize;
        Self { width, height, row_bytes, bits: vec![0xFF; row_bytes * height as usize] }
    }
}

impl OriginDimensions for Bitmap {
    fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }
}

impl DrawTarget for Bitmap {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<BinaryColor>>,
    {
        for Pixel(at, color) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else { continue };
            if x >= self.width || y >= self.height || color == BinaryColor::Off {
                continue;
            }
            self.bits[y as usize * self.row_bytes + x as usize / 8] &= !(0x80 >> (x % 8));
        }
        Ok(())
    }
}

/// The lines of `text` on paper of so many columns, as PNG.
#[must_use]
pub fn png(text: &str, columns: u8) -> Vec<u8> {
    let lines = u32::try_from(text.lines().count()).unwrap_or(MAX_LINES).min(MAX_LINES);
    let width = u32::from(columns) * CHAR_WIDTH + 2 * MARGIN;
    let mut bitmap = Bitmap::white(width, lines * LINE_HEIGHT + 2 * MARGIN);
    let style = MonoTextStyle::new(&FONT_9X15, BinaryColor::On);
    for (line, row) in text.lines().zip(0..lines) {
        let at = Point::new(MARGIN.cast_signed(), (MARGIN + row * LINE_HEIGHT).cast_signed());
        // Drawing into memory cannot fail.
        let _ = Text::with_baseline(line, at, style, Baseline::Top).draw(&mut bitmap);
    }
    encoded(&bitmap)
}

fn encoded(bitmap: &Bitmap) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, bitmap.width, bitmap.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&bitmap.bits));
    written.expect("a bitmap of the announced size is always written to memory");
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_the_paper_s_width_and_ink_where_there_is_text() {
        let file = png("VINR PAYMENTS\n\nTotal: €28.00\n", 32);
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width, frame.height), (32 * 9 + 24, 3 * 18 + 24));
        let row_bytes = frame.line_size;
        let ink = |row: u32| {
            let from = (MARGIN + row * LINE_HEIGHT) as usize * row_bytes;
            let rows = &pixels[from..from + 15 * row_bytes];
            rows.iter().map(|byte| byte.count_zeros()).sum::<u32>()
        };
        assert!(ink(0) > 100 && ink(2) > 100, "{} {}", ink(0), ink(2));
        assert_eq!(ink(1), 0);
    }
}
