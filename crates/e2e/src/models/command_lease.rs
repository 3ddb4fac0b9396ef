//! A command to collect that the cloud cancels, or moves to another terminal, while the first may still act on it.
//! Knows only who may charge, who may show approved, and how wrong a terminal's clock can be.
//!
//! The network is a set of messages that never shrinks: each may arrive never, often, or out of turn. Time counts in
//! ticks; the first terminal's clock may be one tick slow.

use std::collections::BTreeSet;

use stateright::{Model, Property};

/// No customer pays twice.
pub const ONE_CHARGE: &str = "at most one charge";
/// What was called off stays uncharged.
pub const CALLED_OFF_IS_UNCHARGED: &str = "nothing is charged under a command that was called off";
/// No customer walks away with goods on the word of a terminal that had no right to speak.
pub const CALLED_OFF_IS_UNAPPROVED: &str = "no terminal approves under a command that was called off";

/// What keeps an old command from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The cloud passes a request on only if it answers the newest command.
    pub fence: bool,
    /// A terminal acts on a command only until its lease ends, and the cloud waits for that end before it calls
    /// the command off without the terminal's word.
    pub lease: bool,
    /// The cloud waits past the lease for as long as a clock may be wrong.
    pub margin: bool,
    /// What has ended on a terminal is on its disk before the cloud hears of it.
    pub durable_tombstone: bool,
    /// A terminal may approve by itself what the cloud has commanded. The real one may not, which is a second reason
    /// why it shows nothing for what was called off; the model is told that it may, so that the first is shown alone.
    pub alone: bool,
}

impl Protocol {
    /// All parts.
    pub const WHOLE: Self =
        Self { fence: true, lease: true, margin: true, durable_tombstone: true, alone: true };

    /// As the terminal is: it never approves by itself what the cloud has commanded.
    pub const AS_BUILT: Self = Self { alone: false, ..Self::WHOLE };

    /// From when on the cloud may believe that a command issued with this end of lease no longer runs.
    fn may_call_off(self, now: &Situation) -> bool {
        let margin = if self.margin { MOST_SLOW } else { 0 };
        !self.lease || now.time >= now.lease_end + margin
    }

    fn lease_over(self, now: &Situation, device: Device, lease_end: Time) -> bool {
        let behind = if device == 0 { now.slow_by } else { 0 };
        self.lease && now.time.saturating_sub(behind) >= lease_end
    }
}

type Time = u8;
type Device = u8;
/// Which command of the payment: raised with every move.
type Epoch = u8;

const LEASE: Time = 2;
const MOST_SLOW: Time = 1;
const END_OF_TIME: Time = 6;
const MOST_POWER_LOSSES: u8 = 2;
const DEVICES: [Device; 2] = [0, 1];

/// What a terminal knows of the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields are what their types say")]
pub enum Entry {
    /// Nothing.
    Unseen,
    /// It prompts for a card.
    Prompting { epoch: Epoch, lease_end: Time },
    /// It has asked for an authorization.
    Asking(Epoch),
    /// It shows approved, on the issuer's word.
    Approved,
    /// It shows approved on its own word.
    ApprovedAlone(Epoch),
    /// It will do nothing any more.
    Ended,
}

/// The cloud's payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payment {
    /// A terminal may collect.
    Open,
    /// The merchant has asked to cancel; nothing has been promised.
    Cancelling,
    /// The merchant has been told that it is cancelled.
    Cancelled,
    /// Charged.
    Charged,
}

/// What is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the fields are what their types say")]
pub enum Message {
    Command(Device, Epoch, Time),
    Cancel(Device, Epoch),
    CancelDone(Device, Epoch),
    Request(Device, Epoch),
    Answer(Device, Epoch, bool),
    Forward(Device, Epoch),
}

/// Everything, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields are what their types say")]
pub struct Situation {
    pub time: Time,
    pub slow_by: Time,
    pub payment: Payment,
    pub epoch: Epoch,
    pub holder: Device,
    pub lease_end: Time,
    pub moved: bool,
    pub power_losses: u8,
    pub terminals: [Entry; 2],
    /// Requests that have been passed on: the same one twice is one charge.
    pub passed_on: BTreeSet<(Device, Epoch)>,
    pub charges: u8,
    pub charged_when_called_off: bool,
    pub approved_when_called_off: bool,
    pub network: BTreeSet<Message>,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Act {
    TimePasses,
    MerchantCancels,
    CloudMoves,
    CloudReportsCancelled,
    Arrives(Message),
    CardOnline(Device),
    CardOffline(Device),
    PowerLoss(Device),
}

impl Situation {
    fn called_off(&self, epoch: Epoch) -> bool {
        self.payment == Payment::Cancelled || epoch < self.epoch
    }

    fn terminal(&mut self, device: Device) -> &mut Entry {
        &mut self.terminals[usize::from(device)]
    }
}

impl Protocol {
    fn moves(self, now: &mut Situation) {
        if !self.may_call_off(now) {
            return;
        }
        now.network.insert(Message::Cancel(now.holder, now.epoch));
        now.epoch += 1;
        now.holder = 1 - now.holder;
        now.moved = true;
        now.lease_end = now.time + LEASE;
        now.network.insert(Message::Command(now.holder, now.epoch, now.lease_end));
    }

    fn card(self, now: &mut Situation, device: Device, online: bool) {
        let Entry::Prompting { epoch, lease_end } = *now.terminal(device) else { return };
        if self.lease_over(now, device, lease_end) {
            *now.terminal(device) = Entry::Ended;
        } else if online {
            *now.terminal(device) = Entry::Asking(epoch);
            now.network.insert(Message::Request(device, epoch));
        } else {
            *now.terminal(device) = Entry::ApprovedAlone(epoch);
            now.approved_when_called_off |= now.called_off(epoch);
            now.network.insert(Message::Forward(device, epoch));
        }
    }

    /// A prompt is forgotten: nothing has left the terminal, and its command may come again. What has been asked or
    /// approved is on disk.
    fn power_loss(self, now: &mut Situation, device: Device) {
        now.power_losses += 1;
        let ended = *now.terminal(device) == Entry::Ended;
        if matches!(now.terminal(device), Entry::Prompting { .. }) || (ended && !self.durable_tombstone) {
            *now.terminal(device) = Entry::Unseen;
        }
    }

    /// Passes a request on, or what a terminal approved by itself.
    fn charge(self, now: &mut Situation, device: Device, epoch: Epoch) -> bool {
        if now.passed_on.contains(&(device, epoch)) {
            return true;
        }
        let open = matches!(now.payment, Payment::Open | Payment::Cancelling);
        if self.fence && !(open && epoch == now.epoch && device == now.holder) {
            return false;
        }
        now.charged_when_called_off |= now.called_off(epoch);
        now.passed_on.insert((device, epoch));
        now.charges += 1;
        now.payment = Payment::Charged;
        true
    }

    fn arrives(self, now: &mut Situation, message: Message) {
        match message {
            Message::Command(device, epoch, lease_end) => {
                if *now.terminal(device) == Entry::Unseen {
                    let over = self.lease_over(now, device, lease_end);
                    let prompting = Entry::Prompting { epoch, lease_end };
                    *now.terminal(device) = if over { Entry::Ended } else { prompting };
                }
            }
            Message::Cancel(device, epoch) => {
                if matches!(now.terminal(device), Entry::Unseen | Entry::Prompting { .. }) {
                    *now.terminal(device) = Entry::Ended;
                    now.network.insert(Message::CancelDone(device, epoch));
                }
            }
            Message::CancelDone(_, epoch) => {
                if now.payment == Payment::Cancelling && epoch == now.epoch {
                    now.payment = Payment::Cancelled;
                }
            }
            Message::Request(device, epoch) => {
                let approved = self.charge(now, device, epoch);
                now.network.insert(Message::Answer(device, epoch, approved));
            }
            Message::Forward(device, epoch) => {
                self.charge(now, device, epoch);
            }
            Message::Answer(device, epoch, approved) => {
                if *now.terminal(device) == Entry::Asking(epoch) {
                    *now.terminal(device) = if approved { Entry::Approved } else { Entry::Ended };
                }
            }
        }
    }
}

impl Model for Protocol {
    type State = Situation;
    type Action = Act;

    fn init_states(&self) -> Vec<Situation> {
        let start = |slow_by| Situation {
            time: 0,
            slow_by,
            payment: Payment::Open,
            epoch: 1,
            holder: 0,
            lease_end: LEASE,
            moved: false,
            power_losses: 0,
            terminals: [Entry::Unseen; 2],
            passed_on: BTreeSet::new(),
            charges: 0,
            charged_when_called_off: false,
            approved_when_called_off: false,
            network: BTreeSet::from([Message::Command(0, 1, LEASE)]),
        };
        (0..=MOST_SLOW).map(start).collect()
    }

    fn actions(&self, now: &Situation, acts: &mut Vec<Act>) {
        if now.time < END_OF_TIME {
            acts.push(Act::TimePasses);
        }
        match now.payment {
            Payment::Open => {
                acts.push(Act::MerchantCancels);
                if !now.moved {
                    acts.push(Act::CloudMoves);
                }
            }
            Payment::Cancelling => acts.push(Act::CloudReportsCancelled),
            Payment::Cancelled | Payment::Charged => {}
        }
        acts.extend(now.network.iter().map(|message| Act::Arrives(*message)));
        for device in DEVICES {
            if matches!(now.terminals[usize::from(device)], Entry::Prompting { .. }) {
                acts.push(Act::CardOnline(device));
                acts.extend(self.alone.then_some(Act::CardOffline(device)));
            }
            if now.power_losses < MOST_POWER_LOSSES && now.terminals[usize::from(device)] != Entry::Unseen {
                acts.push(Act::PowerLoss(device));
            }
        }
    }

    fn next_state(&self, last: &Situation, act: Act) -> Option<Situation> {
        let mut now = last.clone();
        match act {
            Act::TimePasses => now.time += 1,
            Act::MerchantCancels => {
                now.payment = Payment::Cancelling;
                now.network.insert(Message::Cancel(now.holder, now.epoch));
            }
            Act::CloudMoves => self.moves(&mut now),
            Act::CloudReportsCancelled => {
                if self.may_call_off(&now) {
                    now.payment = Payment::Cancelled;
                }
            }
            Act::Arrives(message) => self.arrives(&mut now, message),
            Act::CardOnline(device) => self.card(&mut now, device, true),
            Act::CardOffline(device) => self.card(&mut now, device, false),
            Act::PowerLoss(device) => self.power_loss(&mut now, device),
        }
        (now != *last).then_some(now)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_CHARGE, |_, now: &Situation| now.charges <= 1),
            Property::always(CALLED_OFF_IS_UNCHARGED, |_, now: &Situation| !now.charged_when_called_off),
            Property::always(CALLED_OFF_IS_UNAPPROVED, |_, now: &Situation| !now.approved_when_called_off),
            Property::sometimes("charged", |_, now: &Situation| now.payment == Payment::Charged),
            Property::sometimes("cancelled", |_, now: &Situation| now.payment == Payment::Cancelled),
            Property::sometimes("charged after a move", |_, now: &Situation| {
                now.moved && now.payment == Payment::Charged
            }),
        ]
    }
}
