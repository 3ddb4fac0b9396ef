//! Any order of messages, with repeats, strays and restarts: money is conserved, and a name charges at most once.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vinr_domain::Currency;
use vinr_sandbox::deck;
use vinr_sandbox::issuer::{CaptureReply, InquiryReply, Issuer, IssuerSettings, Reply, ReversalReply};
use vinr_sandbox::ledger::{ChargeName, summary};

use crate::till::{Sale, base_key, eur};

#[derive(Clone, Debug)]
enum Act {
    Ask { stan: u32 },
    AskOther { stan: u32 },
    Inquire { stan: u32 },
    Reverse { stan: u32 },
    Capture { stan: u32, amount_minor: i64 },
    Restart,
}

/// What the till may believe about a request from the answers it got.
#[derive(Clone, Copy, Debug, Default)]
struct Belief {
    /// Approved for this much.
    approved: Option<i64>,
    captured: Option<i64>,
    reversed: bool,
    /// The issuer acts on requests like this one without saying so.
    asked: bool,
}

const CARDS: [&str; 6] = [
    "visa_approved",
    "issuer_silent",
    "issuer_late",
    "partial_approval",
    "insufficient_funds",
    "card_declined",
];
const STANS: u32 = 12;

fn sale(stan: u32) -> Sale {
    let card = CARDS[stan as usize % CARDS.len()];
    let amount = if card == "insufficient_funds" { eur(7) } else { eur(2500 + i64::from(stan)) };
    Sale { amount, capture: stan.is_multiple_of(5), ..Sale::of(card, stan) }
}

fn act() -> impl Strategy<Value = Act> {
    let stan = 0..STANS;
    prop_oneof![
        6 => stan.clone().prop_map(|stan| Act::Ask { stan }),
        1 => stan.clone().prop_map(|stan| Act::AskOther { stan }),
        2 => stan.clone().prop_map(|stan| Act::Inquire { stan }),
        2 => stan.clone().prop_map(|stan| Act::Reverse { stan }),
        3 => (stan, prop_oneof![Just(1_i64), Just(7), Just(1250), Just(2500), Just(2999), Just(9999)])
            .prop_map(|(stan, amount_minor)| Act::Capture { stan, amount_minor }),
        1 => Just(Act::Restart),
    ]
}

fn approved_minor(reply: &Reply) -> Option<i64> {
    match reply {
        Reply::Approved { authorized_minor, .. } => Some(*authorized_minor),
        Reply::Late { answer, .. } => approved_minor(answer),
        Reply::Declined(_) | Reply::Silent => None,
    }
}

/// What each belief says is held or taken.
fn outstanding(belief: &Belief, sale: &Sale) -> i64 {
    let silent = sale.card == "issuer_silent" && belief.asked;
    let approved = belief.approved.or(silent.then_some(sale.amount.amount_minor));
    if belief.reversed { 0 } else { belief.captured.or(approved).unwrap_or(0) }
}

fn check_ask(issuer: &mut Issuer, sale: &Sale, belief: &mut Belief) -> Result<(), TestCaseError> {
    let reply = sale.ask(issuer);
    let approved = approved_minor(&reply);
    if belief.reversed && sale.card != "issuer_silent" {
        prop_assert_eq!(approved, None, "approved after a reversal: {:?}", sale);
        prop_assert_ne!(reply, Reply::Silent);
        return Ok(());
    }
    if belief.approved.is_some() {
        prop_assert_eq!(approved, belief.approved, "another answer to the same request");
    } else if approved.is_some() {
        prop_assert!(!belief.asked, "declined first, then approved");
        belief.approved = approved;
        if sale.capture {
            belief.captured = approved;
        }
    }
    // A silent purchase that came after its reversal was declined in silence.
    belief.asked |= !belief.reversed;
    Ok(())
}

fn run(acts: &[Act]) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let settings = IssuerSettings { compact_above_bytes: 4_000, ..IssuerSettings::default() };
    let mut issuer = Issuer::open(&path, 1, base_key(), settings).unwrap();
    let mut beliefs: BTreeMap<u32, Belief> = BTreeMap::new();
    for act in acts {
        match *act {
            Act::Ask { stan } => {
                check_ask(&mut issuer, &sale(stan), beliefs.entry(stan).or_default())?;
            }
            Act::AskOther { stan } => {
                // Only after the first: the name has to be taken for this to be an abuse of it.
                if beliefs.get(&stan).is_some_and(|belief| belief.asked) {
                    let other = Sale { amount: eur(1), ..sale(stan) };
                    prop_assert!(matches!(other.ask(&mut issuer), Reply::Declined(_)));
                }
            }
            Act::Inquire { stan } => {
                let belief = beliefs.get(&stan).copied().unwrap_or_default();
                match sale(stan).inquire(&issuer) {
                    InquiryReply::Approved { authorized_minor, .. } => {
                        prop_assert!(!belief.reversed);
                        prop_assert_eq!(Some(authorized_minor), belief.approved);
                    }
                    InquiryReply::Declined(_) => prop_assert!(belief.approved.is_none() || belief.reversed),
                    InquiryReply::NotFound => prop_assert!(!belief.asked && !belief.reversed),
                    InquiryReply::Silent => prop_assert_eq!(sale(stan).card, "issuer_silent"),
                }
            }
            Act::Reverse { stan } => {
                prop_assert_eq!(sale(stan).reverse(&mut issuer), ReversalReply::Acknowledged);
                beliefs.entry(stan).or_default().reversed = true;
            }
            Act::Capture { stan, amount_minor } => {
                let belief = beliefs.entry(stan).or_default();
                if sale(stan).take(&mut issuer, amount_minor) == CaptureReply::Acknowledged {
                    prop_assert!(!belief.reversed && belief.asked);
                    prop_assert!(belief.captured.is_none_or(|captured| captured == amount_minor));
                    let most = belief.approved.unwrap_or(sale(stan).amount.amount_minor) * 6 / 5;
                    prop_assert!(amount_minor <= most);
                    belief.captured = Some(amount_minor);
                }
            }
            Act::Restart => {
                drop(issuer);
                issuer = Issuer::open(&path, 1, base_key(), settings).unwrap();
            }
        }
    }
    check_money(&issuer, &beliefs)?;
    prop_assert_eq!(summary(&path).unwrap().charges, issuer.net_charges());
    Ok(())
}

fn check_money(issuer: &Issuer, beliefs: &BTreeMap<u32, Belief>) -> Result<(), TestCaseError> {
    let euro = Currency::parse("EUR").unwrap();
    for card in CARDS {
        let mine = beliefs.iter().filter(|(stan, _)| sale(**stan).card == card);
        let expected: i64 = mine.map(|(stan, belief)| outstanding(belief, &sale(*stan))).sum();
        let account = issuer.account(deck::find(card).unwrap(), euro);
        prop_assert_eq!(account.opening_minor - account.available_minor(), expected, "{}", card);
        prop_assert!(account.held_minor >= 0 && account.taken_minor >= 0, "{}: {:?}", card, account);
    }
    let charges = issuer.net_charges();
    for stan in 0..STANS {
        let name = ChargeName { intent: sale(stan).intent, payment: sale(stan).payment };
        let sums = charges.get(&name).copied().unwrap_or_default();
        let belief = beliefs.get(&stan).copied().unwrap_or_default();
        prop_assert!(sums.count <= 1, "{} charges", sums.count);
        prop_assert_eq!(sums.count == 1, outstanding(&belief, &sale(stan)) > 0);
        if sums.captured_minor > 0 {
            prop_assert_eq!(sums.captured_minor, outstanding(&belief, &sale(stan)));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn money_is_conserved_whatever_the_order(acts in prop::collection::vec(act(), 1..120)) {
        run(&acts)?;
    }
}
