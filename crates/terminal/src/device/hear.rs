//! Who is told what: everything that the link says and the owner asks goes to the part of the device loop that it is for.

use vinr_wire::link::ToTerminal;

use super::{Device, FromLink, Request, Stop};
use crate::journal::Disk;
use crate::reader::{Reader, ReaderEvent};

impl<D: Disk, R: Reader> Device<D, R> {
    pub(super) async fn hear(&mut self, said: FromLink) -> Result<(), Stop> {
        match said {
            FromLink::Up { resumed } => self.link_up(resumed).await,
            FromLink::Down(why) => {
                if self.link.is_ok() {
                    self.link_lost_ms = Some(self.now_ms());
                }
                self.link = Err(why);
                self.out_of_service = false;
                self.show_rest();
                Ok(())
            }
            FromLink::TurnedAway(why) => {
                self.link_lost_ms = None;
                self.link = Err(why);
                self.out_of_service = true;
                self.show_rest();
                self.admit_nobody().await
            }
            FromLink::Clock { sent_ms, received_ms, server_time } => {
                self.server_time.learn(sent_ms, received_ms, server_time);
                self.heard_time = Some((server_time, received_ms));
                self.wall_ahead_ms = Some(self.parts.clock.wall().ms_since(server_time));
                Ok(())
            }
            FromLink::Message(ToTerminal::Collect(collect)) => self.collect(collect).await,
            FromLink::Message(ToTerminal::Cancel { intent, attempt_epoch }) => {
                self.cancel(intent, attempt_epoch).await
            }
            FromLink::Message(ToTerminal::AuthorizeResult { intent, stan, verdict, renamed }) => {
                self.rename(intent, renamed)?;
                self.answered(intent, stan, verdict).await
            }
            FromLink::Message(ToTerminal::PresentCard(present)) => {
                self.present_after_inquiry(present);
                Ok(())
            }
            FromLink::Message(ToTerminal::Configure(configure)) => {
                self.configure(configure);
                Ok(())
            }
            FromLink::Message(ToTerminal::Perform(perform)) => self.order(perform).await,
            FromLink::Message(ToTerminal::CertificateIssued { chain_pem }) => {
                self.certified(&chain_pem);
                Ok(())
            }
            FromLink::Message(ToTerminal::CertificateRefused { reason }) => {
                tracing::warn!(reason, "no new certificate; asked for again later");
                Ok(())
            }
            FromLink::Message(ToTerminal::OfficeAnswer(answer)) => {
                self.office.answered(&answer);
                Ok(())
            }
            FromLink::Message(ToTerminal::LanAccess(access)) => self.admit(*access).await,
            FromLink::Message(ToTerminal::LanCertificateIssued { chain_pem }) => {
                self.lan_certified(&chain_pem);
                Ok(())
            }
        }
    }

    pub(super) async fn serve(&mut self, asked: Request) -> Result<(), Stop> {
        match self.after_inquiry(asked) {
            Some(asked) => self.serve_now(asked).await,
            None => Ok(()),
        }
    }

    pub(super) async fn serve_now(&mut self, asked: Request) -> Result<(), Stop> {
        match asked {
            Request::Present { card, entry_mode, answer } => {
                // Whoever asked may be gone; the card is in front of the reader all the same.
                let _ = answer.send(self.present(card.as_deref(), entry_mode));
                Ok(())
            }
            Request::HoldOut { card, entry_mode, answer } => {
                let _ = answer.send(self.hold_out(card, entry_mode));
                Ok(())
            }
            Request::EnterPin { pin, answer } => {
                let _ = answer.send(self.enter_pin(&pin));
                Ok(())
            }
            Request::PressCancel { answer } => {
                let _ = answer.send(self.prompting().is_some());
                self.read(ReaderEvent::CustomerCancelled).await
            }
            Request::ChooseTip { choice, answer } => {
                let _ = answer.send(self.tip_chosen(choice));
                Ok(())
            }
            Request::ChooseReceipt { channel, answer } => {
                let _ = answer.send(self.receipt_chosen(channel)?);
                Ok(())
            }
            Request::SetBattery { percent } => {
                self.battery_percent = percent.map(|percent| percent.min(100));
                self.publish_facts();
                Ok(())
            }
            Request::Till(asked) => self.serve_till(asked).await,
        }
    }
}
