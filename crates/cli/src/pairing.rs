//! Pairing at the command line: shows the code in words and as a picture that a phone can read, and waits.

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use vinr_terminal::provision::is_provisioned;
use vinr_terminal::provision::pairing::{Offer, Progress, pair};

use crate::args::TerminalArgs;
use crate::failure::Failure;

/// Makes the directory a terminal's, unless it is one.
pub async fn until_paired(args: &TerminalArgs) -> Result<(), Failure> {
    let Some(cloud) = &args.pair else {
        if is_provisioned(&args.data_dir) {
            return Ok(());
        }
        return Err(Failure::new(format_args!("{} holds no terminal", args.data_dir.display()))
            .cure("Pair one with --pair URL, or name another directory with --data."));
    };
    let offer = Offer {
        cloud: cloud.trim_end_matches('/').to_owned(),
        roots_pem: args
            .ca
            .as_ref()
            .map(|path| std::fs::read_to_string(path).map_err(Failure::at(path)))
            .transpose()?,
        model: args.model.clone(),
        serial_number: serial_of(args),
        software_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let mut shown = None;
    pair(&args.data_dir, &offer, |progress| match progress {
        Progress::Code { activation_code } if shown.as_ref() != Some(&activation_code) => {
            say(&code_in_words(&activation_code, &offer.cloud));
            shown = Some(activation_code);
        }
        Progress::Code { .. } => {}
        Progress::Waiting { reason } => say(&format!("waiting: {reason}")),
        Progress::Paired { terminal_id } => say(&format!("paired: this is {terminal_id}")),
    })
    .await
    .map_err(Failure::new)
}

/// A serial number for a device without one: the same for the same directory.
fn serial_of(args: &TerminalArgs) -> String {
    if let Some(serial) = &args.serial {
        return serial.clone();
    }
    let name = args.data_dir.file_name().unwrap_or_default().to_string_lossy();
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
    let name: String = name.chars().take(48).map(fits).collect();
    format!("SIM-{name}")
}

fn code_in_words(code: &str, cloud: &str) -> String {
    let mut words = format!(
        "\nThis terminal belongs to nobody yet. Activation code:\n\n    {code}\n\nEnter it in the dashboard, or:\n\n  \
         curl {cloud}/v1/terminals/activate -H \"Authorization: Bearer $VINR_SECRET_KEY\" -d activationCode={code}\n"
    );
    if let Some(picture) = picture(&payload(code, cloud)) {
        words.push('\n');
        words.push_str(&picture);
    }
    words
}

/// What the picture says.
fn payload(code: &str, cloud: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    let mut escaped = String::new();
    for c in cloud.chars() {
        if plain(c) {
            escaped.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    format!("vinr:activate?code={code}&cloud={escaped}")
}

/// Half a character for each square; `None` when it does not fit into a QR code.
fn picture(text: &str) -> Option<String> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    // Dark on light, as cameras expect it, on the usual dark terminal.
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[expect(clippy::print_stdout, reason = "the screen of a terminal without a screen")]
fn say(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_says_what_to_enter_where() {
        let payload = payload("ACT-7X9K-2M4P", "https://pay.example:8443");
        assert_eq!(payload, "vinr:activate?code=ACT-7X9K-2M4P&cloud=https%3A%2F%2Fpay.example%3A8443");
        let picture = picture(&payload).unwrap();
        let lines: Vec<&str> = picture.lines().collect();
        assert!(
            lines.len() > 15 && lines.iter().all(|line| line.chars().count() == lines[0].chars().count())
        );
    }
}
