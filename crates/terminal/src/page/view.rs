//! What the page shows of each terminal, as HTML in regions that change on their own. Everything that somebody else has
//! written is escaped by the templates; nothing is decided here.

mod look;
mod screen;

use std::sync::Arc;

use askama::Template;

use self::look::Look;
use self::screen::Asks;
use super::acts::Notice;
use super::stand::Stand;
use super::words::{self, Words};

/// Who looks: in which language, and with which token in their forms.
#[derive(Clone)]
pub(super) struct Looking {
    pub(super) words: &'static Words,
    pub(super) token: String,
    /// A page without its script that is loaded again and again.
    pub(super) by_itself: bool,
}

macro_rules! region {
    ($name:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            l: &'a Look<'a>,
        }
    };
}

region!(StatusRegion, "page/status.html");
region!(ScreenRegion, "page/screen.html");
region!(ActsRegion, "page/acts.html");
region!(SwitchesRegion, "page/switches.html");
region!(QueueRegion, "page/queue.html");
region!(PaperRegion, "page/paper.html");

#[derive(Template)]
#[template(path = "page/terminal.html")]
struct TerminalCard<'a> {
    l: &'a Look<'a>,
    w: &'static Words,
    status: String,
    screen: String,
    acts: String,
    switches: String,
    queue: String,
    paper: String,
}

#[derive(Template)]
#[template(path = "page/page.html")]
struct WholePage<'a> {
    w: &'static Words,
    languages: Vec<&'static Words>,
    notice: Option<&'static str>,
    by_itself: bool,
    terminals: &'a str,
}

/// The page.
pub(super) fn page(stands: &[Arc<Stand>], looking: &Looking, notice: Option<Notice>) -> String {
    let w = looking.words;
    let terminals = terminals(stands, looking);
    rendered(&WholePage {
        w,
        languages: words::languages().collect(),
        notice: notice.map(w.notices),
        by_itself: looking.by_itself,
        terminals: &terminals,
    })
}

/// All terminals, side by side.
pub(super) fn terminals(stands: &[Arc<Stand>], looking: &Looking) -> String {
    stands.iter().map(|stand| terminal(stand, looking)).collect()
}

/// What changes of one terminal: the name of each region in the document, and what is in it.
pub(super) fn regions(stand: &Stand, looking: &Looking) -> Vec<(String, String)> {
    let look = Look::at(stand, looking);
    let l = &look;
    [
        ("status", rendered(&StatusRegion { l })),
        ("screen", rendered(&ScreenRegion { l })),
        ("acts", rendered(&ActsRegion { l })),
        ("switches", rendered(&SwitchesRegion { l })),
        ("queue", rendered(&QueueRegion { l })),
        ("paper", rendered(&PaperRegion { l })),
    ]
    .into_iter()
    .map(|(name, html)| (format!("{}-{name}", l.id), html))
    .collect()
}

fn terminal(stand: &Stand, looking: &Looking) -> String {
    let look = Look::at(stand, looking);
    let (l, w) = (&look, looking.words);
    rendered(&TerminalCard {
        l,
        w,
        status: rendered(&StatusRegion { l }),
        screen: rendered(&ScreenRegion { l }),
        acts: rendered(&ActsRegion { l }),
        switches: rendered(&SwitchesRegion { l }),
        queue: rendered(&QueueRegion { l }),
        paper: rendered(&PaperRegion { l }),
    })
}

fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a part of the terminal page cannot be written");
        String::new()
    })
}
