//! A fuzzer's loop around one decoder: libFuzzer draws input, follows which code it reaches, and keeps what reaches more.
//! `cargo xtask fuzz` builds it with the coverage that this needs, and starts it once for each decoder.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::{Corpus, fuzz_target};
use vinr_e2e::decoders::{Decoder, all};

thread_local! {
    static DECODER: RefCell<Option<Decoder>> = const { RefCell::new(None) };
}

/// Names the decoder; libFuzzer leaves arguments with two dashes alone.
const ARGUMENT: &str = "--decoder=";

fn choose() {
    let name = std::env::args().find_map(|argument| argument.strip_prefix(ARGUMENT).map(str::to_owned));
    let decoder = name.and_then(|name| all().into_iter().find(|decoder| decoder.name == name));
    assert!(
        decoder.is_some(),
        "name one of the decoders with {ARGUMENT}NAME; `cargo xtask fuzz --list` says which"
    );
    DECODER.with(|chosen| *chosen.borrow_mut() = decoder);
}

fuzz_target!(init: choose(), |input: &[u8]| -> Corpus {
    DECODER.with(|decoder| {
        if let Some(decoder) = decoder.borrow().as_ref() {
            let _ = decoder.reads(input);
        }
    });
    Corpus::Keep
});
