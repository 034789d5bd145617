//! A simulated slave: its application behind the standard behaviour.

use std::time::Duration;

use hil_lin::{ChecksumModel, Data, FrameId, Nad};
use hil_model::{Amps, BenchTime, Volts};

use super::configuration::{Configuration, Identity};
use super::frame_table::{FrameDirection, SlaveFrame};
use super::power::{Change, Power, PowerTiming};
use super::status::ResponseError;
use super::transport::{Target, Transport, TransportTiming};
use super::{Application, Defect, Defects, NodeState};
use crate::{Node, Reaction, Reply, Services};

/// What a node with [`Defect::NeedsLongWakeUp`] takes for a wake-up pulse.
const LONG_PULSE: Duration = Duration::from_millis(1);
/// When a node with [`Defect::SleepsEarly`] falls asleep.
const EARLY: Duration = Duration::from_secs(2);

/// What makes one slave differ from another.
#[derive(Clone, Debug)]
pub struct SlaveSetup {
    /// Its address: the initial one, and the configured one until the master assigns another.
    pub nad: Nad,
    /// What ReadByIdentifier tells.
    pub identity: Identity,
    /// Its frames, in the order of `configurable_frames` in the LDF.
    pub frames: Vec<SlaveFrame>,
    /// The index of the frame that carries `response_error`.
    pub status_frame: Option<usize>,
    /// How many nodes stand behind it in an auto-addressing chain; they get their addresses before it.
    pub nodes_behind: u8,
    /// How power and sleep take their time.
    pub power: PowerTiming,
    /// The timers of its transport layer.
    pub transport: TransportTiming,
    /// Its mistakes.
    pub defects: Defects,
}

/// A simulated slave with the application `A`.
#[derive(Debug)]
pub struct LinSlave<A> {
    application: A,
    services: Box<dyn Services>,
    /// Whether the application ran when that was last looked at.
    ran: bool,
    /// The node is to start again once its answer is fetched, at this moment at the latest.
    restart_by: Option<BenchTime>,
    power: Power,
    configuration: Configuration,
    transport: Transport,
    error: ResponseError,
    status_frame: Option<usize>,
    defects: Defects,
    /// How long an answer waits to be fetched.
    n_as: Duration,
}

impl<A: Application> LinSlave<A> {
    /// A slave without power. `services` serve what node configuration does not, and say whether there is an
    /// application that runs: a unit without one has no frames but the diagnostic ones.
    pub fn new(setup: SlaveSetup, application: A, services: Box<dyn Services>) -> Self {
        let SlaveSetup {
            nad,
            identity,
            mut frames,
            status_frame,
            nodes_behind,
            mut power,
            transport,
            defects,
        } = setup;
        if defects.has(Defect::SleepsEarly) {
            power.idle = Some(EARLY);
        }
        if defects.has(Defect::WrongFrameId)
            && let Some(last) = frames.iter_mut().rfind(|frame| frame.direction == FrameDirection::Published)
            && let Ok(next) = FrameId::new(last.id.get() + 1)
        {
            last.id = next;
        }
        Self {
            application,
            services,
            ran: true,
            restart_by: None,
            power: Power::new(power),
            configuration: Configuration::new(identity, nad, frames, nodes_behind, defects),
            transport: Transport::new(transport, defects),
            error: ResponseError::new(defects),
            status_frame,
            defects,
            n_as: transport.n_as,
        }
    }

    const fn state(&self) -> NodeState {
        NodeState { nad: self.configuration.nad(), response_error: self.error.is_raised() }
    }

    /// Everything starts from scratch: power came, or the node was reset.
    fn start(&mut self, now: BenchTime) {
        self.restart_by = None;
        self.configuration.reset();
        self.transport.reset();
        self.error.reset();
        self.services.start(now);
        self.application.start(now);
        self.ran = true;
    }

    fn restart(&mut self, now: BenchTime) {
        self.power.restart(now);
        self.start(now);
    }

    /// A slave response of this node is over. A reset that was answered takes place now.
    fn answered(&mut self, now: BenchTime) {
        if self.restart_by.is_some() && !self.transport.is_answering(now) {
            self.restart(now);
        }
    }

    /// Lets the application go dark when it stops, and starts it from scratch when it goes on.
    fn follow_application(&mut self, now: BenchTime) {
        let runs = self.services.application_runs(now);
        if self.ran && !runs {
            self.application.sleep(now);
        } else if runs && !self.ran {
            self.application.start(now);
        }
        self.ran = runs;
    }

    fn go_to_sleep(&mut self, now: BenchTime) {
        self.restart_by = None;
        self.power.go_to_sleep();
        self.transport.reset();
        self.application.sleep(now);
    }

    fn on_master_request(&mut self, frame: &[u8; 8], now: BenchTime) {
        if frame[0] == 0x00 {
            let is_ignored = self.defects.has(Defect::IgnoresSleep)
                || (self.defects.has(Defect::IgnoresSleepWithData) && frame[1..] != [0xFF; 7]);
            if !is_ignored {
                self.go_to_sleep(now);
            }
            return;
        }
        let own = self.configuration.nad();
        let target = Target::of(frame, own, self.configuration.initial_nad(), self.defects);
        let Some(request) = self.transport.take(frame, target, now) else { return };
        let Some(service) = request.first().copied() else { return };
        let is_configuration = matches!(service, 0xB0..=0xB7);
        if target == Target::Functional && is_configuration {
            // Node configuration addresses one node, or all that hear it; never a function.
            return;
        }
        let reply = match self.configuration.serve(&request) {
            Some(reply) => reply,
            None => self.services.serve(&request, now),
        };
        if let Reply::Restart(said) = &reply {
            let is_answered = **said != Reply::Silence && target != Target::Functional;
            self.restart_by = Some(if is_answered { now + self.n_as } else { now });
        }
        let answers_as = match target {
            Target::Broadcast if self.defects.has(Defect::AnswersAsBroadcast) => frame[0],
            Target::Own | Target::Broadcast => own.get(),
            Target::Initial => frame[0],
            Target::Functional | Target::Other => return,
        };
        self.transport.reply(answers_as, service, reply, now);
    }

    /// What the node does after the header of a frame that is not diagnostic.
    fn on_frame_header(&mut self, id: FrameId, now: BenchTime) -> Reaction {
        if !self.services.application_runs(now) {
            return Reaction::Ignore;
        }
        let checksum = ChecksumModel::for_id(id);
        let Some((index, frame)) = self.configuration.frame(id) else { return self.on_foreign_header(id) };
        match frame.direction {
            FrameDirection::Published => {
                let data = self.application.publish(index, self.state(), now);
                let is_classic = self.defects.has(Defect::ClassicChecksum);
                Reaction::Respond {
                    data,
                    checksum: if is_classic { ChecksumModel::Classic } else { checksum },
                }
            }
            FrameDirection::Subscribed { .. }
                if self.defects.has(Defect::DeafToFrame) && index == 1 && id == frame.id =>
            {
                Reaction::Ignore
            }
            FrameDirection::Subscribed { length } => Reaction::Listen { length, checksum },
        }
    }

    /// What the node does after the header of a frame that is none of its own: nothing, but for its defects.
    fn on_foreign_header(&self, id: FrameId) -> Reaction {
        let answers = match id.get() {
            0x2A => self.defects.has(Defect::AnswersForeignId),
            0x3E | 0x3F => self.defects.has(Defect::AnswersReservedId),
            _ => false,
        };
        let listens = match id.get() {
            0x2B => self.defects.has(Defect::HearsForeignId),
            0x3F => self.defects.has(Defect::ReportsReservedErrors),
            _ => false,
        };
        let checksum = ChecksumModel::for_id(id);
        if answers {
            Reaction::Respond { data: Data::new(&[0x00; 8]).unwrap_or_default(), checksum }
        } else if listens {
            Reaction::Listen { length: 8, checksum }
        } else {
            Reaction::Ignore
        }
    }
}

impl<A: Application> Node for LinSlave<A> {
    fn on_header(&mut self, id: FrameId, now: BenchTime) -> Reaction {
        self.power.bus_is_busy(now);
        if !self.power.is_awake() {
            return Reaction::Ignore;
        }
        match id {
            FrameId::MASTER_REQUEST => Reaction::Listen { length: 8, checksum: ChecksumModel::Classic },
            FrameId::SLAVE_RESPONSE => {
                let answer = self.transport.answer(self.configuration.nad(), now);
                let data = answer.and_then(|frame| Data::new(&frame).ok());
                let is_enhanced = self.defects.has(Defect::EnhancedDiagnosticChecksum);
                let checksum = if is_enhanced { ChecksumModel::Enhanced } else { ChecksumModel::Classic };
                data.map_or(Reaction::Ignore, |data| Reaction::Respond { data, checksum })
            }
            id => {
                self.transport.other_frame();
                self.on_frame_header(id, now)
            }
        }
    }

    fn on_frame(&mut self, id: FrameId, data: &Data, now: BenchTime) {
        self.error.received();
        if id == FrameId::MASTER_REQUEST {
            if let Ok(frame) = <&[u8; 8]>::try_from(&**data) {
                self.on_master_request(frame, now);
            }
        } else if let Some((index, _)) = self.configuration.frame(id) {
            self.application.receive(index, data, self.state(), now);
        }
    }

    fn on_faulty_response(&mut self, id: FrameId, now: BenchTime) {
        self.error.faulty();
        if id == FrameId::SLAVE_RESPONSE {
            self.answered(now);
        }
    }

    fn on_transmitted(&mut self, id: FrameId, now: BenchTime) {
        if id == FrameId::SLAVE_RESPONSE {
            self.answered(now);
            return;
        }
        let sent = self.configuration.frame(id).map(|(index, _)| index);
        if sent.is_some() && sent == self.status_frame {
            self.error.reported();
        }
    }

    fn on_dominant(&mut self, now: BenchTime) {
        self.power.dominant(now);
    }

    fn on_wake_up_pulse(&mut self, pulse: Duration, now: BenchTime) {
        let is_missed = self.defects.has(Defect::DeafToWakeUp)
            || (self.defects.has(Defect::NeedsLongWakeUp) && pulse < LONG_PULSE);
        if !is_missed {
            self.on_dominant(now);
        }
    }

    fn on_tick(&mut self, now: BenchTime, rail: Volts) -> Amps {
        match self.power.tick(rail, now) {
            Change::Nothing => {}
            Change::Started => self.start(now),
            Change::FellAsleep => self.go_to_sleep(now),
        }
        if self.power.has_power() {
            if self.restart_by.is_some_and(|latest| now >= latest) {
                self.restart(now);
            }
            self.follow_application(now);
            self.application.powered(rail, now)
        } else {
            self.application.unpowered(now);
            Amps::ZERO
        }
    }
}
