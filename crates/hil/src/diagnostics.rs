//! Diagnostic requests to the unit, and the configuration of its node (LIN-08).

use std::sync::Arc;

use hil_ldf::Database;
use hil_lin::{
    Address, AddressingPace, Answer, Bitrate, DiagnosticSlots, HexBytes, Identity, LinError, Nad,
    NegativeResponse, NodeConfiguration, Patience, ProductId, Reply, ScheduledSlots, ServiceError,
    TransportLayer, TransportTiming, auto_address, exchange,
};
use hil_model::{Failure, Mutation, Resource, SourceLocation};
use hil_runner::{LinSlots, transport_timing};

use crate::{Ctx, FromBench, Lin, Result, RunningSchedule, TestError};

/// ReadDataByIdentifier.
const READ_DATA: u8 = 0x22;

/// Requests over the transport layer to the unit, or to another address; see [`Self::at`].
///
/// The timers are those of the node in the LDF; without an LDF, the standard's. Each request is a step of the
/// test, and a response-pending is waited out.
///
/// A unit that refuses, keeps silent, or garbles its answer fails the test; a bus that is shorted or an adapter
/// that is gone is a fault of the bench. A request that changes what may outlive the test is a test error if the test
/// does not declare that: `NonVolatile` for services that write memory, `NodeConfiguration` for those that configure.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    ctx: Ctx,
    slots: Carrier,
    ldf: Option<Arc<Database>>,
    address: Address,
}

/// Who carries the frames.
#[derive(Clone, Debug)]
enum Carrier {
    /// The adapter, whenever it is free.
    Master(LinSlots),
    /// A schedule that runs, in its diagnostic slots.
    Schedule(ScheduledSlots),
}

impl DiagnosticSlots for Carrier {
    fn request(&mut self, frame: [u8; 8]) -> std::result::Result<(), LinError> {
        match self {
            Self::Master(slots) => slots.request(frame),
            Self::Schedule(slots) => slots.request(frame),
        }
    }

    fn response(&mut self) -> std::result::Result<Option<[u8; 8]>, LinError> {
        match self {
            Self::Master(slots) => slots.response(),
            Self::Schedule(slots) => slots.response(),
        }
    }
}

impl FromBench for Diagnostics {
    /// The LDF is used where there is one.
    const NEEDS: &'static [Resource] = &[Resource::Lin, Resource::Ldf];

    fn from_bench(ctx: &Ctx) -> Result<Self> {
        let interface = &ctx.config().interface;
        let slots = Lin::from_bench(ctx)?.diagnostic_slots(Bitrate::new(interface.bitrate)?);
        let slots = Carrier::Master(slots);
        let address = Address::Node(Nad::new(interface.nad)?);
        Ok(Self { ctx: ctx.clone(), slots, ldf: Arc::<Database>::from_bench(ctx).ok(), address })
    }
}

impl Diagnostics {
    /// Whom the requests are for: the unit, as `interface.nad` has it, unless [`Self::at`] said otherwise.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// The same for another address.
    #[must_use]
    pub fn at(&self, address: impl Into<Address>) -> Self {
        Self { address: address.into(), ..self.clone() }
    }

    /// The same in the diagnostic slots of `schedule`, which must have some.
    #[must_use]
    pub fn over(&self, schedule: &RunningSchedule) -> Self {
        Self { slots: Carrier::Schedule(schedule.diagnostics()), ..self.clone() }
    }

    /// Sends `request`, service id first, and returns the positive answer, response service id first.
    ///
    /// # Errors
    ///
    /// A failure if the unit refuses, with the name of the code, or keeps silent.
    #[track_caller]
    pub fn request(&self, request: &[u8]) -> Result<Vec<u8>> {
        let location = SourceLocation::caller();
        let failure = match self.ask(request).map_err(|error| error.at(location.clone()))? {
            Some(Reply::Positive(answer)) => return Ok(answer),
            Some(Reply::Negative(response)) => Failure::new(response.to_string()),
            None => self.silence(request),
        };
        Err(TestError::from(failure).at(location))
    }

    /// Sends `request` and returns the unit's last word; `None` if it keeps silent.
    ///
    /// # Errors
    ///
    /// A failure if the answer is garbled or belongs to another request.
    #[track_caller]
    pub fn try_request(&self, request: &[u8]) -> Result<Option<Reply>> {
        let location = SourceLocation::caller();
        self.ask(request).map_err(|error| error.at(location))
    }

    /// The unit must refuse `request` with `code`.
    ///
    /// # Errors
    ///
    /// A failure with what it did instead.
    #[track_caller]
    pub fn expect_refusal(&self, request: &[u8], code: u8) -> Result {
        let location = SourceLocation::caller();
        let service = request.first().copied().unwrap_or_default();
        let want = NegativeResponse { service, code };
        let got = match self.ask(request).map_err(|error| error.at(location.clone()))? {
            Some(Reply::Negative(response)) if response == want => return Ok(()),
            reply => shown(reply.as_ref()),
        };
        let failure = Failure::new(format!("{}: want that {want}, got {got}", HexBytes(request)));
        Err(TestError::from(failure.with_values(want.to_string(), got)).at(location))
    }

    /// Nobody may answer `request`.
    ///
    /// # Errors
    ///
    /// A failure with what came, if somebody does.
    #[track_caller]
    pub fn expect_no_answer(&self, request: &[u8]) -> Result {
        let location = SourceLocation::caller();
        match self.ask(request).map_err(|error| error.at(location.clone()))? {
            None => Ok(()),
            reply @ Some(_) => {
                let got = shown(reply.as_ref());
                let message = format!("{} to {}: want no answer, got {got}", HexBytes(request), self.address);
                Err(TestError::failed(message).at(location))
            }
        }
    }

    /// Reads the data with the identifier `id` (service 0x22).
    ///
    /// # Errors
    ///
    /// As [`Self::request`], and a failure if the answer is about something else.
    #[track_caller]
    pub fn read_data(&self, id: u16) -> Result<Vec<u8>> {
        let [high, low] = id.to_be_bytes();
        let answer = self.request(&[READ_DATA, high, low])?;
        match answer.get(1..).and_then(|content| content.strip_prefix(&[high, low])) {
            Some(data) => Ok(data.to_vec()),
            None => Err(ServiceError::Form { service: READ_DATA, answer }.into()),
        }
    }

    /// Reads what the node says of `identifier` (service 0xB2), with both wildcards: 1 is the serial number.
    ///
    /// # Errors
    ///
    /// A failure if the node refuses or keeps silent.
    #[track_caller]
    pub fn read_by_identifier(&self, identifier: u8) -> Result<Vec<u8>> {
        let what = format!("Read identifier {identifier} of {}", self.address);
        self.configure(&what, |node| node.read_by_identifier(identifier, Identity::ANY))
    }

    /// Reads who made the node and what it is (identifier 0).
    ///
    /// # Errors
    ///
    /// As [`Self::read_by_identifier`].
    #[track_caller]
    pub fn product_id(&self) -> Result<ProductId> {
        let what = format!("Read the product id of {}", self.address);
        self.configure(&what, |node| node.product_id(Identity::ANY))
    }

    /// Gives the node the address `nad`, and returns diagnostics of it there. Nothing takes that back: a test
    /// that must leave the unit as it was has a guard for it.
    ///
    /// # Errors
    ///
    /// As [`Self::read_by_identifier`], and a test error if the test does not declare `NodeConfiguration`.
    #[track_caller]
    pub fn assign_nad(&self, nad: Nad) -> Result<Self> {
        self.ctx.expect_declared(Mutation::NodeConfiguration)?;
        let what = format!("Assign the address {nad} to {}", self.address);
        self.configure(&what, |node| node.assign_nad(Identity::ANY, nad))?;
        Ok(self.at(nad))
    }

    /// Hands out `nads` by bus shunts (BSM-SNPD), the first one to the last node of the chain.
    ///
    /// # Errors
    ///
    /// What the adapter found out; a test error for less than one or more than 16 addresses.
    #[track_caller]
    pub fn auto_address(&self, nads: &[Nad]) -> Result {
        let location = SourceLocation::caller();
        self.ctx.expect_declared(Mutation::NodeConfiguration)?;
        let given = self.ctx.step(&format!("Hand out {} addresses by position", nads.len()), || {
            Ok(auto_address(&mut self.slots.clone(), self.ctx.clock(), nads, AddressingPace::default())?)
        });
        given.map_err(|error| error.at(location))
    }

    /// The other configuration services, where silence and refusal are values.
    ///
    /// # Errors
    ///
    /// A test error if the test does not declare `NodeConfiguration`.
    #[track_caller]
    pub fn configuration(&self) -> Result<NodeConfiguration<'_, impl DiagnosticSlots>> {
        self.ctx.expect_declared(Mutation::NodeConfiguration)?;
        Ok(NodeConfiguration::new(self.layer()))
    }

    fn timing(&self) -> TransportTiming {
        match (&self.ldf, self.address) {
            (Some(ldf), Address::Node(nad)) => transport_timing(ldf, nad),
            (_, Address::Node(_) | Address::Functional | Address::Broadcast) => TransportTiming::default(),
        }
    }

    fn layer(&self) -> TransportLayer<'_, Carrier> {
        TransportLayer::new(self.slots.clone(), self.ctx.clock(), self.address, self.timing())
    }

    fn ask(&self, request: &[u8]) -> Result<Option<Reply>> {
        if let Some(mutation) = request.first().copied().and_then(mutation) {
            self.ctx.expect_declared(mutation)?;
        }
        self.ctx.step(&format!("Request {} of {}", HexBytes(request), self.address), || {
            let patience = Patience::of(&self.timing());
            let reply = exchange(&mut self.layer(), self.ctx.clock(), request, patience)?;
            self.ctx.log(format!("answer: {}", shown(reply.as_ref())));
            Ok(reply)
        })
    }

    /// Uses a configuration service that must be answered.
    #[track_caller]
    fn configure<T>(
        &self,
        what: &str,
        service: impl FnOnce(
            &mut NodeConfiguration<'_, Carrier>,
        ) -> std::result::Result<Option<Answer<T>>, ServiceError>,
    ) -> Result<T> {
        let location = SourceLocation::caller();
        let answer = self.ctx.step(what, || match service(&mut NodeConfiguration::new(self.layer()))? {
            Some(answer) => Ok(answer.content),
            None => Err(TestError::failed(format!("{what}: no answer"))),
        });
        answer.map_err(|error| error.at(location))
    }

    fn silence(&self, request: &[u8]) -> Failure {
        let within = self.timing().answer_timeout().as_millis();
        let message = format!("{} to {}: no answer within {within} ms", HexBytes(request), self.address);
        Failure {
            expected: Some("an answer".to_owned()),
            got: Some("silence".to_owned()),
            ..Failure::new(message)
        }
    }
}

/// What a request of this service changes that may outlive the test.
const fn mutation(service: u8) -> Option<Mutation> {
    match service {
        // WriteDataByIdentifier, RequestDownload, WriteMemoryByAddress.
        0x2E | 0x34 | 0x3D => Some(Mutation::NonVolatile),
        // AssignNAD, AssignFrameId, ConditionalChangeNAD, SaveConfiguration, AssignFrameIdRange.
        0xB0 | 0xB1 | 0xB3 | 0xB6 | 0xB7 => Some(Mutation::NodeConfiguration),
        _ => None,
    }
}

fn shown(reply: Option<&Reply>) -> String {
    match reply {
        Some(Reply::Positive(answer)) => HexBytes(answer).to_string(),
        Some(Reply::Negative(response)) => response.to_string(),
        None => "silence".to_owned(),
    }
}
