//! One sale that a till begins at a terminal on its own network and, hearing nothing, goes on with through the cloud,
//! at the same terminal or at another. Knows neither amounts nor time: only who may charge, and who says what. A card that
//! the issuer declines after a terminal has approved it alone is the merchant's risk, and not in here.
//!
//! The network is a set of messages that grows and never shrinks. Each message may arrive never, once, often, early or
//! late: loss, duplication and reordering are all in it.

mod rules;

use std::collections::BTreeSet;

use stateright::{Model, Property};

/// No customer pays twice for one sale.
pub const ONE_CHARGE: &str = "at most one charge";
/// A till that says declined is right.
pub const DECLINED_IS_TRUE: &str = "a sale reported as declined is never charged";
/// A till that says approved is right: the money has moved, or is stored on a terminal to be forwarded.
pub const APPROVED_IS_TRUE: &str = "a sale reported as approved is paid";

/// The parts of the protocol. All of them together hold; each can be left out to see what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The same name for the sale on both paths. Without it the cloud is asked under a new one.
    pub one_name: bool,
    /// The terminal's journal survives a power loss.
    pub durable_journal: bool,
    /// Requests for authorization pass the cloud's row of the sale: the first terminal takes it, others are refused.
    pub row_guards_requests: bool,
    /// Approvals that a terminal gave alone pass the same row when they are forwarded.
    pub row_guards_forwards: bool,
    /// A till that has turned to the cloud no longer believes the terminal.
    pub till_keeps_to_cloud: bool,
    /// It has written down that it has, before it does; started again, it knows.
    pub till_remembers: bool,
    /// What a terminal said on an older link does not arrive after it has asked, on a newer one, how it ended.
    pub newest_link_wins: bool,
}

impl Protocol {
    /// All parts.
    pub const WHOLE: Self = Self {
        one_name: true,
        durable_journal: true,
        row_guards_requests: true,
        row_guards_forwards: true,
        till_keeps_to_cloud: true,
        till_remembers: true,
        newest_link_wins: true,
    };
}

/// A name of the sale: 0, and 1 for what a till without [`Protocol::one_name`] calls it on its second path.
type Name = u8;
/// One of the two terminals. The till begins at 0.
type Device = u8;
/// Whether the issuer approves the card.
type Card = bool;
/// Number of a request on its terminal, never given twice.
type Number = u8;

const NAMES: [Name; 2] = [0, 1];
const DEVICES: [Device; 2] = [0, 1];

/// Where the till stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Till {
    /// Nothing has been said.
    Ready,
    /// It waits for the terminal.
    AskedTerminal,
    /// It waits for the cloud.
    AskedCloud,
    /// It has an answer, and has told the cashier: approved or not.
    Told(bool),
}

/// What a terminal's journal says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Nothing.
    Unseen,
    /// It prompts for a card: for its till, or since the cloud has commanded it, for the cloud. Only the first may be
    /// approved alone.
    Prompting {
        /// The cloud has commanded it.
        commanded: bool,
    },
    /// The till's order is on disk, and the prompt went with the power: it waits to be asked for again, or ends.
    Interrupted,
    /// It has asked for an authorization.
    Asking(Number),
    /// It has approved without asking anybody; to be forwarded.
    ApprovedAlone(Number),
    /// Approved, and settled with the cloud.
    Approved,
    /// Declined, cancelled, or given back.
    Declined,
}

/// The cloud's row of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// There is none.
    Absent,
    /// The command is for this terminal, which alone may take the sale.
    Promised(Device),
    /// The merchant has cancelled it; this terminal has not said that it knows.
    Cancelling(Device),
    /// This terminal has taken the sale.
    Taken(Device),
    /// It ended without a charge.
    Closed,
}

/// What is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Message {
    /// Till to terminal 0: collect.
    LocalAsk,
    /// Terminal 0 to till: it ended so.
    LocalAnswer(bool),
    /// Till to cloud: collect at that terminal.
    CloudAsk(Name, Device),
    /// Cloud to till: it ended so.
    CloudAnswer(bool),
    /// Cloud to terminal: collect.
    Command(Device, Name),
    /// Cloud to terminal: do not, or no longer.
    Cancel(Device, Name),
    /// Terminal to cloud: it ended so.
    Report(Device, Name, bool),
    /// Terminal to cloud: authorize.
    Request(Device, Name, Number, Card),
    /// Cloud to terminal: the authorization's answer.
    Answer(Device, Name, Number, bool),
    /// Terminal to cloud: how did that end?
    Query(Device, Name, Number),
    /// Terminal to cloud: approved alone, take the money.
    Forward(Device, Name, Number),
    /// Cloud to terminal: taken, or not.
    Forwarded(Device, Name, bool),
}

/// What the customer does at a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Customer {
    /// Presents a card; the terminal asks for an authorization.
    PaysOnline,
    /// The same with a card that the issuer declines.
    IsDeclined,
    /// Presents a card; the terminal has no connection and approves by itself.
    PaysOffline,
    /// Gives up.
    Leaves,
}

/// Everything, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields are what their types say")]
pub struct Situation {
    pub till: Till,
    pub turned_to_cloud: bool,
    pub journals: [[Entry; 2]; 2],
    pub next_number: [Number; 2],
    pub rows: [Row; 2],
    /// Requests that the issuer has seen where no row guards it: the same one twice is one charge.
    pub seen_by_issuer: BTreeSet<(Device, Number)>,
    pub charges: u8,
    pub power_losses: u8,
    pub till_restarts: u8,
    pub network: BTreeSet<Message>,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are what their types say")]
pub enum Act {
    TillAsksTerminal,
    TillTurnsToCloud(Device),
    Arrives(Message),
    Customer(Device, Name, Customer),
    TerminalForwards(Device, Name),
    TerminalAsksHowItEnded(Device, Name),
    InterruptedPromptEnds(Device, Name),
    CloudFindsTerminalOffline(Name, Device),
    LeaseLapses(Name),
    MerchantCancels(Name),
    TillStartsAgain,
    PowerLoss(Device),
}

impl Protocol {
    fn arrives(&self, now: &mut Situation, message: Message) {
        match message {
            Message::LocalAsk => now.order_arrives(),
            Message::LocalAnswer(approved) => match now.till {
                Till::AskedTerminal => now.till = Till::Told(approved),
                Till::AskedCloud if !self.till_keeps_to_cloud => now.till = Till::Told(approved),
                Till::AskedCloud | Till::Ready | Till::Told(_) => {}
            },
            Message::CloudAsk(name, device) => now.cloud_is_asked(name, device),
            Message::CloudAnswer(approved) => {
                if now.till == Till::AskedCloud {
                    now.till = Till::Told(approved);
                }
            }
            Message::Command(device, name) => now.command_arrives(device, name),
            Message::Cancel(device, name) => now.cancel_arrives(device, name),
            Message::Report(device, name, approved) => now.report_arrives(device, name, approved),
            Message::Request(device, name, number, card) => {
                let taken = if self.row_guards_requests {
                    now.take(device, name, card)
                } else {
                    now.take_unguarded(device, number, card)
                };
                now.say(Message::Answer(device, name, number, taken));
            }
            Message::Query(device, name, number) => {
                if self.newest_link_wins {
                    now.network.retain(|sent| {
                        !matches!(sent, Message::Request(from, .., asked, _) if (*from, *asked) == (device, number))
                    });
                }
                now.query_arrives(device, name, number);
            }
            Message::Answer(device, name, number, approved) => {
                if *now.entry(device, name) == Entry::Asking(number) {
                    *now.entry(device, name) = if approved { Entry::Approved } else { Entry::Declined };
                    now.tell_end(device, name, approved);
                }
            }
            Message::Forward(device, name, number) => {
                let taken = if self.row_guards_forwards {
                    now.take(device, name, true)
                } else {
                    now.take_unguarded(device, number, true)
                };
                now.say(Message::Forwarded(device, name, taken));
            }
            Message::Forwarded(device, name, taken) => {
                if matches!(now.entry(device, name), Entry::ApprovedAlone(_)) {
                    *now.entry(device, name) = if taken { Entry::Approved } else { Entry::Declined };
                }
            }
        }
    }

    /// A prompt is off the screen in any case. The order of a till was on disk before the card was asked for; the cloud's
    /// command was not, and is said again.
    fn power_loss(&self, now: &mut Situation, device: Device) {
        now.power_losses += 1;
        for name in NAMES {
            let entry = now.entry(device, name);
            *entry = match *entry {
                _ if !self.durable_journal => Entry::Unseen,
                Entry::Prompting { commanded: false } => Entry::Interrupted,
                Entry::Prompting { commanded: true } => Entry::Unseen,
                kept => kept,
            };
        }
    }
}

impl Model for Protocol {
    type State = Situation;
    type Action = Act;

    fn init_states(&self) -> Vec<Situation> {
        vec![Situation {
            till: Till::Ready,
            turned_to_cloud: false,
            journals: [[Entry::Unseen; 2]; 2],
            next_number: [0; 2],
            rows: [Row::Absent; 2],
            seen_by_issuer: BTreeSet::new(),
            charges: 0,
            power_losses: 0,
            till_restarts: 0,
            network: BTreeSet::new(),
        }]
    }

    fn actions(&self, now: &Situation, acts: &mut Vec<Act>) {
        match now.till {
            Till::Ready => acts.push(Act::TillAsksTerminal),
            Till::AskedTerminal => acts.extend(DEVICES.map(Act::TillTurnsToCloud)),
            Till::AskedCloud if now.till_restarts == 0 => acts.push(Act::TillStartsAgain),
            Till::AskedCloud | Till::Told(_) => {}
        }
        for name in NAMES {
            match now.rows[usize::from(name)] {
                Row::Promised(_) => acts.extend([Act::MerchantCancels(name), Act::LeaseLapses(name)]),
                Row::Cancelling(_) => acts.push(Act::LeaseLapses(name)),
                Row::Absent => acts.extend(now.network.iter().filter_map(|sent| match sent {
                    Message::CloudAsk(asked, device) if *asked == name => {
                        Some(Act::CloudFindsTerminalOffline(name, *device))
                    }
                    _ => None,
                })),
                Row::Taken(_) | Row::Closed => {}
            }
        }
        acts.extend(now.network.iter().map(|message| Act::Arrives(*message)));
        for device in DEVICES {
            let journal = now.journals[usize::from(device)];
            for name in NAMES {
                match journal[usize::from(name)] {
                    Entry::Prompting { commanded } => {
                        let any = [Customer::PaysOnline, Customer::IsDeclined, Customer::Leaves];
                        let alone = (!commanded).then_some(Customer::PaysOffline);
                        let all = any.into_iter().chain(alone);
                        acts.extend(all.map(|customer| Act::Customer(device, name, customer)));
                    }
                    Entry::Interrupted => acts.push(Act::InterruptedPromptEnds(device, name)),
                    Entry::Asking(_) => acts.push(Act::TerminalAsksHowItEnded(device, name)),
                    Entry::ApprovedAlone(_) => acts.push(Act::TerminalForwards(device, name)),
                    Entry::Unseen | Entry::Approved | Entry::Declined => {}
                }
            }
            if now.power_losses < 2 && journal != [Entry::Unseen; 2] {
                acts.push(Act::PowerLoss(device));
            }
        }
    }

    fn next_state(&self, last: &Situation, act: Act) -> Option<Situation> {
        let mut now = last.clone();
        match act {
            Act::TillAsksTerminal => {
                now.till = Till::AskedTerminal;
                now.say(Message::LocalAsk);
            }
            Act::TillTurnsToCloud(device) => {
                now.till = Till::AskedCloud;
                now.turned_to_cloud = true;
                now.say(Message::CloudAsk(u8::from(!self.one_name), device));
            }
            Act::Arrives(message) => self.arrives(&mut now, message),
            Act::Customer(device, name, customer) => now.customer(device, name, customer),
            Act::TerminalForwards(device, name) => {
                if let Entry::ApprovedAlone(number) = *now.entry(device, name) {
                    now.say(Message::Forward(device, name, number));
                }
            }
            Act::TerminalAsksHowItEnded(device, name) => {
                if let Entry::Asking(number) = *now.entry(device, name) {
                    now.say(Message::Query(device, name, number));
                }
            }
            Act::InterruptedPromptEnds(device, name) => now.customer(device, name, Customer::Leaves),
            Act::CloudFindsTerminalOffline(name, _) | Act::LeaseLapses(name) => now.close(name),
            Act::MerchantCancels(name) => {
                if let Row::Promised(device) = *now.row(name) {
                    *now.row(name) = Row::Cancelling(device);
                    now.say(Message::Cancel(device, name));
                }
            }
            Act::TillStartsAgain => {
                now.till_restarts += 1;
                if !self.till_remembers {
                    now.till = Till::AskedTerminal;
                }
            }
            Act::PowerLoss(device) => self.power_loss(&mut now, device),
        }
        (now != *last).then_some(now)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn stored(now: &Situation) -> bool {
            now.journals.iter().flatten().any(|entry| matches!(entry, Entry::ApprovedAlone(_)))
        }
        vec![
            Property::always(ONE_CHARGE, |_, now: &Situation| now.charges <= 1),
            Property::always(DECLINED_IS_TRUE, |_, now: &Situation| {
                now.till != Till::Told(false) || now.charges == 0
            }),
            Property::always(APPROVED_IS_TRUE, |_, now: &Situation| {
                now.till != Till::Told(true) || now.charges > 0 || stored(now)
            }),
            Property::sometimes("approved by the terminal", |_, now: &Situation| {
                !now.turned_to_cloud && now.till == Till::Told(true)
            }),
            Property::sometimes("approved through the cloud", |_, now: &Situation| {
                now.turned_to_cloud && now.till == Till::Told(true)
            }),
            Property::sometimes("paid at the other terminal", |_, now: &Situation| {
                now.rows.contains(&Row::Taken(1)) && now.till == Till::Told(true)
            }),
            Property::sometimes("approved alone in vain", |_, now: &Situation| {
                now.network.iter().any(|sent| matches!(sent, Message::Forwarded(.., false)))
            }),
            Property::sometimes("declined through the cloud", |_, now: &Situation| {
                now.turned_to_cloud && now.till == Till::Told(false)
            }),
        ]
    }
}
