//! `vinr terminal`: one terminal with a simulated reader, screen and printer, until Ctrl-C. The device software itself is
//! in the crate below.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use vinr_sandbox::cardholder::TipHabit;
use vinr_terminal::page::{Page, PageHandle, Shelf};
use vinr_terminal::provision::pairing::forget;
use vinr_terminal::screen::Screen;

use crate::args::TerminalArgs;
use crate::failure::Failure;
use crate::{lan, mains, pairing};

/// How long a terminal is away when it starts again: about as long as a process takes.
pub const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// What simulated terminals behave like.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How long the customer takes to present a card, in milliseconds.
    pub pace_ms: u32,
    /// How long a prompt waits, in milliseconds.
    pub prompt_timeout_ms: u32,
    /// What the customer does when asked for a tip.
    pub tip: TipHabit,
    /// How long the terminal is away when it starts again.
    pub restart_pause: Duration,
    /// Decides the customer's hesitation.
    pub seed: u64,
}

/// Runs one terminal until Ctrl-C.
pub async fn run(args: TerminalArgs) -> Result<(), Failure> {
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Failure::new)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(Failure::new)?;
    #[cfg(feature = "crash-points")]
    crate::doom::wait_at(args.die_at);
    let manner = Manner {
        pace_ms: args.pace_ms,
        prompt_timeout_ms: args.prompt_timeout_ms,
        tip: args.tip,
        restart_pause: RESTART_PAUSE,
        seed: args.seed,
    };
    let shelf = Shelf::default();
    let page = match args.page {
        Some(address) => Some(serve_page(address, &shelf, &args.data_dir).await?),
        None => None,
    };
    loop {
        tokio::select! {
            biased;
            _ = interrupted.recv() => return Ok(()),
            _ = terminated.recv() => return Ok(()),
            paired = pairing::until_paired(&args) => paired?,
        }
        let lan = args.lan.settings();
        let terminal = mains::power_up(&args.data_dir, args.cloud.as_deref(), manner, lan).await?;
        shelf.put(std::sync::Arc::clone(&terminal));
        let (mut screen, mut served) = (terminal.screen(), terminal.lan());
        let turned_away = loop {
            let shown = screen.borrow_and_update().clone();
            show(&args.data_dir, &shown.as_ref().map_or_else(|| "no power".to_owned(), in_words));
            if args.pair.is_some() && matches!(shown, Some(Screen::OutOfService { .. })) {
                break true;
            }
            if terminal.has_ended() {
                break false;
            }
            tokio::select! {
                biased;
                _ = interrupted.recv() => break false,
                _ = terminated.recv() => break false,
                _ = screen.changed() => {}
                changed = served.changed() => if changed.is_ok() {
                    let state = served.borrow_and_update().clone();
                    if let Some(words) = lan::in_words(&state) {
                        show(&args.data_dir, &words);
                    }
                },
            }
        };
        terminal.shutdown().await.map_err(Failure::new)?;
        if !turned_away {
            break;
        }
        forget(&args.data_dir).map_err(Failure::new)?;
    }
    if let Some(page) = page {
        page.shutdown().await;
    }
    Ok(())
}

/// Serves the terminal page.
async fn serve_page(address: SocketAddr, shelf: &Shelf, data_dir: &Path) -> Result<PageHandle, Failure> {
    let at = |error: std::io::Error| {
        Failure::new(format_args!("the terminal page at {address}: {error}")).cure(
            "Choose another address of this machine's loopback: --page 127.0.0.1:0 takes any free port.",
        )
    };
    let listener = TcpListener::bind(address).await.map_err(at)?;
    let page = Page::serve(listener, shelf.clone(), rand::random()).map_err(at)?;
    show(data_dir, &format!("its page is {}", page.url()));
    Ok(page)
}

#[expect(clippy::print_stdout, reason = "the screen of a terminal without a screen")]
fn show(data_dir: &Path, screen: &str) {
    let name = data_dir.file_name().unwrap_or_default().to_string_lossy();
    println!("{name}: {screen}");
}

fn in_words(screen: &Screen) -> String {
    match screen {
        Screen::Idle { message } => format!("ready. {message}"),
        Screen::Offline { message } => format!("offline. {message}"),
        Screen::OutOfService { message } => format!("out of service. {message}"),
        Screen::Tip { amount, offers, .. } => {
            let offers: Vec<String> = offers.iter().map(ToString::to_string).collect();
            format!("tip on {amount}? {}", offers.join(", "))
        }
        Screen::Receipt { amount, channels } => {
            let channels: Vec<&str> = channels.iter().map(|channel| channel.as_str()).collect();
            format!("APPROVED {amount}. Receipt: {}, or none?", channels.join(", "))
        }
        Screen::Prompt { amount, reference: Some(reference), .. } => {
            format!("present card: {amount} ({reference})")
        }
        Screen::Prompt { amount, reference: None, .. } => format!("present card: {amount}"),
        Screen::PinEntry { amount } => format!("PIN: {amount}"),
        Screen::Authorizing { amount } => format!("authorizing {amount}"),
        Screen::Approved { amount, auth_code, .. } => format!("APPROVED {amount}, code {auth_code}"),
        Screen::ApprovedOffline { amount, .. } => format!("APPROVED OFFLINE {amount}"),
        Screen::Declined { code } => format!("DECLINED ({})", code.as_str()),
        Screen::Cancelled { .. } => "cancelled".to_owned(),
        Screen::Unknown { amount } => format!("outcome not known yet: {amount}. Do not take another card."),
        Screen::Locked { message } => format!("locked. {message}"),
    }
}
