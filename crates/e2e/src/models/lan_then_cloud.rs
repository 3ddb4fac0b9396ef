//! One sale that a till begins at a terminal on its own network and, hearing nothing, goes on with through the cloud,
//! at the same terminal or at another. Knows neither amounts nor time: only who may charge, and who says what.
//!
//! The network is a set of messages that grows and never shrinks. Each message may arrive never, once, often, early or
//! late: loss, duplication and reordering are all in it.

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
}

impl Protocol {
    /// All parts.
    pub const WHOLE: Self = Self {
        one_name: true,
        durable_journal: true,
        row_guards_requests: true,
        row_guards_forwards: true,
        till_keeps_to_cloud: true,
    };
}

/// A name of the sale: 0, and 1 for what a till without [`Protocol::one_name`] calls it on its second path.
type Name = u8;
/// One of the two terminals. The till begins at 0.
type Device = u8;
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
    /// It prompts for a card.
    Prompting,
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
    /// Terminal to cloud: it ended so.
    Report(Device, Name, bool),
    /// Terminal to cloud: authorize.
    Request(Device, Name, Number),
    /// Cloud to terminal: the authorization's answer.
    Answer(Device, Name, Number, bool),
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
    PowerLoss(Device),
}

impl Situation {
    fn entry(&mut self, device: Device, name: Name) -> &mut Entry {
        &mut self.journals[usize::from(device)][usize::from(name)]
    }

    fn row(&mut self, name: Name) -> &mut Row {
        &mut self.rows[usize::from(name)]
    }

    fn say(&mut self, message: Message) {
        self.network.insert(message);
    }

    fn give_number(&mut self, device: Device) -> Number {
        let next = &mut self.next_number[usize::from(device)];
        *next += 1;
        *next
    }

    /// Terminal 0 answers whoever asked first on its own network; every terminal reports to the cloud.
    fn tell_end(&mut self, device: Device, name: Name, approved: bool) {
        if (device, name) == (0, 0) {
            self.say(Message::LocalAnswer(approved));
        }
        self.say(Message::Report(device, name, approved));
    }

    fn customer(&mut self, device: Device, name: Name, customer: Customer) {
        match customer {
            Customer::PaysOnline => {
                let number = self.give_number(device);
                *self.entry(device, name) = Entry::Asking(number);
                self.say(Message::Request(device, name, number));
            }
            Customer::PaysOffline => {
                let number = self.give_number(device);
                *self.entry(device, name) = Entry::ApprovedAlone(number);
                if (device, name) == (0, 0) {
                    self.say(Message::LocalAnswer(true));
                }
            }
            Customer::Leaves => {
                *self.entry(device, name) = Entry::Declined;
                self.tell_end(device, name, false);
            }
        }
    }

    fn command_arrives(&mut self, device: Device, name: Name) {
        match *self.entry(device, name) {
            Entry::Unseen => *self.entry(device, name) = Entry::Prompting,
            Entry::Approved => self.tell_end(device, name, true),
            Entry::Declined => self.tell_end(device, name, false),
            // The till on the spot may be told; the cloud hears of it when it is forwarded.
            Entry::ApprovedAlone(_) if (device, name) == (0, 0) => self.say(Message::LocalAnswer(true)),
            Entry::Prompting | Entry::Asking(_) | Entry::ApprovedAlone(_) => {}
        }
    }

    fn cloud_is_asked(&mut self, name: Name, device: Device) {
        match *self.row(name) {
            Row::Absent => {
                *self.row(name) = Row::Promised(device);
                self.say(Message::Command(device, name));
            }
            Row::Taken(_) => self.say(Message::CloudAnswer(true)),
            Row::Closed => self.say(Message::CloudAnswer(false)),
            Row::Promised(_) => {}
        }
    }

    /// Only the terminal that holds the promise can end the sale.
    fn report_arrives(&mut self, device: Device, name: Name, approved: bool) {
        if *self.row(name) == Row::Promised(device) {
            if !approved {
                *self.row(name) = Row::Closed;
            }
            self.say(Message::CloudAnswer(approved));
        }
    }

    /// Takes the money for a terminal if the row lets it. `None`: not decided yet.
    fn take(&mut self, device: Device, name: Name, waits_for_promise: bool) -> Option<bool> {
        match *self.row(name) {
            Row::Absent => {
                *self.row(name) = Row::Taken(device);
                self.charges += 1;
                Some(true)
            }
            Row::Promised(holder) if holder == device => {
                *self.row(name) = Row::Taken(device);
                self.charges += 1;
                self.say(Message::CloudAnswer(true));
                Some(true)
            }
            Row::Promised(_) => (!waits_for_promise).then_some(false),
            Row::Taken(holder) => Some(holder == device),
            Row::Closed => Some(false),
        }
    }

    /// Without the row, the issuer knows a request by its terminal and number, and nothing of sales.
    fn take_unguarded(&mut self, device: Device, number: Number) -> bool {
        if self.seen_by_issuer.insert((device, number)) {
            self.charges += 1;
        }
        true
    }
}

impl Protocol {
    fn arrives(&self, now: &mut Situation, message: Message) {
        match message {
            Message::LocalAsk => now.command_arrives(0, 0),
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
            Message::Report(device, name, approved) => now.report_arrives(device, name, approved),
            Message::Request(device, name, number) => {
                let taken = if self.row_guards_requests {
                    now.take(device, name, false)
                } else {
                    Some(now.take_unguarded(device, number))
                };
                if let Some(taken) = taken {
                    now.say(Message::Answer(device, name, number, taken));
                }
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
                    Some(now.take_unguarded(device, number))
                };
                if let Some(taken) = taken {
                    now.say(Message::Forwarded(device, name, taken));
                }
            }
            Message::Forwarded(device, name, taken) => {
                if matches!(now.entry(device, name), Entry::ApprovedAlone(_)) {
                    *now.entry(device, name) = if taken { Entry::Approved } else { Entry::Declined };
                }
            }
        }
    }

    /// A prompt is forgotten in any case: nothing has left the terminal, and whoever still wants it asks again.
    fn power_loss(&self, now: &mut Situation, device: Device) {
        now.power_losses += 1;
        for name in NAMES {
            let entry = now.entry(device, name);
            if !self.durable_journal || *entry == Entry::Prompting {
                *entry = Entry::Unseen;
            }
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
            network: BTreeSet::new(),
        }]
    }

    fn actions(&self, now: &Situation, acts: &mut Vec<Act>) {
        match now.till {
            Till::Ready => acts.push(Act::TillAsksTerminal),
            Till::AskedTerminal => acts.extend(DEVICES.map(Act::TillTurnsToCloud)),
            Till::AskedCloud | Till::Told(_) => {}
        }
        acts.extend(now.network.iter().map(|message| Act::Arrives(*message)));
        for device in DEVICES {
            let journal = now.journals[usize::from(device)];
            for name in NAMES {
                match journal[usize::from(name)] {
                    Entry::Prompting => {
                        let all = [Customer::PaysOnline, Customer::PaysOffline, Customer::Leaves];
                        acts.extend(all.map(|customer| Act::Customer(device, name, customer)));
                    }
                    Entry::ApprovedAlone(_) => acts.push(Act::TerminalForwards(device, name)),
                    Entry::Unseen | Entry::Asking(_) | Entry::Approved | Entry::Declined => {}
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
            Property::sometimes("declined through the cloud", |_, now: &Situation| {
                now.turned_to_cloud && now.till == Till::Told(false)
            }),
        ]
    }
}
