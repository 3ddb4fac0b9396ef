//! What a message or a customer does to terminals and cloud while they keep the protocol.

use super::{Card, Customer, Device, Entry, Message, Name, Number, Row, Situation};

impl Situation {
    pub(super) fn entry(&mut self, device: Device, name: Name) -> &mut Entry {
        &mut self.journals[usize::from(device)][usize::from(name)]
    }

    pub(super) fn row(&mut self, name: Name) -> &mut Row {
        &mut self.rows[usize::from(name)]
    }

    pub(super) fn say(&mut self, message: Message) {
        self.network.insert(message);
    }

    pub(super) fn give_number(&mut self, device: Device) -> Number {
        let next = &mut self.next_number[usize::from(device)];
        *next += 1;
        *next
    }

    /// Terminal 0 answers whoever asked first on its own network; every terminal reports to the cloud.
    pub(super) fn tell_end(&mut self, device: Device, name: Name, approved: bool) {
        if (device, name) == (0, 0) {
            self.say(Message::LocalAnswer(approved));
        }
        self.say(Message::Report(device, name, approved));
    }

    pub(super) fn customer(&mut self, device: Device, name: Name, customer: Customer) {
        match customer {
            Customer::PaysOnline | Customer::IsDeclined => {
                let number = self.give_number(device);
                *self.entry(device, name) = Entry::Asking(number);
                self.say(Message::Request(device, name, number, customer == Customer::PaysOnline));
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

    pub(super) fn order_arrives(&mut self) {
        match *self.entry(0, 0) {
            Entry::Unseen | Entry::Interrupted => *self.entry(0, 0) = Entry::Prompting { commanded: false },
            Entry::Approved | Entry::ApprovedAlone(_) => self.say(Message::LocalAnswer(true)),
            Entry::Declined => self.say(Message::LocalAnswer(false)),
            Entry::Prompting { .. } | Entry::Asking(_) => {}
        }
    }

    /// Joined, if the terminal knows the sale: from then on a prompt is the cloud's.
    pub(super) fn command_arrives(&mut self, device: Device, name: Name) {
        match *self.entry(device, name) {
            Entry::Unseen | Entry::Interrupted | Entry::Prompting { .. } => {
                *self.entry(device, name) = Entry::Prompting { commanded: true };
            }
            Entry::Approved => self.tell_end(device, name, true),
            Entry::Declined => self.tell_end(device, name, false),
            // The cloud hears of it when it is forwarded.
            Entry::Asking(_) | Entry::ApprovedAlone(_) => {}
        }
    }

    /// Leaves a tombstone, also for what has not been seen.
    pub(super) fn cancel_arrives(&mut self, device: Device, name: Name) {
        if matches!(
            self.entry(device, name),
            Entry::Unseen | Entry::Interrupted | Entry::Prompting { .. } | Entry::Declined
        ) {
            *self.entry(device, name) = Entry::Declined;
            self.tell_end(device, name, false);
        }
    }

    pub(super) fn cloud_is_asked(&mut self, name: Name, device: Device) {
        match *self.row(name) {
            Row::Absent => {
                *self.row(name) = Row::Promised(device);
                self.say(Message::Command(device, name));
            }
            Row::Taken(_) => self.say(Message::CloudAnswer(true)),
            Row::Closed => self.say(Message::CloudAnswer(false)),
            Row::Promised(_) | Row::Cancelling(_) => {}
        }
    }

    /// Ends the sale without a charge.
    pub(super) fn close(&mut self, name: Name) {
        *self.row(name) = Row::Closed;
        self.say(Message::CloudAnswer(false));
    }

    /// Only the terminal that holds the sale can end it, or the one where it began while nobody else has it. Whichever
    /// attempt of that terminal has ended: its journal will start no other.
    pub(super) fn report_arrives(&mut self, device: Device, name: Name, approved: bool) {
        match *self.row(name) {
            Row::Promised(holder) | Row::Cancelling(holder) if holder == device => {
                if approved {
                    self.say(Message::CloudAnswer(true));
                } else {
                    self.close(name);
                }
            }
            Row::Absent if !approved => *self.row(name) = Row::Closed,
            Row::Absent | Row::Promised(_) | Row::Cancelling(_) | Row::Taken(_) | Row::Closed => {}
        }
    }

    /// The terminal has forgotten the card. What has not arrived before this question is not to be passed on after it.
    pub(super) fn query_arrives(&mut self, device: Device, name: Name, number: Number) {
        let row = *self.row(name);
        if matches!(row, Row::Promised(holder) | Row::Cancelling(holder) if holder == device) {
            self.close(name);
        }
        self.say(Message::Answer(device, name, number, row == Row::Taken(device)));
    }

    /// Takes the money for a terminal if the row lets it.
    pub(super) fn take(&mut self, device: Device, name: Name, card: Card) -> bool {
        match *self.row(name) {
            Row::Absent => self.asks_issuer(device, name, card),
            Row::Promised(holder) if holder == device => {
                let taken = self.asks_issuer(device, name, card);
                self.say(Message::CloudAnswer(taken));
                taken
            }
            Row::Cancelling(holder) if holder == device => {
                self.close(name);
                false
            }
            Row::Taken(holder) => holder == device,
            Row::Promised(_) | Row::Cancelling(_) | Row::Closed => false,
        }
    }

    pub(super) fn asks_issuer(&mut self, device: Device, name: Name, card: Card) -> bool {
        *self.row(name) = if card { Row::Taken(device) } else { Row::Closed };
        self.charges += u8::from(card);
        card
    }

    /// Without the row, the issuer knows a request by its terminal and number, and nothing of sales.
    pub(super) fn take_unguarded(&mut self, device: Device, number: Number, card: Card) -> bool {
        if self.seen_by_issuer.insert((device, number)) {
            self.charges += u8::from(card);
        }
        card
    }
}
