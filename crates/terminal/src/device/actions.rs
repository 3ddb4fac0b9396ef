//! Actions: restarts, updates, locks. Steps [`vinr_domain::device::action`], makes every step durable, and then does
//! what follows. An action that is known is answered from memory, never begun again.

use std::sync::Arc;

use vinr_domain::ActionId;
use vinr_domain::device::action::{self, Effect, Event, Order as Kind, State, Step, begin};
use vinr_pki::software::{self, Manifest, SoftwareRefusal, Target, Verdict};
use vinr_wire::link::{ActionProgress, ActionReport, Order, Perform, SignedManifest, ToCloud};

use super::outbox::Subject;
use super::{Device, Stop};
use crate::journal::Disk;
use crate::memory::{Kept, KeptAction};
use crate::reader::Reader;

impl<D: Disk, R: Reader> Device<D, R> {
    /// The cloud orders an action, for the first time or again.
    pub(super) async fn order(&mut self, perform: Perform) -> Result<(), Stop> {
        let id = perform.action;
        if self.parts.memory.kept().action(id).is_some() {
            return self.step_action(id, Event::OrderedAgain).await;
        }
        let (step, manifest) = self.first_step(&perform);
        let mut kept = self.parts.memory.kept().clone();
        let certainly_now = self.stamp().plus_ms(-self.parts.settings.clock_off_ms);
        if !kept.make_room(certainly_now) {
            // The cloud orders it again on the next link, when some of those may have been reported.
            tracing::error!(action = %id, "too many actions are remembered: this one is not begun");
            return Ok(());
        }
        let mut entry = KeptAction::new(id, &step.state, perform.expires_at);
        entry.manifest = manifest;
        kept.actions.push(entry);
        tracing::info!(action = %id, state = ?step.state, "action ordered");
        if let Some(event) = self.take_action(id, kept, step).await? {
            self.step_action(id, event).await?;
        }
        Ok(())
    }

    fn first_step(&self, perform: &Perform) -> (Step, Option<String>) {
        if self.lease_over(perform.expires_at) {
            return (action::refuse("it expired before the terminal could begin"), None);
        }
        let begun = |kind| (begin(kind), None);
        match &perform.order {
            Order::Reboot => begun(Kind::Reboot),
            Order::Lock => begun(Kind::Lock),
            Order::Unlock => begun(Kind::Unlock),
            Order::Flush if self.offline.pending == 0 => (action::nothing_to_do(), None),
            Order::Flush => begun(Kind::Flush),
            Order::Update(signed) => match self.check_update(signed) {
                Ok((Verdict::Install, manifest)) => (begin(Kind::Update), Some(manifest)),
                Ok((Verdict::UpToDate, _)) => (action::nothing_to_do(), None),
                Err(refusal) => (action::refuse(&refusal.to_string()), None),
            },
            Order::Unsupported => (action::refuse("this version of the terminal cannot do that"), None),
        }
    }

    fn check_update(&self, signed: &SignedManifest) -> Result<(Verdict, String), SoftwareRefusal> {
        let now = self.stamp();
        let signed = software::SignedManifest {
            manifest: signed.manifest.clone(),
            signature: signed.signature.clone(),
            chain_pem: signed.signer_chain_pem.clone(),
        };
        let manifest = software::verify(&signed, self.parts.identity.roots_pem(), now)?;
        let running = self.software_version();
        let device = Target { running: &running, model: &self.parts.hello.model };
        let verdict = manifest.admits(device, now)?;
        Ok((verdict, String::from_utf8_lossy(&signed.manifest).into_owned()))
    }

    /// Takes the steps that `event` begins, one after another.
    async fn step_action(&mut self, id: ActionId, event: Event) -> Result<(), Stop> {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            let mut kept = self.parts.memory.kept().clone();
            let installed = installed_version(&kept, id);
            let Some(entry) = kept.action_mut(id) else { return Ok(()) };
            let step = match action::step(&entry.state(), &event) {
                Ok(step) => step,
                Err(illegal) => {
                    tracing::warn!(action = %id, %illegal, "nothing to do");
                    return Ok(());
                }
            };
            if step.state != entry.state() {
                tracing::info!(action = %id, state = ?step.state, "action");
                entry.set_state(&step.state);
            }
            if event == Event::Installed {
                kept.software = installed;
            }
            next = self.take_action(id, kept, step).await?;
        }
        Ok(())
    }

    /// Makes a step durable and does what follows; what came of it may be the next event.
    async fn take_action(&mut self, id: ActionId, mut kept: Kept, step: Step) -> Result<Option<Event>, Stop> {
        for effect in &step.effects {
            if let Effect::SetLocked(locked) = effect {
                kept.locked = *locked;
            }
        }
        let before = self.parts.memory.kept().action(id).map(KeptAction::state);
        if before.as_ref() != Some(&step.state) {
            self.remember(kept).await?;
        }
        let mut next = None;
        for effect in step.effects {
            match effect {
                Effect::Report => self.report_action(id),
                Effect::SetLocked(_) => self.show_rest(),
                Effect::Flush => {
                    self.flush_until_ms = Some(self.now_ms() + self.parts.settings.flush_patience_ms);
                    self.flush();
                }
                Effect::Install => next = Some(self.install(id)),
                Effect::Restart => {
                    self.restart_by_ms = Some(self.now_ms() + self.parts.settings.restart_notice_ms);
                    self.show_rest();
                }
            }
        }
        Ok(next)
    }

    fn install(&mut self, id: ActionId) -> Event {
        let manifest = self.parts.memory.kept().action(id).and_then(|entry| entry.manifest.as_ref());
        let manifest = manifest.and_then(|json| Manifest::parse(json.as_bytes()).ok());
        let installed = match manifest {
            Some(manifest) => self.parts.installer.install(&manifest),
            None => Err("the manifest is no longer there".to_owned()),
        };
        match installed {
            Ok(()) => Event::Installed,
            Err(reason) => Event::Refused { reason: Arc::from(reason) },
        }
    }

    /// After a start: what was begun is taken up.
    pub(super) async fn recover_actions(&mut self) -> Result<(), Stop> {
        let running = self.software_version();
        let kept = self.parts.memory.kept();
        let begun: Vec<(ActionId, bool)> = kept
            .actions
            .iter()
            .filter(|entry| !entry.state().has_ended())
            .filter_map(|entry| {
                let id = entry.id()?;
                let wanted = installed_version(kept, id);
                Some((id, wanted.is_none_or(|wanted| wanted == running)))
            })
            .collect();
        for (id, as_wanted) in begun {
            self.step_action(id, Event::Started { as_wanted }).await?;
        }
        Ok(())
    }

    /// Begins what has been waiting, oldest first, until one of them restarts the terminal.
    pub(super) async fn work_off_actions(&mut self) -> Result<(), Stop> {
        while self.restart_by_ms.is_none() {
            let waiting = |entry: &&KeptAction| matches!(entry.state(), State::Waiting(_));
            let next = self.parts.memory.kept().actions.iter().find(waiting);
            let Some((id, expires_at)) = next.and_then(|entry| Some((entry.id()?, entry.expires_at())))
            else {
                return Ok(());
            };
            if self.server_time.server_now(self.now_ms()).is_none() {
                // Whether it still may be begun is not known before the cloud is heard of.
                return Ok(());
            }
            let event = if self.lease_over(expires_at) { Event::Expired } else { Event::Free };
            self.step_action(id, event).await?;
            if self.parts.memory.kept().actions.iter().find(waiting).and_then(KeptAction::id) == Some(id) {
                // Two entries of one name: somebody has written into the file. Never spin on it.
                tracing::error!(action = %id, "a waiting action cannot be begun");
                return Ok(());
            }
        }
        Ok(())
    }

    /// Ends the actions that wait for the queue to be forwarded: it is, or it is not in time.
    pub(super) async fn settle_flush(&mut self) -> Result<(), Stop> {
        let Some(until_ms) = self.flush_until_ms else { return Ok(()) };
        let pending = self.offline.pending;
        let event = match pending {
            0 => Event::Forwarded,
            _ if self.now_ms() < until_ms => return Ok(()),
            _ => Event::Refused {
                reason: format!("{pending} payments still wait for the issuer; they go on being forwarded")
                    .into(),
            },
        };
        self.flush_until_ms = None;
        let forwarding = |entry: &&KeptAction| entry.state() == State::Forwarding;
        let kept = &self.parts.memory.kept().actions;
        let open: Vec<ActionId> = kept.iter().filter(forwarding).filter_map(KeptAction::id).collect();
        for id in open {
            self.step_action(id, event.clone()).await?;
        }
        Ok(())
    }

    /// Whether the time to start again has come: the cloud knows that it is coming, or will not be told in time.
    pub(super) fn restart_is_due(&mut self) -> Result<bool, Stop> {
        let Some(by_ms) = self.restart_by_ms else { return Ok(false) };
        self.take_acknowledged()?;
        let told = !self.parts.outbox.reports_why_it_restarts();
        Ok(told || self.link.is_err() || self.now_ms() >= by_ms)
    }

    /// Reports every action whose state the cloud may not know.
    pub(super) fn report_actions(&mut self) {
        let kept = &self.parts.memory.kept().actions;
        let unreported: Vec<ActionId> =
            kept.iter().filter(|entry| !entry.reported).filter_map(KeptAction::id).collect();
        for id in unreported {
            if !self.parts.outbox.reports(Subject::Action(id)) {
                self.report_action(id);
            }
        }
    }

    fn report_action(&mut self, id: ActionId) {
        let Some(entry) = self.parts.memory.kept().action(id) else { return };
        let state = match entry.state() {
            State::Waiting(_) | State::Installing | State::Restarting(_) | State::Forwarding => {
                ActionProgress::Processing
            }
            State::Completed => ActionProgress::Completed,
            State::Failed { reason } => ActionProgress::Failed { reason: reason.to_string() },
        };
        let software_version = self.software_version();
        let report = ToCloud::ActionReport(ActionReport { action: id, state, software_version });
        self.say_report(Subject::Action(id), report);
    }
}

/// The version that an update installs.
fn installed_version(kept: &Kept, id: ActionId) -> Option<String> {
    let json = kept.action(id)?.manifest.as_ref()?;
    Manifest::parse(json.as_bytes()).ok().map(|manifest| manifest.version.to_string())
}
